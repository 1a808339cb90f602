"""textops: headers and bodies asked for, added and taken out (Kamailio's module of that name).

Texts are looked at in `text_tests`, the message is searched and changed by regular expressions in `substitution`.
"""

from __future__ import annotations

import re

from labsip.modules import substitution, text_tests
from labsip.modules.text_tests import pattern
from labsip.proxy.arguments import checked_header_line, checked_header_name, checked_signed
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY, BRANCH, FAILURE, ONREPLY, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.memo import remembered
from labsip.sip.message import HeaderLine, Request


@command(*ANY, returns=bool, kemi="is_method")
def is_method(turn: Turn, /, names: str) -> int:
    """Is the method one of these, as in "INVITE|CANCEL"? In a reply, CSeq's. 1 yes · -1 no.   Kamailio: textops"""
    message = turn.message
    method = message.method if isinstance(message, Request) else message.cseq.method
    return 1 if method in _methods(names) else -1


@remembered(256)
def _methods(names: str) -> frozenset[str]:
    return frozenset(name.strip() for name in names.split("|"))


@command(*ANY, kemi="hdr.append")
def append_hf(turn: Turn, /, line: str, header: str = "") -> int:
    r"""Add a header line behind the others of what is forwarded, as in "X-Lab: yes\r\n"; or behind the last of another
    header, if there is one. 1.   Kamailio: textops
    """
    line = checked_header_line(line)
    known = turn.message.find(header) if header else []
    if known:
        turn.lumps.insert_at(known[-1].stop, line)
    else:
        turn.lumps.append_header(turn.message, line)
    return 1


@command(*ANY, kemi="hdr.insert")
def insert_hf(turn: Turn, /, line: str, header: str = "") -> int:
    r"""Add a header line before the others, as in "X-Lab: yes\r\n"; or before the first of another header, if there is
    one. 1.   Kamailio: textops
    """
    line = checked_header_line(line)
    known = turn.message.find(header) if header else []
    turn.lumps.insert_at(known[0].start if known else turn.message.head_start, line)
    return 1


@command(REQUEST, FAILURE, BRANCH, kemi="hdr.append_to_reply")
def append_to_reply(turn: Turn, /, line: str) -> int:
    r"""Add a header line to whatever response is made here, as in "X-Lab: yes\r\n". 1.   Kamailio: textops"""
    name, _, value = checked_header_line(line).partition(":")
    turn.reply_headers.append((name.strip(), value.strip()))
    return 1


@command(*ANY)
def remove_hf(turn: Turn, /, name: str) -> int:
    """Take all lines of that header out of what is forwarded. 1 removed · -1 there was none.   Kamailio: textops"""
    return 1 if turn.lumps.remove_header(turn.message, checked_header_name(name)) else -1


@command(*ANY)
def remove_hf_idx(turn: Turn, /, name: str, index: int | str) -> int:
    """Take one line of that header out, from 0 or from the end (-1). 1 removed · 2 there is none there.

    Kamailio: textops
    """
    lines, at = turn.message.find(checked_header_name(name)), checked_signed(index, "index")
    if not -len(lines) <= at < len(lines):
        return 2
    turn.lumps.replace(lines[at].start, lines[at].stop)
    return 1


@command(*ANY, literal=("regex",))
def remove_hf_re(turn: Turn, /, regex: str) -> int:
    """Take all headers out whose names match. 1 removed · -1 there was none.   Kamailio: textops"""
    return _removed(turn, [line for line in turn.message.lines if pattern(regex).search(line.name)])


@command(*ANY, literal=("regex", "kept"))
def remove_hf_exp(turn: Turn, /, regex: str, kept: str) -> int:
    """Take all headers out whose names match the first expression and not the second. 1.   Kamailio: textops"""
    wanted, spared = pattern(regex), pattern(kept)
    lines = [line for line in turn.message.lines if wanted.search(line.name) and not spared.search(line.name)]
    _removed(turn, lines)
    return 1


def _removed(turn: Turn, lines: list[HeaderLine]) -> int:
    for line in lines:
        turn.lumps.replace(line.start, line.stop)
    return 1 if lines else -1


@command(*ANY)
def is_present_hf(turn: Turn, /, name: str) -> int:
    """Does the message that came in have that header? 1 yes · -1 no.   Kamailio: textops"""
    return 1 if turn.message.count(checked_header_name(name)) else -1


@command(*ANY, literal=("regex",))
def is_present_hf_re(turn: Turn, /, regex: str) -> int:
    """Does it have a header whose name matches? 1 yes · -1 no.   Kamailio: textops"""
    return 1 if any(pattern(regex).search(line.name) for line in turn.message.lines) else -1


@command(*ANY)
def has_body(turn: Turn, /, type: str = "") -> int:
    """Does the message have a body, or one of that type ("application/sdp")? 1 yes · -1 no.   Kamailio: textops"""
    if not turn.message.body:
        return -1
    known = (turn.message.get("Content-Type") or "").partition(";")[0].strip().lower()
    return 1 if not type or known == type.lower() else -1


@command(*ANY)
def is_privacy(turn: Turn, /, kind: str) -> int:
    """Does Privacy ask for that (`id`, `user`, `header`)? 1 yes · -1 no.   Kamailio: textops"""
    asked = re.split(r"[;,\s]+", (turn.message.get("Privacy") or "").lower())
    return 1 if kind.lower() in asked else -1


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def set_body(turn: Turn, /, text: str, type: str) -> int:
    """Another body in its place, and Content-Type and Content-Length that fit. 1.   Kamailio: textops"""
    put_body(turn, text.encode("utf-8", "surrogateescape"), type)
    return 1


def put_body(turn: Turn, body: bytes, type: str = "") -> None:
    """Another body in the place of the message's; its type stays where none is given."""
    message, lumps = turn.message, turn.lumps
    length, known = message.find("Content-Length"), message.find("Content-Type")
    if length:
        lumps.replace(length[0].start, length[0].stop, f"{length[0].name}: {len(body)}\r\n")
    else:
        lumps.append_header(message, f"Content-Length: {len(body)}")
    if type and [line.value for line in known] != [type]:
        lumps.remove_header(message, "Content-Type")
        lumps.append_header(message, f"Content-Type: {type}")
    lumps.replace(message.body_start, len(message.raw), body.decode("utf-8", "surrogateescape"))


# fmt: off
EXPORTS = Module("textops", commands=(
    is_method, append_hf, insert_hf, append_to_reply, remove_hf, remove_hf_idx, remove_hf_re, remove_hf_exp,
    is_present_hf, is_present_hf_re, has_body, is_privacy, set_body,
    *text_tests.COMMANDS, *substitution.COMMANDS,
))
# fmt: on
