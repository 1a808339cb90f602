"""Transformations of a value: `$(ru{uri.user})`, `$(var(x){s.substr,0,5})`. Of $null every one of them is empty."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence

from labsip.modules.pv.subst import substituted
from labsip.proxy.exports import Transformation, Value
from labsip.sip.errors import BadMessage
from labsip.sip.headers import NameAddr
from labsip.sip.uri import SipUri, parse_params

Apply = Callable[[Value, Sequence[str]], Value]
UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()")
USER = UNRESERVED | frozenset("&=+$,;?/")
PARAM = UNRESERVED | frozenset("[]/:&+$")


def _text(apply: Callable[[str], Value]) -> Apply:
    """A function of the value's text."""
    return lambda value, _: "" if value is None else apply(str(value))


def _with(apply: Callable[..., Value]) -> Apply:
    """A function of the value's text and of what stands behind the name."""
    return lambda value, given: "" if value is None else apply(str(value), *given)


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"\s*[+-]?\d+\s*", text, re.ASCII) else 0


def _substr(text: str, start: str = "0", length: str = "0") -> str:
    at = _whole(start)
    at = max(len(text) + at, 0) if at < 0 else at
    return text[at:][: _whole(length) or None]


def _int(text: str) -> str:
    return text if re.fullmatch(r"[+-]?\d+", text, re.ASCII) else ""


def _select(text: str, index: str = "0", separator: str = ",") -> str:
    parts, at = text.split(separator or ","), _whole(index)
    return parts[at] if -len(parts) <= at < len(parts) else ""


def _escaped(allowed: frozenset[str], *, quote: bool = False) -> Callable[[str], str]:
    def escape(text: str) -> str:
        if quote:
            return re.sub(r"(['\"\\])", r"\\\1", text).replace("\0", "\\0")
        return "".join(c if c in allowed else "".join(f"%{b:02x}" for b in c.encode("utf-8", "surrogateescape")) for c in text)

    return escape


def _unescaped(text: str) -> str:
    data = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), text.encode("utf-8", "surrogateescape"))
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _from_hexa(text: str) -> str:
    try:
        return bytes.fromhex(text).decode("utf-8", "surrogateescape")
    except ValueError:
        return ""


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "surrogateescape")
    except ValueError:
        return ""


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
    at = _whole(index)
    return params[at] if -len(params) <= at < len(params) else ("", "")


def _prefixes(text: str, most: str = "0") -> str:
    return ",".join(text[:end] for end in range(1, min(_whole(most) or len(text), len(text)) + 1))


# fmt: off
TRANSFORMATIONS = {
    "s.len":           Transformation("its length", lambda value, _: 0 if value is None else len(_bytes(str(value)))),
    "s.int":           Transformation("the number it is, empty if it is none", _text(_int)),
    "s.substr":        Transformation("from an offset on, so many characters; 0: all", _with(_substr)),
    "s.select":        Transformation("one of a list, from 0 or from the end", _with(_select)),
    "s.strip":         Transformation("without so many characters in front", _with(lambda t, n="0": t[max(_whole(n), 0):])),
    "s.striptail":     Transformation("without so many at the end", _with(lambda t, n="0": t[:max(len(t) - _whole(n), 0)])),
    "s.replace":       Transformation("one text in the place of another", _with(lambda t, a="", b="": t.replace(a, b) if a else t)),
    "s.rm":            Transformation("without that text", _with(lambda t, a="": t.replace(a, "") if a else t)),
    "s.prefixes":      Transformation("all texts it begins with, at most so many", _with(_prefixes)),
    "s.tolower":       Transformation("in lower case", _text(str.lower)),
    "s.toupper":       Transformation("in upper case", _text(str.upper)),
    "s.trim":          Transformation("without white space around it", _text(lambda t: t.strip(" \t\r\n"))),
    "s.ltrim":         Transformation("without white space before it", _text(lambda t: t.lstrip(" \t\r\n"))),
    "s.rtrim":         Transformation("without white space behind it", _text(lambda t: t.rstrip(" \t\r\n"))),
    "s.rmws":          Transformation("without white space", _text(lambda t: re.sub(r"[ \t\r\n]", "", t))),
    "s.numeric":       Transformation("its digits alone", _text(lambda t: re.sub(r"[^0-9]", "", t))),
    "s.md5":           Transformation("its MD5", _text(lambda t: hashlib.md5(_bytes(t), usedforsecurity=False).hexdigest())),
    "s.sha256":        Transformation("its SHA-256", _text(lambda t: hashlib.sha256(_bytes(t)).hexdigest())),
    "s.sha384":        Transformation("its SHA-384", _text(lambda t: hashlib.sha384(_bytes(t)).hexdigest())),
    "s.sha512":        Transformation("its SHA-512", _text(lambda t: hashlib.sha512(_bytes(t)).hexdigest())),
    "s.encode.hexa":   Transformation("in hexadecimal", _text(lambda t: _bytes(t).hex())),
    "s.decode.hexa":   Transformation("out of hexadecimal", _text(_from_hexa)),
    "s.encode.base64": Transformation("in base64", _text(lambda t: base64.b64encode(_bytes(t)).decode())),
    "s.decode.base64": Transformation("out of base64", _text(_from_base64)),
    "s.escape.common": Transformation("with \\ before quotes", _text(_escaped(UNRESERVED, quote=True))),
    "s.unescape.common": Transformation("without that \\", _text(lambda t: re.sub(r"\\(.)", r"\1", t))),
    "s.escape.user":   Transformation("as the user of a URI", _text(_escaped(USER | frozenset(" ") - frozenset(" ")))),
    "s.unescape.user": Transformation("escapes of a user resolved", _text(_unescaped)),
    "s.escape.param":  Transformation("as a parameter of a URI", _text(_escaped(PARAM))),
    "s.unescape.param": Transformation("escapes of a parameter resolved", _text(_unescaped)),
    "uri.user":        Transformation("user of a URI", _uri(lambda uri: uri.user_name)),
    "uri.passwd":      Transformation("its password", _uri(lambda uri: uri.password)),
    "uri.host":        Transformation("its host", _uri(lambda uri: uri.host)),
    "uri.port":        Transformation("its port, empty if it names none", _uri(lambda uri: uri.port)),
    "uri.scheme":      Transformation("its scheme", _uri(lambda uri: uri.scheme)),
    "uri.params":      Transformation("its parameters", _uri(_params_text)),
    "uri.param":       Transformation("one of its parameters", _with(_uri_param)),
    "uri.headers":     Transformation("its headers", _uri(lambda uri: uri.headers.lstrip("?"))),
    "uri.transport":   Transformation("its transport", _uri(lambda uri: uri.param("transport"))),
    "uri.ttl":         Transformation("its ttl", _uri(lambda uri: uri.param("ttl"))),
    "uri.uparam":      Transformation("its user parameter", _uri(lambda uri: uri.param("user"))),
    "uri.maddr":       Transformation("its maddr", _uri(lambda uri: uri.param("maddr"))),
    "uri.method":      Transformation("its method", _uri(lambda uri: uri.param("method"))),
    "uri.lr":          Transformation("its lr", _uri(lambda uri: "lr" if uri.has("lr") else "")),
    "param.value":     Transformation("the value of a parameter", _param(lambda ps, n: dict(ps).get(n) or "")),
    "param.in":        Transformation("whether there is that parameter", _param(lambda ps, n: int(n in dict(ps)))),
    "param.valueat":   Transformation("the value of the n-th", _param(lambda ps, n: _at(ps, n)[1] or "")),
    "param.name":      Transformation("the name of the n-th", _param(lambda ps, n: _at(ps, n)[0])),
    "param.count":     Transformation("how many there are", _param(lambda ps, _: len(ps))),
    "nameaddr.name":   Transformation("display name of an address", _address(_name_with_space)),
    "nameaddr.uri":    Transformation("its URI", _address(lambda address: address.uri)),
    "nameaddr.len":    Transformation("its length, without parameters", _text(_address_length)),
    "tobody.uri":      Transformation("URI of a From or To", _address(lambda address: address.uri)),
    "tobody.display":  Transformation("its display name", _address(lambda address: address.display)),
    "tobody.tag":      Transformation("its tag", _address(lambda address: address.tag or "")),
    "tobody.user":     Transformation("the user of its URI", _address(lambda address: address.sip_uri.user_name or "")),
    "tobody.host":     Transformation("the host of its URI", _address(lambda address: address.sip_uri.host)),
    "line.count":      Transformation("how many lines", _text(lambda t: t.count("\n") + (not t.endswith("\n") and bool(t)))),
    "line.at":         Transformation("the n-th line", _with(lambda t, n="0": _select(t.replace("\r", ""), n, "\n"))),
    "line.sw":         Transformation("the line that begins so", _with(lambda t, n="": next((one for one in t.replace("\r", "").split("\n") if one.startswith(n)), ""))),
    "re.subst":        Transformation("a regular expression's matches replaced", _with(substituted)),
}
# fmt: on
