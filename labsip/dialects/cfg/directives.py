"""The preprocessor's own state: what is defined, which part is skipped, what is replaced in texts.

`scanner` finds the directives and asks here what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from labsip.dialects.cfg.faults import Fault
from labsip.dialects.cfg.nodes import Spot
from labsip.proxy.replacement import Substitution, around_variables, cut, read_substitution
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
MOST_SEARCHED = 5_000_000


@dataclass
class Condition:
    """An `#!ifdef` that is open."""

    spot: Spot
    written: str
    """`#!ifdef NAME`."""


@dataclass
class Defines:
    """What is defined, and replaced in texts, so far."""

    values: dict[str, str] = field(default_factory=dict)
    """For code, with the quotes of a text."""
    replacements: list[Substitution] = field(default_factory=list)
    searched: int = 0
    """Characters of texts that were searched for what is replaced."""

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
        """Do `#!subst`, `#!substdef` or `#!substdefs`, of which this is the text; those before it count there too."""
        try:
            text = self.replaced(text)
            old, new, _ = cut(text)
            self.replacements.append(read_substitution(_without_variables(text)))
        except LabError as error:
            return Fault(spot, f"#!{word}: {error}")
        if word == "subst":
            return None
        return self.define("define", old, f'"{new}"' if word == "substdefs" else new, spot)

    def replaced(self, text: str) -> str:
        """A text constant with all replacements done. Raises LabError if there are too many for so much text."""
        for replacement in self.replacements:
            self.searched += len(text)
            if self.searched > MOST_SEARCHED:
                raise LabError("too much text for so many #!subst")
            done = replacement.apply(text)
            text = text if done is None else done
        return text


def _without_variables(text: str) -> str:
    """Raises LabError where TEXT has a variable: there is no message to fill it in from."""
    begin, rest = around_variables(text)
    if (found := re.search(r"(?<!\$)(?:\$\$)*\$\(?[A-Za-z]\w*", rest, re.ASCII)) is not None:
        raise LabError(f"{found[0]} can't be filled in here: no message is there yet; \\$ is the sign itself")
    return begin + rest.replace("$$", "$")
