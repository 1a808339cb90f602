"""The statements of a route's functions as those of a kamailio.cfg."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from labsip.dialects.cfg.cfg_writer import Remark
from labsip.dialects.cfg.nodes import Arm, Assignment, CommandCall, Expression, If, Jump, RouteCall, Statement, While
from labsip.dialects.translation.cfg_pieces import HERE
from labsip.dialects.translation.cfg_returns import inside_bool, returned
from labsip.dialects.translation.cfg_values import Values
from labsip.dialects.translation.sorts import NULL, as_read
from labsip.sip.errors import LabError

if TYPE_CHECKING:
    from labsip.dialects.translation.cfg_blocks import BlockWriter

Body = list[Statement]


class BlockRole(NamedTuple):
    """Where a function's statements stand."""

    values: Values
    is_main: bool
    """In a block that is no route: return ends the script."""
    is_helper: bool
    """It is called as a function of Python's: False is a value there, and ends nothing."""
    inlined: bool = False
    """Nobody looks at what it returns."""


class Statements:
    """Those of one script; `writer` makes its blocks."""

    def __init__(self, writer: BlockWriter) -> None:
        self.writer = writer

    def body(self, statements: Sequence[ast.stmt], role: BlockRole, *, tail: bool) -> Body:
        """Statements, one after the other. tail: nothing comes after them in their block."""
        found: Body = []
        for number, node in enumerate(statements):
            last = number == len(statements) - 1
            bare_return = number + 2 == len(statements) and _is_bare_return(statements[-1])
            outer, self.writer.before = self.writer.before, []
            try:
                if tail and (last or bare_return) and (inlined := self._inlined(node, role)) is not None:
                    found += self.writer.before
                    found += inlined
                    if last or bare_return:
                        break
                    continue
                made = self._statement(node, role, tail=tail and last)
                if self.writer.before and made:  # its comment goes with the first of them
                    self.writer.before[0] = replace(self.writer.before[0], spot=made[0].spot)
                    made[0] = replace(made[0], spot=HERE)
                found += [*self.writer.before, *made]
            except LabError as refusal:
                self.writer.refusals.append(str(refusal))
            finally:
                self.writer.before = outer
        return found

    def _inlined(self, node: ast.stmt, role: BlockRole) -> Body | None:
        """What a function does that is called here alone, and last; None for others."""
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(node, ast.Return) and role.is_main:
            value = node.value
        if not isinstance(value, ast.Call):
            return None
        callee = role.values.function.callee(value)
        if callee is None or self.writer.calls[callee] != 1 or callee in self.writer.main or callee.parameters:
            return None
        if not (role.is_main or role.inlined) and not isinstance(node, ast.Expr):
            return None
        if callee.definition is role.values.function.definition:
            return None
        self.writer.check_recursion(value, callee, role.values)
        self.writer.take_remarks(callee)
        inner = BlockRole(Values(callee, self.writer), role.is_main, role.is_helper, inlined=True)
        body = self.body(callee.body, inner, tail=True)
        if body and callee.about:
            self._remark(body[0], callee.about)
        return body

    def _remark(self, statement: Statement, lines: tuple[str, ...]) -> None:
        at = statement.spot.file, statement.spot.line
        old = self.writer.remarks.get(at, Remark())
        self.writer.remarks[at] = Remark((*lines, *old.above), old.beside)

    def _statement(self, node: ast.stmt, role: BlockRole, *, tail: bool) -> Body:
        values = role.values
        spot = values.function.spot(node)
        chosen = _choice(node)
        if chosen is not None:
            return self._either(node, chosen, role, tail=tail)
        match node:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return []
            case ast.If():
                return [self._if(node, role, tail=tail)]
            case ast.While(orelse=[]):
                return [self._while(node, role)]
            case ast.Break():
                return [Jump(spot, "break")]
            case ast.Return():
                return returned(node, role, self)
            case ast.Expr(value=ast.Call() as call):
                return self._run(call, role)
            case ast.Assign(targets=[target]):
                return [self._assign(node, target, node.value, values)]
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return [self._assign(node, target, value, values)]
            case ast.AugAssign(target=target, op=sign, value=value):
                summed = ast.copy_location(ast.BinOp(as_read(target), sign, value), node)
                return [self._assign(node, target, summed, values)]
            case ast.AnnAssign():
                return []
        what, hint = NOT_THERE.get(type(node), (type(node).__name__.lower(), "write it with if and while"))
        return values.function.refuse(node, f"a kamailio.cfg has no {what}", hint)

    def _run(self, call: ast.Call, role: BlockRole) -> Body:
        values = role.values
        where = values.function.spot(call)
        match call.func:
            case ast.Attribute(value=ast.Name(id=name), attr="exit" | "drop" as word) if name == values.function.handle:
                return [Jump(where, word)]
        found = values.value(call)
        if not isinstance(found, CommandCall | RouteCall):
            values.function.refuse(call, f"{ast.unparse(call)} does nothing in a kamailio.cfg", "leave it out")
        return [replace(found, spot=where)]

    def _assign(self, node: ast.stmt, target: ast.expr, value: ast.expr, values: Values) -> Statement:
        if not isinstance(target, ast.Name | ast.Subscript):
            values.function.refuse(node, "a kamailio.cfg sets one variable at a time", "write a line for each")
        found = values.value(value)
        left = values.variable(target)
        if isinstance(target, ast.Name) and NULL in self.writer.sorts.of(value, values.function):
            self._check_nothing(node, target, values)
        return Assignment(values.function.spot(node), left, found)

    def _check_nothing(self, node: ast.stmt, target: ast.Name, values: Values) -> None:
        """Refuse a variable that may be None where somebody asks for that: a $var would be 0."""
        for one in ast.walk(values.function.definition):
            match one:
                case ast.Compare(left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot()]) if name == target.id:
                    hint = f'keep it in ksr["$avp({name})"], or ask the variable itself'
                    values.function.refuse(node, f"{name} is never None in a kamailio.cfg", hint)

    def _if(self, node: ast.If, role: BlockRole, *, tail: bool) -> If:
        values = role.values
        arms = [Arm(values.function.spot(node), values.truth(node.test), tuple(self.body(node.body, role, tail=tail)))]
        otherwise: Body = []
        rest = node.orelse
        while len(rest) == 1 and isinstance(inner := rest[0], ast.If) and _is_elif(inner, node):
            outer, self.writer.before = self.writer.before, []
            try:
                test, hoisted = values.truth(inner.test), self.writer.before
            finally:
                self.writer.before = outer
            if hoisted:
                otherwise = [
                    *hoisted,
                    replace(self._if_with(inner, test, role, tail=tail), spot=values.function.spot(inner)),
                ]
                return If(values.function.spot(node), tuple(arms), tuple(otherwise))
            arms.append(Arm(values.function.spot(inner), test, tuple(self.body(inner.body, role, tail=tail))))
            rest = inner.orelse
        otherwise = self.body(rest, role, tail=tail)
        return If(values.function.spot(node), tuple(arms), tuple(otherwise))

    def _if_with(self, node: ast.If, test: Expression, role: BlockRole, *, tail: bool) -> If:
        """An `elif` whose condition needed something before it."""
        body = self.body(node.body, role, tail=tail)
        other = self.body(node.orelse, role, tail=tail)
        return If(HERE, (Arm(role.values.function.spot(node), test, tuple(body)),), tuple(other))

    def _while(self, node: ast.While, role: BlockRole) -> While:
        values = role.values
        self.writer.has_loops = True
        outer, self.writer.before = self.writer.before, []
        try:
            test, hoisted = values.truth(node.test), self.writer.before
        finally:
            self.writer.before = outer
        if hoisted:
            hint = "ask within the loop, and leave it with break"
            values.function.refuse(node.test, "the condition of a while must be a single one", hint)
        return While(values.function.spot(node), test, tuple(self.body(node.body, role, tail=False)))

    def _either(self, node: ast.stmt, chosen: ast.IfExp, role: BlockRole, *, tail: bool) -> Body:
        """A statement with `a if x else b` in it: an if with two statements."""
        values = role.values
        test = values.truth(chosen.test)
        bodies = [self.body([_with(node, chosen, one)], role, tail=tail) for one in (chosen.body, chosen.orelse)]
        spot = values.function.spot(node)
        bare = [tuple(replace(one, spot=HERE) for one in body) for body in bodies]
        return [If(spot, (Arm(spot, test, bare[0]),), bare[1])]

    # ---- return
    def done(self, value: ast.expr | None, role: BlockRole) -> Body:
        """What a returned value does, where nobody wants to know it."""
        if isinstance(value, ast.Call):
            inner = inside_bool(value)
            if isinstance(inner, ast.Call):
                return self._run(inner, role)
        if value is not None and any(isinstance(one, ast.Call) for one in ast.walk(value)):
            role.values.function.refuse(value, "nobody hears what a block returns", "write the commands above it")
        return []


NOT_THERE: dict[type, tuple[str, str]] = {
    ast.For: ("for", "write a while with a number in a variable"),
    ast.Try: ("try", "a command that fails returns a code; look at that"),
    ast.With: ("with", "leave it out"),
    ast.Raise: ("raise", "answer with ksr.sl_reply, and ksr.exit()"),
    ast.Match: ("match", "write if and elif"),
    ast.Assert: ("assert", "write an if"),
    ast.Continue: ("continue", "turn the condition around"),
    ast.While: ("else of a while", "write it behind the loop"),
    ast.FunctionDef: ("function within another", "write it above, outside of the block"),
    ast.Import: ("import", "write it at the top of the file"),
    ast.ImportFrom: ("import", "write it at the top of the file"),
    ast.Delete: ("del", 'write ksr["$avp(x)"] = None'),
    ast.Global: ("global", 'keep it in ksr["$shv(x)"], which all requests share'),
    ast.Nonlocal: ("nonlocal", 'keep it in ksr["$shv(x)"], which all requests share'),
    ast.Assign: ("assignment to several variables", "write a line for each"),
    ast.Expr: ("statement like that", "write a command, ksr.…"),
}


def _is_bare_return(node: ast.stmt) -> bool:
    return isinstance(node, ast.Return) and node.value is None


def _is_elif(inner: ast.If, outer: ast.If) -> bool:
    """Whether it is written as elif: what is an `if` within an else stands further to the right."""
    return inner.col_offset == outer.col_offset


def _choice(node: ast.stmt) -> ast.IfExp | None:
    """The `a if x else b` of a statement that has but one, and asks nothing before it."""
    if not isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Return | ast.AnnAssign):
        return None
    found = [one for one in ast.walk(node) if isinstance(one, ast.IfExp)]
    return found[0] if len(found) == 1 and not isinstance(node, ast.AugAssign) else None


def _with(node: ast.stmt, old: ast.expr, new: ast.expr) -> ast.stmt:
    """The statement with something else in that place; the tree stays as it is."""
    fields = {name: _copy(value, old, new) for name, value in ast.iter_fields(node)}
    return ast.copy_location(type(node)(**fields), node)  # type: ignore[arg-type]


def _copy(value: object, old: ast.expr, new: ast.expr) -> object:
    if value is old:
        return new
    if isinstance(value, list):
        return [_copy(one, old, new) for one in value]
    if isinstance(value, ast.expr):
        fields = {name: _copy(one, old, new) for name, one in ast.iter_fields(value)}
        return ast.copy_location(type(value)(**fields), value)  # type: ignore[arg-type]
    return value
