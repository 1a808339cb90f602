"""cfg_rpc: parameters read and set while the proxy runs, with Kamailio's names and units (its module of that name).

What is set counts from the next message on. Reading the configuration anew sets all as it has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from labsip.modules.effects import EFFECTS
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import RpcFault, Value, rpc
from labsip.proxy.settings import Settings

SETTABLE = {
    "registrar": ("default_expires", "min_expires", "max_expires", "max_contacts", "append_branches"),
    "maxfwd": ("max_limit",),
    "tm": ("fr_timer", "fr_inv_timer"),
    "core": ("debug", "max_while_loops", "udp_mtu"),
}
"""By group, what can be changed while the proxy runs, as in Kamailio; the settings of a cfg's own come with them."""
MOST = {"max_limit": 255}
MILLISECONDS = ("fr_timer", "fr_inv_timer")
NO_GROUP = "Failed to get the parameters"


def _known(proxy: Proxy) -> Iterator[tuple[str, str]]:
    for group, names in SETTABLE.items():
        yield from ((group, name) for name in names)
    for path in proxy.settings.own:
        group, _, name = path.partition(".")
        yield group, name


def _place(proxy: Proxy, group: str, name: str) -> tuple[type, str]:
    """The class of a parameter, and its field there."""
    field = name if group == "core" else EFFECTS[group][name].setting
    return proxy.exports.parameters[field], field


def _value(proxy: Proxy, group: str, name: str) -> int | str:
    own = proxy.settings.own.get(f"{group}.{name}")
    if own is not None:
        return own
    value = proxy.exports.value(proxy.settings, _place(proxy, group, name)[1])
    return int(value * 1000) if name in MILLISECONDS else int(value)


@rpc("cfg.list", many=True)
def cfg_list(proxy: Proxy, _: float, group: str = "") -> list[Value]:
    """The parameters there are, of all groups or of one."""
    return [f"{of}: {name}" for of, name in _known(proxy) if group in ("", of)]


@rpc("cfg.get", usage=NO_GROUP)
def cfg_get(proxy: Proxy, _: float, group: str, name: str = "") -> Value:
    """The value of a parameter, without a name of all in a group."""
    names = [one for of, one in _known(proxy) if of == group]
    if name:
        if name not in names:
            raise RpcFault(400, "Failed to get the variable")
        return _value(proxy, group, name)
    if not names:
        raise RpcFault(400, "Failed to get the variable")
    return {one: _value(proxy, group, one) for one in names}


@rpc("cfg.set_now_int", writes=True)
def cfg_set_now_int(proxy: Proxy, _: float, group: str, name: str, value: int) -> None:
    """Set a parameter from now on."""
    _set(proxy, group, name, value)


@rpc("cfg.set_now_string", writes=True)
def cfg_set_now_string(proxy: Proxy, _: float, group: str, name: str, value: str) -> None:
    """Set a parameter from now on."""
    _set(proxy, group, name, value)


def _set(proxy: Proxy, group: str, name: str, value: int | str) -> None:
    settings = proxy.settings
    own = settings.own.get(f"{group}.{name}")
    if own is not None:
        kind = type(own)
        if kind is int and not isinstance(value, int):
            raise RpcFault(400, "Failed to set the variable")
        proxy.settings = replace(settings, own={**settings.own, f"{group}.{name}": kind(value)})
        return
    if (group, name) not in _known(proxy) or not isinstance(value, int):
        raise RpcFault(400, "Failed to set the variable")
    if name != "debug" and not 0 <= value <= MOST.get(name, 2**31 - 1):
        raise RpcFault(400, "Failed to set the variable")
    proxy.settings = _changed(settings, *_place(proxy, group, name), _meant(group, name, value))


def _meant(group: str, name: str, value: int) -> Any:
    return value if group == "core" else EFFECTS[group][name].read(value)


def _changed(settings: Settings, kind: type, field: str, value: Any) -> Settings:
    if kind is Settings:
        return replace(settings, **{field: value})
    return replace(settings, modules={**settings.modules, kind: replace(settings.of(kind), **{field: value})})


EXPORTS = Module("cfg_rpc", rpcs=(cfg_list, cfg_get, cfg_set_now_int, cfg_set_now_string))
