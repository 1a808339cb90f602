"""Values while a block runs: numbers and texts, and what operators make of them, as measured on Kamailio 5.6.3.

A value is an int or a str, None for $null. Numbers are of 32 bits. What can't be converted counts as 0 and is told in
the log; `place` is where in the cfg that was: `kamailio.cfg:12`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from labsip.modules.pv.selects import selected
from labsip.proxy.exports import Value
from labsip.proxy.posix import searcher
from labsip.proxy.script import Exit
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage, LabError

WHOLE = re.compile(r"\s*[+-]?(?:0[xX][0-9a-fA-F]{1,8}|[0-9]{1,19})\s*\Z", re.ASCII)
METHODS = {
    "INVITE": 1, "CANCEL": 2, "ACK": 4, "BYE": 8, "INFO": 16, "REGISTER": 32, "SUBSCRIBE": 64, "NOTIFY": 128,
    "MESSAGE": 256, "OPTIONS": 512, "PRACK": 1024, "UPDATE": 2048, "REFER": 4096, "PUBLISH": 8192,
}  # fmt: skip
"""What `$rm` counts in arithmetic."""
OTHER_METHOD = 32768


class MethodName(str):
    """The value of `$rm`: a text that is a number of its own where one is needed."""

    __slots__ = ()


class NoResult(Exception):
    """An expression has no value: it divides by zero. The assignment it stands in is not done."""


def complain(turn: Turn, place: str, text: str) -> None:
    """A line in the log, as Kamailio has an error there."""
    turn.proxy.trace.note(turn.now, f"{place}: {text}")


def number(turn: Turn, value: Value, place: str) -> int:
    """A value as a number."""
    if isinstance(value, int):
        return value
    if value is None:
        return 0
    if isinstance(value, MethodName):
        return METHODS.get(value, OTHER_METHOD)
    text = str(value)
    if WHOLE.match(text):
        digits = text.strip()
        return wrapped(int(digits, 16 if "x" in digits.lower() else 10))
    if text:
        complain(turn, place, f"{text[:60]!r} is no number, and counts as 0")
    return 0


def text(value: Value) -> str:
    """A value as a text, $null is empty."""
    return "" if value is None else str(value)


def shown(value: Value) -> str:
    """A value within a text, where $null is seen."""
    return "<null>" if value is None else str(value)


def is_true(turn: Turn, value: Value, place: str) -> bool:
    """Whether a value holds as a condition: above zero."""
    return (value if isinstance(value, int) else number(turn, value, place)) > 0


def wrapped(value: int) -> int:
    """A number as 32 bits have it."""
    return value if -0x80000000 <= value <= 0x7FFFFFFF else ((value + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def plus(turn: Turn, left: Value, right: Value, place: str) -> Value:
    """By the left side: a text is joined to, to a number is added. $null on the left goes by the right side."""
    if isinstance(left, int):
        return wrapped(left + number(turn, right, place))
    if left is None and isinstance(right, int):
        return right
    return text(left) + text(right)


def divided(left: int, right: int) -> int:
    """Cut towards zero. Raises NoResult."""
    if not right:
        raise NoResult("division by zero")
    found = abs(left) // abs(right)
    return wrapped(found if (left < 0) == (right < 0) else -found)


def remainder(left: int, right: int) -> int:
    """With the sign of the left side. Raises NoResult."""
    if not right:
        raise NoResult("division by zero")
    return abs(left) % abs(right) * (-1 if left < 0 else 1)


def shifted_left(left: int, right: int) -> int:
    """As 32 bits do it."""
    return wrapped(left << (right & 31))


def shifted_right(left: int, right: int) -> int:
    """As 32 bits do it."""
    return left >> (right & 31)


def equal(turn: Turn, left: Value, right: Value, place: str) -> bool:
    """By the left side: a number converts a text on the right, a text compares as one.

    $null equals $null, and on the left also "" and 0; what has a value never equals $null.
    """
    if left is None:
        return right is None or right in ("", 0)
    if right is None:
        return False
    if isinstance(left, int):
        return left == (right if isinstance(right, int) else number(turn, right, place))
    return str(left) == str(right)


def matches(turn: Turn, value: Value, expression: Value, place: str) -> bool:
    """`=~` with an expression that is known only now; one that is none matches nothing."""
    try:
        return searcher(text(expression))(text(value))
    except re.error as error:
        complain(turn, place, f"{text(expression)[:60]!r} is no regular expression ({error})")
        return False


def returned(code: int) -> int:
    """What a block returns: 0 ends the script."""
    if not code:
        raise Exit
    return code


def length(value: Value) -> int:
    """`strlen`, in bytes."""
    return len(text(value).encode("utf-8", "surrogateescape"))


def assigned(set_value: Callable[..., None], place: str, value: Value, turn: Turn, *named: str) -> Value:
    """Set a variable; what it can't be set to is told in the log, and the script goes on. Returns the value."""
    try:
        set_value(turn, *named, value)
    except (LabError, BadMessage) as error:
        complain(turn, place, str(error))
    return value


def selected_text(turn: Turn, path: str) -> Value:
    """`@cfg_get.mine.word`: a text, whatever it is."""
    value = selected(turn, path)
    return None if value is None else str(value)


def has_route(turn: Turn, name: str, place: str) -> bool:
    """Whether there is a route of a name that was computed."""
    if name in turn.proxy.routes.routes:
        return True
    complain(turn, place, f"no route[{name[:60]}], the script goes on")
    return False


def is_runaway(turn: Turn, rounds: int, place: str) -> bool:
    """Whether a `while` is to end, because it has had its rounds."""
    most = turn.proxy.settings.max_while_loops
    if rounds <= most:
        return False
    complain(turn, place, f"a while of more than {most} rounds was ended (max_while_loops)")
    return True
