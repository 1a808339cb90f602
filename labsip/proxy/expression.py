"""The parts of a POSIX extended regular expression (POSIX.1-2017, Base Definitions §9.4), and the same for Python."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_TIMES = 255
"""The largest number in braces (POSIX's RE_DUP_MAX)."""
DEEPEST = 50
"""Groups within groups."""
LETTERS = {"w": r"\w", "W": r"\W", "s": r"\s", "S": r"\S", "b": r"\b", "B": r"\B", "<": r"\b(?=\w)", ">": r"\b(?<=\w)"}
"""What a letter behind a backslash means, as in glibc; another stands for itself."""
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
    """A place between characters."""

    python: str


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
    """One of these; a group."""

    branches: tuple[Node, ...]


Node = Character | Anchor | Repeat | Sequence | Choice


def parse_expression(text: str) -> Node:
    """Raises re.error with what is wrong."""
    parser = _Parser(text)
    tree = parser.choice(0)
    if parser.at < len(text):
        raise re.error("a ) that closes nothing", text, parser.at)
    return tree


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def choice(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise re.error("groups are nested too deep", self.text, self.at)
        branches = [self.branch(depth)]
        while self.text.startswith("|", self.at):
            self.at += 1
            branches.append(self.branch(depth))
        return Choice(tuple(branches))

    def branch(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self.repeated(self.atom(depth)))
        return Sequence(tuple(parts))

    def repeated(self, node: Node) -> Node:
        while self.at < len(self.text):
            sign, bound = self.text[self.at], BOUND.match(self.text, self.at)
            if sign in "*+?":
                self.at += 1
                node = Repeat(node, int(sign == "+"), 1 if sign == "?" else -1)
            elif bound is not None and (bound[1] or bound[2]):
                self.at = bound.end()
                node = self.bounded(node, bound)
            else:
                break
        return node

    def bounded(self, node: Node, bound: re.Match[str]) -> Node:
        least = int(bound[1] or 0)
        most = least if not bound[2] else int(bound[3]) if bound[3] else -1
        if max(least, most) > MOST_TIMES or (most >= 0 and most < least):
            raise re.error(f"{bound[0]} can't be", self.text, bound.start())
        return Repeat(node, least, most)

    def atom(self, depth: int) -> Node:
        sign = self.text[self.at]
        self.at += 1
        match sign:
            case "(":
                tree = self.choice(depth + 1)
                if not self.text.startswith(")", self.at):
                    raise re.error("a ( that is not closed", self.text, self.at)
                self.at += 1
                return tree
            case "[":
                return self.bracket()
            case ".":
                return Character(".")
            case "^":
                return Anchor(r"\A")
            case "$":
                return Anchor(r"\Z")
            case "\\":
                return self.escape()
        return Character(re.escape(sign))

    def escape(self) -> Node:
        if self.at == len(self.text):
            raise re.error("a \\ at the end", self.text, self.at)
        letter = self.text[self.at]
        self.at += 1
        if letter in "123456789":
            raise re.error("a reference to a group: there are none in POSIX extended", self.text, self.at)
        known = LETTERS.get(letter)
        if known is None:
            return Character(re.escape(letter))
        return Character(known) if letter in "wWsS" else Anchor(known)

    def bracket(self) -> Node:
        start, text = self.at, self.text
        self.at += text.startswith("^", start)
        first, parts = self.at, ["[^" if self.at > start else "["]
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


def python_of(node: Node) -> str:
    """In Python's notation; each group has the number it has in POSIX."""
    match node:
        case Character(python) | Anchor(python):
            return python
        case Sequence(parts):
            return "".join(map(_inside, parts))
        case Choice(branches):
            return "|".join(map(_inside, branches))
        case Repeat(of, least, most):
            inner = _inside(of)
            inner = f"(?:{inner})" if isinstance(of, (Repeat, Anchor)) else inner
            signs = {(0, -1): "*", (1, -1): "+", (0, 1): "?"}
            return inner + signs.get((least, most), f"{{{least},{'' if most < 0 else most}}}")


def _inside(node: Node) -> str:
    return f"({python_of(node)})" if isinstance(node, Choice) else python_of(node)


def unbounded(node: Node) -> int:
    """How many repeats without an end may compete; one within another counts as many, and so does a large number."""
    match node:
        case Sequence(parts):
            return sum(map(unbounded, parts))
        case Choice(branches):
            return sum(map(unbounded, branches))
        case Repeat(of, _, most):
            inner = unbounded(of)
            if most < 0 or most > 10:
                return 1 if not inner and isinstance(of, Character) else 2
            return inner * most
    return 0
