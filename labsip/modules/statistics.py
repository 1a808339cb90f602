"""statistics: what a route counts (Kamailio's module of that name); `lab.stats` shows it."""

from __future__ import annotations

from labsip.proxy.arguments import checked_number
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn


@command(*ANY)
def update_stat(turn: Turn, /, name: str, value: int | str) -> int:
    """Count: "+1" adds one, "-1" takes one away, a number alone is the new value. 1.   Kamailio: statistics"""
    text = str(value)
    number = checked_number(text.lstrip("+-"), "value")
    known = turn.proxy.stats[name] if text[:1] in ("+", "-") else 0
    turn.proxy.stats[name] = known + (-number if text[:1] == "-" else number)
    return 1


EXPORTS = Module("statistics", commands=(update_stat,))
