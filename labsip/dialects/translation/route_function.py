"""A function of a route as text: its tree, its comments, and what the names in it mean. Nothing of it is run."""

from __future__ import annotations

import ast
import builtins
import io
import operator
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import FunctionType
from typing import NoReturn

from labsip.dialects.cfg.cfg_writer import Remark
from labsip.dialects.cfg.nodes import Spot
from labsip.dialects.python import SOURCE_MAP, text_and_definition
from labsip.sip.errors import LabError

Definition = ast.FunctionDef | ast.Lambda
TOOLS = re.compile(r"(noqa|type:|fmt:|pragma|pylint|mypy)")
"""Comments for programs."""
OPERATORS: dict[type, Callable[[object, object], object]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod, ast.BitOr: operator.or_, ast.BitAnd: operator.and_, ast.BitXor: operator.xor,
    ast.LShift: operator.lshift, ast.RShift: operator.rshift,
}  # fmt: skip


class Unknown(Exception):
    """What an expression comes to is only known when it runs."""


@dataclass(frozen=True, eq=False)
class RouteFunction:
    """A function that gets the handle as its first argument."""

    name: str
    definition: Definition
    place: str
    """What its lines are lines of: `request_route`, `route.py`."""
    offset: int
    """What is added to a line of the tree for the line that is told."""
    scope: Callable[[str], object]
    """What a name means outside of it. Raises Unknown."""
    remarks: Mapping[int, Remark] = field(default_factory=dict)
    """By line of the tree."""
    is_plain: bool = False
    """It gets no handle."""

    @property
    def arguments(self) -> list[ast.arg]:
        """What it takes, without the handle."""
        return self.definition.args.args[not self.is_plain :]

    @property
    def parameters(self) -> list[str]:
        """Their names."""
        return [one.arg for one in self.arguments]

    @property
    def handle(self) -> str:
        """What it calls the handle, "" where it has none."""
        arguments = self.definition.args.args
        return arguments[0].arg if arguments and not self.is_plain else ""

    @property
    def about(self) -> tuple[str, ...]:
        """The first paragraph of its docstring, in lines."""
        text = ast.get_docstring(self.definition) if isinstance(self.definition, ast.FunctionDef) else None
        return tuple((text or "").partition("\n\n")[0].splitlines())

    @property
    def body(self) -> list[ast.stmt]:
        """Its statements, without the docstring."""
        if isinstance(self.definition, ast.Lambda):
            return [ast.copy_location(ast.Expr(self.definition.body), self.definition.body)]
        return self.definition.body[ast.get_docstring(self.definition, clean=False) is not None :]

    @property
    def locals(self) -> frozenset[str]:
        """Names that are variables of its own."""
        return _stored(self.definition) | {*self.parameters}

    def spot(self, node: ast.stmt | ast.expr | ast.arg) -> Spot:
        """Where something stands in it, for the writer's comments."""
        return Spot(f"{self.place} {id(self.definition)}", node.lineno, node.col_offset + 1, node.col_offset + 2)

    def where(self, node: ast.AST) -> str:
        """`line 4 of request_route`."""
        return f"line {getattr(node, 'lineno', 1) + self.offset} of {self.place}"

    def refuse(self, node: ast.AST, message: str, hint: str) -> NoReturn:
        """Raise LabError: that can't be said in the other language; the text has its line, and what to write."""
        raise LabError(f"{self.where(node)}: {message}; {hint}")

    def known(self, node: ast.AST) -> object:
        """What an expression comes to, whatever the message. Raises Unknown."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name) if name not in self.locals and name != self.handle:
                return self.scope(name)
            case ast.Attribute(value=inner, attr=name):
                return _part(lambda of: getattr(of, name), self.known(inner))
            case ast.Subscript(value=inner, slice=index):
                key = self.known(index)
                return _part(lambda of: of[key], self.known(inner))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return _part(operator.neg, self.known(inner))
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
                return _part(OPERATORS[type(sign)], self.known(left), self.known(right))
            case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
                return tuple(map(self.known, elements))
        raise Unknown

    def callee(self, call: ast.Call) -> RouteFunction | None:
        """The function of the route's author that is called with the handle, None if it is none."""
        if not (call.args and isinstance(call.args[0], ast.Name) and call.args[0].id == self.handle):
            return None
        try:
            found = self.known(call.func)
        except Unknown:
            return None
        if isinstance(found, FunctionType):
            return function_of(found)
        return found if isinstance(found, RouteFunction) else None

    def calls(self) -> Iterator[tuple[ast.Call, RouteFunction]]:
        """All such calls in it."""
        for node in ast.walk(self.definition):
            if isinstance(node, ast.Call) and (found := self.callee(node)) is not None:
                yield node, found


def _part(get: Callable[..., object], *of: object) -> object:
    try:
        return get(*of)
    except Exception:
        raise Unknown from None


@lru_cache(maxsize=256)
def _stored(definition: Definition) -> frozenset[str]:
    names = (node for node in ast.walk(definition) if isinstance(node, ast.Name))
    return frozenset(node.id for node in names if isinstance(node.ctx, ast.Store))


# ---- functions that are at hand


@lru_cache(maxsize=256)
def function_of(function: object) -> RouteFunction:
    """The text of a function; of one function it is always the same. Raises LabError where it can't be had."""
    if not isinstance(function, FunctionType):
        raise LabError(f"{function!r} is no function with a text in Python: it may be a KEMI script already")
    if SOURCE_MAP in function.__globals__:
        raise LabError(f"{function.__name__} is no Python: it was compiled from a kamailio.cfg")
    found = text_and_definition(function)
    if found is None:
        raise LabError(f"the text of {function.__name__} can't be had; write it in a cell or a file, as a def")
    text, definition = found

    def scope(name: str) -> object:
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        if name in cells:
            return _part(lambda cell: cell.cell_contents, cells[name])
        if name in function.__globals__:
            return function.__globals__[name]
        return _part(lambda module: getattr(module, name), builtins)

    return RouteFunction(function.__name__, definition, function.__name__, 0, scope, remarks_of(text))


def remarks_of(text: str) -> dict[int, Remark]:
    """The comments of a text, by the line of what they go with: above it, or beside it."""
    own: dict[int, str] = {}
    beside: dict[int, str] = {}
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return {}
    for token in tokens:
        said = token.string.lstrip("#").strip()
        if token.type == tokenize.COMMENT and not TOOLS.match(said):
            alone = not token.line[: token.start[1]].strip()
            (own if alone else beside)[token.start[0]] = said
    found: dict[int, Remark] = {line: Remark((), said) for line, said in beside.items()}
    lines = text.splitlines()
    for line in range(1, len(lines) + 1):
        if line not in own and line - 1 in own:
            first = line - 1
            while first - 1 in own:
                first -= 1
            found[line] = Remark(tuple(own[one] for one in range(first, line)), beside.get(line, ""))
    return found
