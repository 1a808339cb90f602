"""New messages: a request from its headers, a response from the request it answers (RFC 3261 §8.1.1, §8.2.6).

The two requests that go hop by hop with an INVITE are built from it: the ACK for its failure, and CANCEL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from labsip.sip.head import VERSION
from labsip.sip.headers import Via, canonical, split_list
from labsip.sip.message import Request, Response, with_top_via

_SAME_HOP = ("Max-Forwards", "From", "To", "Call-ID", "CSeq", "Route")
"""What they have of their INVITE, besides its own Via and Request-URI."""


def build_request(method: str, uri: str, headers: Iterable[tuple[str, str]], body: bytes = b"") -> Request:
    """A new request from its header lines in order; Content-Length is added."""
    start_line = f"{method} {uri} {VERSION}"
    raw = _write([start_line, *_lines(headers)], body)
    return Request(raw, start_line, raw.index(b"\n") + 1, method, uri)


def build_response(
    request: Request,
    status: int,
    reason: str,
    *,
    to_tag: str = "",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    via: Via | None = None,
    also: Sequence[str] = (),
) -> Response:
    """Answer a request (§8.2.6): its Via, From, To, Call-ID and CSeq lines in its own order, then `headers`.

    `to_tag` goes onto a To that has none yet; `via` stands in for the topmost Via (received, rport); the headers
    named in `also` are taken over as well.
    """
    start_line = f"{VERSION} {status} {reason}"
    changed: dict[int, str] = {}
    if via is not None and via is not request.via:
        top = request.top
        changed[top.start] = with_top_via(top, str(via))
    if to_tag and request.to.tag is None:
        to = request.first("To")
        changed[to.start] = f"{to.name}: {to.value};tag={to_tag}\r\n"
    raw = request.raw
    taken = [
        raw[start:stop] if start not in changed else changed[start].encode("utf-8", "surrogateescape")
        for start, _, stop in request.spans("Via", "From", "To", "Call-ID", "CSeq", *also)
    ]
    first, rest = f"{start_line}\r\n".encode("utf-8", "surrogateescape"), _write(_lines(headers), body)
    return Response(first + b"".join(taken) + rest, start_line, len(first), status, reason)


def build_ack(request: Request, response: Response) -> Request:
    """The ACK for a 3xx-6xx: the INVITE's own Via and Request-URI, the To of the response (§17.1.1.3)."""
    return _same_hop(request, "ACK", to=response.get("To"))


def build_cancel(request: Request, *, reasons: Sequence[str] = ()) -> Request:
    """CANCEL for a request this node sent (§9.1); `reasons` are the values of Reason headers (RFC 3326)."""
    return _same_hop(request, "CANCEL", reasons=reasons)


def _same_hop(request: Request, method: str, *, to: str | None = None, reasons: Sequence[str] = ()) -> Request:
    headers = [("Via", split_list(request.first("Via").value)[0])]
    for line in request.find(*_SAME_HOP):
        name, value = canonical(line.name), line.value
        if name == "to" and to is not None:
            value = to
        elif name == "cseq":
            value = f"{request.cseq.number} {method}"
        headers.append((line.name, value))
    headers += [("Reason", reason) for reason in reasons]
    return build_request(method, request.uri, headers)


def _lines(headers: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers]


def _write(lines: list[str], body: bytes) -> bytes:
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode("utf-8", "surrogateescape") + body
