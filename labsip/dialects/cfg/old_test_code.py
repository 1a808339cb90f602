"""Tests from old days compiled: `uri == myself`, `src_ip == 10.0.0.0/8`, `status =~ "2.."`, `msg:len > 300`."""

from __future__ import annotations

import ast
from typing import Protocol

from labsip.dialects.cfg import old_tests
from labsip.dialects.cfg.faults import Fault
from labsip.dialects.cfg.nodes import Bare, Expression, Myself, Number, OldTest, Spot, Text
from labsip.dialects.cfg.pvar_code import Missing
from labsip.dialects.cfg.python_code import TURN, BlockFrame, compared, constant, name


class Compiles(Protocol):
    """What compiles the other expressions of the block."""

    code: BlockFrame

    def number(self, node: Expression) -> ast.expr:
        """As a number."""

    def text(self, node: Expression) -> ast.expr:
        """As a text."""

    def matching(self, value: ast.expr, expression: Expression, spot: Spot) -> ast.expr:
        """Of `=~`."""


COMPARISONS = {"==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, ">": ast.Gt, "<=": ast.LtE, ">=": ast.GtE}


def old_test(node: OldTest, expressions: Compiles) -> ast.expr:
    """The condition."""
    subject, code = old_tests.SUBJECTS_READ.get(node.subject), expressions.code
    if subject is None:
        raise Missing(Fault(node.spot, f"labsip does not know {node.subject}"))
    found = code.call(subject, name(TURN))
    match node:
        case OldTest(operator="=~"):
            return expressions.matching(found, node.against, node.spot)
        case OldTest(against=Myself()):
            return _negated(node, code.call(old_tests.is_myself, name(TURN), found))
        case OldTest(subject=what) if what in old_tests.NUMBERS:
            return compared(found, COMPARISONS[node.operator](), expressions.number(node.against))
        case OldTest(subject=what) if what in old_tests.ADDRESSES_READ:
            other = expressions.text(node.against)
            return _negated(node, code.call(old_tests.is_in, found, other))
        case OldTest(subject="uri" | "from_uri" | "to_uri"):
            other = expressions.text(node.against)
            return _negated(node, code.call(old_tests.is_same_uri, found, other))
        case OldTest(subject="proto" | "snd_proto" | "af" | "snd_af", against=Bare(value=word) | Text(value=word)):
            return compared(found, COMPARISONS[node.operator](), constant(word.lower()))
        case OldTest(subject="method", against=Bare(value=word) | Text(value=word)):
            return compared(found, COMPARISONS[node.operator](), constant(word))
        case OldTest(subject="status", against=Number(value=number)):
            return compared(found, COMPARISONS[node.operator](), constant(str(number)))
    return compared(found, COMPARISONS[node.operator](), expressions.text(node.against))


def _negated(node: OldTest, condition: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), condition) if node.operator == "!=" else condition
