"""Expressions compiled. Each is asked for what it is needed as: a value, a number, a text, or a condition."""

from __future__ import annotations

import ast
import re
from enum import Enum

from labsip.dialects.cfg import values
from labsip.dialects.cfg.command_code import Calls
from labsip.dialects.cfg.faults import Fault
from labsip.dialects.cfg.neutral_operands import without_neutral
from labsip.dialects.cfg.nodes import (
    Assignment,
    Bare,
    Binary,
    CommandCall,
    Expression,
    Myself,
    Number,
    OldTest,
    Pvar,
    RouteCall,
    Select,
    Spot,
    Text,
    Unary,
)
from labsip.dialects.cfg.old_test_code import old_test
from labsip.dialects.cfg.pvar_code import Missing, Pvars
from labsip.dialects.cfg.python_code import TURN, BlockFrame, call, compared, constant, name, one_or_zero
from labsip.proxy.posix import searcher

ARITHMETIC = {
    "-": ast.Sub, "*": ast.Mult, "&": ast.BitAnd, "|": ast.BitOr, "^": ast.BitXor,
}  # fmt: skip
FUNCTIONS = {
    "/": values.divided, "mod": values.remainder, "<<": values.shifted_left, ">>": values.shifted_right,
}  # fmt: skip
GROWING = ("-", "*")
ORDER = {"<": ast.Lt, ">": ast.Gt, "<=": ast.LtE, ">=": ast.GtE}
LOGIC = {"&&": ast.And, "||": ast.Or}
CONDITIONS = (*ORDER, *LOGIC, "==", "!=", "=~", "eq", "ne", "ieq", "ine")


class Held(Enum):
    """What an expression is known to be before it runs."""

    INT = "int"
    STR = "str"
    ANY = "any"


class Expressions:
    """Those of one block."""

    def __init__(self, code: BlockFrame, pvars: Pvars, calls: Calls) -> None:
        self.code = code
        self.pvars = pvars
        self.calls = calls

    # ---- as a value

    def sort(self, node: Expression) -> Held:
        """A number, a text, or either."""
        match node:
            case Number() | OldTest() | Myself() | CommandCall() | RouteCall():
                return Held.INT
            case Text() | Bare():
                return Held.STR
            case Unary(operator=operator):
                return Held.STR if operator == "str" else Held.INT
            case Binary(operator="+", left=left):
                return self.sort(left)
            case Binary():
                return Held.INT
            case Assignment(value=value):
                return self.sort(value)
        return Held.ANY

    def value(self, node: Expression) -> ast.expr:
        """What it comes to; of a command or route alone, its code."""
        node = without_neutral(node)
        match node:
            case CommandCall():
                return self.calls.command(node, self.value)
            case RouteCall():
                return self.route(node)
            case Number(value=number):
                return constant(number)
            case Text(value=text) | Bare(value=text):
                return constant(text)
            case Pvar():
                return self.pvars.read(node)
            case Select(path=path):
                return self.code.call(values.selected_text, name(TURN), constant(path))
            case Assignment():
                return self.assignment(node)
            case Unary(operator="str", operand=operand):
                return self.text(operand)
            case Binary(operator="+", left=left) if self.sort(left) is not Held.INT:
                return self._plus(node)
        return self.number(node)

    def _plus(self, node: Binary) -> ast.expr:
        if self.sort(node.left) is Held.STR:
            return ast.BinOp(self.text(node.left), ast.Add(), self.text(node.right))
        left, right = self.operand(node.left), self.operand(node.right)
        return self.code.call(values.plus, name(TURN), left, right, self.code.place(node.spot))

    def operand(self, node: Expression) -> ast.expr:
        """What it comes to beside an operator: a command or route is 1 or 0 there."""
        node = without_neutral(node)
        match node:
            case CommandCall() | RouteCall():
                return one_or_zero(self.value(node))
            case Pvar():
                return self.pvars.operand(node)
        return self.value(node)

    def assignment(self, node: Assignment) -> ast.expr:
        """A variable gets a value, which is that of the whole."""
        if not isinstance(node.target, Pvar):
            raise Missing(Fault(node.spot, f"@{node.target.path} can only be read"))
        set_value, before = self.pvars.setting(node.target)
        target = self.code.name_of(set_value)
        place = self.code.place(node.target.spot)
        found = self.code.call(values.assigned, target, place, self.value(node.value), *before)
        return self.code.at(found, node.target.spot)

    # ---- as a number

    def number(self, node: Expression) -> ast.expr:
        """The number it comes to."""
        node = without_neutral(node)
        match node:
            case Number(value=number):
                return constant(number)
            case Unary():
                return self._unary(node)
            case Binary(operator=operator) if operator in CONDITIONS:
                return one_or_zero(self.truth(node))
            case Binary(operator="+") if self.sort(node.left) is Held.INT:
                total = ast.BinOp(self.number(node.left), ast.Add(), self.number(node.right))
                return self.code.call(values.wrapped, total)
            case Binary(operator=operator) if operator != "+":
                return self._calculated(node)
            case OldTest() | Myself() | CommandCall() | RouteCall():
                return one_or_zero(self.truth(node))
        return self._converted(self.operand(node), node)

    def _converted(self, value: ast.expr, node: Expression) -> ast.expr:
        return self.code.call(values.number, name(TURN), value, self.code.place(node.spot))

    def _calculated(self, node: Binary) -> ast.expr:
        left, right = self.number(node.left), self.number(node.right)
        if node.operator in FUNCTIONS:
            return self.code.call(FUNCTIONS[node.operator], left, right)
        found = ast.BinOp(left, ARITHMETIC[node.operator](), right)
        return self.code.call(values.wrapped, found) if node.operator in GROWING else found

    def _unary(self, node: Unary) -> ast.expr:
        operand = node.operand
        match node.operator:
            case "int":
                return self.number(operand)
            case "-":
                return self.code.call(values.wrapped, ast.UnaryOp(ast.USub(), self.number(operand)))
            case "~":
                return ast.UnaryOp(ast.Invert(), self.number(operand))
            case "strlen":
                return self.code.call(values.length, self.value(operand))
            case "str":
                return self._converted(self.text(operand), node)
        return one_or_zero(self.truth(node))

    # ---- as a text

    def text(self, node: Expression) -> ast.expr:
        """The text it comes to."""
        if isinstance(node, Text | Bare | Number):
            return constant(str(node.value))
        return self.code.call(values.text, self.operand(node))

    # ---- as a condition

    def truth(self, node: Expression) -> ast.expr:
        """Something that Python takes as true where the expression holds."""
        node = without_neutral(node)
        match node:
            case CommandCall() | RouteCall():
                return self.value(node)
            case Number(value=number):
                return constant(number > 0)
            case OldTest():
                return old_test(node, self)
            case Unary(operator="!", operand=operand):
                return self._opposite(operand)
            case Unary(operator="defined", operand=operand):
                return compared(self.value(operand), ast.IsNot(), constant(None))
            case Unary(operator="strempty", operand=operand):
                return ast.UnaryOp(ast.Not(), self.text(operand))
            case Binary(operator=operator) if operator in LOGIC:
                return ast.BoolOp(LOGIC[operator](), [self._part(node.left), self._part(node.right)])
            case Binary(operator=operator) if operator in ORDER:
                return compared(self.number(node.left), ORDER[operator](), self.number(node.right))
            case Binary(operator=operator) if operator in CONDITIONS:
                return self._comparison(node)
        if self.sort(node) is Held.INT:
            return compared(self.number(node), ast.Gt(), constant(0))
        return self.code.call(values.is_true, name(TURN), self.value(node), self.code.place(node.spot))

    def _opposite(self, node: Expression) -> ast.expr:
        """`!`: of a condition its opposite; of a number whether it is 0, so that -5 and !-5 are both false."""
        node = without_neutral(node)
        if _is_calculated(node):
            return compared(self.number(node), ast.Eq(), constant(0))
        return ast.UnaryOp(ast.Not(), self.truth(node))

    def _part(self, node: Expression) -> ast.expr:
        """A side of `&&` or `||`: a number is true there if it is not 0; a command, as elsewhere, above 0."""
        node = without_neutral(node)
        if _is_calculated(node):
            return compared(self.number(node), ast.NotEq(), constant(0))
        return self.truth(node)

    def _comparison(self, node: Binary) -> ast.expr:
        match node.operator:
            case "=~":
                return self.matching(self.value(node.left), node.right, node.spot)
            case "eq" | "ne":
                left, right = self.text(node.left), self.text(node.right)
                return compared(left, ast.Eq() if node.operator == "eq" else ast.NotEq(), right)
            case "ieq" | "ine":
                left, right = self.number(node.left), self.number(node.right)
                return compared(left, ast.Eq() if node.operator == "ieq" else ast.NotEq(), right)
        found = self.equality(self.operand_of_equality(node.left), node)
        return found if node.operator == "==" else ast.UnaryOp(ast.Not(), found)

    def operand_of_equality(self, node: Expression) -> ast.expr:
        """The left side of `==`: a method is a text there."""
        return self.pvars.read(node) if isinstance(node, Pvar) else self.operand(node)

    def equality(self, left: ast.expr, node: Binary) -> ast.expr:
        """`==`, by its left side."""
        sorts = self.sort(node.left), self.sort(node.right)
        right = self.operand_of_equality(node.right)
        if sorts in ((Held.INT, Held.INT), (Held.STR, Held.STR)):
            return compared(left, ast.Eq(), right)
        return self.code.call(values.equal, name(TURN), left, right, self.code.place(node.spot))

    def matching(self, value: ast.expr, expression: Expression, spot: Spot) -> ast.expr:
        """`=~`; a constant expression is read once, now."""
        if isinstance(expression, Text):
            try:
                search = searcher(expression.value)
            except re.error as error:
                raise Missing(Fault(expression.spot, f"no regular expression: {error}")) from None
            return self.code.call(search, self.code.call(values.text, value))
        right = self.value(expression)
        return self.code.call(values.matches, name(TURN), value, right, self.code.place(spot))

    # ---- routes

    def route(self, node: RouteCall) -> ast.expr:
        """`route(NAME)`; a computed name that there is not leaves all as it is, and is told in the log."""
        method = ast.Attribute(name("k"), "route", ast.Load())
        if isinstance(node.name, Text | Bare | Number):
            return self.code.at(call(method, constant(str(node.name.value))), node.spot)
        kept = self.code.fresh("name")
        named = ast.NamedExpr(ast.Name(kept, ast.Store()), self.text(node.name))
        known = self.code.call(values.has_route, name(TURN), named, self.code.place(node.spot))
        run = self.code.at(call(method, name(kept)), node.spot)
        return ast.IfExp(known, run, ast.Attribute(name(TURN), "code", ast.Load()))


def _is_calculated(node: Expression) -> bool:
    """It is a number, or becomes one; not the outcome of a test or a command."""
    match node:
        case Unary(operator=operator):
            return operator in ("int", "str", "-", "~", "strlen")
        case Binary(operator=operator):
            return operator not in CONDITIONS
    return isinstance(node, Pvar | Select | Assignment)
