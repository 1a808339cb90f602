"""Transformations of URIs, addresses and parameters: `$(ru{uri.user})`, `$(hdr(From){nameaddr.uri})`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from labsip.proxy.exports import Transformation, Value
from labsip.sip.errors import BadMessage
from labsip.sip.headers import NameAddr
from labsip.sip.transport import TRANSPORTS
from labsip.sip.uri import SipUri, split_outside_quotes

Apply = Callable[[Value, Sequence[str]], Value]


def of_text(apply: Callable[[str], Value]) -> Apply:
    """A function of the value's text."""
    return lambda value, _: "" if value is None else apply(str(value))


def of_text_with(apply: Callable[..., Value]) -> Apply:
    """A function of the value's text and of what stands behind the name."""
    return lambda value, given: "" if value is None else apply(str(value), *given)


def _uri(part: Callable[[SipUri], Value]) -> Apply:
    def apply(value: Value, _: Sequence[str]) -> Value:
        try:
            found = part(SipUri.parse("" if value is None else str(value), any_scheme=True))
        except BadMessage:
            return ""
        return "" if found is None else found

    return apply


def _uri_param(text: str, name: str = "") -> str:
    try:
        uri = SipUri.parse(text, any_scheme=True)
    except BadMessage:
        return ""
    return (uri.param(name) or "") if uri.host else ""


def _params_text(uri: SipUri) -> str:
    """As Kamailio, which sees none in a tel URI."""
    return ";".join(name if value is None else f"{name}={value}" for name, value in uri.params) if uri.host else ""


def _socket_of(uri: SipUri) -> str:
    """`tcp:host:5060`; empty without a transport."""
    transport = uri.param("transport")
    return f"{transport}:{uri.host}:{uri.port or 5060}" if transport else ""


def _address(part: Callable[[NameAddr], Value]) -> Apply:
    def apply(value: Value, _: Sequence[str]) -> Value:
        try:
            return part(NameAddr.parse("" if value is None else str(value)))
        except BadMessage:
            return ""

    return apply


def _name_with_space(address: NameAddr) -> str:
    return f"{address.display} " if address.display else ""


def _address_in(text: str) -> str:
    """The URI within <>; without them, all of the text."""
    start, end = text.find("<"), text.find(">")
    return text[start + 1 : end] if 0 <= start < end else text


def _address_length(text: str) -> int:
    return text.find(">") + 1 or len(text)


def _tail(text: str) -> str:
    """The parameters behind an address, as they are written."""
    return text.rpartition(">")[2].partition(";")[2]


Param = tuple[str, str | None]
Choose = Callable[[list[Param], str], Value]


def _param(choose: Choose, *, named: bool = True) -> Apply:
    """A function of the parameters in a text, of a name or number, and of what separates them, `;` if not said."""

    def apply(value: Value, given: Sequence[str]) -> Value:
        if value in (None, ""):
            return ""
        name, separator = ("", *given, ";")[:2] if not named else (*given, "", ";")[:2]
        return choose(_params(str(value), (separator if len(given) > named else ";")[:1] or ";"), name)

    return apply


def _params(text: str, separator: str) -> list[Param]:
    """Case does not count in their names, nor quotes around a value."""
    found: list[Param] = []
    for piece in split_outside_quotes(text, separator):
        name, equals, value = (part.strip() for part in piece.partition("="))
        found.append((name, value.strip('"') if equals else None))
    return found


def _value_of(params: list[Param], name: str) -> str:
    """Of the last of that name."""
    return next((value or "" for known, value in reversed(params) if known.lower() == name.lower()), "")


def _is_in(params: list[Param], name: str) -> int:
    return int(any(known.lower() == name.lower() for known, _ in params))


def _at(params: list[Param], index: str) -> Param:
    at = int(index) if re.fullmatch(r"-?\d+", index, re.ASCII) else 0
    return params[at] if -len(params) <= at < len(params) else ("", "")


def _socket_part(part: Callable[[str, str, str], str]) -> Apply:
    """A function of the transport, host and port of `udp:127.0.0.1:5060`; what is not there is empty."""

    def apply(text: str) -> str:
        proto, colon, place = text.partition(":")
        if not colon or proto.lower() not in TRANSPORTS:
            proto, place = "", text
        host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
        return part(proto, host if colon else place, port if colon else "")

    return of_text(apply)


def _socket_uri(proto: str, host: str, port: str) -> str:
    return f"sip:{host}" + (f":{port}" if port else "") + (f";transport={proto}" if proto else "")


SOCKETS = {
    "sock.proto": Transformation("transport of a socket, as in udp:127.0.0.1:5060", _socket_part(lambda p, h, n: p)),  # noqa: ARG005
    "sock.host": Transformation("its host", _socket_part(lambda p, h, n: h)),  # noqa: ARG005
    "sock.port": Transformation("its port", _socket_part(lambda p, h, n: n)),  # noqa: ARG005
    "sock.touri": Transformation("its URI", _socket_part(_socket_uri)),
}
"""Those of corex."""
URLS = {
    "url.path": Transformation("a URL up to its ?", of_text(lambda text: text.partition("?")[0])),
    "url.querystring": Transformation("what stands behind its ?", of_text(lambda text: text.partition("?")[2])),
}
"""Those of xhttp."""
ADDRESSES_AND_URIS = {
    "uri.user": Transformation("user of a URI", _uri(lambda uri: uri.user_name)),
    "uri.passwd": Transformation("its password", _uri(lambda uri: uri.password)),
    "uri.host": Transformation("its host", _uri(lambda uri: uri.host)),
    "uri.port": Transformation("its port, empty if it names none", _uri(lambda uri: uri.port)),
    "uri.scheme": Transformation("its scheme", _uri(lambda uri: uri.scheme)),
    "uri.params": Transformation("its parameters", _uri(_params_text)),
    "uri.param": Transformation("one of its parameters", of_text_with(_uri_param)),
    "uri.headers": Transformation("its headers", _uri(lambda uri: uri.headers.lstrip("?"))),
    "uri.transport": Transformation("its transport", _uri(lambda uri: uri.param("transport"))),
    "uri.ttl": Transformation("its ttl", _uri(lambda uri: uri.param("ttl"))),
    "uri.uparam": Transformation("its user parameter", _uri(lambda uri: uri.param("user"))),
    "uri.r2": Transformation("its r2", _uri(lambda uri: uri.param("r2"))),
    "uri.domain": Transformation("its host", _uri(lambda uri: uri.host)),
    "uri.tosocket": Transformation("as transport:host:port, empty without a transport", _uri(_socket_of)),
    "uri.maddr": Transformation("its maddr", _uri(lambda uri: uri.param("maddr"))),
    "uri.method": Transformation("its method", _uri(lambda uri: uri.param("method"))),
    "uri.lr": Transformation("its lr", _uri(lambda uri: uri.param("lr"))),
    "param.value": Transformation("the value of a parameter; {param.value,b,&} where & separates", _param(_value_of)),
    "param.in": Transformation("whether there is that parameter", _param(_is_in)),
    "param.valueat": Transformation("the value of the n-th", _param(lambda params, n: _at(params, n)[1] or "")),
    "param.name": Transformation("the name of the n-th", _param(lambda params, n: _at(params, n)[0])),
    "param.count": Transformation("how many there are", _param(lambda params, _: len(params), named=False)),
    "nameaddr.name": Transformation("display name of an address", _address(_name_with_space)),
    "nameaddr.uri": Transformation("its URI", of_text(_address_in)),
    "nameaddr.len": Transformation("its length, without parameters", of_text(_address_length)),
    "tobody.uri": Transformation("URI of a From or To", _address(lambda address: address.uri)),
    "tobody.display": Transformation("its display name", _address(lambda address: address.display)),
    "tobody.params": Transformation("its parameters", of_text(_tail)),
    "tobody.tag": Transformation("its tag", _address(lambda address: address.tag or "")),
    "tobody.user": Transformation("the user of its URI", _address(lambda address: address.sip_uri.user_name or "")),
    "tobody.host": Transformation("the host of its URI", _address(lambda address: address.sip_uri.host)),
}
