"""What stands above the routes of a kamailio.cfg: where it listens, modules in their order, parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labsip.dialects.cfg.catalogue import CATALOGUE
from labsip.dialects.cfg.known import KnownVariable
from labsip.dialects.cfg.nodes import (
    NOWHERE_IN_CFG,
    Assignment,
    Bare,
    CommandCall,
    CoreParameter,
    Declaration,
    LoadModule,
    ModParam,
    Number,
    OwnSetting,
    Pvar,
    RouteBlock,
    Template,
    Text,
)
from labsip.dialects.cfg.pvars import template
from labsip.modules.effects import EFFECTS, Means
from labsip.modules.modparams import TYPES
from labsip.proxy.exports import Exports
from labsip.proxy.settings import Settings
from labsip.sip.errors import LabError
from labsip.sip.transport import Address

HERE = NOWHERE_IN_CFG
_ORDER = """
    db_mysql db_postgres db_sqlite db_text db_unixodbc kex corex tm tmx sl rr pv maxfwd textops textopsx siputils xlog
    sanity usrloc registrar nathelper auth auth_db permissions alias_db speeddial domain htable pike dispatcher dialog
    acc sqlops statistics counters rtpproxy rtpengine jsonrpcs xhttp debugger app_python3
"""
MODULES = tuple(_ORDER.split())
"""In an order that Kamailio takes: each behind those it asks for."""
NEEDS = {
    "tmx": ("tm",), "siputils": ("sl", "pv"), "sanity": ("sl",), "registrar": ("sl", "usrloc"), "auth": ("sl",),
    "acc": ("tm",), "dialog": ("tm", "rr", "pv"), "auth_db": ("auth",), "xhttp": ("sl",), "nathelper": ("usrloc", "pv"),
}  # fmt: skip
"""Without these it does not start."""
DRIVERS = {"mysql": "db_mysql", "postgres": "db_postgres", "sqlite": "db_sqlite", "text": "db_text",
           "unixodbc": "db_unixodbc"}  # fmt: skip
"""By the scheme of a db_url."""
OF_THE_LAB = ("max_lines", "max_route_time", "db_urls", "shm_bytes", "retry_after", "users")
"""Parameters that are no matter of a kamailio.cfg."""
ROUNDS = 1_000_000
"""Of a while, instead of a hundred."""


def modules_of(
    blocks: Iterable[RouteBlock], commands: Iterable[str], variables: Mapping[str, KnownVariable], more: Iterable[str]
) -> list[str]:
    """The modules that these blocks ask for, in order."""
    wanted = {CATALOGUE[name].module for name in commands if name in CATALOGUE} | set(more)
    for pvar in _pvars(tuple(blocks)):
        known = variables.get(pvar.name)
        wanted |= {known.module} if known is not None and known.module else set()
        wanted |= {"pv"} if pvar.transforms else set()
    waiting = list(wanted)
    while waiting:
        for name in NEEDS.get(waiting.pop(), ()):
            if name not in wanted:
                wanted.add(name)
                waiting.append(name)
    return sorted(wanted - {""}, key=lambda name: MODULES.index(name) if name in MODULES else len(MODULES))


def _pvars(node: object) -> Iterator[Pvar]:
    """All variables in a part of a configuration, those in texts, too."""
    match node:
        case Pvar():
            yield node
            yield from _pvars((node.inner or (), tuple(one.arguments for one in node.transforms)))
        case Text():
            parts: Template = template(node)[0]
            yield from _pvars(parts)
        case CommandCall() | Assignment():
            yield from (one for name in node.__dataclass_fields__ for one in _pvars(getattr(node, name)))
        case tuple():
            for one in node:
                yield from _pvars(one)
        case _ if hasattr(node, "__dataclass_fields__"):
            for name in node.__dataclass_fields__:
                yield from _pvars(getattr(node, name))


def core_parameters(
    settings: Mapping[str, Any], listen: Iterable[Address], commands: set[str], *, has_loops: bool
) -> Iterator[Declaration]:
    """Those of the core."""
    addresses = tuple(listen)
    protos = {address.proto for address in addresses}
    yield _core("debug", settings.get("debug", 3 if "xdbg" in commands else 2))
    yield _core("children", 1)
    yield _core("auto_aliases", "no")
    yield _core("dns", "no")
    yield _core("rev_dns", "no")
    if protos <= {"udp"}:
        yield _core("disable_tcp", "yes")
    if "tls" in protos:
        yield _core("enable_tls", "yes")
    for address in addresses:
        yield _core("listen", f"{address.proto}:{address}")
    for name in settings.get("domains", ()):
        yield CoreParameter(HERE, "alias", (Text(HERE, name),))
    if "server" in settings:
        yield CoreParameter(HERE, "server_header", (Text(HERE, f"Server: {settings['server']}"),))
    if has_loops and "max_while_loops" not in settings:
        yield _core("max_while_loops", ROUNDS)
    for name in ("max_while_loops", "max_recursive_level", "udp_mtu", "udp_mtu_try_proto"):
        if name in settings:
            value = settings[name]
            yield _core(name, value.upper() if isinstance(value, str) else value)
    for name, value in settings.get("own", {}).items():
        group, _, rest = name.partition(".")
        yield OwnSetting(HERE, group, rest, Number(HERE, value) if isinstance(value, int) else Text(HERE, str(value)))


def _core(name: str, value: str | int) -> CoreParameter:
    return CoreParameter(HERE, name, (Number(HERE, value) if isinstance(value, int) else Bare(HERE, value),))


CORE = ("debug", "domains", "server", "max_while_loops", "max_recursive_level", "udp_mtu", "udp_mtu_try_proto", "own",
        "defines")  # fmt: skip


def module_parameters(settings: Mapping[str, Any], exports: Exports) -> Iterator[ModParam]:
    """`modparam` for each setting that is not as it would be anyway. Raises LabError for one that Kamailio has not."""
    names = {effect.setting: (module, name) for module, effects in EFFECTS.items() for name, effect in effects.items()}
    for setting, value in settings.items():
        if setting in CORE or setting in OF_THE_LAB or value == exports.value(Settings(), setting):
            continue
        if setting not in names:
            raise LabError(f"{setting}={value!r} is labsip's own, Kamailio has no such parameter; leave it out")
        module, name = names[setting]
        yield from _parameters(module, name, value)


def _parameters(module: str, name: str, value: Any) -> Iterator[ModParam]:
    match EFFECTS[module][name].means:
        case Means.FILE:
            what = "is the content of a file, which can't stand in a kamailio.cfg"
            raise LabError(
                f"{EFFECTS[module][name].setting} {what}; keep it in a file and leave it out here, then add "
                f'modparam("{module}", "{name}", "/path/of/the/file")'
            )
        case Means.ONE_OF_SEVERAL:
            for one in (value,) if isinstance(value, str) else value:
                yield mod_param(module, name, str(one))
        case Means.NAMED_URL:
            for key, one in value.items():
                if not isinstance(one, str):
                    raise LabError(f'sqlcon: {key} is a database at hand; write its URL, "mysql://user:pw@host/db"')
                yield mod_param(module, name, f"{key}=>{one}")
        case Means.AS_IT_IS:
            yield mod_param(module, name, _as_kamailio(module, name, value))


def _as_kamailio(module: str, name: str, value: Any) -> int | str:
    """A value in Kamailio's unit: timers of tm are milliseconds there."""
    if isinstance(value, str):
        return value
    number = float(value) * (1000 if module == "tm" else 1)
    return int(number) if int in TYPES[module][name] else str(value)


def mod_param(module: str, name: str, value: int | str) -> ModParam:
    """One `modparam`."""
    given = Number(HERE, value) if isinstance(value, int) else Text(HERE, value)
    return ModParam(HERE, Text(HERE, module), Text(HERE, name), given)


def parameters_between(modules: Iterable[str]) -> Iterator[ModParam]:
    """Those that modules need because others are there, or are not."""
    names = tuple(modules)
    if "sl" in names and "tm" not in names:
        yield mod_param("sl", "bind_tm", 0)
    if "nathelper" in names:
        both = "|".join(name for name in ("nathelper", "registrar") if name in names)
        yield mod_param(both, "received_avp", "$avp(RECEIVED)")


def drivers_for(parameters: Iterable[ModParam]) -> set[str]:
    """The modules for the databases that these parameters name."""
    urls = (one.value.value for one in parameters if isinstance(one.value, Text) and "://" in one.value.value)
    schemes = (str(url).rpartition("=>")[2].partition("://")[0] for url in urls)
    return {DRIVERS[scheme] for scheme in schemes if scheme in DRIVERS}


def loaded(modules: Iterable[str]) -> list[LoadModule]:
    """`loadmodule` for each."""
    return [LoadModule(HERE, name, f"{name}.so") for name in modules]
