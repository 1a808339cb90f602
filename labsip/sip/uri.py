"""SIP and SIPS URIs (RFC 3261 §19.1), and as much of any other URI as routing needs."""

from __future__ import annotations

import re
from typing import NamedTuple, Self
from urllib.parse import quote

from labsip.sip.errors import BadMessage
from labsip.sip.memo import remembered
from labsip.sip.transport import Address, bracketed, plain, transport_of

Params = tuple[tuple[str, str | None], ...]
"""Parameters in order, names and values as spelled; None where there is no `=`."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z")
_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|\[[0-9A-Fa-f:.]+\])\Z")
_SCHEMES = ("sip", "sips")
_MUST_MATCH = ("user", "ttl", "method", "maddr", "transport")
"""Parameters that make two URIs differ even where only one of them has it (§19.1.4, its examples for transport)."""
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_RESERVED = ";/?:@&=+$,"
_ASCII = "".join(map(chr, range(128)))


class SipUri(NamedTuple):
    """`sip:user:password@host:port;parameters?headers`; every part as spelled, escapes included."""

    user: str | None
    host: str
    """An IPv6 address in brackets. Empty in a URI that has none (tel)."""
    port: int | None = None
    params: Params = ()
    headers: str = ""
    password: str | None = None
    scheme: str = "sip"

    @classmethod
    def parse(cls, text: str, *, any_scheme: bool = False) -> SipUri:
        """Raises BadMessage: 400 if it is no URI, 416 for another scheme than sip and sips unless `any_scheme`."""
        uri = _parse(text.strip())
        if not any_scheme and uri.scheme not in _SCHEMES:
            raise BadMessage(f"{text!r} is no SIP URI", 416)
        return uri

    def __str__(self) -> str:
        password = "" if self.password is None else f":{self.password}"
        user = "" if self.user is None else f"{self.user}{password}" + ("@" if self.host else "")
        port = "" if self.port is None else f":{self.port}"
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{write_params(self.params)}{headers}"

    def param(self, name: str) -> str | None:
        """Value of a parameter, "" if it stands alone, None if it is absent."""
        return find_param(self.params, name.lower())

    def has(self, name: str) -> bool:
        """Whether the parameter is there."""
        return self.param(name) is not None

    @property
    def user_name(self) -> str | None:
        """The user without its parameters: with user=phone it is a number, and what follows the ; describes it.

        RFC 3261 §19.1.6, RFC 4694. Look-ups, bindings and credentials go by this name.
        """
        user = self.user
        if user is None or ";" not in user or (self.param("user") or "").lower() != "phone":
            return user
        return user.partition(";")[0]

    @property
    def address(self) -> Address:
        """Where a request for it is sent (RFC 3263 §4, no DNS): `maddr` goes before the host; sips means TLS."""
        maddr, transport = (self.param("maddr"), self.param("transport")) if self.params else (None, None)
        host = maddr or self.host
        proto = (transport or "udp").lower()
        if self.scheme == "sips":
            proto = transport_of(proto).over_tls
        return Address(plain(host), self.port or transport_of(proto).port, proto)

    def same_as(self, other: SipUri) -> bool:
        """Whether both mean the same resource (§19.1.4): escapes and the host's case don't count, the user's does."""
        if _key(self) != _key(other):
            return False
        mine, theirs = _folded(self.params), _folded(other.params)
        if any((name in mine) != (name in theirs) for name in _MUST_MATCH):
            return False
        return all(mine[name] == theirs[name] for name in mine.keys() & theirs.keys())

    @classmethod
    def of(cls, user: str | None, address: Address, *params: tuple[str, str | None]) -> Self:
        """The URI of a user at an address; 5060 and UDP are not written."""
        port = None if address.sent_by == bracketed(address.host) else address.port
        transport: Params = (("transport", address.proto),) if address.reliable else ()
        return cls(user, bracketed(address.host), port, transport + params)


def parse_params(text: str) -> Params:
    """`;a=1;b` → (("a", "1"), ("b", None)); a `;` within quotes separates nothing."""
    pieces = split_outside_quotes(text, ";") if '"' in text else text.split(";")
    found = []
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip()
        if name:
            found.append((name, value.strip() if equals else None))
    return tuple(found)


def write_params(params: Params) -> str:
    """(("a", "1"), ("b", None)) → `;a=1;b`."""
    text = ""
    for name, value in params:
        text += f";{name}" if value is None else f";{name}={value}"
    return text


def find_param(params: Params, name: str) -> str | None:
    """Value of the first parameter of that name, given in lower case; "" if it stands alone, None if absent."""
    for known, value in params:
        if known == name or known.lower() == name:
            return "" if value is None else value
    return None


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """Split at a character that stands neither in a quoted string nor in <> (§7.3.1, §25.1)."""
    if '"' not in text and "<" not in text:  # several Vias in a line, say: no need to go letter by letter
        return text.split(separator)
    parts, start, quoted, angle, at = [], 0, False, False, 0
    while at < len(text):
        char = text[at]
        if quoted:
            at += char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in "<>":
            angle = char == "<"
        elif char == separator and not angle:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


@remembered(1024)
def _parse(text: str) -> SipUri:
    scheme, colon, rest = text.partition(":")
    if not colon or not _SCHEME.match(scheme) or not rest:
        raise BadMessage(f"{text!r} is no URI")
    scheme = scheme.lower()
    if scheme not in _SCHEMES:
        number, _, params = rest.partition(";")
        return SipUri(number, "", None, parse_params(params), scheme=scheme)
    # the user part may hold ; and ? of its own, so it is cut off first (§19.1.1)
    userinfo, at, place = rest.partition("@") if "@" in rest else ("", "", rest)
    user, has_password, password = userinfo.partition(":")
    place, _, headers = place.partition("?")
    hostport, _, params = place.partition(";")
    host, port = _split_port(hostport, text)
    if not _HOST.match(host) or (at and not user) or len(text.split()) > 1:
        raise BadMessage(f"{text!r} is no SIP URI")
    return SipUri(
        user if at else None, host, port, parse_params(params), headers, password if has_password else None, scheme
    )


def _split_port(text: str, where: str) -> tuple[str, int | None]:
    host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        return text, None
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise BadMessage(f"{port!r} is no port, in {where!r}")
    return host, int(port)


def _key(uri: SipUri) -> tuple[object, ...]:
    headers = sorted(_unescaped(part).lower() for part in uri.headers.split("&") if part)
    user = None if uri.user is None else _unescaped(uri.user)
    password = None if uri.password is None else _unescaped(uri.password)
    return uri.scheme, user, password, plain(uri.host).lower(), uri.port, tuple(headers)


def _folded(params: Params) -> dict[str, str]:
    folded = {_unescaped(name).lower(): _unescaped(value or "").lower() for name, value in params}
    return folded | {"maddr": plain(folded["maddr"])} if "maddr" in folded else folded


def _unescaped(text: str) -> str:
    """As it is compared: an escape is what it stands for, unless that has a meaning of its own in a URI (§19.1.4)."""
    if not text.isascii():
        text = quote(text, _ASCII, errors="surrogateescape")
    return _ESCAPE.sub(_meant, text) if "%" in text else text


def _meant(escape: re.Match[str]) -> str:
    char = chr(int(escape[0][1:], 16))
    return char if char.isascii() and char not in _RESERVED else escape[0].upper()


def as_request_uri(uri: str) -> str:
    """Somebody's Contact as a Request-URI: without headers and method (§19.1.1 table 1)."""
    if "?" not in uri and ";method=" not in uri.lower():
        return uri
    parsed = SipUri.parse(uri)
    params = tuple((name, value) for name, value in parsed.params if name.lower() != "method")
    return str(parsed._replace(params=params, headers=""))
