"""What tests from old days look at: `method`, `uri`, `src_ip`, `proto`, `status`, `msg:len` (Kamailio's core)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage
from labsip.sip.message import Request, Response
from labsip.sip.transport import Address, plain
from labsip.sip.uri import SipUri


def _method(turn: Turn) -> str:
    message = turn.message
    return message.method if isinstance(message, Request) else message.cseq.method


def _status(turn: Turn) -> str:
    return str(turn.message.status) if isinstance(turn.message, Response) else ""


def _next(turn: Turn) -> Address:
    """Where what an onsend_route sees is going."""
    return turn.sent.dst if turn.sent is not None else Address("")


def _sender(turn: Turn) -> Address:
    return turn.sent.src if turn.sent is not None else turn.socket


def _family(host: str) -> str:
    return "inet6" if ":" in host else "inet"


# fmt: off
SUBJECTS_READ: dict[str, Callable[[Turn], str | int]] = {
    "method":    _method,
    "uri":       lambda turn: turn.uri,
    "from_uri":  lambda turn: turn.message.from_.uri,
    "to_uri":    lambda turn: turn.message.to.uri,
    "status":    _status,
    "src_ip":    lambda turn: turn.datagram.src.host,
    "dst_ip":    lambda turn: turn.datagram.dst.host,
    "to_ip":     lambda turn: _next(turn).host,
    "snd_ip":    lambda turn: _sender(turn).host,
    "src_port":  lambda turn: turn.datagram.src.port,
    "dst_port":  lambda turn: turn.datagram.dst.port,
    "to_port":   lambda turn: _next(turn).port,
    "snd_port":  lambda turn: _sender(turn).port,
    "proto":     lambda turn: turn.datagram.dst.proto,
    "snd_proto": lambda turn: _sender(turn).proto,
    "af":        lambda turn: _family(turn.datagram.src.host),
    "snd_af":    lambda turn: _family(_sender(turn).host),
    "msg:len":   lambda turn: len(turn.message.raw),
}
# fmt: on
NUMBERS = ("src_port", "dst_port", "to_port", "snd_port", "msg:len")
ADDRESSES_READ = ("src_ip", "dst_ip", "to_ip", "snd_ip")


def is_myself(turn: Turn, what: str) -> bool:
    """Whether a URI, or an address, is one of ours."""
    try:
        uri = SipUri.parse(what, any_scheme=True) if ":" in what and not what[:1].isdigit() else SipUri(None, what)
    except BadMessage:
        return False
    return turn.proxy.is_ours(uri)


def is_in(host: str, network: str) -> bool:
    """Whether an address is that one, or in that network."""
    known = _network(network)
    try:
        return known is not None and ip_address(plain(host)) in known
    except ValueError:
        return False


@lru_cache(maxsize=256)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None


def is_same_uri(one: str, other: str) -> bool:
    """Whether two URIs mean the same."""
    try:
        return SipUri.parse(one, any_scheme=True).same_as(SipUri.parse(other, any_scheme=True))
    except BadMessage:
        return one == other
