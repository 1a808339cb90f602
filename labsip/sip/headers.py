"""Headers as values (RFC 3261 §20): the ones a proxy, a registrar or a phone must understand, and their names."""

from __future__ import annotations

import re
from typing import NamedTuple

from labsip.sip.errors import BadMessage, parse_number
from labsip.sip.memo import remembered
from labsip.sip.transport import Address, bracketed, plain, transport_of
from labsip.sip.uri import (
    Params,
    SipUri,
    find_param,
    parse_params,
    split_outside_quotes,
    write_params,
)

COMPACT = {
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "e": "content-encoding", "f": "from",
    "i": "call-id", "k": "supported", "l": "content-length", "m": "contact", "o": "event", "r": "refer-to",
    "s": "subject", "t": "to", "u": "allow-events", "v": "via", "x": "session-expires",
}  # fmt: skip
"""Compact forms (§7.3.3, and the RFCs that registered more), lower case."""

USUAL = {
    name.encode(): name.lower()
    for name in (
        "Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "Route", "Record-Route", "Allow",
        "Supported", "User-Agent", "Expires", "Content-Type", "Content-Length", "Authorization", "Proxy-Authorization",
    )
}  # fmt: skip
"""The headers almost every message has, as almost everybody spells them; one look-up gives the canonical name."""
_KNOWN = {spelled.decode(): name for spelled, name in USUAL.items()}

PHRASES = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
    200: "OK", 202: "Accepted",
    300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily", 305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout",
    410: "Gone", 413: "Request Entity Too Large", 414: "Request-URI Too Long", 415: "Unsupported Media Type",
    416: "Unsupported URI Scheme", 420: "Bad Extension", 421: "Extension Required", 423: "Interval Too Brief",
    480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 482: "Loop Detected",
    483: "Too Many Hops", 484: "Address Incomplete", 485: "Ambiguous", 486: "Busy Here", 487: "Request Terminated",
    488: "Not Acceptable Here", 491: "Request Pending", 493: "Undecipherable",
    500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Server Time-out", 505: "Version Not Supported", 513: "Message Too Large",
    600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere", 606: "Not Acceptable",
}  # fmt: skip
"""Reason phrases (§21)."""

_SENDER = re.compile(r"SIP\s*/\s*2\.0\s*/\s*([A-Z0-9-]+)\s+(\[[^\]]*\]|[^\s:;]+)(?:\s*:\s*(\d{1,5}))?\Z", re.I | re.A)
_NAME = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[A-Za-z0-9.!%*_+`\'~\x80-\U0010FFFF -]*)\Z', re.DOTALL)
_Q = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\Z")


@remembered(1024)
def _canonical(name: str) -> str:
    lower = name.lower()
    return COMPACT.get(lower, lower)


def canonical(name: str) -> str:
    """A header's name in lower case and in full: `v` and `Via` are both `via` (§7.3.1, §7.3.3)."""
    return _KNOWN.get(name) or _canonical(name)


def split_list(value: str) -> list[str]:
    """One header line's comma-separated values (§7.3.1), at least one; a comma in quotes or <> separates nothing.

    Nor does a comma with nothing before or after it. An empty line has one value, "".
    """
    if "," not in value:
        return [value]
    return [part.strip() for part in split_outside_quotes(value, ",") if part.strip()] or [""]


class Via(NamedTuple):
    """One hop back (§20.42)."""

    transport: str
    host: str
    """An IPv6 address in brackets."""
    port: int | None = None
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> Via:
        """Raises BadMessage (400) if it is no Via."""
        sender, _, params = text.partition(";")
        return cls(*_sender(sender), parse_params(params) if params else ())

    def __str__(self) -> str:
        return f"SIP/2.0/{self.transport} {self.sent_by}{write_params(self.params)}"

    @property
    def sent_by(self) -> str:
        """Host and port, as the sender gave them."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def sender(self) -> str:
        """The same as it is compared (§17.2.3): in lower case, an IPv6 address in one spelling (RFC 5954 §4.2)."""
        if self.host[0] != "[":
            return self.sent_by.lower()
        return self._replace(host=bracketed(plain(self.host))).sent_by

    @property
    def branch(self) -> str | None:
        """The transaction's id (§8.1.1.7)."""
        return find_param(self.params, "branch")

    @property
    def received(self) -> str | None:
        """The address it really came from, where a server noted it (§18.2.1)."""
        return find_param(self.params, "received")

    @property
    def rport(self) -> str | None:
        """RFC 3581: "" if the sender asks for it, the port where a server filled it in, None if absent."""
        return find_param(self.params, "rport")

    @property
    def reply_address(self) -> Address:
        """Where a response with this Via on top goes (§18.2.2, RFC 3581 §4)."""
        maddr = find_param(self.params, "maddr")
        host = maddr or self.received or self.host
        rport = None if maddr else self.rport
        asked = int(rport) if rport and re.fullmatch("[0-9]{1,5}", rport) else 0
        proto = self.transport.lower()
        port = (asked if 0 < asked < 65536 else self.port) or transport_of(proto).port
        return Address(plain(host), port, proto)


class NameAddr(NamedTuple):
    """An address in From, To, Contact, Route and Record-Route (§20.10): `"Alice" <sip:alice@host>;tag=1`."""

    uri: str
    params: Params = ()
    """The header's own parameters; those within <> belong to the URI."""
    display: str = ""
    """As spelled, quotes included."""

    @staticmethod
    @remembered(4096)  # the same From, To and Route come in every message of a dialog: 0.1 us instead of 2.5
    def parse(text: str) -> NameAddr:
        """Raises BadMessage (400) if there is no URI in it, or a quote or a < is never closed."""
        text = text.strip()
        display, rest = _cut_display(text)
        if not rest.startswith("<"):
            # without <> everything after the first ; belongs to the header (§20)
            uri, _, params = text.partition(";")
        else:
            uri, closed, params = rest[1:].partition(">")
            if not closed:
                raise BadMessage(f"the < is never closed: {text!r}")
        uri = uri.strip()
        if ":" not in uri or ">" in uri or len(uri.split()) != 1:
            raise BadMessage(f"no address: {text!r}")
        return NameAddr(uri, parse_params(params), display)

    def __str__(self) -> str:
        return f"{self.display} <{self.uri}>{write_params(self.params)}".lstrip()

    def param(self, name: str) -> str | None:
        """Value of a parameter, "" if it stands alone, None if it is absent."""
        return find_param(self.params, name.lower())

    @property
    def has_sound_name(self) -> bool:
        """Whether its display name is a quoted string, or made of tokens (§25.1).

        Without quotes it may have letters that are not ASCII, too: many phones write them, and nobody is misled.
        """
        return not self.display or _NAME.match(self.display) is not None

    @property
    def sip_uri(self) -> SipUri:
        """Its URI in parts. Raises BadMessage (400) if it can't be read."""
        return SipUri.parse(self.uri, any_scheme=True)

    @property
    def tag(self) -> str | None:
        """One end of a dialog (§19.3)."""
        return find_param(self.params, "tag")

    @property
    def q(self) -> float | None:
        """A Contact's preference, 0 to 1 (§20.10), None if it has none. Raises BadMessage (400) for anything else."""
        text = self.param("q")
        if text is None:
            return None
        if not _Q.match(text):
            raise BadMessage(f"q is no number from 0 to 1: {text!r}")
        return float(text)


class CSeq(NamedTuple):
    """Number and method of a request (§20.16)."""

    number: int
    method: str

    @staticmethod
    @remembered(1024)
    def parse(text: str) -> CSeq:
        """Raises BadMessage (400) if it is not a number and a method."""
        parts = text.split()
        if len(parts) != 2:
            raise BadMessage(f"CSeq is not a number and a method: {text!r}")
        return CSeq(parse_number(parts[0], "CSeq"), parts[1])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


@remembered(1024)
def _sender(text: str) -> tuple[str, str, int | None]:
    """The first half of a Via: transport, host, port."""
    match = _SENDER.match(text.strip())
    if match is None:
        raise BadMessage(f"Via can't be read: {text!r}")
    transport, host, port = match.groups()
    if port and int(port) > 65535:
        raise BadMessage(f"Via has no such port: {text!r}")
    return transport.upper(), host, int(port) if port else None


def _cut_display(text: str) -> tuple[str, str]:
    """The display name, and what follows it from its < on."""
    if text.startswith('"'):
        end = 1
        while end < len(text) and text[end] != '"':
            end += 2 if text[end] == "\\" else 1
        if end >= len(text):
            raise BadMessage(f"the quote is never closed: {text!r}")
        return text[: end + 1], text[end + 1 :].lstrip()
    display, angle, rest = text.partition("<")
    return (display.rstrip(), angle + rest) if angle else ("", text)
