"""Transformations of URIs, addresses and parameters: `$(ru{uri.user})`, `$(hdr(From){nameaddr.uri})`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from labsip.proxy.exports import Transformation, Value
from labsip.sip.errors import BadMessage
from labsip.sip.headers import NameAddr
from labsip.sip.uri import SipUri, parse_params

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
        return SipUri.parse(text, any_scheme=True).param(name) or ""
    except BadMessage:
        return ""


def _params_text(uri: SipUri) -> str:
    return ";".join(name if value is None else f"{name}={value}" for name, value in uri.params)


def _address(part: Callable[[NameAddr], Value]) -> Apply:
    def apply(value: Value, _: Sequence[str]) -> Value:
        try:
            return part(NameAddr.parse("" if value is None else str(value)))
        except BadMessage:
            return ""

    return apply


def _name_with_space(address: NameAddr) -> str:
    return f"{address.display} " if address.display else ""


def _address_length(text: str) -> int:
    end = text.find(">")
    return end + 1 if end >= 0 else len(text.partition(";")[0])


def _param(choose: Callable[[list[tuple[str, str | None]], str], Value]) -> Apply:
    def apply(value: Value, given: Sequence[str]) -> Value:
        params = [] if value is None else list(parse_params(";" + str(value).lstrip(";")))
        return choose(params, given[0] if given else "")

    return apply


def _at(params: list[tuple[str, str | None]], index: str) -> tuple[str, str | None]:
    at = int(index) if re.fullmatch(r"-?\d+", index, re.ASCII) else 0
    return params[at] if -len(params) <= at < len(params) else ("", "")


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
    "uri.maddr": Transformation("its maddr", _uri(lambda uri: uri.param("maddr"))),
    "uri.method": Transformation("its method", _uri(lambda uri: uri.param("method"))),
    "uri.lr": Transformation("its lr", _uri(lambda uri: "lr" if uri.has("lr") else "")),
    "param.value": Transformation("the value of a parameter", _param(lambda ps, n: dict(ps).get(n) or "")),
    "param.in": Transformation("whether there is that parameter", _param(lambda ps, n: int(n in dict(ps)))),
    "param.valueat": Transformation("the value of the n-th", _param(lambda ps, n: _at(ps, n)[1] or "")),
    "param.name": Transformation("the name of the n-th", _param(lambda ps, n: _at(ps, n)[0])),
    "param.count": Transformation("how many there are", _param(lambda ps, _: len(ps))),
    "nameaddr.name": Transformation("display name of an address", _address(_name_with_space)),
    "nameaddr.uri": Transformation("its URI", _address(lambda address: address.uri)),
    "nameaddr.len": Transformation("its length, without parameters", of_text(_address_length)),
    "tobody.uri": Transformation("URI of a From or To", _address(lambda address: address.uri)),
    "tobody.display": Transformation("its display name", _address(lambda address: address.display)),
    "tobody.tag": Transformation("its tag", _address(lambda address: address.tag or "")),
    "tobody.user": Transformation("the user of its URI", _address(lambda address: address.sip_uri.user_name or "")),
    "tobody.host": Transformation("the host of its URI", _address(lambda address: address.sip_uri.host)),
}
