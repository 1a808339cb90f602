"""maxfwd: the hop limit (Kamailio's module of that name; RFC 3261 §16.6 step 3)."""

from __future__ import annotations

from dataclasses import dataclass

from labsip.proxy.arguments import checked_number
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage


@dataclass(frozen=True)
class MaxFwdParameters:
    """Parameters of maxfwd."""

    max_limit: int = 70
    """More hops than this are not granted (maxfwd); where the RFC is kept, nobody's are cut short (§16.6 step 3)."""


@command(REQUEST, kemi="maxfwd.process_maxfwd")
def mf_process_maxfwd_header(turn: Turn, /, limit: int | str) -> int:
    """Count one hop down; a message without Max-Forwards gets `limit`: in an onreply_route, as in Kamailio, too.

    1 counted down · 2 header added · -1 no hop left: answer 483 · -2 it is no number.   Kamailio: maxfwd/mf_funcs.c
    """
    message, added = turn.message, checked_number(limit, "limit")
    try:
        left = message.max_forwards
    except BadMessage:
        return -2
    if left is None:
        turn.lumps.prepend_header(message, f"Max-Forwards: {added}")
        return 2
    if left == 0:
        return -1
    line = message.first("Max-Forwards")
    settings = turn.proxy.settings
    hops = left - 1 if settings.policy.every_hop else min(left - 1, settings.of(MaxFwdParameters).max_limit)
    turn.lumps.replace(line.start, line.stop, f"{line.name}: {hops}\r\n")
    return 1


@command(REQUEST, kemi="maxfwd.is_maxfwd_lt")
def is_maxfwd_lt(turn: Turn, /, limit: int | str) -> int:
    """Has the request fewer hops left than that? 1 yes · -1 no · -2 it does not say.   Kamailio: maxfwd"""
    try:
        left = turn.request.max_forwards
    except BadMessage:
        return -2
    return -2 if left is None else 1 if left < checked_number(limit, "limit") else -1


EXPORTS = Module(
    "maxfwd",
    commands=(mf_process_maxfwd_header, is_maxfwd_lt, is_maxfwd_lt.alias("mf_lowlimit")),
    parameters=MaxFwdParameters,
)
