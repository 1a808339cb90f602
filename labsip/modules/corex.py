"""corex: more of what a core does (Kamailio's module of that name); `append_branch` is in `core`."""

from __future__ import annotations

from labsip.modules import flag_words, pv, ruri, sending
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn


@command(*ANY)
def has_user_agent(turn: Turn, /) -> int:
    """Does the message say what sent it? 1 yes · -1 no.   Kamailio: corex, in KEMI alone"""
    return 1 if turn.message.get("User-Agent") else -1


@command(*ANY)
def via_add_srvid(turn: Turn, /, flags: int | str) -> int:  # noqa: ARG001
    """Write our server_id into our Via. 1; there is one server here, and it has none.   Kamailio: corex"""
    return 1


@command(*ANY)
def is_faked_msg(turn: Turn, /) -> int:  # noqa: ARG001
    """Was the message made here, for a block that needs one? -1: none is.   Kamailio: corex"""
    return -1


EXPORTS = Module(
    "corex",
    commands=(*flag_words.COREX, *ruri.COREX, *sending.COREX, has_user_agent, via_add_srvid, is_faked_msg),
    transformations=pv.SOCKETS,
)
