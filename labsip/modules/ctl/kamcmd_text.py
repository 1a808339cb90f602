"""What kamcmd makes of a line that somebody types, and of an answer: its arguments and its text."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from labsip.modules.ctl.binrpc import NULL
from labsip.proxy.rpc import Named, RpcFault, Value
from labsip.sip.errors import LabError

WHOLE = re.compile(r"[-+]?[0-9]+")
FRACTION = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?")


def arguments_of(line: str) -> list[Value]:
    """The name of the command, and its arguments: `106` is a number, `s:106` a text. Raises LabError."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise LabError(f"{line!r} is no command: {error}; write it as in ul.lookup location s:106") from None
    if not words:
        raise LabError("which command? system.listMethods lists them")
    return [words[0], *map(argument, words[1:])]


def argument(word: str) -> Value:
    """One argument, as kamcmd sends it."""
    if word.startswith("s:"):
        return word[2:]
    if WHOLE.fullmatch(word):
        return int(word)
    return float(word) if FRACTION.fullmatch(word) else word


def text_of(values: Sequence[Value]) -> str:
    """What kamcmd prints of an answer."""
    return "\n".join(line for value in values for line in _lines("", value, ""))


def text_of_fault(fault: RpcFault) -> str:
    """What it prints where there is none."""
    return f"error: {fault.code} - {fault.reason}"


def _lines(name: str, value: Value | Named, tabs: str) -> Iterator[str]:
    if isinstance(value, Named):
        name, value = value
    label = f"{tabs}{name}: " if name else tabs
    match value:
        case None:
            yield label + NULL
        case str():
            yield label + value
        case float():
            yield label + (str(int(value)) if value.is_integer() else f"{value:f}")
        case int():
            yield label + str((value + 2**31) % 2**32 - 2**31)
        case Mapping():
            yield label + "{"
            for field, one in value.items():
                yield from _lines(field, one, tabs + "\t")
            yield tabs + "}"
        case _:
            yield label + "{"
            for element in value:
                yield from _lines("", element, tabs + "\t")
            yield tabs + "}"
