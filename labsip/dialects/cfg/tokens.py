"""Tokens: what a text of the language consists of, and the pattern that finds the next one."""

from __future__ import annotations

import re
from typing import NamedTuple

from labsip.dialects.cfg.nodes import Spot

NAME, NUMBER, TEXT, PVAR, WORD = "name", "number", "text", "pvar", "word"
V6, CAST, SIGN, END = "v6", "cast", "sign", "end"
"""Kinds of tokens. A word begins with a digit and is no number: `12abc`. A cast is `(int)` or `(str)`."""


class Token(NamedTuple):
    """One token."""

    kind: str
    value: str
    """As it stands in the file; of a text what is between its quotes, escapes resolved."""
    spot: Spot
    lines: int = 0
    """How many lines further down it ends; of END, how many lines the file has."""
    written: str | None = None
    """Of a text: what stands between its quotes, None where #!subst or #!define made something else of it."""
    joined: bool = False
    """Of a text: it goes on with the one before."""
    endless: bool = False
    """Of a text: its closing quote is missing."""

    def __str__(self) -> str:
        if self.kind == END:
            return "the end of the file"
        if self.kind == TEXT:
            first = self.value.partition("\n")[0]
            return f'"{first[:30]}"' if first == self.value and len(first) <= 30 else f'"{first[:30]}…"'
        return self.value if len(self.value) <= 40 else f"{self.value[:40]}…"


DIRECTIVE = r"define|def|trydefine|trydef|redefine|redef|ifdef|ifndef|else|endif|substdefs|substdef|subst"
_V6 = (
    r"(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}"
    r"|(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6})?::(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6})?"
)
NEXT = re.compile(
    rf"""
    (?P<space>(?:[^!-~]|[?\\`])+)                    # Kamailio skips what is no sign of the language
  | (?P<directive>(?:\#!|!!)(?:{DIRECTIVE})(?![A-Za-z0-9_]))
  | (?P<include>(?:\#!|!!)?(?:include_file|import_file)(?![A-Za-z0-9_]))
  | (?P<comment>(?:\#|//)[^\n]*)
  | (?P<block>/\*)
  | (?P<text>["'])
  | (?P<pvar>\$)
  | (?P<v6>{_V6})
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>[0-9][A-Za-z0-9_]*)
  | (?P<cast>\((?:int|str)\))
  | (?P<sign><<|>>|==|=~|!=|<=|>=|&&|\|\||[^\s])
    """,
    re.VERBOSE | re.ASCII,
)
"""One of these matches at any place; `text`, `block` and `pvar` only where one begins."""

IS_NUMBER = re.compile(r"0|[1-9][0-9]*|0[0-7]+|0[xX][0-9a-fA-F]+|[01]+b")


def number_of(digits: str) -> int:
    """The value of a number, in 32 bits as Kamailio has it: 4294967295 is -1."""
    if digits[:2].lower() == "0x":
        value = int(digits[2:], 16)
    elif digits.endswith("b"):
        value = int(digits[:-1], 2)
    elif digits.startswith("0") and len(digits) > 1:
        value = int(digits, 8)
    else:
        value = int(digits[-4000:])  # Python refuses longer ones, and only the last bits count
    return wrapped(value)


def wrapped(value: int) -> int:
    """An int as 32 bits have it."""
    return (value + 2**31) % 2**32 - 2**31


_ESCAPE = re.compile(rb"\\(?:([nrta\\\"])|x([0-9a-fA-F]{1,2})|([0-7]{2,3})|(\r?\n))")
_MEANT = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"\\": b"\\", b'"': b'"'}


def unescaped(text: str) -> str:
    """What stands between double quotes, escapes resolved; an unknown one stays, as `\\q`. A NUL ends it."""
    if "\\" not in text:
        return text.partition("\0")[0]

    def meant(match: re.Match[bytes]) -> bytes:
        sign, digits, octal, _ = match.groups()
        if sign:
            return _MEANT[sign]
        if digits or octal:
            return bytes([int(digits, 16) if digits else int(octal, 8) & 255])
        return b""

    raw = _ESCAPE.sub(meant, text.encode("utf-8", "surrogateescape"))
    return raw.partition(b"\0")[0].decode("utf-8", "surrogateescape")


_ONE = re.compile(r"\\(?:[nrta\\\"]|x[0-9a-fA-F]{1,2}|[0-7]{2,3}|(\r?\n))|.", re.DOTALL)


def written_at(written: str, offset: int) -> int:
    """Where the character stands in a text as it is written, that is at `offset` in its value."""
    if "\\" not in written:
        return offset
    for match in _ONE.finditer(written):
        if match[1] is None:
            if not offset:
                return match.start()
            offset -= 1
    return len(written)
