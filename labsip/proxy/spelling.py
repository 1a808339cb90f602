"""Reading a route's source before it runs, for commands and variables that do not exist."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Collection, Iterator
from types import CodeType, FunctionType

from labsip.sip.errors import LabError, NoSuchName

Definition = ast.FunctionDef | ast.Lambda


class Spelling:
    """What routes may say: commands by name, variables by `check_variable`, which raises LabError."""

    def __init__(self, commands: Collection[str], check_variable: Callable[[str], object]) -> None:
        self.commands = commands
        self.check_variable = check_variable
        self._seen: set[CodeType] = set()

    def check(self, function: object, place: int = 0) -> None:
        """Read a function that gets the handle as its argument number `place`, and those it hands it on to.

        Raises LabError, with the line, for what does not exist. Where the source can't be had (a route typed into a
        plain Python prompt), nothing is found; a wrong command is missed when it is said.
        """
        if not isinstance(function, FunctionType) or function.__code__ in self._seen:
            return
        self._seen.add(function.__code__)
        definition = _definition(function)
        if definition is None or len(definition.args.args) <= place:
            return
        names = _names(definition, definition.args.args[place].arg)
        for node in ast.walk(definition):
            self._check_node(node, names, function)
        for name, at in _handed_on(definition, names):
            self.check(_known_as(function, name), at)

    def _check_node(self, node: ast.AST, names: set[str], function: FunctionType) -> None:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=command) if name in names and not command.startswith("_"):
                if command not in self.commands:
                    raise NoSuchName("command", command, self.commands, where=_where(node, function))
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(text))) if name in names:
                try:
                    self.check_variable(text)
                except LabError as error:
                    raise LabError(f"{_where(node, function)}{error}") from None


def _where(node: ast.expr, function: FunctionType) -> str:
    return f"line {node.lineno} of {function.__name__}: "


def _definition(function: FunctionType) -> Definition | None:
    """The function as a tree; its lines count from its first, decorators included."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    return next((node for node in ast.walk(tree) if isinstance(node, Definition)), None)


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
