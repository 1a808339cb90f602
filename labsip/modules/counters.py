"""counters: what a route counts, by group and name (Kamailio's module of that name); `lab.stats` shows it."""

from __future__ import annotations

from labsip.proxy.arguments import checked_signed
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import FAILURE, ONREPLY, ONSEND, REQUEST
from labsip.proxy.turn import Turn


def _named(name: str) -> str:
    """Without a group it is one of the script's."""
    return name if "." in name else f"script.{name}"


@command(REQUEST, FAILURE, ONREPLY, ONSEND, kemi="counters.inc")
def cnt_inc(turn: Turn, /, name: str) -> int:
    """Count one more: cnt_inc("calls"). 1.   Kamailio: counters"""
    turn.proxy.stats[_named(name)] += 1
    return 1


@command(REQUEST, FAILURE, ONREPLY, ONSEND, kemi="counters.add")
def cnt_add(turn: Turn, /, name: str, value: int | str) -> int:
    """Count so many more. 1.   Kamailio: counters"""
    turn.proxy.stats[_named(name)] += checked_signed(value, "value")
    return 1


@command(REQUEST, FAILURE, ONREPLY, ONSEND, kemi="counters.reset")
def cnt_reset(turn: Turn, /, name: str) -> int:
    """Begin at 0 again. 1.   Kamailio: counters"""
    turn.proxy.stats[_named(name)] = 0
    return 1


EXPORTS = Module("counters", commands=(cnt_inc, cnt_add, cnt_reset))
