"""Nodes of a kamailio.cfg, made from others: conditions turned around, texts joined, variables by their text."""

from __future__ import annotations

from labsip.dialects.cfg.nodes import NOWHERE_IN_CFG, Binary, Expression, Pvar, Text, Unary
from labsip.dialects.cfg.pvars import pvar_of

NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
TEXTS_FIRST = ("rp", "cs", "op")
"""Variables that are numbers, and to which + joins a text all the same."""
HERE = NOWHERE_IN_CFG


def variable(text: str) -> Pvar:
    """A variable by its text."""
    return pvar_of(text, HERE)


def both(left: Expression, sign: str, right: Expression) -> Binary:
    """Two values and the operator between them."""
    return Binary(HERE, sign, left, right)


def chain(left: Expression, sign: str, right: Expression) -> Expression:
    """The same of several with one operator: no brackets around the right ones."""
    if isinstance(right, Binary) and right.operator == sign:
        return both(chain(left, sign, right.left), sign, right.right)
    return both(left, sign, right)


def negated(node: Expression) -> Expression:
    """The opposite of a condition."""
    match node:
        case Binary(operator=sign, left=left, right=right) if sign in NEGATED:
            return both(left, NEGATED[sign], right)
        case Unary(operator="!", operand=inner):
            return inner
    return Unary(HERE, "!", node)


def summands(node: Expression) -> list[Expression]:
    """What is joined in a text; an empty one that was only there to make it a text is left out."""
    if isinstance(node, Binary) and node.operator == "+":
        leftmost = node.left
        while isinstance(leftmost, Binary) and leftmost.operator == "+":
            leftmost = leftmost.left
        if isinstance(leftmost, Text):
            return [*summands(node.left), *summands(node.right)]
    return [] if isinstance(node, Text) and not node.value else [node]


def as_number(node: Expression) -> Expression:
    """A variable that Kamailio takes for a text first, as a number."""
    return Unary(HERE, "int", node) if isinstance(node, Pvar) and node.name in TEXTS_FIRST else node


def transformed(pvar: Pvar, name: str) -> Pvar:
    """A variable and what is made of it: `$(fU{s.tolower})`."""
    text = pvar.text[2:-1] if pvar.text.startswith("$(") else pvar.text[1:]
    return variable(f"$({text}{{{name}}})")
