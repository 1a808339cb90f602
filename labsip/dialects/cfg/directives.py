"""The preprocessor's own state: what is defined, which part is skipped, what is replaced in texts.

`scanner` finds the directives and asks here what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from labsip.dialects.cfg.faults import Fault
from labsip.dialects.cfg.nodes import Spot
from labsip.proxy.posix import translated
from labsip.sip.errors import LabError

DEFINE = re.compile(r"[ \t][ \t\r\n]*([A-Za-z0-9_]+)(-)?")
"""Behind `#!define`: the name, which may stand in a later line, and a sign that may not stand in one."""
REST = re.compile(r"(?:[^\\\n]|\\\r?\n|\\)*")
"""Of the line; a `\\` at its end continues it."""
CONDITION = re.compile(r"[ \t][ \t\r\n]*([A-Za-z0-9_]+)(-)?[^\n]*")
ALONE = re.compile(r"[ \t\b]*\r?(?=\n|\Z)")
"""Behind `#!else` and `#!endif`; with anything else behind them they are comments."""
TURN = re.compile(r"(?:#!|!!)(?:(ifn?def)(?![A-Za-z0-9_])|(else|endif)([ \t\b]*\r?(?=\n|\Z))?)")
"""What is looked for in a part that is skipped, wherever it stands."""


@dataclass
class Condition:
    """An `#!ifdef` that is open."""

    spot: Spot
    written: str
    """`#!ifdef NAME`."""


@dataclass
class Replacement:
    """A `#!subst`."""

    pattern: re.Pattern[str]
    text: str
    everywhere: bool

    def apply(self, value: str) -> str:
        """A text with it done; one that is too long for so many repeats stays as it is."""
        repeats = len(_REPEAT.findall(self.pattern.pattern))
        if len(value) > _LONGEST[min(repeats, len(_LONGEST) - 1)]:
            return value
        return self.pattern.sub(self._filled, value, count=0 if self.everywhere else 1)

    def _filled(self, match: re.Match[str]) -> str:
        def group(digit: re.Match[str]) -> str:
            number = int(digit[1])
            return (match[number] or "") if number <= (match.re.groups or 0) else ""

        return re.sub(r"\\([0-9])", group, self.text)


@dataclass
class Defines:
    """What is defined, and replaced in texts, so far."""

    values: dict[str, str] = field(default_factory=dict)
    """For code, with the quotes of a text."""
    replacements: list[Replacement] = field(default_factory=list)

    @classmethod
    def given(cls, values: Mapping[str, str | None]) -> Defines:
        """Those of `-A NAME` (None) and `-A NAME=value`."""
        return cls({name: value or "" for name, value in values.items()})

    def define(self, word: str, name: str, value: str, spot: Spot) -> Fault | None:
        """Do `#!define`, `#!trydef` or `#!redefine`."""
        if name in self.values:
            if word in ("define", "def"):
                hint = (
                    f"write #!redefine {name} to change it, or #!trydef {name} to keep what -A or another file gave it"
                )
                return Fault(spot, f"{name} is defined already", hint)
            if word in ("trydefine", "trydef"):
                return None
        self.values[name] = value
        return None

    def replace(self, word: str, text: str, spot: Spot) -> Fault | None:
        """Do `#!subst`, `#!substdef` or `#!substdefs`, of which this is the text."""
        parts = _parts(text)
        if parts is None:
            return Fault(spot, f'#!{word} "{text}" is no replacement', 'write it as in #!subst "/old/new/g"')
        old, new, flags = parts
        if unknown := set(flags) - set("gi"):
            return Fault(spot, f"#!{word} knows no flag {min(unknown)}", "g replaces all in a text, i ignores case")
        try:
            pattern = compiled(old, ignore_case="i" in flags)
        except LabError as error:
            return Fault(spot, str(error))
        if word != "subst":
            fault = self.define("define", old, f'"{new}"' if word == "substdefs" else new, spot)
            if fault is not None:
                return fault
        self.replacements.append(Replacement(pattern, new, "g" in flags))
        return None

    def replaced(self, text: str) -> str:
        """A text constant with all replacements done."""
        for replacement in self.replacements:
            text = replacement.apply(text)
        return text


def _parts(text: str) -> tuple[str, str, str] | None:
    """The three parts of `/old/new/flags`, whatever sign is between them; behind a `\\`, that sign is part of one."""
    if len(text) < 2 or text[0].isalnum():
        return None
    sign = text[0]
    parts, start, at = [], 1, 1
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == sign:
            parts.append(text[start:at].replace("\\" + sign, sign))
            start = at + 1
        at += 1
    if len(parts) != 2 or not parts[0]:
        return None
    return parts[0], parts[1], text[start:].strip()


_NESTED = re.compile(r"\([^()]*(?:[*+|]|\{[0-9]+,[0-9]*\})[^()]*\)(?:[*+]|\{[0-9]+,)")
"""A repeat of a repeat or of a choice, as in `(a+)+`: with it, a text can take longer than anybody waits."""
_REPEAT = re.compile(r"(?<!\\)[*+]|\{[0-9]+,\}")
_LONGEST = (10**9, 100_000, 4_000, 400)
"""Characters of a text that so many repeats may look at; the work grows with a power of it."""


def compiled(pattern: str, *, ignore_case: bool = True) -> re.Pattern[str]:
    """A POSIX extended regular expression. Raises LabError for what is none, and for a repeat of a repeat."""
    if _NESTED.search(pattern):
        raise LabError(f"{pattern!r} repeats a repeat, and might never end; write it without")
    try:
        return re.compile(translated(pattern), re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError) as error:
        raise LabError(f"{pattern!r} is no regular expression ({error})") from None
