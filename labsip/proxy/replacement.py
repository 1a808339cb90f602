r"""Substitutions as Kamailio reads them everywhere, `/RE/TEXT/flags`: in `subst()`, `{re.subst,…}` and `#!subst`.

Any sign but `\` may stand for the `/`; behind a `\` it is part of RE or TEXT. In TEXT `\0` is the match, `\1` to `\9`
are its groups, and `\n`, `\r`, `\t` are ends of lines and a tab; any other sign behind a `\` stands for itself. Flags:
`g` all of them, `i` in either case, `s` lines do not count: without it `^` and `$` are at each line's ends, where `.`
stops. If a match is empty, nothing is replaced at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from labsip.proxy.automaton import Automaton, Match
from labsip.proxy.posix import automaton, octets
from labsip.sip.errors import LabError
from labsip.sip.memo import remembered

LONGEST = 1_000_000
"""Characters that may come out; beyond that nothing is replaced."""
SIGNS = {"n": "\n", "r": "\r", "t": "\t"}
NULL = "<null>"
"""A variable without value, as texts show it."""


class Edit(NamedTuple):
    """What comes in the place of a text from `start` to `end`."""

    start: int
    end: int
    text: str


class Substitution(NamedTuple):
    """`/RE/TEXT/flags`, read."""

    expression: Automaton
    parts: tuple[str | int, ...]
    """Of TEXT: texts, and numbers of groups."""
    every: bool

    def changes(self, text: str) -> list[Edit] | None:
        """In a text with a character for each byte; None where a match is empty, or too much would come out."""
        found, size = list[Edit](), 0
        for match in self.expression.matches(text):
            if match.start == match.end:
                return None
            found.append(Edit(match.start, match.end, self._written(match)))
            size += len(found[-1].text)
            if size > LONGEST:
                return None
            if not self.every:
                break
        return found

    def _written(self, match: Match) -> str:
        groups = match.groups
        parts = (part if isinstance(part, str) else groups[part] for part in self.parts if part_is_there(part, groups))
        return "".join(part or "" for part in parts)

    def apply(self, text: str) -> str | None:
        """Any text with it done; as it was where nothing matches, None where `changes` has none."""
        raw = octets(text)
        changes = self.changes(raw)
        if not changes:
            return None if changes is None else text
        done, at = list[str](), 0
        for start, end, new in changes:
            done += raw[at:start], new
            at = end
        new = "".join([*done, raw[at:]])
        return new if new.isascii() else new.encode("latin-1").decode("utf-8", "surrogateescape")


def part_is_there(part: str | int, groups: Sequence[str | None]) -> bool:
    return isinstance(part, str) or part < len(groups)


@remembered(256)
def read_substitution(text: str) -> Substitution:
    """Raises LabError for what is none."""
    expression, replacement, flags = cut(text)
    if unknown := set(flags) - set("gis"):
        raise LabError(f"{text!r}: there is no flag {min(unknown)!r}; g replaces all, i ignores case, s ignores lines")
    try:
        compiled = automaton(expression, ignore_case="i" in flags, lines="s" not in flags)
    except re.error as error:
        raise LabError(f"{expression!r} is no regular expression: {error}") from None
    return Substitution(compiled, tuple(_parts(octets(replacement), text[0])), "g" in flags)


def cut(text: str) -> tuple[str, str, str]:
    """RE, TEXT and flags, as they are written. Raises LabError."""
    middle = _behind_expression(text)
    end = middle
    while 0 < end < len(text) and text[end] != text[0]:
        end += 2 if text[end] == "\\" else 1
    if not 0 < middle <= end < len(text):
        raise LabError(f"{text!r} is no substitution; write it as in /old/new/g")
    return text[1 : middle - 1], text[middle:end], text[end + 1 :]


def _behind_expression(text: str) -> int:
    """Where TEXT begins, 0 if it does not."""
    sign = text[:1]
    at = 1 if sign not in ("", "\\") else len(text)
    while at < len(text) and (text[at] != sign or text[at - 1] == "\\"):
        at += 1
    return at + 1 if at < len(text) else 0


def _parts(text: str, sign: str) -> list[str | int]:
    found: list[str | int] = [""]
    for escape, character in re.findall(r"(\\?)(.)", text, re.DOTALL):
        if escape and character.isdigit() and character != sign:
            found += int(character), ""
        else:
            found[-1] = f"{found[-1]}{SIGNS.get(character, character) if escape else character}"
    return [part for part in found if part != ""]


def around_variables(text: str) -> tuple[str, str]:
    r"""A substitution up to its TEXT, where a `$` ends a line, and from there on, where it begins a variable; `\$` is
    `$$` there."""
    middle = _behind_expression(text)
    return text[:middle], text[middle:].replace("\\$", "$$")


def joined(pieces: Sequence[str]) -> str:
    """A substitution from pieces of it: every second one is a variable's value, of which every sign is itself."""
    return "".join(_escaped(piece) if number % 2 else piece for number, piece in enumerate(pieces))


def _escaped(value: str) -> str:
    return "" if value == NULL else re.sub(r"([^A-Za-z0-9])", r"\\\1", value)
