"""New messages: a request from its headers, a response from the request it answers (RFC 3261 §8.1.1, §8.2.6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from labsip.sip.head import VERSION
from labsip.sip.headers import Via
from labsip.sip.message import Request, Response, with_top_via


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


def _lines(headers: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers]


def _write(lines: list[str], body: bytes) -> bytes:
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode("utf-8", "surrogateescape") + body
