"""Python's expressions as those of a kamailio.cfg: values, and texts that a command fills in."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NoReturn

from labsip.dialects.cfg.nodes import (
    CommandCall,
    Expression,
    Number,
    Pvar,
    RouteCall,
    Text,
    Unary,
)
from labsip.dialects.cfg.pvars import BadPvar
from labsip.dialects.translation.cfg_conditions import ENDS, Conditions
from labsip.dialects.translation.cfg_pieces import HERE, as_number, both, summands, transformed, variable
from labsip.dialects.translation.posix_pattern import WAYS
from labsip.dialects.translation.route_function import RouteFunction, Unknown
from labsip.dialects.translation.sorts import ANY, INT, NULL, TEXT, TRUTHS, Sorts
from labsip.dialects.translation.texts import Parts

if TYPE_CHECKING:
    from labsip.dialects.translation.cfg_blocks import BlockWriter

SIGNS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "/", ast.Mod: "mod", ast.BitAnd: "&", ast.BitOr: "|",
    ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
CHANGES = {"lower": "s.tolower", "upper": "s.toupper", "strip": "s.trim"}
"""Methods of texts, and the transformation for each."""
LARGEST = 2**31 - 1


class Values:
    """The expressions of one function. `writer` makes the blocks, and takes what has to stand before a statement."""

    def __init__(self, function: RouteFunction, writer: BlockWriter) -> None:
        self.function = function
        self.writer = writer
        self.conditions = Conditions(self)

    def sorts(self, node: ast.expr) -> Sorts:
        """What it may be."""
        return self.writer.sorts.of(node, self.function)

    def truth(self, node: ast.expr, *, first: bool = True) -> Expression:
        """What holds where Python takes it as true."""
        return self.conditions.truth(node, first=first)

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
        if isinstance(node, ast.Subscript) and self.is_handle(node.value):
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

    def is_handle(self, node: ast.expr) -> bool:
        """Whether it is what the function calls ksr."""
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
        return both(as_number(terms[0]), sign, as_number(terms[1]))

    def operand(self, node: ast.expr, *, first: bool = True) -> Expression:
        """A value beside an operator, where an unset variable counts as 0 or "" by itself, and a command as 1 or 0."""
        match node:
            case ast.BoolOp(op=ast.Or(), values=[one, other]) if self.is_empty(other):
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
        if not self.is_empty(other):
            return None
        found = self.operand(one)
        return both(Text(HERE, ""), "+", found) if self.sorts(other) == {TEXT} else Unary(HERE, "int", found)

    def is_empty(self, node: ast.expr) -> bool:
        """Whether it is the constant "" or 0."""
        try:
            return self.function.known(node) in ("", 0)
        except Unknown:
            return False

    # ---- calls

    def call(self, node: ast.Call, *, first: bool) -> Expression:
        """A command, a function of the route's, or one of Python's that has a counterpart."""
        match node.func:
            case ast.Attribute(value=inner, attr=name) if self.is_handle(inner):
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
        return transformed(found, name)

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
