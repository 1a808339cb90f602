"""What all modules count, by group and name: `stats.` (Kamailio's kex/core_stats.c).

A module has its figures as `statistics` in its table; what a route counts stands with them, in the group it names.
"""

from __future__ import annotations

from collections.abc import Iterator

from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import RpcFault, Value, rpc

OWN = "labsip"
"""The group of what the proxy dropped or refused by itself (`lab.stats`)."""


def figures(proxy: Proxy, now: float) -> dict[str, dict[str, int]]:
    """All there is, by group and name, both in order."""
    groups: dict[str, dict[str, int]] = {}
    for module in proxy.exports.modules:
        if module.statistics is not None:
            groups.setdefault(module.name, {}).update(module.statistics(proxy, now))
    for name, number in proxy.stats.items():
        group, dot, rest = name.partition(".")
        groups.setdefault(group if dot else OWN, {})[rest if dot else name.replace(" ", "_")] = number
    return {group: dict(sorted(groups[group].items())) for group in sorted(groups)}


def _asked(proxy: Proxy, now: float, names: tuple[str, ...]) -> Iterator[tuple[str, str, int]]:
    """`all`, `group:`, or a name alone, which may be in several groups. Raises RpcFault where nothing is asked."""
    if not names:
        raise RpcFault(400, "Please provide which stats to retrieve")
    groups = figures(proxy, now)
    for asked in names:
        for group, known in groups.items():
            for name, number in known.items():
                if asked in ("all", f"{group}:", name, f"{group}.{name}"):
                    yield group, name, number


@rpc("stats.get_statistics", many=True)
def stats_get_statistics(proxy: Proxy, now: float, *names: str) -> list[Value]:
    """Figures as lines."""
    return [f"{group}:{name} = {number}" for group, name, number in _asked(proxy, now, names)]


@rpc("stats.fetch")
def stats_fetch(proxy: Proxy, now: float, *names: str) -> Value:
    """Figures as one structure."""
    return {f"{group}.{name}": str(number) for group, name, number in _asked(proxy, now, names)}


@rpc("stats.fetchn")
def stats_fetchn(proxy: Proxy, now: float, *names: str) -> Value:
    """Figures as one structure, as numbers."""
    return {f"{group}.{name}": float(number) for group, name, number in _asked(proxy, now, names)}


EXPORTS = Module("kex", rpcs=(stats_get_statistics, stats_fetch, stats_fetchn))
"""More of the same module."""
