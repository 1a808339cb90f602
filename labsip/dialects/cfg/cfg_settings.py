"""The head of a configuration: its declarations as settings of a proxy, addresses to listen on, flags by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from labsip.dialects.cfg.faults import Fault
from labsip.dialects.cfg.nodes import Cfg, CoreParameter, FlagNames, LoadModule, ModParam, OwnSetting
from labsip.dialects.cfg.preprocessor import Read
from labsip.modules.effects import EFFECTS, Setting, matching, settings_from, without_effect
from labsip.sip.errors import LabError
from labsip.sip.transport import Address

CORE_SETTINGS = (
    "max_while_loops",
    "max_recursive_level",
    "udp_mtu",
    "udp_mtu_try_proto",
    "debug",
    "onsend_route_reply",
)
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
    remarks: tuple[str, ...] = ()
    """What is taken, and changes nothing here."""


def head_of(cfg: Cfg, read: Read, faults: list[Fault]) -> Head:
    """All of it; what can't be is a fault."""
    settings = dict(_core(cfg))
    given = _parameters(cfg, read, faults)
    settings |= settings_from(given, partial(_content, read))
    settings["own"] = {f"{one.group}.{one.name}": one.value.value for one in cfg.of(OwnSetting)}
    settings["defines"] = dict(cfg.defines)
    modules = tuple(one.name for one in cfg.of(LoadModule))
    listen = tuple(_listen(cfg, faults))
    return Head(settings, listen, modules, _flags(cfg), tuple(filter(None, [without_effect(given)])))


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


def _parameters(cfg: Cfg, read: Read, faults: list[Fault]) -> list[Setting]:
    """Those of modules; one that can't be is a fault."""
    given: list[Setting] = []
    loaded: list[str] = []
    for one in cfg.declarations:
        if isinstance(one, LoadModule):
            loaded.append(one.name)
        elif isinstance(one, ModParam):
            name = one.name.value
            new = [
                Setting(module, name, EFFECTS.get(module, {}).get(name), one.value.value)
                for module in matching(one.modules.value, loaded)
            ]
            try:
                settings_from(new, partial(_content, read))
                given += new
            except (LabError, OSError, ValueError) as error:
                faults.append(Fault(one.value.spot, str(error)))
    return given


def _content(read: Read, one: Setting) -> str:
    """What stands in the file that a parameter names."""
    return read(str(one.value)).decode("utf-8", "surrogateescape")


def _flags(cfg: Cfg) -> dict[str, int]:
    """Numbers of the flags: those that are given, and for the others the highest that are free."""
    given = {name: number for one in cfg.of(FlagNames) for name, number in one.flags if number is not None}
    free = iter(number for number in range(FIRST_FREE_FLAG, -1, -1) if number not in given.values())
    others = (name for one in cfg.of(FlagNames) for name, number in one.flags if number is None)
    return given | {name: next(free, 0) for name in others if name not in given}
