"""The preprocessor: files and those they include, conditions, defines, replacements.

It reads nothing itself: `scanner` finds a directive, an include or a name that is defined, and hands it the match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePath

from labsip.dialects.cfg.directives import ALONE, CONDITION, DEFINE, REST, TURN, Condition, Defines
from labsip.dialects.cfg.excerpt import Excerpt
from labsip.dialects.cfg.faults import MOST_FAULTS, Fault
from labsip.dialects.cfg.nodes import Spot
from labsip.dialects.cfg.tokens import unescaped

Read = Callable[[str], bytes]
"""The bytes of a file by its path; raises OSError where there is none."""
MOST_BYTES = 4 * 1024 * 1024
"""Of all files together. Kamailio, with its 8 MB for the configuration, takes some 3000 statements."""
MOST_EXPANSIONS = 50_000
DEEPEST_DEFINE = 60
DEEPEST_INCLUDE = 10
"""As in Kamailio."""
FILE = re.compile(r'[ \t]*"([^"\n]+)"')
QUOTED = re.compile(r"""[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)')""")


class TooMuch(Exception):
    """Reading goes no further; its fault is told."""


class Preprocessor:
    """What is read at the moment, the innermost last, and what is defined."""

    def __init__(self, read: Read, defines: Mapping[str, str | None]) -> None:
        self._read = read
        self.defines = Defines.given(defines)
        self.faults: list[Fault] = []
        self.texts: dict[str, tuple[str, ...]] = {}
        self.excerpts: list[Excerpt] = []
        self.whole = True
        """All that should be read was."""
        self._conditions: list[Condition] = []
        self._bytes = self._expansions = 0
        self._not_alone: Spot | None = None

    def fault(self, spot: Spot, message: str, hint: str = "") -> None:
        """Keep a fault. Raises TooMuch where there are too many."""
        self.faults.append(Fault(spot, message, hint))
        if len(self.faults) >= MOST_FAULTS:
            self.whole = False
            raise TooMuch

    def warn(self, spot: Spot, message: str, hint: str) -> None:
        """Keep a fault that Kamailio makes nothing of."""
        if len(self.faults) < MOST_FAULTS // 2:
            self.faults.append(Fault(spot, message, hint, severe=False))

    def stop(self, spot: Spot, message: str, hint: str = "") -> TooMuch:
        """Keep a fault beyond which nothing is read; what to raise then."""
        self.whole = False
        self.faults.append(Fault(spot, message, hint))
        return TooMuch()

    def end(self) -> None:
        """Tell of conditions that are still open."""
        for condition in self._conditions:
            hint = "write #!endif alone on its line, at the end of what belongs to it"
            if self._not_alone is not None:
                hint = f"the one in line {self._not_alone.line} has something behind it, which makes it a comment"
            self.faults.append(Fault(condition.spot, f"{condition.written} has no #!endif", hint))

    # ---- files

    def open(self, file: str, raw: bytes, spot: Spot) -> None:
        self._bytes += len(raw)
        text = raw.decode("utf-8", "surrogateescape")
        self.texts[file] = tuple(text.split("\n"))
        if self._bytes > MOST_BYTES:
            size = MOST_BYTES // 1024 // 1024
            raise self.stop(spot, f"more than {size} MiB of configuration", "Kamailio has no room for that either")
        self.excerpts.append(Excerpt(text, file))

    def include(self, excerpt: Excerpt, match: re.Match[str]) -> None:
        optional = "import" in match[0]
        named = FILE.match(excerpt.text, match.end())
        spot = excerpt.spot(match.start(), named.end() if named else match.end())
        excerpt.move(named.end() if named else match.end())
        if named is None:
            self.whole = False
            self.fault(spot, f"{match[0]} has no file", f'write it between double quotes: {match[0]} "more.cfg"')
            return
        path = str(PurePath(excerpt.file).parent / named[1])
        files = [one.file for one in self.excerpts if one.fixed is None]
        if path in files:
            self.fault(spot, f"{path} includes itself", "each file is read once on the way to another")
        elif len(files) > DEEPEST_INCLUDE:
            self.fault(spot, f"files include each other more than {DEEPEST_INCLUDE} deep")
        else:
            try:
                raw = self._read(path)
            except (OSError, ValueError) as error:
                if not optional:
                    self.whole = False
                    why = getattr(error, "strerror", None) or str(error)
                    hint = "import_file goes on without a file that is not there"
                    self.fault(spot, f"{path} can't be included: {why}", hint)
                return
            self.open(path, raw, spot)

    # ---- names that are defined

    def expand(self, excerpt: Excerpt, match: re.Match[str]) -> None:
        name, spot = match[0], excerpt.spot(match.start(), match.end())
        excerpt.at = match.end()
        self._expansions += 1
        if any(one.name == name for one in self.excerpts):
            self.fault(spot, f"{name} is defined as something with {name} in it, which never ends")
        elif self._expansions > MOST_EXPANSIONS or len(self.excerpts) > DEEPEST_DEFINE:
            raise self.stop(spot, "defines within defines without end", f"have a look at what {name} is defined as")
        else:
            self.excerpts.append(Excerpt(self.defines.values[name], excerpt.file, fixed=spot, name=name))

    # ---- directives

    def directive(self, excerpt: Excerpt, match: re.Match[str]) -> None:
        word = match[0][2:]
        if word in ("ifdef", "ifndef"):
            self._condition(excerpt, match, word)
        elif word in ("else", "endif"):
            self._turn(excerpt, match, word)
        elif word.startswith("subst"):
            self._substitute(excerpt, match, word)
        else:
            self._define(excerpt, match, word)

    def _define(self, excerpt: Excerpt, match: re.Match[str], word: str) -> None:
        named = DEFINE.match(excerpt.text, match.end())
        start = named.end() if named else match.end()
        rest = REST.match(excerpt.text, start)
        end = rest.end() if rest else start
        spot = excerpt.spot(match.start(), end)
        written = excerpt.text[start:end]
        value = re.sub(r"\\\r?\n", "", written).strip(" \t\r")
        excerpt.move(end)
        if named is None:
            return  # Kamailio takes it for a comment
        if "\\\r\n" in written:
            hint = "the line ends as on Windows; save the file with line ends of Unix"
            self.fault(spot, f"the \\ behind {match[0]} {named[1]} does not continue the line", hint)
        elif written.lstrip(" \t").startswith("\\\n"):
            hint = "the value begins before it, in the same line"
            self.fault(spot, f"the \\ behind {match[0]} {named[1]} does not continue the line", hint)
        if named[2]:
            self.fault(spot, f"a name has no - in it: {match[0]} {named[1]}-", f"write {named[1]}_")
        elif fault := self.defines.define(word, named[1], value, spot):
            self.fault(fault.spot, fault.message, fault.hint)

    def _substitute(self, excerpt: Excerpt, match: re.Match[str], word: str) -> None:
        quoted = QUOTED.match(excerpt.text, match.end())
        spot = excerpt.spot(match.start(), quoted.end() if quoted else match.end())
        excerpt.move(quoted.end() if quoted else match.end())
        if quoted is None:
            self.fault(spot, f"{match[0]} has no text behind it", f'write it as in {match[0]} "/old/new/g"')
        elif fault := self.defines.replace(word, quoted[2] if quoted[1] is None else unescaped(quoted[1]), spot):
            self.fault(fault.spot, fault.message, fault.hint)

    def _condition(self, excerpt: Excerpt, match: re.Match[str], word: str) -> None:
        named = CONDITION.match(excerpt.text, match.end())
        end = named.end() if named else match.end()
        spot = excerpt.spot(match.start(), end)
        if named is None or named[2]:
            self.fault(spot, f"{match[0]} needs a name", f"write it as in {match[0]} WITH_AUTH; a name has no - in it")
        known = named is not None and named[1] in self.defines.values
        self._conditions.append(Condition(spot, f"{match[0]} {named[1] if named else ''}".strip()))
        excerpt.move(end)
        if known != (word == "ifdef"):
            self._pass_over(excerpt)

    def _turn(self, excerpt: Excerpt, match: re.Match[str], word: str) -> None:
        """`#!else` or `#!endif` where code is read."""
        alone, spot = ALONE.match(excerpt.text, match.end()), excerpt.spot(match.start(), match.end())
        if alone is None:
            self._not_alone = self._not_alone or spot
            stop = excerpt.text.find("\n", match.end())
            excerpt.at = len(excerpt.text) if stop < 0 else stop
            return
        excerpt.move(alone.end())
        if not self._conditions:
            self.fault(spot, f"this #!{word} has no #!ifdef", "take it away, or write the #!ifdef")
        elif word == "endif":
            self._conditions.pop()
        else:
            self._pass_over(excerpt)

    def _pass_over(self, excerpt: Excerpt) -> None:
        """Go to the `#!else` or `#!endif` that ends a part which is not read."""
        depth = 0
        for match in TURN.finditer(excerpt.text, excerpt.at):
            if match[1]:
                depth += 1
            elif match[3] is None:
                excerpt.move(match.start())
                self._not_alone = self._not_alone or excerpt.spot(match.start(), match.end())
            elif match[2] == "endif" and depth:
                depth -= 1
            elif not depth:
                excerpt.move(match.end())
                if match[2] == "endif":
                    self._conditions.pop()
                return
        excerpt.move(len(excerpt.text))
