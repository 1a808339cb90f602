"""Values for a command or a setting, checked: each raises LabError with what is wrong, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import inf, isfinite
from typing import TypeVar

from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import PHRASES
from labsip.sip.uri import SipUri

T = TypeVar("T")


def checked_status(code: int | str) -> int:
    """A status a response can have, given as Kamailio takes it: 404 or "404"."""
    text = str(code)
    if not (text.isascii() and text.isdigit()) or not 100 <= int(text) <= 699:
        raise LabError(f"{code!r} is no status of a response; write a number from 100 to 699, as in 404")
    return int(text)


def checked_reason(status: int, reason: str) -> str:
    """The reason phrase, RFC 3261's own where none is given; it stands on one line."""
    if "\r" in reason or "\n" in reason:
        raise LabError(f"a reason phrase is one line, {reason!r} is not")
    return reason or PHRASES.get(status, "Unknown")


def checked_uri(text: str) -> SipUri:
    """A SIP URI."""
    try:
        return SipUri.parse(text)
    except BadMessage as bad:
        raise LabError(f'{bad.reason}; write it as in "sip:106@127.0.0.1"') from None


def checked_number(value: int | str, what: str) -> int:
    """A number, given as Kamailio takes it: 10 or "10"."""
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        raise LabError(f"{what} must be a number, as in 10, not {value!r}")
    return int(text)


def checked_signed(value: int | str, what: str) -> int:
    """A number that may be below zero: -3 or "-3"."""
    text = str(value)
    return -checked_number(text[1:], what) if text.startswith("-") else checked_number(text, what)


def checked_amount(
    value: object, what: str, *, least: float = 0, most: float = inf, above: bool = False, unit: str = ""
) -> float:
    """A number of something, given as one or as its text: 2.5 or "2.5"; above: `least` itself is too little."""
    number: object = value
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            number = None
    fits = isinstance(number, (int, float)) and not isinstance(number, bool) and isfinite(number)
    if not fits or not least <= float(number) <= most or (above and number == least):  # type: ignore[arg-type]
        bounds = f"{'above' if above else 'from'} {least:g}{' on' * (most == inf and not above)}"
        bounds += "" if most == inf else f" to {most:.10g}"
        raise LabError(f"{what}={value!r} can't be; write a number {bounds}{f', in {unit}' if unit else ''}")
    return float(number)  # type: ignore[arg-type]


def checked_seconds(value: object, what: str) -> float:
    """A time."""
    return checked_amount(value, what, unit="seconds")


def checked_count(value: object, what: str, *, least: float = 0, most: float = inf, unit: str = "") -> int:
    """A whole number of something."""
    number = checked_amount(value, what, least=least, most=most, unit=unit)
    if number != int(number):
        raise LabError(f"{what}={value!r} can't be; write a whole number")
    return int(number)


def checked_text(value: object, what: str, example: str) -> str:
    """A text that can be sent."""
    if not isinstance(value, str):
        raise LabError(f"{what} is a text, not {value!r}; write it as in {example}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise LabError(f"{what} {value!r} has half a character in it, which can't be sent") from None
    return value


def checked_q(text: str) -> float:
    """A contact's preference."""
    if not re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", text, re.ASCII):
        raise LabError(f'q must be a number from 0 to 1, as in "0.5", not {text!r}')
    return float(text)


def checked_header_name(name: str) -> str:
    """The name of a header, without its colon."""
    if not name or not all(c.isalnum() or c in "-.!%*_+`'~" for c in name):
        raise LabError(f'{name!r} is no header name; write it without the colon, as in "User-Agent"')
    return name


def checked_header_line(line: str) -> str:
    """One header line, its line end left off."""
    line = line.rstrip("\r\n")
    name, colon, _ = line.partition(":")
    if not colon or "\n" in line or "\r" in line:
        raise LabError(f'{line!r} is no header line; write it as "Name: value"')
    checked_header_name(name.rstrip())
    return line


def checked_lines(text: str, what: str, read: Callable[[list[str]], T]) -> Iterator[T]:
    """A list of lines with columns, each read; # begins a comment. An error names its line."""
    for number, line in enumerate(text.splitlines(), 1):
        columns = line.partition("#")[0].split()
        if columns:
            try:
                yield read(columns)
            except LabError as error:
                raise LabError(f"{what}, line {number}: {error}") from None
