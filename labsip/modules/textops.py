"""textops: headers asked for, added and taken out (Kamailio's module of that name)."""

from __future__ import annotations

from labsip.proxy.arguments import checked_header_line, checked_header_name
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY, BRANCH, FAILURE, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.memo import remembered
from labsip.sip.message import Request


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
def append_hf(turn: Turn, /, line: str) -> int:
    r"""Add a header line behind the others of what is forwarded, as in "X-Lab: yes\r\n". 1.   Kamailio: textops"""
    line = checked_header_line(line)
    turn.lumps.append_header(turn.message, line)
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
def is_present_hf(turn: Turn, /, name: str) -> int:
    """Does the message that came in have that header? 1 yes · -1 no.   Kamailio: textops"""
    return 1 if turn.message.count(checked_header_name(name)) else -1


EXPORTS = Module("textops", commands=(is_method, append_hf, append_to_reply, remove_hf, is_present_hf))
