"""A Python file with a route in it, read and not run: its blocks, its settings, and the constants that they name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from labsip.dialects.translation.route_function import RouteFunction, Unknown, remarks_of
from labsip.dialects.translation.route_script import RouteScript
from labsip.proxy.exports import Exports
from labsip.proxy.script import Kind
from labsip.sip.errors import LabError
from labsip.vocabulary import EXPORTS

MOST_BYTES = 1_000_000
"""Of a file; a route is a hundredth of that."""
NAMELESS = (Kind.REQUEST, Kind.ONREPLY, Kind.ONSEND)
NAMED = ("route", Kind.FAILURE, Kind.ONREPLY, Kind.BRANCH, Kind.EVENT)
NO_SETTINGS = ("seed", "net", "name", "step", "modules", "engine")
"""Arguments of Lab that are no parameters of a server."""
Definitions = dict[tuple[str, str], RouteFunction]


def script_in(raw: bytes, file: str, exports: Exports = EXPORTS) -> RouteScript:
    """The route of a file. Raises LabError for a text that is none: what is wrong, with its line, and what to write."""
    text = _decoded(raw, file)
    tree = _tree(text, file)
    module = _Module(tree, text, PurePath(file).name)
    blocks = module.blocks()
    if (Kind.REQUEST, "") not in blocks:
        hint = "write @lab.request_route above a function, or call it request_route: def request_route(ksr):"
        raise LabError(f"{file} has no request_route; {hint}")
    for function in blocks.values():
        if len(function.definition.args.args) != 1:
            where = function.where(function.definition)
            raise LabError(f"{where}: a block is handed one thing, the message: write def {function.name}(ksr)")
    return RouteScript(tuple((kind, name, one) for (kind, name), one in blocks.items()), module.settings(exports))


def _decoded(raw: bytes, file: str) -> str:
    if len(raw) > MOST_BYTES:
        raise LabError(f"{file} has more than {MOST_BYTES:,} bytes, and is no route")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise LabError(f"{file}, line {line}: this is no UTF-8, so no Python; save it as UTF-8") from None
    if "\0" in text:
        raise LabError(f"{file} has a NUL in it, so it is no Python")
    if file.endswith(".ipynb") or text.lstrip().startswith('{\n "cells"'):
        raise LabError(f"{file} is a notebook; write print(lab.to_cfg()) in a cell of it")
    if re.search(r"^\s*(#!KAMAILIO|request_route\s*\{|loadmodule\s)", text, re.MULTILINE):
        raise LabError(f"{file} is a kamailio.cfg already")
    return text


def _tree(text: str, file: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        line = (error.text or "").strip()
        said = f": {line[:80]}" if line else ""
        raise LabError(f"{file}, line {error.lineno}, column {error.offset}: {error.msg}{said}") from None
    except (RecursionError, MemoryError):
        raise LabError(f"{file} has too much within each other") from None


class _Module:
    """A file's top level."""

    def __init__(self, tree: ast.Module, text: str, name: str) -> None:
        self._name = name
        self._remarks = remarks_of(text)
        self._body = tree.body
        self._functions: dict[str, RouteFunction] = {}
        self._values: dict[str, ast.expr] = {}
        self._imports: set[str] = set()
        self._asked: set[str] = set()
        for node in tree.body:
            match node:
                case ast.FunctionDef(name=known):
                    self._functions[known] = self._function(node)
                case ast.Assign(targets=[ast.Name(id=known)], value=value):
                    self._values[known] = value
                case ast.AnnAssign(target=ast.Name(id=known), value=ast.expr() as value):
                    self._values[known] = value
                case ast.Import(names=names):
                    self._imports |= {one.asname or one.name for one in names}
        self._top = RouteFunction(name, ast.Lambda(_no_arguments(), ast.Constant(None)), name, 0, self.scope)

    def _function(self, node: ast.FunctionDef) -> RouteFunction:
        return RouteFunction(node.name, node, self._name, 0, self.scope, self._remarks)

    def scope(self, name: str) -> object:
        """What a name means at the top level. Raises Unknown."""
        if name in self._functions:
            return self._functions[name]
        if name in self._imports and name == "re":
            return re
        if name not in self._values or name in self._asked:
            raise Unknown
        self._asked.add(name)
        try:
            return self.value(self._values[name])
        finally:
            self._asked.discard(name)

    def value(self, node: ast.expr) -> object:
        """A constant, a dictionary of them, a regular expression. Raises Unknown."""
        match node:
            case ast.Dict(keys=keys, values=values):
                return {self.value(key): self.value(one) for key, one in zip(keys, values, strict=True) if key}
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr="compile"), args=[pattern, *flags]):
                try:
                    return re.compile(str(self.value(pattern)), *(int(str(self.value(one))) for one in flags))
                except (re.error, ValueError):
                    raise Unknown from None
        return self._top.known(node)

    def blocks(self) -> Definitions:
        """By kind and name; of two with the same, the last one counts, as in a notebook."""
        found: Definitions = {}
        for node in self._body:
            if isinstance(node, ast.FunctionDef):
                for kind, name in self._places(node):
                    found.pop((kind, name), None)
                    found[kind, name] = self._function(node)
        if (Kind.REQUEST, "") in found:  # the first of all
            found = {(Kind.REQUEST, ""): found[Kind.REQUEST, ""], **found}
        return found

    def _places(self, node: ast.FunctionDef) -> Iterator[tuple[str, str]]:
        """Which blocks a function is: its decorators say so, else its name."""
        for one in node.decorator_list:
            match one:
                case ast.Attribute(attr=kind) if kind in NAMELESS:
                    yield kind, ""
                case ast.Call(func=ast.Attribute(attr=kind), args=[name]) if kind in NAMED:
                    yield kind, self._name_of(name)
        if not node.decorator_list and node.name in NAMELESS:
            yield node.name, ""

    def _name_of(self, node: ast.expr) -> str:
        try:
            return str(self._top.known(node))
        except Unknown:
            raise LabError(f"{self._top.where(node)}: the name of a block must be a constant") from None

    def settings(self, exports: Exports) -> Mapping[str, Any]:
        """What `Lab(…)` is given in it."""
        for node in self._body:
            value = node.value if isinstance(node, ast.Assign | ast.Expr) else None
            match value:
                case ast.Call(func=ast.Name(id="Lab") | ast.Attribute(attr="Lab"), keywords=keywords):
                    named = [one for one in keywords if one.arg and one.arg not in NO_SETTINGS]
                    return {one.arg: self._setting(one, exports) for one in named if one.arg}
        return {}

    def _setting(self, given: ast.keyword, exports: Exports) -> object:
        if given.arg not in exports.parameters:
            raise LabError(f"{self._top.where(given.value)}: there is no setting {given.arg}; docs/modules.md has them")
        try:
            return self.value(given.value)
        except Unknown:
            where = self._top.where(given.value)
            raise LabError(f"{where}: {given.arg} must be a constant, for nothing of the file is run") from None


def _no_arguments() -> ast.arguments:
    return ast.arguments([], [], None, [], [], None, [])
