"""Pieces of Python as `ast` has them, each at a line; and the names that a compiled block knows."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TypeVar

from labsip.dialects.cfg.nodes import Spot
from labsip.dialects.cfg.places import OneFile, SeveralFiles

A = TypeVar("A", bound=ast.AST)


class BlockFrame:
    """What one block is compiled with: its lines, and the objects its code names."""

    def __init__(self, lines: OneFile | SeveralFiles, names: Mapping[str, object]) -> None:
        self.lines = lines
        self.names = dict(names)
        self._known: dict[int, str] = {}
        self.temporary = 0

    def at(self, node: A, spot: Spot) -> A:
        """The same node, standing where something stands in the cfg."""
        line = self.lines.line(spot)
        node.lineno = node.end_lineno = line  # type: ignore[attr-defined]
        node.col_offset = node.end_col_offset = 0  # type: ignore[attr-defined]
        return node

    def name_of(self, thing: object) -> ast.expr:
        """A name for an object that the code uses."""
        known = self._known.get(id(thing))
        if known is None:
            known = self._known[id(thing)] = f"_{len(self._known)}"
            self.names[known] = thing
        return name(known)

    def call(self, function: object, *arguments: ast.expr) -> ast.expr:
        """A call of an object."""
        return call(self.name_of(function), *arguments)

    def fresh(self, word: str) -> str:
        """A name for a value within the block."""
        self.temporary += 1
        return f"{word}{self.temporary}"

    @staticmethod
    def place(spot: Spot) -> ast.expr:
        """Where something stands, as errors say it."""
        return constant(f"{spot.file.rpartition('/')[2]}:{spot.line}")


def name(word: str) -> ast.expr:
    """A name that is read."""
    return ast.Name(word, ast.Load())


def constant(value: int | str | bool | None) -> ast.expr:
    """A constant."""
    return ast.Constant(value)


def call(function: ast.expr, *arguments: ast.expr) -> ast.expr:
    """A call."""
    return ast.Call(function, list(arguments), [])


def assign(target: str, value: ast.expr) -> ast.stmt:
    """A name gets a value."""
    return ast.Assign([ast.Name(target, ast.Store())], value)


def one_or_zero(condition: ast.expr) -> ast.expr:
    """A condition as the number that it is in an expression."""
    return ast.IfExp(condition, constant(1), constant(0))


def compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """A comparison."""
    return ast.Compare(left, [operator], [right])


def joined(parts: Sequence[ast.expr]) -> ast.expr:
    """Texts, one behind another."""
    return ast.Call(ast.Attribute(constant(""), "join", ast.Load()), [ast.Tuple(list(parts), ast.Load())], [])


def only(statements: list[ast.stmt]) -> list[ast.stmt]:
    """A body, which must have something in it."""
    return statements or [ast.Pass()]


TURN, HANDLE = "t", "k"
"""What a block calls its turn, and its handle."""
