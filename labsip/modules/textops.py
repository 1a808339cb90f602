"""textops: headers asked for, added and taken out (Kamailio's module of that name)."""

from __future__ import annotations

from labsip.proxy.arguments import checked_header_line, checked_header_name
from labsip.proxy.command import command
from labsip.proxy.route import ANY, Routing
from labsip.sip.memory import remembered
from labsip.sip.message import Request


@command(*ANY)
def is_method(ksr: Routing, /, names: str) -> int:
    """Is the method one of these, as in "INVITE|CANCEL"? In a reply, CSeq's. 1 yes · -1 no.   Kamailio: textops"""
    message = ksr._message
    method = message.method if isinstance(message, Request) else message.cseq.method
    return 1 if method in _methods(names) else -1


@remembered(256)
def _methods(names: str) -> frozenset[str]:
    return frozenset(name.strip() for name in names.split("|"))


@command(*ANY)
def append_hf(ksr: Routing, /, line: str) -> int:
    r"""Add a header line behind the others of what is forwarded, as in "X-Lab: yes\r\n". 1.   Kamailio: textops"""
    line = checked_header_line(line)
    ksr._lumps.append_header(ksr._message, line)
    return 1


@command(*ANY)
def remove_hf(ksr: Routing, /, name: str) -> int:
    """Take all lines of that header out of what is forwarded. 1 removed · -1 there was none.   Kamailio: textops"""
    return 1 if ksr._lumps.remove_header(ksr._message, checked_header_name(name)) else -1


@command(*ANY)
def is_present_hf(ksr: Routing, /, name: str) -> int:
    """Does the message that came in have that header? 1 yes · -1 no.   Kamailio: textops"""
    return 1 if ksr._message.count(checked_header_name(name)) else -1
