"""Request validation (RFC 3261 §16.3) where the RFC is kept: what Kamailio lets pass, or leaves to the script."""

from __future__ import annotations

from ipaddress import IPv6Address

from labsip.sip.errors import BadMessage
from labsip.sip.message import VERSION, Request, Response, parse_message
from labsip.sip.uri import SipUri

ONCE = ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length", "Content-Type", "Expires", "Date")
"""Headers that have one value and stand in a request once (§7.3.1, §20)."""
SCHEMES = ("sip", "sips", "tel")
"""What a Request-URI here may begin with; whoever writes another gets 416."""


def validate(request: Request) -> None:
    """Raises BadMessage, with the status to answer, for what a proxy must not forward (§16.3 steps 1 and 2)."""
    for name in ONCE:
        if request.count(name) > 1:
            raise BadMessage(f"{name} stands there more than once")
    _check_uri(request.uri)
    for value in request.values("Contact"):
        if "<" not in value and "?" in value:  # §20.10: such a URI must be within <>
            raise BadMessage(f"a ? in a Contact without <>: {value!r}")
    _ = request.max_forwards  # raises if it is no number
    length = request.content_length
    if length is not None and length > _body_size(request):  # §18.3
        raise BadMessage("the body is shorter than Content-Length says")


def validate_response(response: Response) -> None:
    """Raises BadMessage for a response no transaction should hear (stock kamailio.cfg: reply_route)."""
    for name in ONCE:
        if response.count(name) > 1:
            raise BadMessage(f"{name} stands there more than once")
    _ = response.from_, response.to, response.call_id, response.cseq


def _check_uri(text: str) -> None:
    scheme, colon, _ = text.partition(":")
    if colon and not scheme.lower().startswith("<") and scheme.lower() not in SCHEMES:
        raise BadMessage(f"Request-URI is of another scheme: {text[:80]!r}", 416)  # §16.3 step 2
    uri = SipUri.parse(text, any_scheme=True)
    if uri.headers:
        raise BadMessage("headers in a Request-URI")  # §19.1.1 table 1
    try:
        IPv6Address(uri.host.strip("[]") if uri.host.startswith("[") else "::")
    except ValueError:
        raise BadMessage(f"no IPv6 address: {uri.host}") from None


def trimmed(message: Request | Response) -> Request | Response:
    """The message without what lies behind the end of its body: the rest of a datagram is discarded (§18.3).

    Passed on over TCP, it would be read as another message.
    """
    length = message.content_length
    surplus = 0 if length is None else _body_size(message) - length
    return parse_message(message.raw[: len(message.raw) - surplus]) if surplus > 0 else message


def _body_size(message: Request | Response) -> int:
    """Bytes behind the blank line."""
    blank = 2 if message.raw.startswith(b"\r\n", message.head_end) else 1
    return len(message.raw) - message.head_end - blank


def salvage(data: bytes) -> Request | None:
    """A request whose first line can't be read, as far as it takes to tell its sender; None if it is none."""
    raw = data.lstrip(b"\r\n")
    end = raw.find(b"\n")
    line = raw[: max(end, 0)].decode("utf-8", "surrogateescape").strip()
    method, _, rest = line.partition(" ")
    if not method or "/" in method or VERSION.partition("/")[0] not in rest.upper():
        return None
    return Request(raw, line, end + 1, method, rest.rpartition(" ")[0].strip())
