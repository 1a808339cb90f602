"""What a function returns, as a block of a kamailio.cfg does: a number, and 0 ends the script."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from labsip.dialects.cfg.nodes import Arm, CommandCall, Expression, If, Jump, Number, RouteCall, Spot, Statement
from labsip.dialects.translation.cfg_pieces import HERE, variable
from labsip.dialects.translation.route_function import Unknown
from labsip.dialects.translation.sorts import BOOL, CODE, INT, TEXT

if TYPE_CHECKING:
    from labsip.dialects.translation.cfg_statements import BlockRole, Statements

Body = list[Statement]


def returned(node: ast.Return, role: BlockRole, statements: Statements) -> Body:
    """A `return`."""
    values, spot, value = role.values, role.values.function.spot(node), node.value
    if role.is_main:
        return [*statements.done(value, role), Jump(spot, "exit")]
    if role.inlined or value is None:
        code = -1 if role.is_helper and value is None and _is_looked_at(role, statements) else None
        code = None if role.inlined else code
        return [*statements.done(value, role), Jump(spot, "return", None if code is None else Number(HERE, code))]
    try:
        return [_constant(node, values.function.known(value), role)]
    except Unknown:
        pass
    sorts = statements.writer.sorts.of(value, values.function)
    if TEXT in sorts:
        hint = 'put it into ksr["$var(x)"], and read that'
        values.function.refuse(node, "a route can only return a number in a kamailio.cfg", hint)
    if sorts <= {CODE, INT} and not (INT in sorts and CODE not in sorts and role.is_helper):
        return _code(values.value(value), spot)
    if BOOL in sorts or CODE in sorts:
        inner = inside_bool(value)
        if statements.writer.sorts.of(inner, values.function) == {CODE}:
            return _code(values.value(inner), spot)
        test = values.truth(value)
        no = Jump(HERE, "return", Number(HERE, -1)) if role.is_helper else Jump(HERE, "exit")
        yes = Jump(HERE, "return", Number(HERE, 1))
        return [If(spot, (Arm(spot, test, (yes,)),)), no]
    hint = 'a 0 would end the script; return True or False, or put it into ksr["$var(x)"]'
    return values.function.refuse(node, "this number can't be returned in a kamailio.cfg", hint)


def _constant(node: ast.Return, value: object, role: BlockRole) -> Statement:
    values, spot = role.values, role.values.function.spot(node)
    if value is None:
        return Jump(spot, "return", Number(HERE, -1) if role.is_helper else None)
    if not isinstance(value, int):
        hint = 'put it into ksr["$var(x)"], and read that'
        values.function.refuse(node, "a route can only return a number in a kamailio.cfg", hint)
    if value:
        return Jump(spot, "return", Number(HERE, int(value)))
    if not role.is_helper:
        return Jump(spot, "exit")
    if value is False:
        return Jump(spot, "return", Number(HERE, -1))
    hint = "return False, or another number"
    return values.function.refuse(node, "return 0 ends the script in a kamailio.cfg", hint)


def _is_looked_at(role: BlockRole, statements: Statements) -> bool:
    return statements.writer.is_looked_at(role.values.function, is_helper=True)


def _code(value: Expression, spot: Spot) -> Body:
    """A code returned as it is: beside return, a command counts 1 or 0, and 0 would end the script."""
    if isinstance(value, CommandCall | RouteCall):
        return [replace(value, spot=spot), Jump(HERE, "return", variable("$rc"))]
    return [Jump(spot, "return", value)]


def inside_bool(node: ast.expr) -> ast.expr:
    """What stands in the brackets of `bool(…)`, else all of it."""
    match node:
        case ast.Call(func=ast.Name(id="bool"), args=[inner]):
            return inner
    return node
