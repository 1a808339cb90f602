"""The head of a configuration: its declarations as settings of a proxy, addresses to listen on, flags by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, get_args, get_type_hints

from labsip.dialects.cfg.faults import Fault
from labsip.dialects.cfg.nodes import Cfg, CoreParameter, FlagNames, LoadModule, ModParam, Number, OwnSetting
from labsip.proxy.exports import Exports, Module
from labsip.sip.errors import LabError
from labsip.sip.transport import Address

CORE_SETTINGS = ("max_while_loops", "max_recursive_level", "udp_mtu", "udp_mtu_try_proto", "debug")
MILLISECONDS = frozenset(("fr_timer", "fr_inv_timer", "retr_timer1", "retr_timer2", "wt_timer", "delete_timer"))
"""Parameters in seconds here, and in milliseconds there."""
FIRST_FREE_FLAG = 31


@dataclass(frozen=True)
class Head:
    """What the declarations say."""

    settings: dict[str, Any]
    """By the names that `Routes.settings` has."""
    listen: tuple[Address, ...]
    modules: tuple[str, ...]
    """Those that are loaded, in order."""
    flags: dict[str, int]


def head_of(cfg: Cfg, exports: Exports, faults: list[Fault]) -> Head:
    """All of it; what can't be is a fault."""
    settings = dict(_core(cfg))
    settings |= _parameters(cfg, exports, faults)
    settings["own"] = {f"{one.group}.{one.name}": one.value.value for one in cfg.of(OwnSetting)}
    settings["defines"] = dict(cfg.defines)
    modules = tuple(one.name for one in cfg.of(LoadModule))
    return Head(settings, tuple(_listen(cfg, faults)), modules, _flags(cfg))


def _core(cfg: Cfg) -> Iterator[tuple[str, Any]]:
    domains: list[str] = []
    for one in cfg.of(CoreParameter):
        values = [str(value.value) for value in one.values]
        if one.name == "alias":
            domains += [_host(value) for value in values]
        elif one.name in CORE_SETTINGS:
            yield one.name, one.values[0].value
        elif one.name == "server_header":
            yield "server", values[0].partition(":")[2].strip() or values[0]
    if domains:
        yield "domains", tuple(dict.fromkeys(domains))


def _host(alias: str) -> str:
    """`udp:sip.example.org:5060` as `sip.example.org`."""
    parts = re.fullmatch(r"(?:(?:udp|tcp|tls|sctp|ws|wss):)?(\[[^\]]*\]|[^:]*)(?::\d+)?", alias, re.IGNORECASE)
    return parts[1] if parts is not None else alias


def _listen(cfg: Cfg, faults: list[Fault]) -> Iterator[Address]:
    port = next((one.values[0].value for one in cfg.of(CoreParameter) if one.name == "port"), 5060)
    for one in cfg.of(CoreParameter):
        if one.name != "listen":
            continue
        for value in one.values:
            text = str(value.value)
            try:
                address = Address.parse(text)
            except LabError as error:
                faults.append(Fault(value.spot, str(error)))
                continue
            yield address if re.search(r":\d+$", text) else address._replace(port=int(port))


def _parameters(cfg: Cfg, exports: Exports, faults: list[Fault]) -> dict[str, Any]:
    """Those of modules; one that takes several values has them all."""
    found: dict[str, Any] = {}
    loaded: list[str] = []
    modules = {module.name: module for module in exports.modules}
    for one in cfg.declarations:
        if isinstance(one, LoadModule):
            loaded.append(one.name)
        elif isinstance(one, ModParam):
            pattern = re.compile(one.modules.value, re.IGNORECASE)
            for name in filter(pattern.fullmatch, loaded):
                if name in modules:
                    _set(found, modules[name], one, faults)
    return found


def _set(found: dict[str, Any], module: Module, one: ModParam, faults: list[Fault]) -> None:
    name, value = one.name.value, one.value.value
    kind = _hint(module, name)
    if kind is None:
        return
    kinds = get_args(kind) or (kind,)
    several = next((each for each in kinds if getattr(each, "__origin__", each) is tuple), None)
    if several is not None:
        found[name] = (*found.get(name, ()), str(value))
    elif float in kinds and isinstance(one.value, Number):
        found[name] = one.value.value / 1000 if name in MILLISECONDS else float(one.value.value)
    elif bool in kinds and int not in kinds:
        found[name] = bool(value)
    elif isinstance(value, kinds):
        found[name] = value
    elif str in kinds:
        found[name] = str(value)
    else:
        faults.append(Fault(one.value.spot, f"{name} can't be {value!r}"))


def _hint(module: Module, name: str) -> Any:
    """The type of a parameter here, None if labsip has no such parameter: it changes nothing then."""
    if module.parameters is None or name not in (field.name for field in fields(module.parameters)):
        return None
    return get_type_hints(module.parameters)[name]


def _flags(cfg: Cfg) -> dict[str, int]:
    """Numbers of the flags: those that are given, and for the others the highest that are free."""
    given = {name: number for one in cfg.of(FlagNames) for name, number in one.flags if number is not None}
    free = iter(number for number in range(FIRST_FREE_FLAG, -1, -1) if number not in given.values())
    others = (name for one in cfg.of(FlagNames) for name, number in one.flags if number is None)
    return given | {name: next(free, 0) for name in others if name not in given}
