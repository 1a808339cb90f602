"""Transformations of texts: `$(var(x){s.substr,0,5})`, `$(var(x){re.subst,/^00/+/})`. Of $null every one is empty."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from labsip.modules.core_hash import core_hash
from labsip.modules.pv.encodings import CODES
from labsip.modules.pv.uri_transformations import of_text, of_text_with
from labsip.proxy.exports import Transformation, Value
from labsip.proxy.replacement import joined, read_substitution

UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()")
USER = UNRESERVED | frozenset("&=+$,;?")
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
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        return ""
    data = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), text.encode("utf-8", "surrogateescape"))
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _prefixes(text: str, most: str = "0") -> str:
    return ",".join(text[:end] for end in range(1, min(_whole(most) or len(text), len(text)) + 1))


def _line_with(text: str, begin: str = "") -> str:
    begin = begin.lstrip()
    lines = text.replace("\r", "").split("\n")
    return next((line for line in lines if line.startswith(begin)), "")


def _lines(text: str) -> Value:
    return text.count("\n") + (not text.endswith("\n")) if text else ""


def _line_at(text: str, index: str = "0") -> str:
    return _select(text.replace("\r", "").removesuffix("\n"), index, "\n")


def _before(text: str, mark: str = "") -> str:
    return text.partition(mark)[0] if mark else text


def _after(text: str, mark: str = "") -> str:
    return text.partition(mark)[2] if mark else ""


def _strip_to(text: str, mark: str = "") -> str:
    return text[text.find(mark) :] if mark in text else ""


def _without_pair(pairs: str) -> Callable[[str], str]:
    """Without the first and the last character, if they belong together."""

    def strip(text: str) -> str:
        return text[1:-1] if len(text) > 1 and text[0] + text[-1] in pairs.split() else text

    return strip


def _csv(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _time(value: Value, given: Sequence[str]) -> Value:
    """A number of seconds since 1970, written as given; in UTC."""
    try:
        seconds = int(str(value))
        return datetime.fromtimestamp(seconds, UTC).strftime(given[0] if given else "")
    except (ValueError, OverflowError, OSError):
        return ""


def _hash(text: str, size: str = "0") -> str:
    return str(core_hash(text, _whole(size))) if text else "0"


def _unescaped_common(text: str) -> str:
    return re.sub(r"\\(['\"\\0])", lambda m: "\0" if m[1] == "0" else m[1], text)


def _count(value: Value, given: Sequence[str]) -> Value:
    return "" if value is None else str(value).count(given[0][0]) if given and given[0] else 0


def _substituted(value: Value, pieces: Sequence[str]) -> Value:
    """Raises LabError for what is no substitution."""
    return read_substitution(joined(pieces)).apply("" if value is None else str(value))


STRINGS = {
    "s.len": Transformation("its length", of_text(lambda t: len(_bytes(t)))),
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
    "s.stripto": Transformation("from that text on, empty without it", of_text_with(_strip_to)),
    "s.before": Transformation("what stands before that text, all without it", of_text_with(_before)),
    "s.after": Transformation("what stands behind that text, empty without it", of_text_with(_after)),
    "s.count": Transformation("how often that character is in it", _count),
    "s.unquote": Transformation("without quotes around it", of_text(_without_pair("\"\" ''"))),
    "s.unbracket": Transformation("without brackets around it", of_text(_without_pair("() [] {} <>"))),
    "s.corehash": Transformation("a hash of it, below the size given", of_text_with(_hash)),
    "s.ftime": Transformation("seconds since 1970 as a date, as strftime writes it", _time),
    "s.escape.csv": Transformation("in double quotes, those in it doubled", of_text(_csv)),
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
    **{f"s.encode.{name}": Transformation(f"in {name}", of_text(encode)) for name, (encode, _) in CODES.items()},
    **{f"s.decode.{name}": Transformation(f"out of {name}", of_text(decode)) for name, (_, decode) in CODES.items()},
    "s.escape.common": Transformation("with \\ before quotes", of_text(_escaped(UNRESERVED, quote=True))),
    "s.unescape.common": Transformation("without that \\", of_text(_unescaped_common)),
    "s.escape.user": Transformation("as the user of a URI", of_text(_escaped(USER))),
    "s.unescape.user": Transformation("escapes of a user resolved", of_text(_unescaped)),
    "s.escape.param": Transformation("as a parameter of a URI", of_text(_escaped(PARAM))),
    "s.unescape.param": Transformation("escapes of a parameter resolved", of_text(_unescaped)),
    "line.count": Transformation("how many lines", of_text(_lines)),
    "line.at": Transformation("the n-th line", of_text_with(_line_at)),
    "line.sw": Transformation("the line that begins so", of_text_with(_line_with)),
    "re.subst": Transformation("a regular expression's matches replaced", _substituted, check=_substituted),
}
