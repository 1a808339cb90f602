"""Python's conditions as those of a kamailio.cfg.

In Python a text is true if there is something in it, in a cfg if it is a number above zero; there `==` goes by its left
side, and an unset variable equals "". So what is written depends on what a value may be: `sorts` knows.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from labsip.dialects.cfg.nodes import Binary, CommandCall, Expression, Number, Pvar, RouteCall, Text
from labsip.dialects.translation.cfg_pieces import HERE, NEGATED, both, chain, negated, variable
from labsip.dialects.translation.posix_pattern import WAYS, NoPattern, posix_pattern
from labsip.dialects.translation.route_function import Unknown
from labsip.dialects.translation.sorts import ANY, BOOL, CODE, FULL, INT, NULL, TEXT, TRUTHS, Sorts
from labsip.dialects.translation.texts import filled_text

if TYPE_CHECKING:
    from labsip.dialects.translation.cfg_values import Values

COMPARISONS: dict[type, str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">=", ast.Is: "==",
    ast.IsNot: "!=",
}  # fmt: skip
ENDS = {"startswith": "starts_with", "endswith": "ends_with"}


class Conditions:
    """The conditions of one function."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.function = values.function
        self.writer = values.writer

    def truth(self, node: ast.expr, *, first: bool = True) -> Expression:
        """What holds where Python takes it as true."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return negated(self.truth(inner, first=first))
            case ast.BoolOp(op=op, values=values):
                found = self.truth(values[0], first=first)
                for one in values[1:]:
                    found = chain(found, "&&" if isinstance(op, ast.And) else "||", self.truth(one, first=False))
                return found
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self.comparison(node, left, op, right, first=first)
            case ast.Compare():
                self.function.refuse(node, "a kamailio.cfg compares two values", "write a < b and b < c")
            case ast.Call(func=ast.Name(id="bool"), args=[inner]):
                return self.truth(inner, first=first)
            case ast.Call(func=ast.Attribute(value=inner, attr=name)) if not self.values.is_handle(inner):
                if name in ENDS and len(node.args) == 1:
                    return self._asked(ENDS[name], inner, node.args[0])
                if name in WAYS:
                    return self.matching(node, inner, name)
        return self.truth_of_value(node, first=first)

    def truth_of_value(self, node: ast.expr, *, first: bool) -> Expression:
        """Whether a value is true: a number that is not 0, a text that is not empty, a code above zero."""
        try:
            return Number(HERE, int(bool(self.function.known(node))))
        except Unknown:
            sorts = self.values.sorts(node) - {NULL}
        if sorts <= TRUTHS:
            code = self.values.value(node, first=first)
            return both(code, ">", Number(HERE, 0)) if isinstance(code, Pvar) else code
        found = self.values.operand(node, first=first)
        if isinstance(found, RouteCall):
            return found
        if sorts <= {INT}:
            return both(found, "!=", Number(HERE, 0))
        if sorts > {TEXT}:
            hint = 'compare it: != 0, != "" or is not None'
            self.function.refuse(node, f"whether {ast.unparse(node)} is true can't be told, it may be anything", hint)
        if isinstance(found, Pvar) and found.name in FULL and not found.transforms:
            return both(found, "!=", variable("$null"))
        return both(found, "!=", Text(HERE, ""))

    def comparison(self, node: ast.expr, left: ast.expr, op: ast.cmpop, right: ast.expr, *, first: bool) -> Expression:
        """`==` and its like."""
        if isinstance(op, ast.In | ast.NotIn):
            found = self.contained(node, left, right, first=first)
            return negated(found) if isinstance(op, ast.NotIn) else found
        sign = COMPARISONS[type(op)]
        if self._is_constant(left) and not self._is_constant(right) and sign in ("==", "!="):
            left, right = right, left
        one, other = self.values.sorts(left), self.values.sorts(right)
        if other == {NULL}:
            return self._is_nothing(node, left, sign)
        if sign not in ("==", "!="):
            if TEXT in (one | other) and ANY not in (one, other):
                self.function.refuse(node, f"{sign} compares numbers in a kamailio.cfg", "write int(…) around a text")
        else:
            self._check_sides(node, one, other, right)
        found = both(self.values.operand(left, first=first), sign, self.values.operand(right, first=False))
        return self._exactly(found, left, right)

    def _check_sides(self, node: ast.expr, one: Sorts, other: Sorts, right: ast.expr) -> None:
        """Refuse to compare a text with a number: in Python they are never equal, in a cfg they may be."""
        left_sorts, right_sorts = (frozenset(INT if s == CODE else s for s in sorts) - {NULL} for sorts in (one, other))
        if ANY in (one, other) or not left_sorts or not right_sorts:
            return
        if BOOL in left_sorts | right_sorts:
            self.function.refuse(node, "true and false are not compared in a kamailio.cfg", "write if x, or if not x")
        if left_sorts != right_sorts or len(left_sorts) > 1:
            hint = f"write {'a number' if left_sorts == {INT} else 'a text'} there, not {ast.unparse(right)}"
            self.function.refuse(node, "a text is compared with a number, which are never equal in Python", hint)

    def _exactly(self, found: Binary, left: ast.expr, right: ast.expr) -> Expression:
        """With "" and 0 an unset variable is equal in a cfg, and not in Python."""
        if found.operator not in ("==", "!=") or not self.values.is_empty(right) or NULL not in self.values.sorts(left):
            return found
        if isinstance(left, ast.BoolOp):
            return found
        is_set = both(found.left, NEGATED[found.operator], variable("$null"))
        return both(found, "&&" if found.operator == "==" else "||", is_set)

    def _is_nothing(self, node: ast.expr, left: ast.expr, sign: str) -> Expression:
        found = self.values.operand(left)
        if not isinstance(found, Pvar) or found.name in ("var", "shv") or found.transforms:
            hint = 'compare with "" or 0, or keep it in ksr["$avp(name)"]'
            self.function.refuse(node, f"{ast.unparse(left)} is never None in a kamailio.cfg", hint)
        return both(found, sign, variable("$null"))

    def _is_constant(self, node: ast.expr) -> bool:
        try:
            self.function.known(node)
        except Unknown:
            return False
        return True

    def contained(self, node: ast.expr, left: ast.expr, right: ast.expr, *, first: bool) -> Expression:
        """`x in ("a", "b")`, `"a" in x`."""
        try:
            choices = self.function.known(right)
        except Unknown:
            return self._asked("str_find", right, left)
        if not isinstance(choices, tuple | list | set | frozenset | dict) or not choices:
            self.function.refuse(node, "a kamailio.cfg has no such in", 'write x in ("a", "b"), or "a" in x')
        names = [ast.copy_location(ast.Constant(one), node) for one in choices]
        equal = ast.Eq()
        tests = [self.comparison(node, left, equal, one, first=first and not n) for n, one in enumerate(names)]
        found = tests[0]
        for test in tests[1:]:
            found = both(found, "||", test)
        return found

    def _asked(self, command: str, *arguments: ast.expr) -> Expression:
        """A command of textops for texts."""
        texts = [Text(HERE, filled_text(self.values.parts(one))) for one in arguments]
        self.writer.commands.used.add(command)
        return CommandCall(HERE, command, tuple(texts))

    def matching(self, node: ast.Call, pattern: ast.expr, way: str) -> Expression:
        """`PATTERN.search(x)`, `re.search("…", x)`."""
        try:
            found = self.function.known(pattern)
            arguments = list(node.args)
            if found is re and len(arguments) > 1:
                found = self.function.known(arguments.pop(0))
                flags = self.function.known(arguments[1]) if len(arguments) > 1 else 0
                found = re.compile(str(found), int(flags))  # type: ignore[call-overload]
            if not isinstance(found, re.Pattern) or len(arguments) not in (1, 2):
                raise Unknown
            return both(self.values.operand(arguments[0]), "=~", Text(HERE, posix_pattern(found, way)))
        except (Unknown, re.error):
            self.function.refuse(node, "this is no regular expression that is known here", "write it as a constant")
        except NoPattern as no:
            self.function.refuse(node, f"a kamailio.cfg has no such regular expression: {no}", "write it more simply")
