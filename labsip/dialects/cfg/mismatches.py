"""The types that Kamailio knows before anything runs, and where they don't fit: `1 + "2"`, `!"a"`, `$var(x) < "10"`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from labsip.dialects.cfg.faults import Fault
from labsip.dialects.cfg.nodes import (
    Assignment,
    Bare,
    Binary,
    CommandCall,
    Expression,
    OldTest,
    Pvar,
    RouteCall,
    Select,
    Text,
    Unary,
)


class Sort(Enum):
    """What is known of a value before it is there."""

    INT = "a number"
    STR = "a text"
    ANY = "either"


def sort_of(value: Expression) -> Sort:
    """Of a variable nothing is known; a command, a route and a test are numbers, a select is a text."""
    if isinstance(value, Text | Select | Bare):
        return Sort.STR
    if isinstance(value, Pvar):
        return Sort.ANY
    if isinstance(value, Unary):
        return Sort.STR if value.operator == "str" else Sort.INT
    if isinstance(value, Binary) and value.operator == "+":
        left: Expression = value
        while isinstance(left, Binary) and left.operator == "+":
            left = left.left
        return sort_of(left)
    return Sort.INT


def mismatches(value: Expression) -> Iterator[Fault]:
    """All in an expression, those inside of it first."""
    if isinstance(value, Unary):
        yield from mismatches(value.operand)
        yield from _of_unary(value)
    elif isinstance(value, Binary):
        yield from mismatches(value.left)
        yield from mismatches(value.right)
        yield from _of_binary(value)
    elif isinstance(value, Assignment):
        yield from mismatches(value.value)
    elif isinstance(value, CommandCall):
        for argument in value.arguments:
            yield from mismatches(argument)
    elif isinstance(value, RouteCall):
        yield from mismatches(value.name)
    elif isinstance(value, OldTest):
        yield from mismatches(value.against)


def _of_unary(value: Unary) -> Iterator[Fault]:
    given = sort_of(value.operand)
    if value.operator in ("!", "-", "~") and given is Sort.STR:
        yield _text(value.operand, f"behind {value.operator}")
    elif value.operator in ("defined", "strlen", "strempty") and given is Sort.INT:
        yield Fault(value.operand.spot, f"{value.operator} takes a text, not a number", "write a variable or a text")


def _of_binary(value: Binary) -> Iterator[Fault]:
    operator, left, right = value.operator, sort_of(value.left), sort_of(value.right)
    if operator in ("+", "==", "!=", "eq", "ne", "=~"):
        if left is Sort.INT and (right is Sort.STR or operator == "=~"):
            side = "a number on the left of +" if operator == "+" else f"a number on the left of {operator}"
            hint = {"+": '(str) before it joins texts; "" + … does, too'}.get(operator, "write the text on the left")
            message = f"{side} can't have a text on its right" if operator != "=~" else "=~ compares texts, not numbers"
            yield Fault(value.right.spot, message, hint)
        return
    for operand, sort in ((value.left, left), (value.right, right)):
        if sort is Sort.STR:
            yield _text(operand, f"beside {operator}")


def _text(operand: Expression, where: str) -> Fault:
    hint = (
        "write it without quotes"
        if isinstance(operand, Text) and operand.value.isdigit()
        else "(int) makes one of a text"
    )
    return Fault(operand.spot, f"a text can't stand {where}, which takes numbers", hint)
