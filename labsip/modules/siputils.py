"""siputils: questions about a request (Kamailio's module of that name)."""

from __future__ import annotations

from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn


@command(*ANY)
def has_totag(turn: Turn, /) -> int:
    """Does the To header carry a tag, that is: is this inside a dialog? 1 yes · -1 no.   Kamailio: siputils"""
    return 1 if turn.message.to.tag else -1


EXPORTS = Module("siputils", commands=(has_totag,))
