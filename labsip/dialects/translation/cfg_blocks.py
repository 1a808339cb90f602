"""The functions of a route as blocks of a kamailio.cfg.

A function that others call with `ksr` becomes a route of its own, or stands where it is called, if that is the only
place and nothing comes after it there. Variables of Python's become `$var(…)`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from labsip.dialects.cfg.nodes import (
    NOWHERE_IN_CFG,
    Arm,
    Assignment,
    CommandCall,
    Expression,
    If,
    Jump,
    Number,
    RouteBlock,
    RouteCall,
    Statement,
    Text,
    While,
)
from labsip.dialects.cfg.writer import Remark
from labsip.dialects.translation.cfg_commands import CfgCommands
from labsip.dialects.translation.cfg_values import Values, variable
from labsip.dialects.translation.route_function import RouteFunction, Unknown
from labsip.dialects.translation.route_script import RouteScript
from labsip.dialects.translation.sorts import (
    BOOL,
    CODE,
    INT,
    NULL,
    TEXT,
    SortTable,
    falls_through,
    variable_text,
)
from labsip.sip.errors import LabError

HERE = NOWHERE_IN_CFG
Body = list[Statement]


class Place(NamedTuple):
    """Where a function's statements stand."""

    values: Values
    is_main: bool
    """In a block that is no route: return ends the script."""
    is_helper: bool
    """It is called as a function of Python's: False is a value there, and ends nothing."""
    inlined: bool = False
    """Nobody looks at what it returns."""


class BlockWriter:
    """The blocks of one script. Raises LabError with all that can't be said in a kamailio.cfg."""

    def __init__(self, script: RouteScript, sorts: SortTable, commands: CfgCommands) -> None:
        self.script = script
        self.sorts = sorts
        self.commands = commands
        self.before: Body = []
        """What has to run before the statement at hand."""
        self.has_loops = False
        self.remarks: dict[tuple[str, int], Remark] = {}
        self._functions = script.functions()
        self._calls = Counter(callee for function in self._functions for _, callee in function.calls())
        self._main = {function for _, _, function in script.blocks}
        self._labels: dict[RouteFunction, str] = {}
        self._locals: dict[tuple[RouteFunction, str], str] = {}
        self._refusals: list[str] = []
        self._waiting: list[RouteFunction] = []
        self._codes_count = any(
            variable_text(node.slice, function) in ("$rc", "$retcode")
            for function in self._functions
            for node in ast.walk(function.definition)
            if isinstance(node, ast.Subscript)
        )

    def blocks(self) -> tuple[RouteBlock, ...]:
        """All of them, the request_route first, and behind each kind the functions it calls."""
        found: list[RouteBlock] = []
        for kind, name, function in self.script.blocks:
            found.append(self._block(kind, name, function))
            while self._waiting:
                helper = self._waiting.pop(0)
                found.append(self._block("route", self._labels[helper], helper, is_helper=True))
        if self._refusals:
            raise LabError("\n".join(dict.fromkeys(self._refusals)))
        return tuple(sorted(found, key=lambda one: ORDER.index(one.kind)))

    def _block(self, kind: str, name: str, function: RouteFunction, *, is_helper: bool = False) -> RouteBlock:
        place = Place(Values(function, self), is_main=kind != "route", is_helper=is_helper)
        self.remarks |= {(function.spot(function.definition).file, line): one for line, one in function.remarks.items()}
        spot = function.spot(function.definition)._replace(line=-1 - len(self._labels))
        spot = spot._replace(file=f"{spot.file} {kind} {name}")
        if function.about:
            self.remarks[spot.file, spot.line] = Remark(function.about)
        body = self._body(function.body, place, tail=True)
        if kind == "route" and falls_through(function.body) and self._is_looked_at(function, is_helper=is_helper):
            body.append(Jump(HERE, "return", Number(HERE, -1 if is_helper else 1)))
        return RouteBlock(spot, kind, name, tuple(body))

    def _is_looked_at(self, function: RouteFunction, *, is_helper: bool) -> bool:
        """Whether somebody wants to know what a route returns."""
        if self._codes_count:
            return True
        for caller in self._functions:
            alone = {id(node.value) for node in ast.walk(caller.definition) if isinstance(node, ast.Expr)}
            for node in ast.walk(caller.definition):
                if not isinstance(node, ast.Call) or id(node) in alone:
                    continue
                if is_helper and caller.callee(node) is function:
                    return True
                if not is_helper and _runs_route(node, caller):
                    return True
        return False

    # ---- names

    def local(self, function: RouteFunction, name: str) -> str:
        """The $var that a variable of Python's is: of its name, unless another function has one of that name."""
        key = function, name
        if key not in self._locals:
            taken = {*self._locals.values(), *self._explicit()}
            text = f"$var({name})"
            if text in taken:
                text = f"$var({function.name}_{name})"
            self._locals[key] = text
        return self._locals[key]

    def _explicit(self) -> set[str]:
        """The $var that the route names itself."""
        return {
            variable_text(node.slice, function)
            for function in self._functions
            for node in ast.walk(function.definition)
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
        }

    def helper(self, node: ast.Call, callee: RouteFunction, values: Values, *, first: bool) -> Expression:
        """A call of a function of the route's author."""
        self._check_recursion(node, callee, values)
        returned = self.sorts.returned(callee)
        if TEXT in returned:
            hint = 'put the text into ksr["$var(x)"], and read that'
            values.function.refuse(node, f"{callee.name} returns a text, a route can only return a number", hint)
        for name, given in self._arguments(node, callee, values):
            if not first:
                hint = f"call {callee.name} on a line above, and keep what it returns"
                values.function.refuse(node, "arguments can only be handed over before all else", hint)
            target = variable(self.local(callee, name))
            self.before.append(Assignment(values.spot(node), target, values.value(given)))
        return RouteCall(HERE, Text(HERE, self._label(callee)))

    def _label(self, function: RouteFunction) -> str:
        if function not in self._labels:
            name = function.name.upper().strip("_<>") or "FUNCTION"
            taken = {*self.script.names("route"), *self._labels.values()}
            number = 2
            while name in taken:
                name = f"{function.name.upper().strip('_')}_{number}"
                number += 1
            self._labels[function] = name
            self._waiting.append(function)
        return self._labels[function]

    def _arguments(self, node: ast.Call, callee: RouteFunction, values: Values) -> list[tuple[str, ast.expr]]:
        names = callee.parameters
        given = [*zip(names, node.args[1:], strict=False), *((one.arg or "", one.value) for one in node.keywords)]
        defaults = callee.definition.args.defaults
        with_defaults = dict(zip(reversed(names), reversed(defaults), strict=False))
        missing = [name for name in names if name not in dict(given)]
        if any(name not in with_defaults for name in missing) or len(given) > len(names):
            values.function.refuse(
                node, f"{callee.name} is called with other arguments than it takes", "look at its def"
            )
        return [*given, *((name, with_defaults[name]) for name in missing)]

    def _check_recursion(self, node: ast.Call, callee: RouteFunction, values: Values) -> None:
        seen: set[RouteFunction] = set()
        waiting = [callee]
        while waiting:
            function = waiting.pop()
            if function is values.function and (function.locals or callee.locals):
                hint = "a variable of a kamailio.cfg is the same in each of its calls; write a while"
                values.function.refuse(node, f"{callee.name} calls itself", hint)
            if function not in seen:
                seen.add(function)
                waiting += [one for _, one in function.calls()]

    # ---- statements

    def _body(self, statements: Sequence[ast.stmt], place: Place, *, tail: bool) -> Body:
        found: Body = []
        for number, node in enumerate(statements):
            last = number == len(statements) - 1
            bare_return = number + 2 == len(statements) and _is_bare_return(statements[-1])
            outer, self.before = self.before, []
            try:
                if tail and (last or bare_return) and (inlined := self._inlined(node, place)) is not None:
                    found += self.before
                    found += inlined
                    if last or bare_return:
                        break
                    continue
                made = self._statement(node, place, tail=tail and last)
                if self.before and made:  # its comment goes with the first of them
                    self.before[0] = replace(self.before[0], spot=made[0].spot)
                    made[0] = replace(made[0], spot=HERE)
                found += [*self.before, *made]
            except LabError as refusal:
                self._refusals.append(str(refusal))
            finally:
                self.before = outer
        return found

    def _inlined(self, node: ast.stmt, place: Place) -> Body | None:
        """What a function does that is called here alone, and last; None for others."""
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(node, ast.Return) and place.is_main:
            value = node.value
        if not isinstance(value, ast.Call):
            return None
        callee = place.values.function.callee(value)
        if callee is None or self._calls[callee] != 1 or callee in self._main or callee.parameters:
            return None
        if not (place.is_main or place.inlined) and not isinstance(node, ast.Expr):
            return None
        if callee.definition is place.values.function.definition:
            return None
        self._check_recursion(value, callee, place.values)
        self.remarks |= {(callee.spot(callee.definition).file, line): one for line, one in callee.remarks.items()}
        inner = Place(Values(callee, self), place.is_main, place.is_helper, inlined=True)
        body = self._body(callee.body, inner, tail=True)
        if body and callee.about:
            self._remark(body[0], callee.about)
        return body

    def _remark(self, statement: Statement, lines: tuple[str, ...]) -> None:
        place = statement.spot.file, statement.spot.line
        old = self.remarks.get(place, Remark())
        self.remarks[place] = Remark((*lines, *old.above), old.beside)

    def _statement(self, node: ast.stmt, place: Place, *, tail: bool) -> Body:
        values = place.values
        spot = values.spot(node)
        chosen = _choice(node)
        if chosen is not None:
            return self._either(node, chosen, place, tail=tail)
        match node:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return []
            case ast.If():
                return [self._if(node, place, tail=tail)]
            case ast.While(orelse=[]):
                return [self._while(node, place)]
            case ast.Break():
                return [Jump(spot, "break")]
            case ast.Return():
                return self._return(node, place)
            case ast.Expr(value=ast.Call() as call):
                return self._run(call, place)
            case ast.Assign(targets=[target]):
                return [self._assign(node, target, node.value, values)]
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return [self._assign(node, target, value, values)]
            case ast.AugAssign(target=target, op=sign, value=value):
                summed = ast.copy_location(ast.BinOp(_read(target), sign, value), node)
                return [self._assign(node, target, summed, values)]
            case ast.AnnAssign():
                return []
        what, hint = NOT_THERE.get(type(node), (type(node).__name__.lower(), "write it with if and while"))
        return values.function.refuse(node, f"a kamailio.cfg has no {what}", hint)

    def _run(self, call: ast.Call, place: Place) -> Body:
        values = place.values
        where = values.spot(call)
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
        if isinstance(target, ast.Name) and NULL in self.sorts.of(value, values.function):
            self._check_nothing(node, target, values)
        return Assignment(values.spot(node), left, found)

    def _check_nothing(self, node: ast.stmt, target: ast.Name, values: Values) -> None:
        """Refuse a variable that may be None where somebody asks for that: a $var would be 0."""
        for one in ast.walk(values.function.definition):
            match one:
                case ast.Compare(left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot()]) if name == target.id:
                    hint = f'keep it in ksr["$avp({name})"], or ask the variable itself'
                    values.function.refuse(node, f"{name} is never None in a kamailio.cfg", hint)

    def _if(self, node: ast.If, place: Place, *, tail: bool) -> If:
        values = place.values
        arms = [Arm(values.spot(node), values.truth(node.test), tuple(self._body(node.body, place, tail=tail)))]
        otherwise: Body = []
        rest = node.orelse
        while len(rest) == 1 and isinstance(inner := rest[0], ast.If) and _is_elif(inner, node):
            outer, self.before = self.before, []
            try:
                test, hoisted = values.truth(inner.test), self.before
            finally:
                self.before = outer
            if hoisted:
                otherwise = [*hoisted, replace(self._if_with(inner, test, place, tail=tail), spot=values.spot(inner))]
                return If(values.spot(node), tuple(arms), tuple(otherwise))
            arms.append(Arm(values.spot(inner), test, tuple(self._body(inner.body, place, tail=tail))))
            rest = inner.orelse
        otherwise = self._body(rest, place, tail=tail)
        return If(values.spot(node), tuple(arms), tuple(otherwise))

    def _if_with(self, node: ast.If, test: Expression, place: Place, *, tail: bool) -> If:
        """An `elif` whose condition needed something before it."""
        body = self._body(node.body, place, tail=tail)
        other = self._body(node.orelse, place, tail=tail)
        return If(HERE, (Arm(place.values.spot(node), test, tuple(body)),), tuple(other))

    def _while(self, node: ast.While, place: Place) -> While:
        values = place.values
        self.has_loops = True
        outer, self.before = self.before, []
        try:
            test, hoisted = values.truth(node.test), self.before
        finally:
            self.before = outer
        if hoisted:
            hint = "ask within the loop, and leave it with break"
            values.function.refuse(node.test, "the condition of a while must be a single one", hint)
        return While(values.spot(node), test, tuple(self._body(node.body, place, tail=False)))

    def _either(self, node: ast.stmt, chosen: ast.IfExp, place: Place, *, tail: bool) -> Body:
        """A statement with `a if x else b` in it: an if with two statements."""
        values = place.values
        test = values.truth(chosen.test)
        bodies = [self._body([_with(node, chosen, one)], place, tail=tail) for one in (chosen.body, chosen.orelse)]
        spot = values.spot(node)
        bare = [tuple(replace(one, spot=HERE) for one in body) for body in bodies]
        return [If(spot, (Arm(spot, test, bare[0]),), bare[1])]

    # ---- return

    def _return(self, node: ast.Return, place: Place) -> Body:
        values, spot, value = place.values, place.values.spot(node), node.value
        if place.is_main:
            return [*self._done(value, place), Jump(spot, "exit")]
        if place.inlined or value is None:
            code = -1 if place.is_helper and value is None and self._helper_is_looked_at(place) else None
            code = None if place.inlined else code
            return [*self._done(value, place), Jump(spot, "return", None if code is None else Number(HERE, code))]
        try:
            return [self._return_constant(node, values.function.known(value), place)]
        except Unknown:
            pass
        sorts = self.sorts.of(value, values.function)
        if TEXT in sorts:
            hint = 'put it into ksr["$var(x)"], and read that'
            values.function.refuse(node, "a route can only return a number in a kamailio.cfg", hint)
        if sorts <= {CODE, INT} and not (INT in sorts and CODE not in sorts and place.is_helper):
            return [Jump(spot, "return", values.value(value))]
        if BOOL in sorts or CODE in sorts:
            inner = _inside_bool(value)
            if self.sorts.of(inner, values.function) == {CODE}:
                return [Jump(spot, "return", values.value(inner))]
            test = values.truth(value)
            no = Jump(HERE, "return", Number(HERE, -1)) if place.is_helper else Jump(HERE, "exit")
            yes = Jump(HERE, "return", Number(HERE, 1))
            return [If(spot, (Arm(spot, test, (yes,)),)), no]
        hint = 'a 0 would end the script; return True or False, or put it into ksr["$var(x)"]'
        return values.function.refuse(node, "this number can't be returned in a kamailio.cfg", hint)

    def _helper_is_looked_at(self, place: Place) -> bool:
        return self._is_looked_at(place.values.function, is_helper=True)

    def _return_constant(self, node: ast.Return, value: object, place: Place) -> Statement:
        values, spot = place.values, place.values.spot(node)
        if value is None:
            return Jump(spot, "return", Number(HERE, -1) if place.is_helper else None)
        if not isinstance(value, int):
            hint = 'put it into ksr["$var(x)"], and read that'
            values.function.refuse(node, "a route can only return a number in a kamailio.cfg", hint)
        if value:
            return Jump(spot, "return", Number(HERE, int(value)))
        if not place.is_helper:
            return Jump(spot, "exit")
        if value is False:
            return Jump(spot, "return", Number(HERE, -1))
        hint = "return False, or another number"
        return values.function.refuse(node, "return 0 ends the script in a kamailio.cfg", hint)

    def _done(self, value: ast.expr | None, place: Place) -> Body:
        """What a returned value does, where nobody wants to know it."""
        if isinstance(value, ast.Call):
            inner = _inside_bool(value)
            if isinstance(inner, ast.Call):
                return self._run(inner, place)
        if value is not None and any(isinstance(one, ast.Call) for one in ast.walk(value)):
            place.values.function.refuse(value, "nobody hears what a block returns", "write the commands above it")
        return []


ORDER = ("request_route", "route", "branch_route", "onreply_route", "failure_route", "onsend_route", "event_route")
"""In which the blocks stand."""
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


def _runs_route(node: ast.Call, function: RouteFunction) -> bool:
    match node.func:
        case ast.Attribute(value=ast.Name(id=name), attr="route"):
            return name == function.handle
    return False


def _is_bare_return(node: ast.stmt) -> bool:
    return isinstance(node, ast.Return) and node.value is None


def _is_elif(inner: ast.If, outer: ast.If) -> bool:
    """Whether it is written as elif: what is an `if` within an else stands further to the right."""
    return inner.col_offset == outer.col_offset


def _inside_bool(node: ast.expr) -> ast.expr:
    match node:
        case ast.Call(func=ast.Name(id="bool"), args=[inner]):
            return inner
    return node


def _read(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(name, ast.Load()), target)
        case ast.Subscript(value=value, slice=key):
            return ast.copy_location(ast.Subscript(value, key, ast.Load()), target)
    return target


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
