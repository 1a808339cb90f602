"""Variables of the Request-URI and of where a request goes: `$ru` and its parts, `$du` and its parts."""

from __future__ import annotations

from collections.abc import Callable

from labsip.proxy.arguments import checked_uri
from labsip.proxy.exports import NamedVariable, Value, Variable
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage, LabError, NoSuchName
from labsip.sip.uri import SipUri


def _uri(turn: Turn) -> SipUri:
    return SipUri.parse(turn.uri, any_scheme=True)


def _part(part: Callable[[SipUri], Value]) -> Callable[[Turn], Value]:
    """Reads a part of the Request-URI; a reply has none."""
    return lambda turn: part(_uri(turn)) if turn.uri else None


def _set_uri(turn: Turn, value: Value) -> None:
    try:
        SipUri.parse(str(value), any_scheme=True)
    except BadMessage:
        raise LabError(f'{str(value)!r} is no URI; write it as in "sip:user@host"') from None
    if turn.path:  # it led to the one before
        turn.path, turn.dst_uri = "", None
    turn.uri = str(value)
    turn.uri_is_new = True


def _set_user(turn: Turn, value: Value) -> None:
    known = _uri(turn)
    params = (known.user or "").removeprefix(known.user_name or "")  # those of user=phone stay, as in Kamailio
    _set_uri(turn, known._replace(user=None if value is None else f"{value}{params}"))


def _set_host(turn: Turn, value: Value) -> None:
    _set_uri(turn, _uri(turn)._replace(host=str(value)))


def _set_port(turn: Turn, value: Value) -> None:
    digits = str(value)
    if value is not None and not (digits.isascii() and digits.isdigit() and 0 < int(digits) < 65536):
        raise LabError(f"$rp must be a number from 1 to 65535, not {value!r}")
    _set_uri(turn, _uri(turn)._replace(port=None if value is None else int(digits)))


def _set_dst(turn: Turn, value: Value) -> None:
    turn.dst_uri = None if value is None else str(checked_uri(str(value)))
    turn.uri_is_new = True


def _of_first(part: Callable[[SipUri], Value]) -> Callable[[Turn], Value]:
    """Reads a part of the Request-URI as it came in."""

    def get(turn: Turn) -> Value:
        uri = getattr(turn.message, "uri", None)
        return None if uri is None else part(SipUri.parse(uri, any_scheme=True))

    return get


def _of_hop(part: Callable[[SipUri], Value]) -> Callable[[Turn], Value]:
    """Reads a part of the next hop; None where there is none."""
    return lambda turn: None if turn.dst_uri is None else part(SipUri.parse(turn.dst_uri, any_scheme=True))


def _next_hop(turn: Turn, part: str) -> Value:
    """`$nh(d)`: of where the request goes, `$du` or else `$ru`."""
    if part not in _PARTS:
        raise NoSuchName("part of $nh", part, _PARTS)
    at = turn.dst_uri or turn.uri
    return _PARTS[part](SipUri.parse(at, any_scheme=True)) if at else None


def _length(part: Callable[[Turn], Value]) -> Callable[[Turn], Value]:
    """In bytes, 0 without a user."""
    return lambda turn: len(str(part(turn) or "").encode("utf-8", "surrogateescape"))


_PARTS: dict[str, Callable[[SipUri], Value]] = {
    "u": str,
    "U": lambda uri: uri.user_name,
    "d": lambda uri: uri.host,
    "p": lambda uri: uri.address.port,
    "P": lambda uri: (uri.param("transport") or "udp").lower(),
}


def _scheme(uri: SipUri) -> str:
    return "tel" if (uri.param("user") or "").lower() == "phone" else uri.scheme


# fmt: off
REQUEST_URI: dict[str, Variable | NamedVariable] = {
    "$ru": Variable("Request-URI, as it will be sent", lambda turn: turn.uri or None, _set_uri),
    "$rU": Variable("its user", _part(lambda uri: uri.user_name), _set_user),
    "$rUl": Variable("length of its user", _length(_part(lambda uri: uri.user_name))),
    "$rd": Variable("its domain", _part(lambda uri: uri.host), _set_host),
    "$rp": Variable("its port, 5060 if it names none", _part(lambda uri: uri.address.port), _set_port),
    "$rP": Variable("its transport, UDP if it names none", _part(lambda uri: uri.param("transport") or "UDP")),
    "$rz": Variable("its scheme, tel for a telephone number", _part(_scheme)),
    "$ou": Variable("Request-URI, as it came in", lambda turn: getattr(turn.message, "uri", None)),
    "$oU": Variable("its user", _of_first(lambda uri: uri.user_name)),
    "$oUl": Variable("length of its user", _length(_of_first(lambda uri: uri.user_name))),
    "$od": Variable("its domain", _of_first(lambda uri: uri.host)),
    "$op": Variable("its port, 5060 if it names none", _of_first(lambda uri: uri.address.port)),
    "$oP": Variable("its transport, UDP if it names none", _of_first(lambda uri: uri.param("transport") or "UDP")),
    "$du": Variable("where to send it, if not to the Request-URI", lambda turn: turn.dst_uri, _set_dst),
    "$dd": Variable("its domain", _of_hop(lambda uri: uri.host)),
    "$dp": Variable("its port, 5060 if it names none", _of_hop(lambda uri: uri.address.port)),
    "$dP": Variable("its transport, UDP if it names none", _of_hop(lambda uri: uri.param("transport") or "UDP")),
    "$nh": NamedVariable("$nh(d): a part of the next hop, $du or else $ru: u, U, d, p, P", _next_hop),
}
# fmt: on
REQUEST_URI |= {"$ruri": REQUEST_URI["$ru"], "$ouri": REQUEST_URI["$ou"], "$duri": REQUEST_URI["$du"]}
