"""tmx: more of tm (Kamailio's module of that name). Its other commands stand with those of `tm` they belong to."""

from __future__ import annotations

from labsip.modules.tm import tm_rpcs
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY, BRANCH, FAILURE, ONREPLY, REQUEST
from labsip.proxy.turn import Turn


@command(*ANY)
def t_is_request_route(turn: Turn, /) -> int:
    """Is it a request_route that runs? 1 yes · -1 no.   Kamailio: tmx"""
    return 1 if turn.kind is REQUEST else -1


@command(*ANY)
def t_is_branch_route(turn: Turn, /) -> int:
    """Is it a branch_route that runs? 1 yes · -1 no.   Kamailio: tmx"""
    return 1 if turn.kind is BRANCH else -1


@command(*ANY)
def t_is_failure_route(turn: Turn, /) -> int:
    """Is it a failure_route that runs? 1 yes · -1 no.   Kamailio: tmx"""
    return 1 if turn.kind is FAILURE else -1


@command(*ANY)
def t_is_reply_route(turn: Turn, /) -> int:
    """Is it an onreply_route that runs? 1 yes · -1 no.   Kamailio: tmx"""
    return 1 if turn.kind is ONREPLY else -1


@command(*ANY)
def t_flush_flags(turn: Turn, /) -> int:
    """Give the flags of the message to its transaction; they are its own here. 1 · -1 there is none.   Kamailio: tmx"""
    return 1 if turn.transaction is not None else -1


EXPORTS = Module(
    "tmx",
    commands=(t_is_request_route, t_is_branch_route, t_is_failure_route, t_is_reply_route, t_flush_flags),
    statistics=tm_rpcs.statistics,
)
