"""Bytes to tokens: one pass over a file and those it includes, with the directives done on the way.

As in Kamailio, directives are found wherever they are no part of a text or a comment, and a define is text that is read
in place of its name. Each token knows its own file; one that came out of a define has the place of its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from labsip.dialects.cfg import tokens
from labsip.dialects.cfg.directives import ALONE, CONDITION, DEFINE, REST, TURN, Condition, Defines
from labsip.dialects.cfg.faults import MOST_FAULTS, Fault
from labsip.dialects.cfg.nodes import Spot
from labsip.dialects.cfg.operators import KEYWORDS
from labsip.dialects.cfg.tokens import END, NEXT, Token

Read = Callable[[str], bytes]
"""The bytes of a file by its path; raises OSError where there is none."""

MOST_BYTES = 4 * 1024 * 1024
"""Of all files together. Kamailio, with its 8 MB for the configuration, takes some 3000 statements."""
MOST_TOKENS = 250_000
MOST_EXPANSIONS = 50_000
DEEPEST_INCLUDE = 10
"""As in Kamailio."""
QUOTED = {'"': re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL), "'": re.compile(r"[^']*")}
PVAR_NAME = re.compile(r"\$[A-Za-z0-9_]*")
BRACKET = re.compile(r"[()]|\n")
FILE = re.compile(r'[ \t]*"([^"\n]+)"')


class TooMuch(Exception):
    """Reading goes no further; its fault is told."""


@dataclass
class Frame:
    """A text that is read: a file, or what a name is defined as."""

    text: str
    file: str
    at: int = 0
    line: int = 1
    line_start: int = 0
    fixed: Spot | None = None
    """Of a define: where its name stands."""
    name: str = ""

    def spot(self, start: int, end: int) -> Spot:
        """Where a part of it stands that begins in its current line."""
        if self.fixed is not None:
            return self.fixed
        stop = self.text.find("\n", start, end)
        return Spot(
            self.file, self.line, start - self.line_start + 1, (stop if stop >= 0 else end) - self.line_start + 1
        )

    def move(self, to: int) -> int:
        """Go on behind that character, and say how many lines that was."""
        count = self.text.count("\n", self.at, to)
        if count:
            self.line += count
            self.line_start = self.text.rindex("\n", self.at, to) + 1
        self.at = to
        return count


class Scanner:
    """One reading of a configuration."""

    def __init__(self, read: Read, defines: Mapping[str, str | None]) -> None:
        self._read = read
        self.defines = Defines.given(defines)
        self.tokens: list[Token] = []
        self.faults: list[Fault] = []
        self.texts: dict[str, tuple[str, ...]] = {}
        self._frames: list[Frame] = []
        self._conditions: list[Condition] = []
        self._bytes = self._expansions = 0
        self._not_alone: Spot | None = None
        self._open_text = -1
        """The number of the token that goes on with the text before it, if it is one in double quotes."""

    def scan(self, file: str, raw: bytes | None = None) -> list[Token]:
        """All tokens, the last one END. Raises OSError if the file itself can't be read; other faults are kept."""
        raw = self._read(file) if raw is None else raw
        last = Spot(file, 1, 1, 1)
        try:
            self._open(file, raw, last)
            while self._frames:
                self._step(self._frames[-1])
        except TooMuch:
            self._conditions.clear()
        for condition in self._conditions:
            hint = "write #!endif alone on its line, at the end of what belongs to it"
            if self._not_alone is not None:
                hint = f"the one in line {self._not_alone.line} has something behind it, which makes it a comment"
            self._fault(condition.spot, f"{condition.written} has no #!endif", hint)
        lines = self.texts.get(file, ("",))
        last = self.tokens[-1].spot if self.tokens else Spot(file, max(len(lines), 1), 1, 1)
        self.tokens.append(Token(END, "", last, len(lines) - (lines[-1] == "")))
        return self.tokens

    def _fault(self, spot: Spot, message: str, hint: str = "") -> None:
        self.faults.append(Fault(spot, message, hint))
        if len(self.faults) >= MOST_FAULTS:
            raise TooMuch

    def _stop(self, spot: Spot, message: str, hint: str = "") -> TooMuch:
        self.faults.append(Fault(spot, message, hint))
        return TooMuch()

    # ---- files

    def _open(self, file: str, raw: bytes, spot: Spot) -> None:
        self._bytes += len(raw)
        text = raw.decode("utf-8", "surrogateescape")
        self.texts[file] = tuple(text.split("\n"))
        if self._bytes > MOST_BYTES:
            size = MOST_BYTES // 1024 // 1024
            raise self._stop(spot, f"more than {size} MiB of configuration", "Kamailio has no room for that either")
        self._frames.append(Frame(text, file))

    def _include(self, frame: Frame, match: re.Match[str]) -> None:
        optional = "import" in match[0]
        named = FILE.match(frame.text, match.end())
        spot = frame.spot(match.start(), named.end() if named else match.end())
        frame.move(named.end() if named else match.end())
        if named is None:
            self._fault(spot, f"{match[0]} has no file", f'write it between double quotes: {match[0]} "more.cfg"')
            return
        path = str(PurePath(frame.file).parent / named[1])
        files = [one.file for one in self._frames if one.fixed is None]
        if path in files:
            self._fault(spot, f"{path} includes itself", "each file is read once on the way to another")
        elif len(files) > DEEPEST_INCLUDE:
            self._fault(spot, f"files include each other more than {DEEPEST_INCLUDE} deep")
        else:
            try:
                raw = self._read(path)
            except (OSError, ValueError) as error:
                if not optional:
                    why = getattr(error, "strerror", None) or str(error)
                    hint = "import_file goes on without a file that is not there"
                    self._fault(spot, f"{path} can't be included: {why}", hint)
                return
            self._open(path, raw, spot)

    # ---- one token

    def _step(self, frame: Frame) -> None:
        match = NEXT.match(frame.text, frame.at)
        if match is None:
            self._frames.pop()
            return
        kind = match.lastgroup
        if kind not in ("space", "text"):
            self._open_text = -1
        if kind in ("space", "comment"):
            self._skip(frame, match)
        elif kind == "directive":
            self._directive(frame, match)
        elif kind == "include":
            self._include(frame, match)
        elif kind == "block":
            self._comment(frame, match)
        elif kind == "text":
            self._text(frame, match)
        elif kind == "pvar":
            self._pvar(frame, match)
        elif kind == "name" and match[0] in self.defines.values and match[0] not in KEYWORDS:
            self._expand(frame, match)
        else:
            if kind == "number" and not tokens.IS_NUMBER.fullmatch(match[0]):
                kind = tokens.WORD
            self._add(Token(str(kind), match[0], frame.spot(match.start(), match.end())))
            frame.at = match.end()

    def _add(self, token: Token) -> None:
        self.tokens.append(token)
        if len(self.tokens) > MOST_TOKENS:
            raise self._stop(token.spot, f"more than {MOST_TOKENS} words", "Kamailio has no room for that either")

    def _skip(self, frame: Frame, match: re.Match[str]) -> None:
        frame.move(match.end())
        if (
            match.lastgroup == "comment" and frame.fixed is not None
        ):  # it goes on behind the name, to the end of the line
            while self._frames[-1].fixed is not None:
                self._frames.pop()
            outer = self._frames[-1]
            end = outer.text.find("\n", outer.at)
            outer.move(len(outer.text) if end < 0 else end)

    def _comment(self, frame: Frame, match: re.Match[str]) -> None:
        end = frame.text.find("*/", match.end())
        if end < 0:
            self._fault(frame.spot(match.start(), match.end()), "this comment has no end", "write */ where it ends")
            frame.at = len(frame.text)
            return
        frame.move(end + 2)

    def _expand(self, frame: Frame, match: re.Match[str]) -> None:
        name, spot = match[0], frame.spot(match.start(), match.end())
        frame.at = match.end()
        self._expansions += 1
        if any(one.name == name for one in self._frames):
            self._fault(spot, f"{name} is defined as something with {name} in it, which never ends")
        elif self._expansions > MOST_EXPANSIONS or len(self._frames) > 60:
            raise self._stop(spot, "defines within defines without end", f"have a look at what {name} is defined as")
        else:
            self._frames.append(Frame(self.defines.values[name], frame.file, fixed=spot, name=name))

    def _text(self, frame: Frame, match: re.Match[str]) -> None:
        quote = match[0]
        inside = QUOTED[quote].match(frame.text, match.end())
        end = inside.end() if inside else match.end()
        if not frame.text.startswith(quote, end):
            hint = "write it where the text ends"
            self._fault(frame.spot(match.start(), match.end()), f"this {quote} has no {quote} that belongs to it", hint)
            line_end = frame.text.find("\n", match.end())
            end = len(frame.text) if line_end < 0 else line_end
            self._add(Token(tokens.TEXT, "", frame.spot(match.start(), match.end())))
            frame.move(end)
            return
        written = frame.text[match.end() : end]
        value = self.defines.replaced(tokens.unescaped(written) if quote == '"' else written.partition("\0")[0])
        joined = quote == '"' and self._open_text == len(self.tokens)
        plain = frame.fixed is None and not self.defines.replacements
        spot = frame.spot(match.start(), end + 1)
        lines = frame.move(end + 1)
        self._add(Token(tokens.TEXT, value, spot, lines, written if plain else None, joined))
        self._open_text = len(self.tokens) if quote == '"' else -1

    def _pvar(self, frame: Frame, match: re.Match[str]) -> None:
        name = PVAR_NAME.match(frame.text, match.start())
        end = name.end() if name else match.end()
        start = match.start()
        if frame.text.startswith("(", end):
            end = self._closed(frame, end)
        if end < 0:
            stop = frame.text.find("\n", start)
            end = len(frame.text) if stop < 0 else stop
            spot = frame.spot(start, start + 1)
            self._fault(spot, f"the brackets of {frame.text[start:end].strip()[:40]} are not closed", "write a )")
        self._add(Token(tokens.PVAR, frame.text[start:end], frame.spot(start, end)))
        frame.move(end)

    def _closed(self, frame: Frame, start: int) -> int:
        """Behind the bracket that closes this one, -1 if none does in the line."""
        depth = 0
        for bracket in BRACKET.finditer(frame.text, start):
            if bracket[0] == "\n":
                return -1
            depth += 1 if bracket[0] == "(" else -1
            if not depth:
                return bracket.end()
        return -1

    # ---- directives

    def _directive(self, frame: Frame, match: re.Match[str]) -> None:
        word = match[0][2:]
        if word in ("ifdef", "ifndef"):
            self._condition(frame, match, word)
        elif word in ("else", "endif"):
            self._turn(frame, match, word)
        elif word.startswith("subst"):
            self._substitute(frame, match, word)
        else:
            self._define(frame, match, word)

    def _define(self, frame: Frame, match: re.Match[str], word: str) -> None:
        named = DEFINE.match(frame.text, match.end())
        start = named.end() if named else match.end()
        rest = REST.match(frame.text, start)
        end = rest.end() if rest else start
        spot = frame.spot(match.start(), end)
        value = re.sub(r"\\\r?\n", "", frame.text[start:end]).strip(" \t\r")
        frame.move(end)
        if named is None:
            return  # Kamailio takes it for a comment
        if named[2]:
            self._fault(spot, f"a name has no - in it: {match[0]} {named[1]}-", f"write {named[1]}_")
        elif fault := self.defines.define(word, named[1], value, spot):
            self._fault(*fault_parts(fault))

    def _substitute(self, frame: Frame, match: re.Match[str], word: str) -> None:
        quoted = re.compile(r"""[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)')""").match(frame.text, match.end())
        spot = frame.spot(match.start(), quoted.end() if quoted else match.end())
        frame.move(quoted.end() if quoted else match.end())
        if quoted is None:
            self._fault(spot, f"{match[0]} has no text behind it", f'write it as in {match[0]} "/old/new/g"')
        elif fault := self.defines.replace(word, quoted[1] if quoted[1] is not None else quoted[2], spot):
            self._fault(*fault_parts(fault))

    def _condition(self, frame: Frame, match: re.Match[str], word: str) -> None:
        named = CONDITION.match(frame.text, match.end())
        end = named.end() if named else match.end()
        spot = frame.spot(match.start(), end)
        if named is None or named[2]:
            self._fault(spot, f"{match[0]} needs a name", f"write it as in {match[0]} WITH_AUTH; a name has no - in it")
        known = named is not None and named[1] in self.defines.values
        self._conditions.append(Condition(spot, f"{match[0]} {named[1] if named else ''}".strip()))
        frame.move(end)
        if known != (word == "ifdef"):
            self._pass_over(frame)

    def _turn(self, frame: Frame, match: re.Match[str], word: str) -> None:
        """`#!else` or `#!endif` where code is read."""
        alone, spot = ALONE.match(frame.text, match.end()), frame.spot(match.start(), match.end())
        if alone is None:
            self._not_alone = self._not_alone or spot
            stop = frame.text.find("\n", match.end())
            frame.at = len(frame.text) if stop < 0 else stop
            return
        frame.move(alone.end())
        if not self._conditions:
            self._fault(spot, f"this #!{word} has no #!ifdef", "take it away, or write the #!ifdef")
        elif word == "endif":
            self._conditions.pop()
        else:
            self._pass_over(frame)

    def _pass_over(self, frame: Frame) -> None:
        """Go to the `#!else` or `#!endif` that ends a part which is not read."""
        depth = 0
        for match in TURN.finditer(frame.text, frame.at):
            if match[1]:
                depth += 1
            elif match[3] is None:
                frame.move(match.start())
                self._not_alone = self._not_alone or frame.spot(match.start(), match.end())
            elif match[2] == "endif" and depth:
                depth -= 1
            elif not depth:
                frame.move(match.end())
                if match[2] == "endif":
                    self._conditions.pop()
                return
        frame.move(len(frame.text))


def fault_parts(fault: Fault) -> tuple[Spot, str, str]:
    """What a fault says."""
    return fault.spot, fault.message, fault.hint
