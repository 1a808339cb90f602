"""A function of a route as one of a KEMI script: the same Python, with KSR's functions for the handle's."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING

from labsip.dialects.cfg.cfg_writer import Remark
from labsip.dialects.translation.kemi_calls import KemiCall
from labsip.dialects.translation.python_text import python_text
from labsip.dialects.translation.route_function import RouteFunction, Unknown
from labsip.dialects.translation.sorts import INT, NULL, TEXT, VARIABLE

if TYPE_CHECKING:
    from labsip.dialects.translation.to_kemi import KemiWriter

INDENT = "    "
TEXTS_IN_KEMI = ("rp", "cs", "op")
"""Variables that are numbers in a route, and texts in KEMI."""


class KemiFunction(ast.NodeTransformer):
    """One function. What stands where something is true or not is visited by `truth`, all else by `visit`."""

    def __init__(self, function: RouteFunction, writer: KemiWriter) -> None:
        self.function = function
        self.writer = writer

    def text(self, name: str) -> str:
        """The whole function."""
        body = [made for one in copy.deepcopy(self.function.body) for made in self._statements(self.visit(one))]
        parameters = ", ".join(self._parameters())
        lines = [f"def {name}({parameters}):"]
        if self.function.about:
            lines.append(f'{INDENT}"""{" ".join(self.function.about)}"""')
        written = list(self._written(body, INDENT))
        return "\n".join([*lines, *(written or [f"{INDENT}pass"] if not self.function.about else written)])

    def _parameters(self) -> Iterator[str]:
        names, given = self.function.arguments, self.function.definition.args.defaults
        defaults = [None] * (len(names) - len(given)) + list(given)
        for one, default in zip(names, defaults[-len(names) :] if names else [], strict=True):
            yield one.arg if default is None else f"{one.arg}={python_text(self.visit(copy.deepcopy(default)))}"

    @staticmethod
    def _statements(made: ast.AST | list[ast.AST] | None) -> Iterator[ast.stmt]:
        for one in made if isinstance(made, list) else [made]:
            if isinstance(one, ast.stmt):
                yield one

    # ---- expressions

    def truth(self, node: ast.expr) -> ast.expr:
        """A condition: a code is true above zero."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return self._negated(inner, node)
            case ast.BoolOp(op=op, values=values):
                return ast.copy_location(ast.BoolOp(op, [self.truth(one) for one in values]), node)
            case ast.Call(func=ast.Name(id="bool"), args=[inner]):
                return self.truth(inner)
            case ast.Call() if (made := self._command(node)) is not None:
                return made.call if made.is_bool else _above_zero(self._checked(made))
        return self._expression(node)

    def _negated(self, inner: ast.expr, node: ast.expr) -> ast.expr:
        made = self._command(inner) if isinstance(inner, ast.Call) else None
        if made is not None and not made.is_bool:
            return ast.copy_location(ast.Compare(self._checked(made), [ast.LtE()], [ast.Constant(0)]), node)
        holds = made.call if made is not None else self.truth(inner)
        return ast.copy_location(ast.UnaryOp(ast.Not(), holds), node)

    def _expression(self, node: ast.expr) -> ast.expr:
        found = self.visit(node)
        assert isinstance(found, ast.expr)
        return found

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A value: codes are of the class Code, so that they are true above zero wherever they go."""
        if (made := self._command(node)) is not None:
            return made.call if made.is_bool else self.writer.wanted("Code", self._checked(made))
        callee = self.function.callee(node)
        if callee is not None:
            arguments = [self._expression(one) for one in node.args[1:]]
            keywords = [ast.keyword(one.arg, self._expression(one.value)) for one in node.keywords]
            return ast.copy_location(ast.Call(_name(self.writer.name_of(callee)), arguments, keywords), node)
        return self.generic_visit(node)

    def _command(self, node: ast.Call) -> KemiCall | None:
        """The function of KSR's that a command is."""
        match node.func:
            case ast.Attribute(value=ast.Name(id=handle), attr=name) if handle == self.function.handle:
                pass
            case _:
                return None
        arguments = ast.Call(node.func, [self._expression(one) for one in node.args],
                             [ast.keyword(one.arg, self._expression(one.value)) for one in node.keywords])  # fmt: skip
        ast.copy_location(arguments, node)
        if name == "exit":
            return KemiCall(self.writer.exit(), True, False)
        if name == "drop":
            return KemiCall(self.writer.wanted("drop_"), True, False)
        if name == "route":
            return KemiCall(self._route(node), False, False)
        return self.writer.calls.call(arguments, name, self.function)

    def _route(self, node: ast.Call) -> ast.Call:
        try:
            name = str(self.function.known(node.args[0]))
        except (Unknown, IndexError):
            self.function.refuse(node, "the name of a route must be a constant", "write if and elif")
        return self.writer.wanted("route_", _name(self.writer.route(name, node, self.function)))

    def _checked(self, made: KemiCall) -> ast.expr:
        """0 ends the script."""
        return self.writer.wanted("checked", made.call) if made.may_end else made.call

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Two values: a code is a number there as it is."""
        sides = [self._compared(one) for one in (node.left, *node.comparators)]
        return ast.copy_location(ast.Compare(sides[0], node.ops, sides[1:]), node)

    def _compared(self, node: ast.expr) -> ast.expr:
        made = self._command(node) if isinstance(node, ast.Call) else None
        if made is None:
            return self._expression(node)
        if made.is_bool:
            return ast.IfExp(made.call, ast.Constant(1), ast.Constant(-1))
        return self._checked(made)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """`not`."""
        return self.truth(node) if isinstance(node.op, ast.Not) else self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """A choice."""
        body, other = self._expression(node.body), self._expression(node.orelse)
        return ast.copy_location(ast.IfExp(self.truth(node.test), body, other), node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """`ksr["$ru"]` read."""
        if not (isinstance(node.value, ast.Name) and node.value.id == self.function.handle):
            return self.generic_visit(node)
        key = self._variable(node)
        found = ast.Call(ast.parse("KSR.pv.get", mode="eval").body, [key], [])
        match = VARIABLE.match(str(key.value)) if isinstance(key, ast.Constant) else None
        is_text = match is not None and match[1] in TEXTS_IN_KEMI and not match[3]
        return ast.Call(_name("int"), [found], []) if is_text else found

    def _variable(self, node: ast.Subscript) -> ast.expr:
        key = self._expression(node.slice)
        try:
            key = ast.Constant(str(self.function.known(node.slice)))
            if key.value in ("$rc", "$retcode"):
                self.function.refuse(node, f"KEMI has no {key.value}", "keep the code in a variable: code = ksr.…")
            self.writer.note_variable(str(key.value), self.function.where(node))
        except Unknown:
            pass
        return key

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A constant of the file's, or a function."""
        if node.id == self.function.handle:
            self.function.refuse(node, f"{node.id} can only be handed to a function of the route", "write its commands")
        if isinstance(node.ctx, ast.Load) and node.id not in self.function.locals:
            return ast.copy_location(_name(self.writer.global_name(node, self.function)), node)
        return node

    # ---- statements

    def visit_If(self, node: ast.If) -> ast.AST:
        """`if`."""
        test = self.truth(node.test)
        node.body, node.orelse = self._bodies(node.body), self._bodies(node.orelse)
        node.test = test
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        """`while`."""
        node.test = self.truth(node.test)
        node.body, node.orelse = self._bodies(node.body), self._bodies(node.orelse)
        return node

    def _bodies(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        return [made for one in statements for made in self._statements(self.visit(one))]

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """A command alone."""
        made = self._command(node.value) if isinstance(node.value, ast.Call) else None
        if made is None:
            return self.generic_visit(node)
        match made.call:
            case ast.Call(func=ast.Name(id="route_"), args=[ast.Name(id=block)]) if self.writer.returns_nothing(block):
                return ast.copy_location(ast.Expr(ast.Call(_name(block), [], [])), node)
        return ast.copy_location(ast.Expr(self._checked(made)), node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """`ksr["$ru"] = …`, and others."""
        target = node.targets[0]
        if len(node.targets) > 1 or not self._is_variable(target):
            node.targets = [
                target if isinstance(target, ast.Name) else self._expression(target) for target in node.targets
            ]
            node.value = self._expression(node.value)
            return node
        assert isinstance(target, ast.Subscript)
        return ast.copy_location(ast.Expr(self._set(target, node.value)), node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """`ksr["$var(n)"] += 1`."""
        if not self._is_variable(node.target):
            return self.generic_visit(node)
        assert isinstance(node.target, ast.Subscript)
        read = ast.Subscript(node.target.value, node.target.slice, ast.Load())
        value = ast.copy_location(ast.BinOp(ast.copy_location(read, node), node.op, node.value), node)
        return ast.copy_location(ast.Expr(self._set(node.target, value)), node)

    def _is_variable(self, target: ast.expr) -> bool:
        match target:
            case ast.Subscript(value=ast.Name(id=name)):
                return name == self.function.handle
        return False

    def _set(self, target: ast.Subscript, value: ast.expr) -> ast.Call:
        sorts = self.writer.sorts.of(value, self.function)
        key, given = self._variable(target), self._expression(value)
        name = "sets" if sorts == {TEXT} else "seti" if sorts == {INT} else ""
        if sorts == {NULL}:
            return ast.Call(ast.parse("KSR.pv.unset", mode="eval").body, [key], [])
        if not name:
            return self.writer.wanted("put", key, given)
        return ast.Call(ast.parse(f"KSR.pv.{name}", mode="eval").body, [key, given], [])

    # ---- text

    def _written(self, statements: list[ast.stmt], indent: str) -> Iterator[str]:
        for node in statements:
            remark = self.function.remarks.get(getattr(node, "lineno", 0), Remark())
            yield from (f"{indent}# {line}".rstrip() for line in remark.above)
            first, *others = self._statement(ast.fix_missing_locations(node), indent)
            yield first + (f"  # {remark.beside}" if remark.beside else "")
            yield from others

    def _statement(self, node: ast.stmt, indent: str) -> Iterator[str]:
        match node:
            case ast.If():
                yield from self._if(node, indent, "if")
            case ast.While(test=test, body=body, orelse=[]):
                yield f"{indent}while {python_text(test)}:"
                yield from self._written(body, indent + INDENT)
            case _:
                yield from (f"{indent}{line}" for line in python_text(node).splitlines())

    def _if(self, node: ast.If, indent: str, word: str) -> Iterator[str]:
        yield f"{indent}{word} {python_text(node.test)}:"
        yield from self._written(node.body, indent + INDENT)
        rest = node.orelse
        if len(rest) == 1 and isinstance(inner := rest[0], ast.If) and inner.col_offset == node.col_offset:
            yield from self._if(inner, indent, "elif")
        elif rest:
            yield f"{indent}else:"
            yield from self._written(rest, indent + INDENT)


def _above_zero(node: ast.expr) -> ast.expr:
    return ast.Compare(node, [ast.Gt()], [ast.Constant(0)])


def _name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())
