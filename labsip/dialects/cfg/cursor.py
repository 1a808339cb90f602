"""Where the parser is among the tokens: what comes next, what should, and how it goes on after a mistake."""

from __future__ import annotations

from collections.abc import Sequence

from labsip.dialects.cfg.faults import MOST_FAULTS, Fault
from labsip.dialects.cfg.nodes import Spot
from labsip.dialects.cfg.operators import BLOCKS
from labsip.dialects.cfg.tokens import END, NAME, SIGN, TEXT, Token

DEEPEST = 60
"""Braces and brackets within each other; Kamailio has no limit of its own, Python has."""
MOST_OPERATORS = 200
"""Of one expression."""


class Lost(Exception):
    """A statement or declaration can't be read any further; its fault is told."""


class Cursor:
    """The tokens of a configuration, and the faults found in them."""

    def __init__(self, tokens: Sequence[Token], faults: list[Fault], *, cut: bool = False) -> None:
        self._tokens = tokens
        self.cut = cut
        """The file goes on behind the last token; why that is not read is told."""
        self._at = 0
        self.faults = faults
        self.depth = 0
        self.operators = 0
        self.stopped = False
        """Nothing further is read; why is told."""
        self.blind = False
        """In this block a part of a line was left out, which may have a brace in it."""
        self.misplaced: tuple[int, int] | None = None
        """The lines of the first } that stands further left than its {, and of that {."""

    @property
    def token(self) -> Token:
        """The next one."""
        return self._tokens[self._at]

    @property
    def previous(self) -> Token:
        """The one before."""
        return self._tokens[max(self._at - 1, 0)]

    def after(self, count: int = 1) -> Token:
        """A later one."""
        return self._tokens[min(self._at + count, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next one, and go on behind it."""
        token = self._tokens[self._at]
        if token.kind != END:
            self._at += 1
        return token

    def at(self, *values: str) -> bool:
        """Whether the next one is one of these signs or words."""
        token = self._tokens[self._at]
        return token.kind in (SIGN, NAME) and token.value in values

    def accept(self, value: str) -> Token | None:
        """Take it, if it is this sign or word."""
        return self.take() if self.at(value) else None

    def expect(self, value: str, hint: str = "") -> Token:
        """Take this sign or word. Raises Lost if something else comes."""
        if self.at(value):
            return self.take()
        raise self.lost(f"{value} is missing before {self.token}", hint)

    def fault(self, spot: Spot, message: str, hint: str = "") -> None:
        """Keep a fault, and go on. Raises Lost where there are too many already."""
        end = self.token.lines if self.token.kind == END else 0  # Kamailio names the last line then
        self.faults.append(Fault(spot, message, hint, end))
        if len(self.faults) >= MOST_FAULTS:
            self.stop()
            raise Lost

    def stop(self) -> None:
        """Go to the end."""
        self._at, self.stopped = len(self._tokens) - 1, True

    def lost(self, message: str, hint: str = "", token: Token | None = None) -> Lost:
        """Keep a fault at the next token, or that one; what to raise then."""
        at = token or self.token
        before = self.previous
        if self.cut and at.kind == END:
            return Lost()  # so is that
        if before.endless:
            self.blind = True
            return Lost()  # that is told already
        if before.kind == TEXT and before.lines and at is self.token:
            line = before.spot.line
            hint = f"the text that begins in line {line} ends right before; has it no closing quote in line {line}?"
        self.fault(at.spot, message, hint)
        return Lost()

    def deeper(self) -> None:
        """One more brace or bracket is open. Raises Lost at one too many."""
        self.depth += 1
        if self.depth > DEEPEST:
            spot = self.token.spot
            self.fault(spot, f"more than {DEEPEST} braces and brackets within each other", "put a part into a route")
            self.stop()  # nothing behind it would be understood
            raise Lost

    def count_operator(self) -> None:
        """One more operator in this expression. Raises Lost at one too many."""
        self.operators += 1
        if self.operators > MOST_OPERATORS:
            raise self.lost(f"more than {MOST_OPERATORS} operators in one expression", "keep a part of it in a $var")

    def begins_block(self) -> bool:
        """Whether a route block begins here: one of their words, and no call."""
        if not (self.token.kind == NAME and self.token.value in BLOCKS):
            return False
        following = self.after()
        return following.kind == SIGN and following.value in "[{"

    def indent(self) -> int:
        """The column where the line of the next token begins, as far as it is near."""
        column, line = self.token.spot.column, self.token.spot.line
        for token in reversed(self._tokens[max(self._at - 40, 0) : self._at]):
            if token.spot.line != line:
                break
            column = token.spot.column
        return column

    def skip_statement(self) -> None:
        """Go behind the `;` or the block that ends this statement, or before what can't belong to it."""
        while self.token.kind != END and not self.at("}") and not self.begins_block():
            if self.accept(";"):
                return
            if self.at("{"):
                self.skip_braces()
                return
            self.take()

    def skip_braces(self) -> None:
        """Go behind the brace that closes the one that is next."""
        depth = 0
        while self.token.kind != END and not (depth and self.begins_block()):
            depth += self.at("{") - self.at("}")
            self.take()
            if not depth:
                return

    def skip_brackets(self) -> None:
        """Go behind the bracket that closes the one that is next, or before a brace."""
        depth = 0
        while self.token.kind != END and not self.at("{", "}"):
            depth += self.at("(") - self.at(")")
            self.take()
            if not depth:
                return

    def skip_to(self, *values: str) -> bool:
        """Go before one of these signs, and say whether there is one before the statement ends."""
        while self.token.kind != END and not self.begins_block():
            if self.at(*values):
                return True
            if self.at(";", "}"):
                return False
            self.take()
        return False
