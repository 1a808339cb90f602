"""Request validation (RFC 3261 §16.3) where the RFC is kept: what Kamailio lets pass, or leaves to the script."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv6Address
from itertools import chain

from labsip.sip.errors import BadMessage
from labsip.sip.head import VERSION, decode
from labsip.sip.headers import NameAddr
from labsip.sip.message import Request, Response, parse_message
from labsip.sip.uri import SipUri, split_outside_quotes

ONCE = ("from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type", "expires", "date")
"""Headers that have one value and stand in a request once (§7.3.1, §20)."""
NAMING = ("from", "to", "call-id", "cseq")
"""Those of them that say which request a response is for (§8.2.6.2)."""
ONE = ("from", "to", "call-id", "content-type")
"""Those of them in which a comma would pass for part of the value: elsewhere it is no number, or no method."""
LISTED = ("Contact", "Route", "Path")
"""Headers of addresses a proxy or a registrar goes by, besides From and To."""
SCHEMES = ("sip", "sips", "tel")
"""What a Request-URI here may begin with; whoever writes another gets 416."""


def validate(request: Request) -> None:
    """Raises BadMessage, with the status to answer, for what a proxy must not forward (§16.3 steps 1 and 2)."""
    check_once(request)
    _check_uri(request.uri)
    _check_names(request)
    _ = request.max_forwards  # raises if it is no number
    length = request.content_length
    if length is not None and length > _body_size(request):  # §18.3
        raise BadMessage("the body is shorter than Content-Length says")


def validate_response(response: Response) -> None:
    """Raises BadMessage for a response no transaction should hear (stock kamailio.cfg: reply_route)."""
    lines_of = response.index.get
    for name in NAMING:
        if len(lines_of(name, ())) != 1:
            raise BadMessage(f"{name} has to stand there once")


def check_once(request: Request) -> None:
    """Raises BadMessage (400) for several values, in lines or in a list, where one is allowed (RFC 4475 §3.3.8)."""
    raw, lines_of = request.raw, request.index.get
    for name in ONCE:
        lines = lines_of(name, ())
        if len(lines) > 1:
            raise BadMessage(f"{name} stands there more than once")
        for start, _, stop in lines:
            if raw.find(b",", start, stop) >= 0 and name in ONE:
                _check_one(decode(raw[start:stop]))


def _check_one(line: str) -> None:
    if len(split_outside_quotes(line, ",")) > 1:
        raise BadMessage(f"more than one value: {line.strip()[:80]!r}")


def _check_names(request: Request) -> None:
    """The addresses a proxy or a registrar goes by (§20.10, §25.1); whether they can be read, who reads them says."""
    named = [request.from_, request.to]
    for value in chain.from_iterable(map(request.values, LISTED)):
        if "<" not in value and "?" in value:  # §20.10: such a URI must be within <>
            raise BadMessage(f"a ? in an address without <>: {value!r}")
        if value[:1] != "<":
            with suppress(BadMessage):
                named.append(NameAddr.parse(value))
    for address in named:
        if not address.has_sound_name:
            raise BadMessage(f"a display name that needs quotes: {address}")


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

    Sent on over TCP, it would be read as another message.
    """
    length = message.content_length
    surplus = 0 if length is None else _body_size(message) - length
    return parse_message(message.raw[: len(message.raw) - surplus]) if surplus > 0 else message


def _body_size(message: Request | Response) -> int:
    """Bytes behind the blank line."""
    return len(message.raw) - message.body_start


def salvage(data: bytes) -> Request | None:
    """A request that can't be read, first line or lines, as far as it takes to tell its sender; None if it is none."""
    raw = data.lstrip(b"\r\n")
    end = raw.find(b"\n")
    line = raw[: max(end, 0)].decode("utf-8", "surrogateescape").strip()
    method, _, rest = line.partition(" ")
    if not method or "/" in method or VERSION.partition("/")[0] not in rest.upper():
        return None
    return Request(raw, line, end + 1, method, rest.rpartition(" ")[0].strip()).legible()
