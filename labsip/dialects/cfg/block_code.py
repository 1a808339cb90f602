"""Blocks compiled: each becomes a Python function whose lines are those of the configuration.

`while` becomes while, `break` break, and a `switch` a loop of one round with a condition for each case, so that it
falls through. `exit` and `drop` are commands of the handle's, and stand in the trace as others do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from types import FunctionType

from labsip.dialects.cfg import values
from labsip.dialects.cfg.command_code import Calls
from labsip.dialects.cfg.expression_code import Expressions
from labsip.dialects.cfg.nodes import (
    Assignment,
    Binary,
    Expression,
    If,
    Jump,
    Number,
    RouteBlock,
    RouteCall,
    Spot,
    Statement,
    Switch,
    Unary,
    While,
)
from labsip.dialects.cfg.places import OneFile, SeveralFiles, Texts
from labsip.dialects.cfg.pvar_code import Pvars
from labsip.dialects.cfg.python_code import HANDLE, TURN, BlockFrame, assign, call, compared, constant, name, only
from labsip.dialects.cfg.switches import chooser
from labsip.dialects.python.stack import SOURCE_MAP
from labsip.proxy.exports import Exports
from labsip.proxy.script import LEFT
from labsip.vocabulary import turn_of

Body = Sequence[Statement]


class Compiler:
    """What makes functions of the blocks of one configuration. Raises `pvar_code.Missing` for what there is not."""

    def __init__(self, exports: Exports, texts: Texts, flags: Mapping[str, int], *, accepts: bool = False) -> None:
        self._exports = exports
        self._texts = texts
        self._flags = dict(flags)
        self._accepts = accepts

    def block(self, label: str, parts: Sequence[RouteBlock]) -> FunctionType:
        """A function of a block; of those that are written in several parts, all of them."""
        spots = [spot for part in parts for spot in (part.spot, *_spots(part.body), part.end)]
        one_file = len({spot.file for spot in spots}) == 1
        lines = OneFile(spots[0].file, self._texts) if one_file else SeveralFiles(spots, self._texts)
        code = BlockFrame(lines, {SOURCE_MAP: lines, "__name__": "kamailio_cfg"})
        tree = _Block(self, code, is_route=parts[0].kind == "route").module(parts)
        exec(compile(tree, spots[0].file, "exec"), code.names)
        function = code.names["block"]
        assert isinstance(function, FunctionType)
        function.__name__ = function.__qualname__ = label
        return function

    def expressions(self, code: BlockFrame) -> Expressions:
        """What compiles the expressions of a block."""
        pvars = Pvars(code, self._exports)
        return Expressions(code, pvars, Calls(code, pvars, self._exports, self._flags, accepts=self._accepts))


class _Block:
    """One block. A route's last statement is what it returns."""

    def __init__(self, compiler: Compiler, code: BlockFrame, *, is_route: bool) -> None:
        self.code = code
        self.expressions = compiler.expressions(code)
        self.is_route = is_route
        self.loops = 0
        """Loops and switches the statement is in, which a break leaves."""
        self.depth = 0
        """Bodies the statement is in: each is a level of `max_recursive_level`."""

    def module(self, parts: Sequence[RouteBlock]) -> ast.Module:
        turn = assign(TURN, self.code.call(turn_of, name(HANDLE)))
        body = [self.code.at(turn, parts[0].spot)]
        for number, part in enumerate(parts, 1):
            body += self.body(part.body, last=self.is_route and number == len(parts))
        end = parts[-1].end if parts[-1].end.line else parts[-1].spot
        body.append(self.code.at(ast.Return(constant(1)), end))
        arguments = ast.arguments([], [ast.arg(HANDLE)], None, [], [], None, [])
        function = self.code.at(ast.FunctionDef("block", arguments, body, []), parts[0].spot)
        return ast.fix_missing_locations(ast.Module([function], []))

    def body(self, statements: Body, *, last: bool = False) -> list[ast.stmt]:
        """Statements; last: the block ends with them."""
        found: list[ast.stmt] = []
        for number, one in enumerate(statements, 1):
            found += self.statement(one, last=last and number == len(statements))
        return found

    def inner(self, statements: Body, *, last: bool = False) -> list[ast.stmt]:
        """A body within the block."""
        self.depth += 1
        found = self.body(statements, last=last)
        self.depth -= 1
        return found

    def statement(self, node: Statement, *, last: bool) -> list[ast.stmt]:
        match node:
            case If():
                return self.if_(node, last=last)
            case While():
                return self.while_(node)
            case Switch():
                return self.switch(node)
            case Jump():
                return self.jump(node)
            case Assignment():
                return self.guarded(node, [ast.Expr(self.expressions.value(node))], node.spot)
        return self.run(node, last=last)

    def run(self, node: Expression, *, last: bool) -> list[ast.stmt]:
        """A command or a route. Within a body of the block, a route is that much deeper."""
        value = self.expressions.value(node)
        one: ast.stmt = ast.Return(value) if last else ast.Expr(value)
        found = self.guarded(node, [self.code.at(one, node.spot)], node.spot)
        if not self.depth or not isinstance(node, RouteCall):
            return found
        return [self.deeper(ast.Add(), node.spot), *found, *([] if last else [self.deeper(ast.Sub(), node.spot)])]

    def deeper(self, operator: ast.operator, spot: Spot) -> ast.stmt:
        depth = ast.Attribute(name(TURN), "depth", ast.Store())
        return self.code.at(ast.AugAssign(depth, operator, constant(self.depth)), spot)

    def guarded(self, node: Expression, done: list[ast.stmt], spot: Spot) -> list[ast.stmt]:
        """Without a result, because something is divided by zero, it is not done; the log says so."""
        if not _divides(node):
            return [self.code.at(one, spot) for one in done]
        told = self.code.call(values.complain, name(TURN), self.code.place(spot), constant("division by zero"))
        handler = ast.ExceptHandler(self.code.name_of(values.NoResult), None, [ast.Expr(told)])
        return [self.code.at(ast.Try(done, [handler], [], []), spot)]

    def condition(self, node: Expression) -> tuple[list[ast.stmt], ast.expr]:
        """What comes before a condition, and it; one without a result does not hold."""
        truth = self.expressions.truth(node)
        if not _divides(node):
            return [], truth
        kept = self.code.fresh("holds")
        before = self.guarded(node, [assign(kept, truth)], node.spot)
        return [self.code.at(assign(kept, constant(False)), node.spot), *before], name(kept)

    def if_(self, node: If, *, last: bool) -> list[ast.stmt]:
        otherwise = self.inner(node.otherwise, last=last)
        for arm in reversed(node.arms):
            before, condition = self.condition(arm.condition)
            body = only(self.inner(arm.body, last=last))
            otherwise = [*before, self.code.at(ast.If(condition, body, otherwise), arm.spot)]
        return otherwise

    def while_(self, node: While) -> list[ast.stmt]:
        rounds = self.code.fresh("round")
        before, condition = self.condition(node.condition)
        self.loops += 1
        body = self.inner(node.body)
        self.loops -= 1
        runaway = self.code.call(values.is_runaway, name(TURN), name(rounds), self.code.place(node.spot))
        count = ast.AugAssign(ast.Name(rounds, ast.Store()), ast.Add(), constant(1))
        head = [*before, ast.If(ast.UnaryOp(ast.Not(), condition), [ast.Break()], [])] if before else []
        limit = ast.If(runaway, [ast.Break()], [])
        head = [self.code.at(one, node.spot) for one in (*head, count, limit)]
        loop = ast.While(constant(True) if before else condition, [*head, *body], [])
        return [self.code.at(assign(rounds, constant(0)), node.spot), self.code.at(loop, node.spot)]

    def switch(self, node: Switch) -> list[ast.stmt]:
        chosen = self.code.fresh("case")
        choose, of = chooser(node.cases)
        subject = self.expressions.number(node.subject) if of is int else self.expressions.text(node.subject)
        first = assign(chosen, self.code.call(choose, subject))
        rounds: list[ast.stmt] = []
        self.loops += 1
        for number, case in enumerate(node.cases):
            body = self.inner(case.body)
            if body:
                reached = compared(name(chosen), ast.LtE(), constant(number))
                rounds.append(self.code.at(ast.If(reached, body, []), case.spot))
        self.loops -= 1
        once = ast.For(ast.Name(self.code.fresh("once"), ast.Store()), ast.Tuple([constant(1)], ast.Load()), rounds, [])
        found: list[ast.stmt] = self.guarded(node.subject, [first], node.spot)
        if _divides(node.subject):
            found.insert(0, self.code.at(assign(chosen, constant(len(node.cases))), node.spot))
        return [*found, self.code.at(once, node.spot)] if rounds else found

    def jump(self, node: Jump) -> list[ast.stmt]:
        match node.word:
            case "break" if self.loops:
                return [self.code.at(ast.Break(), node.spot)]
            case "break":
                return [self.code.at(ast.Return(self.code.name_of(LEFT)), node.spot)]
            case "return":
                return self.guarded(node.value or Number(node.spot, 1), [self.return_(node)], node.spot)
        method = ast.Attribute(name(HANDLE), node.word, ast.Load())
        return [self.code.at(ast.Expr(self.code.at(call(method), node.spot)), node.spot)]

    def return_(self, node: Jump) -> ast.stmt:
        """What a block returns; a command or a route counts 1 or 0 there, and 0 ends the script."""
        match node.value:
            case None:
                return self.code.at(ast.Return(constant(1)), node.spot)
            case Number(value=number) if number:
                return self.code.at(ast.Return(constant(number)), node.spot)
        value = self.code.call(values.returned, self.expressions.number(node.value))
        return self.code.at(ast.Return(value), node.spot)


def _divides(node: Expression) -> bool:
    """Whether an expression may be without a result."""
    match node:
        case Binary(operator="/" | "mod"):
            return True
        case Binary(left=left, right=right):
            return _divides(left) or _divides(right)
        case Unary(operand=operand):
            return _divides(operand)
        case Assignment(value=value):
            return _divides(value)
    return False


def _spots(statements: Body) -> Iterator[Spot]:
    """Where statements stand, in the order they are read."""
    for one in statements:
        yield one.spot
        match one:
            case If():
                for arm in one.arms:
                    yield from (arm.spot, arm.condition.spot, *_spots(arm.body))
                yield from _spots(one.otherwise)
            case While():
                yield from (one.condition.spot, *_spots(one.body))
            case Switch():
                for case in one.cases:
                    yield from (case.spot, *_spots(case.body))
