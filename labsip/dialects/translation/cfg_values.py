"""Python's expressions as those of a kamailio.cfg: values, conditions, texts that a command fills in.

In Python a text is true if there is something in it, in a cfg if it is a number above zero; there `==` goes by its left
side, and an unset variable equals "". So what is written depends on what a value may be: `sorts` knows.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NoReturn

from labsip.dialects.cfg.nodes import (
    NOWHERE_IN_CFG,
    Binary,
    CommandCall,
    Expression,
    Number,
    Pvar,
    RouteCall,
    Spot,
    Text,
    Unary,
)
from labsip.dialects.cfg.pvars import BadPvar, pvar_of
from labsip.dialects.translation.posix_pattern import WAYS, NoPattern, posix_pattern
from labsip.dialects.translation.route_function import RouteFunction, Unknown
from labsip.dialects.translation.sorts import ANY, BOOL, CODE, FULL, INT, NULL, TEXT, TRUTHS, Sorts
from labsip.dialects.translation.texts import Parts, plain_text

if TYPE_CHECKING:
    from labsip.dialects.translation.cfg_blocks import BlockWriter

SIGNS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "/", ast.Mod: "mod", ast.BitAnd: "&", ast.BitOr: "|",
    ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
COMPARISONS: dict[type, str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">=", ast.Is: "==",
    ast.IsNot: "!=",
}  # fmt: skip
NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
TEXTS_FIRST = ("rp", "cs", "op")
"""Variables that are numbers, and to which + joins a text all the same."""
CHANGES = {"lower": "s.tolower", "upper": "s.toupper", "strip": "s.trim"}
"""Methods of texts, and the transformation for each."""
ENDS = {"startswith": "starts_with", "endswith": "ends_with"}
LARGEST = 2**31 - 1
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


class Values:
    """The expressions of one function. `writer` makes the blocks, and takes what has to stand before a statement."""

    def __init__(self, function: RouteFunction, writer: BlockWriter) -> None:
        self.function = function
        self.writer = writer

    def sorts(self, node: ast.expr) -> Sorts:
        """What it may be."""
        return self.writer.sorts.of(node, self.function)

    # ---- values

    def value(self, node: ast.expr, *, first: bool = True) -> Expression:
        """What it comes to. first: nothing is done before it in its statement, so that something may be."""
        try:
            return self.constant(self.function.known(node), node)
        except Unknown:
            pass
        match node:
            case ast.Subscript() | ast.Name():
                return self.variable(node)
            case ast.Call():
                return self.call(node, first=first)
            case ast.JoinedStr():
                return self.joined(node)
            case ast.BinOp(op=sign) if type(sign) in SIGNS:
                return self.calculated(node, first=first)
            case ast.BoolOp(op=ast.Or(), values=[one, other]) if (filled := self.or_else(one, other)) is not None:
                return filled
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return Unary(HERE, "-", self.operand(inner, first=first))
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return self.truth(node, first=first)
            case ast.BoolOp(values=values) if all(self.sorts(one) <= TRUTHS for one in values):
                return self.truth(node, first=first)
        return self.refuse(node)

    def refuse(self, node: ast.expr) -> NoReturn:
        """Say that a kamailio.cfg has no such thing. Raises Refusal."""
        kind = type(node)
        what, hint = NOT_THERE.get(kind, ("this", "write it as a condition, a command or a $variable"))
        self.function.refuse(node, f"a kamailio.cfg has no {what}", hint)

    def constant(self, value: object, node: ast.expr) -> Expression:
        """A number or a text; None is $null."""
        match value:
            case None:
                return variable("$null")
            case bool():
                return Number(HERE, int(value))
            case int():
                if not -LARGEST <= value <= LARGEST:
                    self.function.refuse(node, f"{value} is too large for a kamailio.cfg", "its numbers have 32 bits")
                return Number(HERE, value)
            case str():
                if "\0" in value:
                    self.function.refuse(node, "a text in a kamailio.cfg has no NUL", "leave it out")
                return Text(HERE, value)
            case float():
                return self.function.refuse(node, f"a kamailio.cfg has no {value}", "its numbers are whole")
        kind = type(value).__name__
        hint = "keep values in a hash table, ksr[\"$sht(table=>key)\"]" if isinstance(value, dict) else (
            "a kamailio.cfg knows numbers, texts and $variables")  # fmt: skip
        return self.function.refuse(node, f"this is a {kind}", hint)

    def variable(self, node: ast.expr) -> Pvar:
        """`ksr["$ru"]`, or a variable of Python's."""
        if isinstance(node, ast.Subscript) and self._is_handle(node.value):
            parts = self.parts(node.slice)
            text = "".join(part if isinstance(part, str) else part.text for part in parts)
            self.writer.commands.check_variable(text, self.function.where(node))
            try:
                return variable(text)
            except BadPvar as bad:
                self.function.refuse(node, str(bad), 'write it as in ksr["$ru"]')
        if isinstance(node, ast.Name) and node.id in self.function.locals:
            return variable(self.writer.local(self.function, node.id))
        if isinstance(node, ast.Name):
            self.function.refuse(node, f"{node.id} is nothing that is known here", "give it a value in the route")
        return self.refuse(node)

    def _is_handle(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id == self.function.handle

    def joined(self, node: ast.JoinedStr) -> Expression:
        """An f-string as texts and variables with + between them."""
        terms: list[Expression] = []
        for part in node.values:
            match part:
                case ast.Constant(value=str(text)):
                    terms.append(Text(HERE, text))
                case ast.FormattedValue(value=inner, format_spec=None):
                    terms.append(self.operand(inner))
                case _:
                    self.function.refuse(node, "a kamailio.cfg formats nothing", "leave out what stands behind the :")
        return self.added(
            terms, [self.sorts(part.value) for part in node.values if isinstance(part, ast.FormattedValue)]
        )

    def added(self, terms: list[Expression], sorts: list[Sorts]) -> Expression:
        """Terms as one text; the left one must be one for that."""
        if not terms:
            return Text(HERE, "")
        if not isinstance(terms[0], Text) and not (sorts and sorts[0] <= {TEXT, NULL} and len(terms) > 1):
            terms = [Text(HERE, ""), *terms]
        merged: list[Expression] = []
        for term in (terms[0], *(summand for one in terms[1:] for summand in summands(one))):
            if merged and isinstance(merged[-1], Text) and isinstance(term, Text):
                merged[-1] = Text(HERE, merged[-1].value + term.value)
            else:
                merged.append(term)
        found = merged[0]
        for term in merged[1:]:
            found = both(found, "+", term)
        return found

    def calculated(self, node: ast.BinOp, *, first: bool) -> Expression:
        """Arithmetic, and texts joined."""
        sign = SIGNS[type(node.op)]
        left, right = self.sorts(node.left), self.sorts(node.right)
        if TEXT in (left | right) and sign != "+":
            hint = "write the text in full" if sign == "*" else "write an f-string"
            self.function.refuse(node, f"a text has no {'%' if sign == 'mod' else sign} in a kamailio.cfg", hint)
        if TEXT in left | right and INT in left | right and ANY not in (left, right):
            self.function.refuse(node, "a text and a number can't be joined", 'write an f-string, f"{a}{b}"')
        terms = self.operand(node.left, first=first), self.operand(node.right, first=False)
        if TEXT in left | right:
            return self.added([*(summands(terms[0]) or [Text(HERE, "")]), terms[1]], [left])
        return both(_as_number(terms[0]), sign, _as_number(terms[1]))

    def operand(self, node: ast.expr, *, first: bool = True) -> Expression:
        """A value beside an operator, where an unset variable counts as 0 or "" by itself, and a command as 1 or 0."""
        match node:
            case ast.BoolOp(op=ast.Or(), values=[one, other]) if self._is_empty(other):
                return self.operand(one, first=first)
            case ast.Call(func=ast.Name(id="str"), args=[inner]) if self.sorts(inner) <= {TEXT, NULL}:
                return self.operand(inner, first=first)
        found = self.value(node, first=first)
        if isinstance(found, CommandCall | RouteCall):
            if not first:
                hint = "put its code into a variable on a line above: code = ksr.…"
                self.function.refuse(node, "a command's code can only be looked at before all else", hint)
            self.writer.before.append(found)
            return variable("$rc")
        return found

    def or_else(self, one: ast.expr, other: ast.expr) -> Expression | None:
        """`x or ""`, `x or 0` as a value; None for others."""
        if not self._is_empty(other):
            return None
        found = self.operand(one)
        return both(Text(HERE, ""), "+", found) if self.sorts(other) == {TEXT} else Unary(HERE, "int", found)

    def _is_empty(self, node: ast.expr) -> bool:
        try:
            return self.function.known(node) in ("", 0)
        except Unknown:
            return False

    # ---- calls

    def call(self, node: ast.Call, *, first: bool) -> Expression:
        """A command, a function of the route's, or one of Python's that has a counterpart."""
        match node.func:
            case ast.Attribute(value=inner, attr=name) if self._is_handle(inner):
                return self.writer.commands.call(node, name, self)
            case _ if (callee := self.function.callee(node)) is not None:
                return self.writer.helper(node, callee, self, first=first)
            case ast.Name(id="str") if len(node.args) == 1:
                return self._as_text(node.args[0], first=first)
            case ast.Name(id="int") if len(node.args) == 1:
                return Unary(HERE, "int", self.operand(node.args[0], first=first))
            case ast.Name(id="len") if len(node.args) == 1:
                return Unary(HERE, "strlen", self.operand(node.args[0], first=first))
            case ast.Name(id="bool") if len(node.args) == 1:
                return self.truth(node.args[0], first=first)
            case ast.Attribute(value=inner, attr=name) if name in CHANGES and not node.args:
                return self._changed(inner, CHANGES[name])
            case ast.Attribute(attr=name) if name in ENDS or name in WAYS:
                return self.truth(node, first=first)
        return self.function.refuse(node, f"a kamailio.cfg has no {ast.unparse(node.func)}", _instead(node.func))

    def _as_text(self, node: ast.expr, *, first: bool) -> Expression:
        found = self.value(node, first=first)
        return found if self.sorts(node) <= {TEXT, NULL} else both(Text(HERE, ""), "+", found)

    def _changed(self, node: ast.expr, name: str) -> Expression:
        """A variable with a transformation."""
        found = self.operand(node)
        if not isinstance(found, Pvar):
            self.function.refuse(node, "only a variable can be changed like that", "put it into a variable first")
        return self.transformed(found, name)

    @staticmethod
    def transformed(pvar: Pvar, name: str) -> Pvar:
        """A variable and what is made of it: `$(fU{s.tolower})`."""
        text = pvar.text[2:-1] if pvar.text.startswith("$(") else pvar.text[1:]
        return variable(f"$({text}{{{name}}})")

    # ---- conditions

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
            case ast.Call(func=ast.Attribute(value=inner, attr=name)) if not self._is_handle(inner):
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
            sorts = self.sorts(node) - {NULL}
        if sorts <= TRUTHS:
            code = self.value(node, first=first)
            return both(code, ">", Number(HERE, 0)) if isinstance(code, Pvar) else code
        found = self.operand(node, first=first)
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
        one, other = self.sorts(left), self.sorts(right)
        if other == {NULL}:
            return self._is_nothing(node, left, sign)
        if sign not in ("==", "!="):
            if TEXT in (one | other) and ANY not in (one, other):
                self.function.refuse(node, f"{sign} compares numbers in a kamailio.cfg", "write int(…) around a text")
        else:
            self._check_sides(node, one, other, right)
        found = both(self.operand(left, first=first), sign, self.operand(right, first=False))
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
        if found.operator not in ("==", "!=") or not self._is_empty(right) or NULL not in self.sorts(left):
            return found
        if isinstance(left, ast.BoolOp):
            return found
        is_set = both(found.left, NEGATED[found.operator], variable("$null"))
        return both(found, "&&" if found.operator == "==" else "||", is_set)

    def _is_nothing(self, node: ast.expr, left: ast.expr, sign: str) -> Expression:
        found = self.operand(left)
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
        texts = [Text(HERE, plain_text(self.parts(one))) for one in arguments]
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
            return both(self.operand(arguments[0]), "=~", Text(HERE, posix_pattern(found, way)))
        except (Unknown, re.error):
            self.function.refuse(node, "this is no regular expression that is known here", "write it as a constant")
        except NoPattern as no:
            self.function.refuse(node, f"a kamailio.cfg has no such regular expression: {no}", "write it more simply")

    # ---- texts

    def parts(self, node: ast.expr) -> Parts:
        """A text that is filled in: constants and variables."""
        try:
            return [str(self.function.known(node))]
        except Unknown:
            pass
        match node:
            case ast.JoinedStr(values=values):
                return [part for one in values for part in self.parts(one)]
            case ast.FormattedValue(value=inner, format_spec=None):
                return self.parts(inner)
            case ast.BinOp(op=ast.Add(), left=left, right=right) if TEXT in self.sorts(node):
                return [*self.parts(left), *self.parts(right)]
            case ast.Call(func=ast.Name(id="str"), args=[inner]):
                return self.parts(inner)
            case ast.Subscript() | ast.Name():
                return [self.variable(node)]
            case ast.Call(func=ast.Attribute(attr=name)) if name in CHANGES:
                found = self.value(node)
                if isinstance(found, Pvar):
                    return [found]
        hint = "put it into a variable on a line above, and hand over that"
        return self.function.refuse(node, f"{ast.unparse(node)} can't stand within a text or an argument", hint)

    def spot(self, node: ast.stmt | ast.expr) -> Spot:
        """Where it stands in the function."""
        return self.function.spot(node)


def _as_number(node: Expression) -> Expression:
    """A variable that Kamailio takes for a text first, as a number."""
    return Unary(HERE, "int", node) if isinstance(node, Pvar) and node.name in TEXTS_FIRST else node


def _instead(called: ast.expr) -> str:
    match called:
        case ast.Name(id="print"):
            return 'write ksr.xlog("…")'
        case ast.Name(id="exit" | "quit"):
            return "write ksr.exit()"
        case ast.Name(id=name):
            return f"a function of yours is handed ksr first, as in {name}(ksr)"
    return "write a command, ksr.…, or put it into a KEMI script: lab.to_kemi()"


NOT_THERE: dict[type, tuple[str, str]] = {
    ast.Dict: ("dictionary", 'keep values in a hash table, ksr["$sht(table=>key)"]'),
    ast.DictComp: ("dictionary", 'keep values in a hash table, ksr["$sht(table=>key)"]'),
    ast.ListComp: ("list comprehension", "write a while, or a text with a comma between its parts"),
    ast.SetComp: ("comprehension", "write a while"),
    ast.GeneratorExp: ("comprehension", "write a while"),
    ast.List: ("list", "write a text with a comma between its parts, and ksr.in_list"),
    ast.Tuple: ("tuple", "write a variable for each"),
    ast.Set: ("set", "write a text with a comma between its parts, and ksr.in_list"),
    ast.Lambda: ("function within an expression", "write a def above"),
    ast.NamedExpr: ("assignment within an expression", "write it on a line above"),
    ast.IfExp: ("if within an expression", "write an if with an else"),
    ast.BoolOp: ("value of and and or but true and false", "write an if with an else"),
    ast.Subscript: ("part of a text by its index", 'write a transformation, ksr["$(rU{s.substr,0,3})"]'),
    ast.Await: ("await", "leave it out"),
}
