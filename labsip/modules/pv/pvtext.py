"""How variables are written: `$ru`, `$hdr(From)`, `$(avp(x)[1]{s.substr,0,$var(n)})`, alone and within a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from labsip.proxy.replacement import around_variables

NAME = re.compile(r"\$(\w+)", re.ASCII)
LONG = re.compile(r"\$\((\w+)", re.ASCII)
INDEX = re.compile(r"\[(-?\d+|\*)\]", re.ASCII)
PAIR = {"(": ")", "{": "}"}
WHOLE = ("re.subst",)
"""Transformations whose one parameter is a substitution, commas and all, in pieces as from `alternating`."""


class Written(NamedTuple):
    """A variable as it is written."""

    name: str
    """With its $: `$hdr`."""
    inner: str | None = None
    """What stands in its brackets, None without brackets."""
    at: str = ""
    """Its index: `1`, `-1` or `*`."""
    transformations: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Each with its parameters."""


def spelled(text: str) -> Written | None:
    """The variable that a text is; None if it is no variable, or more than one."""
    found = variable_at(text, 0)
    return found[0] if found is not None and found[1] == len(text) else None


def pieces(text: str) -> Iterator[str]:
    """A text, cut before and behind each variable and each `$$`."""
    at = begun = 0
    while (at := text.find("$", at)) >= 0:
        found = variable_at(text, at)
        end = found[1] if found is not None else at + 2 if text.startswith("$$", at) else 0
        if end:
            if begun < at:
                yield text[begun:at]
            yield text[at:end]
            at = begun = end
        else:
            at += 1
    if begun < len(text):
        yield text[begun:]


def alternating(substitution: str) -> tuple[str, ...]:
    """A substitution in pieces; every second one is a variable in what comes in the place of a match."""
    begin, rest = around_variables(substitution)
    found = [begin]
    for piece in pieces(rest):
        if piece == "$$" or spelled(piece):
            found += piece, ""
        else:
            found[-1] += piece
    return tuple(found)


def variable_at(text: str, at: int) -> tuple[Written, int] | None:
    """The variable that begins there, and where it ends; None if there is none."""
    if text.startswith("$(", at):
        return _long(text, at)
    match = NAME.match(text, at)
    if match is None:
        return None
    end = match.end()
    inner = None
    if text.startswith("(", end) and (close := _closed(text, end)):
        inner, end = text[end + 1 : close - 1], close
    return Written(match[0], inner), end


def _long(text: str, start: int) -> tuple[Written, int] | None:
    match, last = LONG.match(text, start), _closed(text, start + 1) - 1
    if match is None or last < 0:
        return None
    at, inner, index = match.end(), None, ""
    if text.startswith("(", at):
        close = _closed(text, at)
        inner, at = text[at + 1 : close - 1], close
    if (found := INDEX.match(text, at)) is not None:
        index, at = found[1], found.end()
    changes = []
    while text.startswith("{", at) and (close := _closed(text, at)):
        name, comma, rest = text[at + 1 : close - 1].partition(",")
        changes.append((name, () if not comma else alternating(rest) if name in WHOLE else _parameters(rest)))
        at = close
    return (Written(f"${match[1]}", inner, index, tuple(changes)), last + 1) if at == last else None


def _closed(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`, 0 if it is not closed."""
    opens, closes, depth = text[start], PAIR[text[start]], 0
    for at in range(start, len(text)):
        depth += (text[at] == opens) - (text[at] == closes)
        if not depth:
            return at + 1
    return 0


def _parameters(text: str) -> tuple[str, ...]:
    """At the commas, which may be parameters themselves: `1,,` is `1` and `,`."""
    found, at = [], 0
    while at <= len(text):
        end, depth = at + text.startswith(",", at), 0
        while end < len(text) and (depth or text[end] != ","):
            depth += (text[end] in "({") - (text[end] in ")}")
            end += 1
        found.append(text[at:end])
        at = end + 1
    return tuple(found)
