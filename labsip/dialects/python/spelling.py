"""Reading a function before it runs: whether it can be a block, and whether its commands and variables exist."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import TypeVar

from labsip.modules import pv
from labsip.proxy.exports import Exports
from labsip.proxy.script import Route
from labsip.sip.errors import LabError, NoSuchName
from labsip.vocabulary import EXPORTS

R = TypeVar("R", bound=Route)
Definition = ast.FunctionDef | ast.Lambda


def check_block(route: R | None, kind: str, exports: Exports = EXPORTS) -> R:
    """The function, if it can be a block of that kind. Raises LabError if not, and as `check_commands` does."""
    if not callable(route):
        raise LabError(f"@lab.{kind} goes above a function: def {kind}(ksr)")
    name = getattr(route, "__name__", kind)
    try:
        inspect.signature(route).bind(None)
    except (TypeError, ValueError):
        raise LabError(f"a {kind} is handed one thing, the message: write def {name}(ksr)") from None
    if inspect.iscoroutinefunction(route) or inspect.isgeneratorfunction(route) or inspect.isasyncgenfunction(route):
        raise LabError(f"a {kind} does its work when it is called: write def {name}(ksr), without async and yield")
    check_commands(route, exports)
    return route


def check_commands(route: Route, exports: Exports = EXPORTS) -> None:
    """Read a route before it runs. Raises LabError, with the line, for a command or variable that does not exist."""
    Spelling(exports).check(route)


class Spelling:
    """One reading of a function, and of those it hands the handle to; `exports`: all there is to say."""

    def __init__(self, exports: Exports) -> None:
        self._exports = exports
        self._seen: set[CodeType] = set()

    def check(self, function: object, place: int = 0) -> None:
        """Read a function that gets the handle as its argument number `place`, and those it hands it on to.

        Raises LabError, with the line, for what does not exist. Where the source can't be had (a route typed into a
        plain Python prompt), nothing is found; a wrong command is missed when it is called.
        """
        if not isinstance(function, FunctionType) or function.__code__ in self._seen:
            return
        self._seen.add(function.__code__)
        found = text_and_definition(function)
        if found is None:
            return
        _, definition = found
        if len(definition.args.args) <= place:
            return
        names = _names(definition, definition.args.args[place].arg)
        for node in ast.walk(definition):
            self._check_node(node, names, function)
        for name, at in _handed_on(definition, names):
            self.check(_known_as(function, name), at)

    def _check_node(self, node: ast.AST, names: set[str], function: FunctionType) -> None:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=command) if name in names and not command.startswith("_"):
                if command not in self._exports.commands:
                    raise NoSuchName("command", command, self._exports.commands, where=_where(node, function))
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(text))) if name in names:
                try:
                    pv.check(self._exports, text)
                except LabError as error:
                    raise LabError(f"{_where(node, function)}{error}") from None


def _where(node: ast.expr, function: FunctionType) -> str:
    return f"line {node.lineno} of {function.__name__}: "


def text_and_definition(function: FunctionType) -> tuple[str, Definition] | None:
    """The text of a function, and its tree, whose lines count from the text's first; None where it can't be had."""
    try:
        text = textwrap.dedent(inspect.getsource(function)).strip()
        tree = ast.parse(text)
    except (OSError, TypeError, SyntaxError):
        return None
    definition = next((node for node in ast.walk(tree) if isinstance(node, Definition)), None)
    return None if definition is None else (text, definition)


def _names(definition: Definition, parameter: str) -> set[str]:
    """All names the handle goes by: the parameter, names it is assigned to, parameters of inner functions."""
    names = {parameter}
    inner = {node.name: node for node in ast.walk(definition) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(definition):
        match node:
            case ast.Assign(targets=[ast.Name(id=alias)], value=ast.Name(id=name)) if name in names:
                names.add(alias)
    for name, at in _handed_on(definition, names):
        if name in inner and at < len(inner[name].args.args):
            names.add(inner[name].args.args[at].arg)
    return names


def _handed_on(definition: Definition, names: set[str]) -> Iterator[tuple[str, int]]:
    """Functions called with the handle: their names, and which argument it is."""
    for node in ast.walk(definition):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args):
                yield from ((name, at) for at, arg in enumerate(args) if isinstance(arg, ast.Name) and arg.id in names)


def _known_as(function: FunctionType, name: str) -> object:
    """What a name means inside a function, None if nothing yet."""
    try:
        around = inspect.getclosurevars(function)
    except ValueError:  # something it refers to is not defined yet
        return None
    return around.nonlocals.get(name, around.globals.get(name))
