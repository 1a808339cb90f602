"""textopsx: the message itself changed, not only what leaves (Kamailio's module of that name)."""

from __future__ import annotations

import re

from labsip.modules import text_tests
from labsip.modules.text_tests import pattern
from labsip.modules.textops import put_body
from labsip.proxy.arguments import checked_reason, checked_status
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.lump import Lumps
from labsip.proxy.script import ANY, ONREPLY, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage
from labsip.sip.message import Request, parse_message

ALWAYS_KEPT = re.compile(
    r"(via|from|to|call-id|cseq|contact|route|record-route|content-type|content-length|max-forwards)$", re.IGNORECASE
)
"""Headers that keep_hf keeps, whatever it is told."""


@command(REQUEST, ONREPLY, strict=True)
def msg_apply_changes(turn: Turn, /) -> int:
    """Make all changes so far in the message at hand, so that `$hdr` sees them. 1 · -1 it can't be read then.

    Kamailio: textopsx
    """
    message = turn.message
    if isinstance(message, Request):
        first = f"{message.method} {turn.uri} SIP/2.0\r\n".encode("utf-8", "surrogateescape")
    else:
        first = message.raw[: message.head_start]
    return _put(turn, first + turn.lumps.apply(message.raw, message.head_start))


@command(REQUEST, ONREPLY)
def msg_set_buffer(turn: Turn, /, text: str) -> int:
    """Another message in its place, of the same kind. 1 · -1 it can't be read.   Kamailio: textopsx"""
    return _put(turn, text.encode("utf-8", "surrogateescape"))


def _put(turn: Turn, raw: bytes) -> int:
    try:
        message = parse_message(raw)
        _ = message.line_count, message.body_start
    except BadMessage as bad:
        turn.proxy.trace.note(turn.now, f"the changed message can't be read: {bad.reason}")
        return -1
    if isinstance(message, Request) is not isinstance(turn.message, Request):
        return -1
    turn.rewrite(message)
    return 1


@command(ONREPLY)
def change_reply_status(turn: Turn, /, code: int | str, reason: str) -> int:
    """Another status and reason for the reply that goes on. 1 · -1 it would be of another class than it can be.

    A provisional reply can't become a final one, nor the other way round.   Kamailio: textopsx
    """
    status, message = checked_status(code), turn.message
    if isinstance(message, Request) or (message.status < 200) is not (status < 200):
        return -1
    first = f"SIP/2.0 {status} {checked_reason(status, reason)}\r\n".encode("utf-8", "surrogateescape")
    lumps, moved = turn.lumps, len(first) - message.head_start
    turn.rewrite(parse_message(first + message.raw[message.head_start :]))
    turn.lumps = Lumps(lump._replace(start=lump.start + moved, stop=lump.stop + moved) for lump in lumps)
    return 1


@command(*ANY)
def remove_body(turn: Turn, /) -> int:
    """Send it on without a body. 1, also if it has none.   Kamailio: textopsx"""
    if turn.message.body:
        put_body(turn, b"")
    return 1


@command(*ANY, literal=("regex",))
def keep_hf(turn: Turn, /, regex: str = "") -> int:
    """Take all headers out but those a message needs, and those whose names match. 1.   Kamailio: textopsx"""
    kept = pattern(regex) if regex else None
    for line in turn.message.lines:
        if not ALWAYS_KEPT.match(line.name) and not (kept and kept.search(line.name)):
            turn.lumps.replace(line.start, line.stop)
    return 1


EXPORTS = Module(
    "textopsx",
    commands=(msg_apply_changes, msg_set_buffer, change_reply_status, remove_body, keep_hf, text_tests.fnmatch),
)
