"""Writing what goes out (RFC 3261 §16.6, §16.7): own Via on top of requests, own Via off responses, lumps applied."""

from __future__ import annotations

from functools import lru_cache
from hashlib import md5
from zlib import crc32

from labsip.proxy.lump import Lumps
from labsip.sip.errors import BadMessage
from labsip.sip.headers import Via
from labsip.sip.message import Message, Request, Response, parse_message, with_top_via
from labsip.sip.transaction import COOKIE, has_own_branch
from labsip.sip.transport import Address, Datagram, plain


def own_via(socket: Address, branch: str) -> str:
    """The Via line this node adds."""
    return f"{_own_via(socket)}{branch}"


@lru_cache(maxsize=64)
def _own_via(socket: Address) -> str:
    """Up to its branch; the port only where it is not 5060, as Kamailio writes it."""
    return f"Via: SIP/2.0/{socket.transport.via} {socket.sent_by};branch="


def received(via: Via, src: Address, *, force_rport: bool, at_end: bool) -> Via:
    """A caller's Via with what we know of where it came from (RFC 3261 §18.2.1, RFC 3581 §4).

    `rport` is filled where it stands; `received` goes behind the host in a request, to the end in a response
    (`at_end`), which is where Kamailio puts it.
    """
    has_rport, is_elsewhere = via.rport is not None, plain(via.host) != src.host
    if not (has_rport or is_elsewhere or force_rport):
        return via
    port = str(src.port)
    new: list[tuple[str, str | None]] = [("rport", port)] if force_rport and not has_rport else []
    if has_rport or is_elsewhere:
        new.append(("received", src.host))
    kept = [(n, port if n.lower() == "rport" else v) for n, v in via.params if n.lower() != "received"]
    return Via(via.transport, via.host, via.port, tuple(kept + new if at_end else new + kept))


def reply_address(via: Via, src: Address, *, force_rport: bool) -> Address:
    """Where a response goes (RFC 3261 §18.2.2): back on its connection; over UDP to the source, but Via's port.

    The source's port too, if rport asks for it (RFC 3581 §4).
    """
    if src.reliable or via.rport is not None or force_rport:
        return src
    return Address(src.host, via.port or src.transport.port, src.proto)


def on_a_new_connection(datagram: Datagram) -> Datagram | None:
    """A response whose connection is gone, to where its Via says; None where that is nowhere else (§18.2.2)."""
    try:
        message = parse_message(datagram.data)
        if not datagram.dst.reliable or not isinstance(message, Response):
            return None
        sent_by = message.via._replace(params=()).reply_address
    except BadMessage:
        return None
    dst = datagram.dst._replace(port=sent_by.port)
    return datagram._replace(dst=dst) if dst != datagram.dst else None


def fingerprint(request: Request) -> bytes:
    """What a request shares with its repeats, its CANCEL and the ACK of its negative final: branch and Call-ID.

    Of an RFC 2543 peer, whose branches mean nothing, the whole Via. The host in a Call-ID is left out: so a lab at
    another address tells the same story.
    """
    return _fingerprint(request.via, request.call_id)


def _fingerprint(via: Via, call_id: str) -> bytes:
    branch = via.branch or ""
    own = branch if has_own_branch(branch) else str(via)
    return _bytes(f"{own} {call_id.partition('@')[0]}")


def request_tag(request: Request) -> str:
    """The part of a To-tag that depends on the request, so that its repeats are answered alike (§8.2.7): 8 hex."""
    return f"{crc32(fingerprint(request)):08x}"


def stateless_branch(request: Request, seed: str) -> str:
    """The branch of a request forwarded without a transaction: the same each time it comes by (§16.11)."""
    return _branch_of(fingerprint(request) + seed.encode())


def _branch_of(known: bytes) -> str:
    return f"{COOKIE}{crc32(known) & 0xFFFF:04x}.{md5(known, usedforsecurity=False).hexdigest()}.0"


def is_awaited(response: Response, callers_via: Via, seed: str) -> bool:
    """Whether a response no transaction knows answers something forwarded statelessly: the branch only we can make.

    `callers_via`: the Via below ours. Anything else is a stray, made up perhaps to have us send it to somebody.
    """
    known = _fingerprint(callers_via, response.call_id) + seed.encode()
    return response.branch == _branch_of(known)


def outgoing(request: Request, uri: str, src: Address, branch: str, callers_via: Via, lumps: Lumps) -> Request:
    """The request as it leaves: other Request-URI, own Via below what the route put on top, the caller's completed."""
    start_line = f"{request.method} {uri} SIP/2.0"
    first = _bytes(start_line) + b"\r\n"
    changes = Lumps(lumps)
    changes.prepend_header(request, own_via(src, branch))
    if callers_via is not request.via:
        line = request.top
        changes.replace(line.start, line.stop, with_top_via(line, str(callers_via)))
    add_length(changes, request, src)
    raw = first + changes.apply(request.raw, request.head_start)
    return Request(raw, start_line, len(first), request.method, uri)


def response_bytes(response: Response, lumps: Lumps, dst: Address) -> bytes:
    """The response as it leaves: without the topmost Via, which was ours (§16.7 step 3)."""
    raw, line = response.raw, response.top
    others = with_top_via(line)
    if not lumps and not dst.reliable:
        return raw[: line.start] + _bytes(others) + raw[line.stop :]
    changes = Lumps(lumps)
    changes.replace(line.start, line.stop, others)
    add_length(changes, response, dst)
    return changes.apply(raw)


def add_length(changes: Lumps, message: Message, over: Address) -> None:
    """What goes over a stream tells where it ends (RFC 3261 §16.6 step 9, §18.3); over UDP it need not have."""
    if over.reliable and not message.count("Content-Length"):
        changes.append_header(message, f"Content-Length: {len(message.body)}")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
