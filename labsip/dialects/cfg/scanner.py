"""Bytes to tokens: one pass over a file and those it includes, with the directives done on the way.

As in Kamailio, directives are found wherever they are no part of a text or a comment, and a define is text that is read
in place of its name. Each token knows its own file; one that came out of a define has the place of its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from labsip.dialects.cfg import tokens
from labsip.dialects.cfg.excerpt import Excerpt
from labsip.dialects.cfg.nodes import Spot
from labsip.dialects.cfg.operators import KEYWORDS
from labsip.dialects.cfg.preprocessor import Preprocessor, Read, TooMuch
from labsip.dialects.cfg.tokens import END, NEXT, Token
from labsip.sip.errors import LabError

MOST_TOKENS = 150_000
"""Kamailio, with its 8 MB for the configuration, has room for some 20,000."""
QUOTED = {'"': re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL), "'": re.compile(r"[^']*")}
CURLY = re.compile("[“”„‘’‚«»]")
"""Quotes of typography, which Kamailio passes over as it does spaces."""
SINGLE = "‘’‚"
CURLED = ("“ and ”", "‘ and ’")
PVAR_NAME = re.compile(r"\$[A-Za-z0-9_]*")
BRACKET = re.compile(r"[()]|\n")


class Scanner:
    """One reading of a configuration."""

    def __init__(self, read: Read, defines: Mapping[str, str | None]) -> None:
        self._read = read
        self.preprocessor = Preprocessor(read, defines)
        self.faults, self._fault = self.preprocessor.faults, self.preprocessor.fault
        self.tokens: list[Token] = []
        self._open_text = -1
        """The number of the token that goes on with the text before it, if it is one in double quotes."""
        self._kinds = {
            "space": self._skip,
            "comment": self._skip,
            "block": self._comment,
            "directive": self.preprocessor.directive,
            "include": self.preprocessor.include,
            "text": self._text,
            "pvar": self._pvar,
        }
        """What is done about a match that is no token as it stands."""

    def scan(self, file: str, raw: bytes | None = None) -> list[Token]:
        """All tokens, the last one END. Raises what `read` raises for the file itself; other faults are kept."""
        raw = self._read(file) if raw is None else raw
        excerpts = self.preprocessor.excerpts
        try:
            self.preprocessor.open(file, raw, Spot(file, 1, 1, 1))
            while excerpts:
                self._step(excerpts[-1])
            self.preprocessor.end()
        except TooMuch:
            pass
        lines = self.preprocessor.texts.get(file, ("",))
        last = self.tokens[-1].spot if self.tokens else Spot(file, max(len(lines), 1), 1, 1)
        self.tokens.append(Token(END, "", last, len(lines) - (lines[-1] == "")))
        return self.tokens

    def _step(self, excerpt: Excerpt) -> None:
        match = NEXT.match(excerpt.text, excerpt.at)
        if match is None:
            self.preprocessor.excerpts.pop()
            return
        kind = str(match.lastgroup)
        if kind not in ("space", "text"):
            self._open_text = -1
        if kind in self._kinds:
            self._kinds[kind](excerpt, match)
        elif kind == "name" and match[0] in self.preprocessor.defines.values and match[0] not in KEYWORDS:
            self.preprocessor.expand(excerpt, match)
        else:
            if kind == tokens.NUMBER and not tokens.IS_NUMBER.fullmatch(match[0]):
                kind = tokens.WORD
            self._add(Token(kind, match[0], excerpt.spot(match.start(), match.end())))
            excerpt.at = match.end()

    def _add(self, token: Token) -> None:
        self.tokens.append(token)
        if len(self.tokens) > MOST_TOKENS:
            raise self.preprocessor.stop(
                token.spot, f"more than {MOST_TOKENS} words", "Kamailio has no room for that either"
            )

    def _skip(self, excerpt: Excerpt, match: re.Match[str]) -> None:
        if match.lastgroup == "space" and (curly := CURLY.search(match[0])):
            at = match.start() + curly.start()
            self.preprocessor.warn(
                excerpt.spot(at, at + 1), f"{CURLED[curly[0] in SINGLE]} are no quotes here", 'write "'
            )
        excerpt.move(match.end())
        if (
            match.lastgroup == "comment" and excerpt.fixed is not None
        ):  # it goes on behind the name, to the end of the line
            while self.preprocessor.excerpts[-1].fixed is not None:
                self.preprocessor.excerpts.pop()
            outer = self.preprocessor.excerpts[-1]
            end = outer.text.find("\n", outer.at)
            outer.move(len(outer.text) if end < 0 else end)

    def _comment(self, excerpt: Excerpt, match: re.Match[str]) -> None:
        end = excerpt.text.find("*/", match.end())
        if end < 0:
            self.preprocessor.whole = False
            self._fault(excerpt.spot(match.start(), match.end()), "this comment has no end", "write */ where it ends")
            excerpt.at = len(excerpt.text)
            return
        excerpt.move(end + 2)

    def _text(self, excerpt: Excerpt, match: re.Match[str]) -> None:
        quote, defines = match[0], self.preprocessor.defines
        inside = QUOTED[quote].match(excerpt.text, match.end())
        end = inside.end() if inside else match.end()
        if not excerpt.text.startswith(quote, end):
            self._endless(excerpt, match)
            return
        written = excerpt.text[match.end() : end]
        value = self._replaced(tokens.unescaped(written) if quote == '"' else written.partition("\0")[0], excerpt)
        joined = quote == '"' and self._open_text == len(self.tokens)
        plain = excerpt.fixed is None and not defines.replacements
        spot = excerpt.spot(match.start(), end + 1)
        lines = excerpt.move(end + 1)
        self._add(Token(tokens.TEXT, value, spot, lines, written if plain else None, joined))
        self._open_text = len(self.tokens) if quote == '"' else -1

    def _replaced(self, text: str, excerpt: Excerpt) -> str:
        try:
            return self.preprocessor.defines.replaced(text)
        except LabError as error:
            raise self.preprocessor.stop(excerpt.spot(excerpt.at, excerpt.at + 1), str(error)) from None

    def _endless(self, excerpt: Excerpt, match: re.Match[str]) -> None:
        """A text without end: an empty one in its place, and on in the next line."""
        spot, quote = excerpt.spot(match.start(), match.end()), match[0]
        hint = "write it where the text ends"
        if (before := next((one for one in reversed(self.tokens) if one.kind == tokens.TEXT), None)) and before.lines:
            hint = f"the text that begins in line {before.spot.line} has none there, and goes on to here"
        self._fault(spot, f"this {quote} has no {quote} that belongs to it", hint)
        self._add(Token(tokens.TEXT, "", spot, endless=True))
        end = excerpt.text.find("\n", match.end())
        excerpt.move(len(excerpt.text) if end < 0 else end)

    def _pvar(self, excerpt: Excerpt, match: re.Match[str]) -> None:
        name = PVAR_NAME.match(excerpt.text, match.start())
        end = name.end() if name else match.end()
        start = match.start()
        if excerpt.text.startswith("(", end):
            end = self._closed(excerpt, end)
        if end < 0:
            stop = excerpt.text.find("\n", start)
            end = len(excerpt.text) if stop < 0 else stop
            spot = excerpt.spot(start, start + 1)
            self._fault(spot, f"the brackets of {excerpt.text[start:end].strip()[:40]} are not closed", "write a )")
        self._add(Token(tokens.PVAR, excerpt.text[start:end], excerpt.spot(start, end)))
        excerpt.move(end)

    def _closed(self, excerpt: Excerpt, start: int) -> int:
        """Behind the bracket that closes this one, -1 if none does in the line."""
        depth = 0
        for bracket in BRACKET.finditer(excerpt.text, start):
            if bracket[0] == "\n":
                return -1
            depth += 1 if bracket[0] == "(" else -1
            if not depth:
                return bracket.end()
        return -1
