"""Transformations of texts: `$(var(x){s.substr,0,5})`, `$(var(x){re.subst,/^00/+/})`. Of $null every one is empty."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence

from labsip.modules.pv.uri_transformations import of_text, of_text_with
from labsip.proxy.exports import Transformation, Value
from labsip.proxy.replacement import joined, read_substitution

UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()")
USER = UNRESERVED | frozenset("&=+$,;?/")
PARAM = UNRESERVED | frozenset("[]/:&+$")


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
        return "".join(
            c if c in allowed else "".join(f"%{b:02x}" for b in c.encode("utf-8", "surrogateescape")) for c in text
        )

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


def _prefixes(text: str, most: str = "0") -> str:
    return ",".join(text[:end] for end in range(1, min(_whole(most) or len(text), len(text)) + 1))


def _line_with(text: str, begin: str = "") -> str:
    lines = text.replace("\r", "").split("\n")
    return next((line for line in lines if line.startswith(begin)), "")


def _lines(text: str) -> int:
    return text.count("\n") + (bool(text) and not text.endswith("\n"))


def _substituted(value: Value, pieces: Sequence[str]) -> Value:
    """Raises LabError for what is no substitution."""
    return read_substitution(joined(pieces)).apply("" if value is None else str(value))


STRINGS = {
    "s.len": Transformation("its length", lambda value, _: 0 if value is None else len(_bytes(str(value)))),
    "s.int": Transformation("the number it is, empty if it is none", of_text(_int)),
    "s.substr": Transformation("from an offset on, so many characters; 0: all", of_text_with(_substr)),
    "s.select": Transformation("one of a list, from 0 or from the end", of_text_with(_select)),
    "s.strip": Transformation(
        "without so many characters in front", of_text_with(lambda t, n="0": t[max(_whole(n), 0) :])
    ),
    "s.striptail": Transformation(
        "without so many at the end", of_text_with(lambda t, n="0": t[: max(len(t) - _whole(n), 0)])
    ),
    "s.replace": Transformation(
        "one text in the place of another", of_text_with(lambda t, a="", b="": t.replace(a, b) if a else t)
    ),
    "s.rm": Transformation(
        "without that text", of_text_with(lambda t, a="": t.replace(a.strip(), "") if a.strip() else t)
    ),
    "s.prefixes": Transformation("all texts it begins with, at most so many", of_text_with(_prefixes)),
    "s.tolower": Transformation("in lower case", of_text(str.lower)),
    "s.toupper": Transformation("in upper case", of_text(str.upper)),
    "s.trim": Transformation("without white space around it", of_text(lambda t: t.strip(" \t\r\n"))),
    "s.ltrim": Transformation("without white space before it", of_text(lambda t: t.lstrip(" \t\r\n"))),
    "s.rtrim": Transformation("without white space behind it", of_text(lambda t: t.rstrip(" \t\r\n"))),
    "s.rmws": Transformation("without white space", of_text(lambda t: re.sub(r"[ \t\r\n]", "", t))),
    "s.numeric": Transformation("its digits alone", of_text(lambda t: re.sub(r"[^0-9]", "", t))),
    "s.md5": Transformation("its MD5", of_text(lambda t: hashlib.md5(_bytes(t), usedforsecurity=False).hexdigest())),
    "s.sha256": Transformation("its SHA-256", of_text(lambda t: hashlib.sha256(_bytes(t)).hexdigest())),
    "s.sha384": Transformation("its SHA-384", of_text(lambda t: hashlib.sha384(_bytes(t)).hexdigest())),
    "s.sha512": Transformation("its SHA-512", of_text(lambda t: hashlib.sha512(_bytes(t)).hexdigest())),
    "s.encode.hexa": Transformation("in hexadecimal", of_text(lambda t: _bytes(t).hex())),
    "s.decode.hexa": Transformation("out of hexadecimal", of_text(_from_hexa)),
    "s.encode.base64": Transformation("in base64", of_text(lambda t: base64.b64encode(_bytes(t)).decode())),
    "s.decode.base64": Transformation("out of base64", of_text(_from_base64)),
    "s.escape.common": Transformation("with \\ before quotes", of_text(_escaped(UNRESERVED, quote=True))),
    "s.unescape.common": Transformation("without that \\", of_text(lambda t: re.sub(r"\\(.)", r"\1", t))),
    "s.escape.user": Transformation("as the user of a URI", of_text(_escaped(USER))),
    "s.unescape.user": Transformation("escapes of a user resolved", of_text(_unescaped)),
    "s.escape.param": Transformation("as a parameter of a URI", of_text(_escaped(PARAM))),
    "s.unescape.param": Transformation("escapes of a parameter resolved", of_text(_unescaped)),
    "line.count": Transformation("how many lines", of_text(_lines)),
    "line.at": Transformation("the n-th line", of_text_with(lambda t, n="0": _select(t.replace("\r", ""), n, "\n"))),
    "line.sw": Transformation("the line that begins so", of_text_with(_line_with)),
    "re.subst": Transformation("a regular expression's matches replaced", _substituted, check=_substituted),
}
