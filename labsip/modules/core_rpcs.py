"""What the core is asked from outside: `core.` and `system.` (Kamailio's core/core_cmd.c)."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from os import getpid
from platform import machine, python_version, system

from labsip.modules.tm import Tm, TmParameters
from labsip.proxy.exports import Module
from labsip.proxy.receive import METHODS, Proxy
from labsip.proxy.rpc import Named, RpcFault, Value, rpc

UNITS = {"b": 0, "k": 10, "m": 20, "g": 30}
"""What core.shmmem counts in, as powers of two."""


def _version() -> str:
    try:
        return version("labsip")
    except PackageNotFoundError:
        return "unknown"


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%a %b %e %H:%M:%S %Y")


@rpc("core.uptime")
def core_uptime(proxy: Proxy, now: float) -> Value:
    """Since when it runs, and for how many seconds."""
    return {
        "now": _date(proxy.began + now),
        "up_since": _date(proxy.began + proxy.since),
        "uptime": int(now - proxy.since),
    }


@rpc("core.version")
def core_version(_proxy: Proxy, _: float) -> Value:
    """Name and version."""
    return f"labsip {_version()} ({machine()}/{system().lower()}) "


@rpc("core.info")
def core_info(_proxy: Proxy, _: float) -> Value:
    """The version, field by field."""
    compiler = f"Python {python_version()}"
    return {"version": f"labsip {_version()}", "id": "unknown ", "compiler": compiler, "compiled": "", "flags": ""}


@rpc("core.shmmem")
def core_shmmem(proxy: Proxy, _: float, unit: str = "b") -> Value:
    """Memory, in bytes or in the unit given: b, k, m, g.

    Here memory is that for transactions (`shm_bytes`), as tm counts it.
    """
    if unit not in UNITS:
        raise RpcFault(500, "bad param, (use b|k|m|g)")
    tm, total = proxy.module(Tm), proxy.settings.of(TmParameters).shm_bytes
    sizes = {"total": total, "free": total - tm.size, "used": tm.size, "real_used": tm.size, "max_used": tm.largest}
    return {**{name: size >> UNITS[unit] for name, size in sizes.items()}, "fragments": 1}


@rpc("core.echo", many=True)
def core_echo(_proxy: Proxy, _: float, *texts: str | int) -> list[Value]:
    """Its arguments again."""
    return list(texts)


@rpc("core.prints", many=True)
def core_prints(_proxy: Proxy, _: float, *texts: str) -> list[Value]:
    """Its texts again."""
    return list(texts)


@rpc("core.psx", many=True)
def core_psx(_proxy: Proxy, _: float) -> list[Value]:
    """The processes: one does everything here."""
    return [{"IDX": 0, "PID": getpid(), "DSC": "labsip"}]


@rpc("core.modules", many=True)
def core_modules(proxy: Proxy, _: float) -> list[Value]:
    """The modules: here all that there are."""
    return list(dict.fromkeys(module.name for module in reversed(proxy.exports.modules) if module.name != "core"))


@rpc("core.sockets_list")
def core_sockets_list(proxy: Proxy, _: float) -> Value:
    """The addresses it listens on."""
    no = dict.fromkeys(("mcast", "mhomed", "virtual"), "no")
    return [
        Named("socket", {"proto": at.proto, "address": at.host, "ipaddress": at.host, "port": str(at.port), **no})
        for at in proxy.addresses
    ]


@rpc("core.aliases_list")
def core_aliases_list(proxy: Proxy, _: float) -> Value:
    """Other names that mean it."""
    names: list[Value | Named] = [
        Named("alias", {"proto": "*", "address": name, "port": "*"}) for name in proxy.settings.domains
    ]
    return {"myself_callbacks": "no", "aliases": names}


@rpc("system.listMethods", many=True)
def system_list_methods(proxy: Proxy, _: float) -> list[Value]:
    """The commands there are."""
    return [*sorted(proxy.exports.rpcs)]


@rpc("system.methodHelp")
def system_method_help(proxy: Proxy, _: float, name: str = "") -> Value:
    """What a command does."""
    if not name:
        raise RpcFault(400, "Method Name Expected")
    if name not in proxy.exports.rpcs:
        raise RpcFault(400, "command not found")
    return proxy.exports.rpcs[name].about


def statistics(proxy: Proxy, _: float) -> dict[str, int]:
    """What came in, by method and class."""
    requests, replies = proxy.requests, proxy.replies
    return {
        "rcv_replies": sum(replies.values()),
        **{f"rcv_replies_{place}xx": replies[place] for place in range(1, 7)},
        "rcv_requests": sum(requests.values()),
        **{f"rcv_requests_{method.lower()}": requests[method] for method in sorted(METHODS)},
    }


EXPORTS = Module(
    "core",
    rpcs=(
        core_uptime, core_version, core_info, core_shmmem, core_echo, core_prints, core_psx, core_modules,
        core_sockets_list, core_aliases_list, system_list_methods, system_method_help,
    ),
    statistics=statistics,
)  # fmt: skip
"""More of the core."""
