"""What values a route's expressions may have: numbers, texts, nothing, codes of commands. Known before it runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from labsip.dialects.translation.route_function import RouteFunction, Unknown
from labsip.dialects.translation.route_script import RouteScript

Sorts = frozenset[str]
INT, TEXT, NULL, CODE, BOOL = "a number", "a text", "nothing", "a code", "true or false"
NOTHING: Sorts = frozenset()
ANY: Sorts = frozenset((INT, TEXT, NULL))
"""Of what the route itself never sets."""
TRUTHS: Sorts = frozenset((CODE, BOOL))
_NUMBERS = """
    mf bf sf cs cl ml sp Rp bs mt mi T_branch_idx rp op rc retcode Ts TS T_reply_code rs shtinc shtex
"""
NUMBERS = frozenset(_NUMBERS.split())
"""Variables that are numbers in Python, by name without `$`."""
UNSURE = frozenset(["T", "branch", "dlg", "dbr", "xavp"])
"""Those that may be either."""
KEPT = frozenset(["var", "avp", "shv", "dlg_var", "sht"])
"""Those that are what the route sets them to."""
FULL = frozenset(["rU", "fU", "tU", "du", "au", "ru", "rd", "fd", "td", "si", "ci", "rm", "fu", "tu", "oU", "dd"])
"""Those that are never an empty text: there is something, or nothing."""
VARIABLE = re.compile(r"\$\(?(\w+)(?:\((.*?)(?:=>.*)?\))?(?:\[[^\]]*\])?(\{.*\})?\)?", re.DOTALL)


class SortTable:
    """The sorts of one script's expressions."""

    def __init__(self, script: RouteScript) -> None:
        self._functions = script.functions()
        self._blocks = {name: function for kind, name, function in script.blocks if kind == "route"}
        self._asked: set[object] = set()
        self._kept: dict[tuple[str, str], list[tuple[RouteFunction, ast.expr]]] = {}
        for function in self._functions:
            for text, value in _settings(function):
                self._kept.setdefault(_key(text), []).append((function, value))

    def of(self, node: ast.expr, function: RouteFunction) -> Sorts:
        """What it may be."""
        try:
            return _of_constant(function.known(node))
        except Unknown:
            pass
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=key) if name == function.handle:
                return self._of_variable(key, function)
            case ast.Name(id=name):
                return self._of_local(name, function)
            case ast.Call():
                return self._of_call(node, function)
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return frozenset((BOOL,))
            case ast.BoolOp(values=values):
                return self._of_choice(node, values, function)
            case ast.IfExp(body=body, orelse=other):
                return self.of(body, function) | self.of(other, function)
            case ast.JoinedStr():
                return frozenset((TEXT,))
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                both = self.of(left, function) | self.of(right, function)
                return frozenset((TEXT,)) if TEXT in both else frozenset((INT,))
            case ast.BinOp() | ast.UnaryOp():
                return frozenset((INT,))
        return ANY

    def returned(self, function: RouteFunction) -> Sorts:
        """What a function may return; nothing, where it may run off its end."""
        if ("returned", function) in self._asked:
            return NOTHING
        self._asked.add(("returned", function))
        found: Sorts = frozenset((NULL,)) if falls_through(function.body) else NOTHING
        for node in ast.walk(function.definition):
            if isinstance(node, ast.Return):
                found |= frozenset((NULL,)) if node.value is None else self.of(node.value, function)
        self._asked.discard(("returned", function))
        return found

    def _of_choice(self, node: ast.BoolOp, values: list[ast.expr], function: RouteFunction) -> Sorts:
        found: Sorts = NOTHING.union(*(self.of(value, function) for value in values))
        if isinstance(node.op, ast.Or) and NULL not in self.of(values[-1], function):
            found -= {NULL}
        return found

    def _of_variable(self, key: ast.expr, function: RouteFunction) -> Sorts:
        text = variable_text(key, function)
        match = VARIABLE.match(text)
        if match is None or match[1] == "null":
            return frozenset((NULL,))
        if match[3]:
            return frozenset((INT,)) if re.search(r"\{(s\.len|s\.int|s\.numeric|param\.count)\}\Z", match[3]) else _TEXT
        name = match[1]
        if name in KEPT:
            return self._of_kept((name, match[2] or ""))
        if name in UNSURE:
            return ANY
        return frozenset((INT, NULL) if name in NUMBERS else (TEXT, NULL))

    def _of_kept(self, key: tuple[str, str]) -> Sorts:
        if key in self._asked:
            return NOTHING
        self._asked.add(key)
        set_to = self._kept.get(key, [])
        found: Sorts = NOTHING.union(*(self.of(value, function) for function, value in set_to))
        self._asked.discard(key)
        if key[0] in ("var", "shv"):
            found = frozenset(INT if sort == NULL else sort for sort in found)
            return found | {INT} if key[0] == "shv" or not found else found
        return found | {NULL} if found else ANY

    def _of_local(self, name: str, function: RouteFunction) -> Sorts:
        key = function, name
        if key in self._asked:
            return NOTHING
        self._asked.add(key)
        found: Sorts = NOTHING
        for target, value in assignments(function):
            if isinstance(target, ast.Name) and target.id == name:
                found |= self.of(value, function)
        if name in function.parameters:
            found |= self._of_parameter(name, function)
        self._asked.discard(key)
        return found

    def _of_parameter(self, name: str, function: RouteFunction) -> Sorts:
        at = function.parameters.index(name) + 1
        found: Sorts = NOTHING
        for caller in self._functions:
            for call, callee in caller.calls():
                if callee is function:
                    given = call.args[at] if at < len(call.args) else None
                    named = [one.value for one in call.keywords if one.arg == name]
                    for one in (given, *named):
                        found |= NOTHING if one is None else self.of(one, caller)
        return found

    def _of_call(self, node: ast.Call, function: RouteFunction) -> Sorts:
        callee = function.callee(node)
        if callee is not None:
            return self.returned(callee)
        match node.func:
            case ast.Attribute(value=ast.Name(id=name)) if name == function.handle:
                return frozenset((CODE,))
            case ast.Name(id="str"):
                return _TEXT
            case ast.Name(id="int" | "len"):
                return frozenset((INT,))
            case ast.Name(id="bool"):
                return frozenset((BOOL,))
            case ast.Attribute(attr="lower" | "upper" | "strip"):
                return _TEXT
        return frozenset((BOOL,))


_TEXT: Sorts = frozenset((TEXT,))


def _of_constant(value: object) -> Sorts:
    if value is None:
        return frozenset((NULL,))
    if isinstance(value, bool):
        return frozenset((BOOL,))
    return frozenset((INT,)) if isinstance(value, int) else _TEXT if isinstance(value, str) else ANY


def variable_text(key: ast.expr, function: RouteFunction) -> str:
    """A variable's name as a text; what is filled in there stands as `x`."""
    if isinstance(key, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in key.values)
    try:
        return str(function.known(key))
    except Unknown:
        return ""


def _key(text: str) -> tuple[str, str]:
    match = VARIABLE.match(text)
    return (match[1], match[2] or "") if match else ("", "")


def assignments(function: RouteFunction) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Everything that is set in a function, and to what."""
    for node in ast.walk(function.definition):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((target, value) for target in targets)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield target, value
            case ast.AugAssign(target=target, op=sign, value=value):
                yield target, ast.copy_location(ast.BinOp(as_read(target), sign, value), node)


def as_read(target: ast.expr) -> ast.expr:
    """What is set, as it is read."""
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(name, ast.Load()), target)
        case ast.Subscript(value=value, slice=key):
            return ast.copy_location(ast.Subscript(value, key, ast.Load()), target)
    return target


def _settings(function: RouteFunction) -> Iterator[tuple[str, ast.expr]]:
    """The variables that a function sets, and to what."""
    for target, value in assignments(function):
        match target:
            case ast.Subscript(value=ast.Name(id=name), slice=key) if name == function.handle:
                yield variable_text(key, function), value


def falls_through(body: list[ast.stmt]) -> bool:
    """Whether what stands behind these statements is reached."""
    if not body:
        return True
    match body[-1]:
        case ast.Return():
            return False
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="exit" | "drop"))):
            return False
        case ast.If(body=then, orelse=other):
            return falls_through(then) or falls_through(other)
    return True
