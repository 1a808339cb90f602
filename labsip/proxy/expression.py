"""The parts of a POSIX extended regular expression (POSIX.1-2017, Base Definitions §9.4), read as glibc reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_TIMES = 255
"""The largest number in braces (POSIX's RE_DUP_MAX)."""
DEEPEST = 50
"""Groups within groups."""
KINDS = {"w": r"\w", "W": r"\W", "s": r"\s", "S": r"\S"}
"""What a letter behind a backslash means, as in glibc; another stands for itself, but for `PLACES`."""
PLACES = "bB<>`'"
"""Of words: their edge, no edge, begin, end; of the whole text: begin, end."""
CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r" \t\n\r\f\v",
    "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "xdigit": "0-9A-Fa-f", "cntrl": r"\x00-\x1f\x7f", "print": " -~",
    "graph": "!-~",
}  # fmt: skip
BOUND = re.compile(r"\{(\d*)(,?)(\d*)\}", re.ASCII)


@dataclass(frozen=True)
class Character:
    """One character of a kind, in Python's notation: `.`, `[a-z]`, `x`."""

    python: str


@dataclass(frozen=True)
class Anchor:
    """A place between characters: `^`, `$`, or one of `PLACES`."""

    place: str


@dataclass(frozen=True)
class Repeat:
    """Something so many times; most -1: without an end."""

    of: Node
    least: int
    most: int


@dataclass(frozen=True)
class Sequence:
    """One thing behind another."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One of these; the group of that number, from 1 on, 0 the whole expression."""

    branches: tuple[Node, ...]
    group: int


Node = Character | Anchor | Repeat | Sequence | Choice


def parse_expression(text: str, *, lines: bool = False) -> Node:
    """`lines`: no `.` and no `[^…]` matches the end of a line. Raises re.error with what is wrong."""
    return _Parser(text, lines).choice(0)


class _Parser:
    def __init__(self, text: str, lines: bool) -> None:
        self.text, self.lines = text, lines
        self.at = self.groups = 0

    def choice(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise re.error("groups are nested too deep", self.text, self.at)
        group, branches = self.groups, [self.branch(depth)]
        while self.text.startswith("|", self.at):
            self.at += 1
            branches.append(self.branch(depth))
        return Choice(tuple(branches), group)

    def branch(self, depth: int) -> Node:
        parts: list[Node] = []
        ends = "|)" if depth else "|"
        while self.at < len(self.text) and self.text[self.at] not in ends:
            parts.append(self.repeated(self.atom(depth)))
        return Sequence(tuple(parts))

    def repeated(self, node: Node) -> Node:
        while self.at < len(self.text):
            sign, bound = self.text[self.at], BOUND.match(self.text, self.at)
            if sign in "*+?":
                self.at += 1
                node = Repeat(node, int(sign == "+"), 1 if sign == "?" else -1)
            elif sign == "{":
                node = self.bounded(node, bound)
            else:
                break
        return node

    def bounded(self, node: Node, bound: re.Match[str] | None) -> Node:
        if bound is None or not (bound[1] or bound[2]):
            raise re.error("a { without the numbers that belong into it; write \\{ for the sign", self.text, self.at)
        self.at = bound.end()
        least = int(bound[1] or 0)
        most = least if not bound[2] else int(bound[3]) if bound[3] else -1
        if max(least, most) > MOST_TIMES or (most >= 0 and most < least):
            raise re.error(f"{bound[0]} can't be", self.text, bound.start())
        return Repeat(node, least, most)

    def atom(self, depth: int) -> Node:
        sign = self.text[self.at]
        self.at += 1
        match sign:
            case "*" | "+" | "?" | "{":
                raise re.error(f"a {sign} with nothing before it to repeat", self.text, self.at - 1)
            case "(":
                self.groups += 1
                tree = self.choice(depth + 1)
                if not self.text.startswith(")", self.at):
                    raise re.error("a ( that is not closed", self.text, self.at)
                self.at += 1
                return tree
            case "[":
                return self.bracket()
            case ".":
                return Character("[^\n]" if self.lines else "(?s:.)")
            case "^" | "$":
                return self.anchor(sign)
            case "\\":
                return self.escape()
        return Character(re.escape(sign))

    def escape(self) -> Node:
        if self.at == len(self.text):
            raise re.error("a \\ at the end", self.text, self.at)
        letter = self.text[self.at]
        self.at += 1
        if letter in "123456789":
            raise re.error(f"\\{letter} stands for a group only in what comes in its place", self.text, self.at - 2)
        return self.anchor(letter) if letter in PLACES else Character(KINDS.get(letter, re.escape(letter)))

    def anchor(self, place: str) -> Node:
        """Raises re.error where something repeats it."""
        if self.text[self.at : self.at + 1] in ("*", "+", "?", "{"):
            raise re.error(f"a {place} can't be repeated", self.text, self.at)
        return Anchor(place)

    def bracket(self) -> Node:
        start, text = self.at, self.text
        self.at += text.startswith("^", start)
        first, parts = self.at, ["[" if self.at == start else "[^\n" if self.lines else "[^"]
        while self.at < len(text) and (text[self.at] != "]" or self.at == first):
            named = re.compile(r"\[([:.=])(.+?)\1\]").match(text, self.at)
            if named is not None:
                parts.append(self.named(named))
                self.at = named.end()
            elif text.startswith("-", self.at + 1) and text[self.at + 2 : self.at + 3] not in ("", "]"):
                low, high = text[self.at], text[self.at + 2]
                if low > high:
                    raise re.error(f"{low}-{high} is no range", text, self.at)
                parts.append(f"{_in_set(low)}-{_in_set(high)}")
                self.at += 3
            else:
                parts.append(_in_set(text[self.at]))
                self.at += 1
        if self.at >= len(text):
            raise re.error("a [ that is not closed", text, start)
        self.at += 1
        return Character("".join(parts) + "]")

    def named(self, named: re.Match[str]) -> str:
        if named[1] != ":":
            return "".join(map(_in_set, named[2]))
        if named[2] not in CLASSES:
            raise re.error(f"no class {named[0]}", self.text, named.start())
        return CLASSES[named[2]]


def _in_set(character: str) -> str:
    return f"\\{character}" if character in "\\]^-[&~|" else character
