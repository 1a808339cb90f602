"""Constants that Kamailio takes out of an expression before it runs, for they change nothing: the 0 of `x || 0`.

It shows: a command beside an operator is 1 or 0, but alone it is its code, so `route(N) || 0` may be -3.
As measured on Kamailio 5.6.3.
"""

from __future__ import annotations

from labsip.dialects.cfg.nodes import Bare, Binary, CommandCall, Expression, Number, RouteCall, Text, Unary

NEUTRAL = {"||": 0, "&&": 1, "+": 0, "|": 0, "*": 1}
"""On either side."""
NEUTRAL_RIGHT = {"-": 0, "/": 1}
DECISIVE = {"||": 1, "&&": 0, "*": 0}
"""On either side: what this decides is never run."""


def without_neutral(node: Expression) -> Expression:
    """The expression that is run in place of this one."""
    if not isinstance(node, Binary):
        return node
    for constant, other in ((node.right, node.left), (node.left, node.right)):
        if not isinstance(constant, Number):
            continue
        if constant.value == DECISIVE.get(node.operator):
            return constant
        right = NEUTRAL_RIGHT.get(node.operator) if constant is node.right else None
        if constant.value == NEUTRAL.get(node.operator, right):
            return _alone(node, without_neutral(other))
    return node


def _alone(node: Binary, other: Expression) -> Expression:
    """What is left of `node`: a command, or the number of a condition's operand."""
    if isinstance(other, CommandCall | RouteCall):
        return other
    if node.operator in ("||", "&&") and not isinstance(other, Text | Bare):
        return Unary(node.spot, "int", other)
    return node
