"""The functions of a route as blocks of a kamailio.cfg.

A function that others call with `ksr` becomes a route of its own, or stands where it is called, if that is the only
place and nothing comes after it there. Variables of Python's become `$var(…)`.
"""

from __future__ import annotations

import ast
from collections import Counter

from labsip.dialects.cfg.cfg_writer import Remark
from labsip.dialects.cfg.nodes import (
    Assignment,
    Expression,
    Jump,
    Number,
    RouteBlock,
    RouteCall,
    Text,
)
from labsip.dialects.translation.cfg_commands import CfgCommands
from labsip.dialects.translation.cfg_pieces import HERE, variable
from labsip.dialects.translation.cfg_statements import BlockRole, Body, Statements
from labsip.dialects.translation.cfg_values import Values
from labsip.dialects.translation.route_function import RouteFunction
from labsip.dialects.translation.route_script import RouteScript
from labsip.dialects.translation.sorts import (
    TEXT,
    SortTable,
    falls_through,
    variable_text,
)
from labsip.sip.errors import LabError


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
        self.calls = Counter(callee for function in self._functions for _, callee in function.calls())
        self.main = {function for _, _, function in script.blocks}
        self._labels: dict[RouteFunction, str] = {}
        self._locals: dict[tuple[RouteFunction, str], str] = {}
        self.refusals: list[str] = []
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
        if self.refusals:
            raise LabError("\n".join(dict.fromkeys(self.refusals)))
        return tuple(sorted(found, key=lambda one: ORDER.index(one.kind)))

    def _block(self, kind: str, name: str, function: RouteFunction, *, is_helper: bool = False) -> RouteBlock:
        role = BlockRole(Values(function, self), is_main=kind != "route", is_helper=is_helper)
        self.take_remarks(function)
        spot = function.spot(function.definition)._replace(line=-1 - len(self._labels))
        spot = spot._replace(file=f"{spot.file} {kind} {name}")
        if function.about:
            self.remarks[spot.file, spot.line] = Remark(function.about)
        body = Statements(self).body(function.body, role, tail=True)
        if kind == "route" and falls_through(function.body) and self.is_looked_at(function, is_helper=is_helper):
            body.append(Jump(HERE, "return", Number(HERE, -1 if is_helper else 1)))
        return RouteBlock(spot, kind, name, tuple(body))

    def is_looked_at(self, function: RouteFunction, *, is_helper: bool) -> bool:
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

    def take_remarks(self, function: RouteFunction) -> None:
        """Keep a function's comments for the writer."""
        file = function.spot(function.definition).file
        self.remarks |= {(file, line): remark for line, remark in function.remarks.items()}

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
        self.check_recursion(node, callee, values)
        returned = self.sorts.returned(callee)
        if TEXT in returned:
            hint = 'put the text into ksr["$var(x)"], and read that'
            values.function.refuse(node, f"{callee.name} returns a text, a route can only return a number", hint)
        for name, given in self._arguments(node, callee, values):
            if not first:
                hint = f"call {callee.name} on a line above, and keep what it returns"
                values.function.refuse(node, "arguments can only be handed over before all else", hint)
            target = variable(self.local(callee, name))
            self.before.append(Assignment(values.function.spot(node), target, values.value(given)))
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

    def check_recursion(self, node: ast.Call, callee: RouteFunction, values: Values) -> None:
        """Refuse a function that calls itself, if it has variables."""
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


ORDER = ("request_route", "route", "branch_route", "onreply_route", "failure_route", "onsend_route", "event_route")
"""In which the blocks stand."""


def _runs_route(node: ast.Call, function: RouteFunction) -> bool:
    match node.func:
        case ast.Attribute(value=ast.Name(id=name), attr="route"):
            return name == function.handle
    return False
