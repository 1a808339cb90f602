"""Commands of a route as functions of KEMI: which function it is, and its arguments as it takes them."""

from __future__ import annotations

import ast
import re
from typing import Any, NamedTuple

from labsip.dialects.cfg.catalogue import CATALOGUE
from labsip.dialects.kemi.ksr import OTHERS
from labsip.dialects.kemi.signatures import SIGNATURES
from labsip.dialects.translation.cfg_commands import LINES, default_of
from labsip.dialects.translation.route_function import RouteFunction, Unknown
from labsip.dialects.translation.sorts import INT, TEXT, SortTable
from labsip.proxy.command import Command
from labsip.proxy.exports import Exports
from labsip.sip.errors import NoSuchName

NAMED = {
    "sl_reply": "sl.sl_send_reply", "rewritehost": "sethost", "rewriteuser": "setuser", "rewriteuri": "seturi",
    "xlog": "xlog.xerr", "xbug": "xlog.xcrit",
}  # fmt: skip
"""Commands that KEMI has under the name of another."""
LEVELS = {"L_ALERT": "alert", "L_BUG": "crit", "L_CRIT": "crit", "L_ERR": "err", "L_WARN": "warn", "L_NOTICE": "notice",
          "L_INFO": "info", "L_DBG": "dbg"}  # fmt: skip
ENDING = ("t_check_trans", "t_newtran", "sanity_check")
"""Commands that may return 0, which ends a script in labsip and in a kamailio.cfg, and does not in KEMI."""
CALLBACKS = {"t_on_failure": "failure", "t_on_reply": "onreply", "t_on_branch": "branch"}
"""Commands that name a block, and what its method's name begins with."""
INSTEAD = {
    "strip": 'ksr["$rU"] = ksr["$rU"][1:]', "strip_tail": 'ksr["$rU"] = ksr["$rU"][:-1]',
    "prefix": 'ksr["$rU"] = "00" + ksr["$rU"]', "setport": 'ksr["$rp"] = "5060"', "rewriteport": 'ksr["$rp"] = "5060"',
    "revert_uri": 'ksr["$ru"] = ksr["$ou"]',
}  # fmt: skip


class KemiCall(NamedTuple):
    """What a command is in KEMI."""

    call: ast.Call
    is_bool: bool
    """It gives True or False; others give their code."""
    may_end: bool
    """Its code may be 0."""


def method_name(kind: str, name: str) -> str:
    """The method that a block is: `failure_MISSED`."""
    return f"{kind}_{re.sub(r'[^0-9A-Za-z_]', '_', name)}"


class KemiCalls:
    """The commands of one script. `used` are those that were written, by their names in a route."""

    def __init__(self, exports: Exports, sorts: SortTable, *, checks_passwords: bool) -> None:
        self._exports = exports
        self._sorts = sorts
        self._checks_passwords = checks_passwords
        self._paths = {command.name: module.kemi(command) for module in exports.modules for command in module.commands}
        self.used: set[str] = set()
        self.checks = False
        """auth_check was written, and asks no database."""

    def call(self, node: ast.Call, name: str, function: RouteFunction) -> KemiCall:
        """A command; its arguments are visited already. `node` has the command's name for its function."""
        command = self._exports.commands.get(name)
        if command is None:
            raise NoSuchName("command", name, self._exports.commands, where=f"{function.where(node)}: ")
        if command.of == "labsip":
            function.refuse(node, f"Kamailio has no command {name}", "leave it out")
        self.used.add(name)
        given = _in_order(node, command, function)
        if name == "auth_check" and self._checks_passwords:
            self.checks = True
            arguments = [*given, *(_constant(one.default) for one in command.parameters[len(given) :])]
            return KemiCall(_call("auth_check", arguments), False, False)
        path = self._path(node, command, given, function)
        if not path:
            texts = [ast.Constant(name), *(self._typed(one, "s", node, function) for one in given)]
            return KemiCall(_call("KSR.x.modf", texts), False, name in ENDING)
        letters = SIGNATURES.get(path, "")
        if name == "xlog" and len(given) == 2:
            given = given[1:]
        code = given[0].value if given and isinstance(given[0], ast.Constant) else ""
        given += [_constant(default_of(one, code)) for one in command.parameters[len(given) : len(letters)]]
        typed = [self._typed(one, letter, node, function) for one, letter in zip(given, letters, strict=False)]
        typed = self._finished(name, typed)
        return KemiCall(_call(f"KSR.{path}", typed), command.returns is bool, name in ENDING)

    def _path(self, node: ast.Call, command: Command[Any], given: list[ast.expr], function: RouteFunction) -> str:
        """Which function it is: with as many arguments, else with more that have a default."""
        name = command.name
        if name == "xlog" and len(given) == 2 and isinstance(given[0], ast.Constant):
            return f"xlog.x{LEVELS.get(str(given[0].value), 'err')}"
        paths = [path for path in (NAMED.get(name) or self._paths[name], *OTHERS.get(name, ())) if path in SIGNATURES]
        fitting = [path for path in paths if len(SIGNATURES[path]) == len(given)]
        larger = [path for path in paths if len(given) < len(SIGNATURES[path]) <= len(command.parameters)]
        if found := fitting or larger:
            return found[0]
        if name in CATALOGUE:
            return ""
        hint = f"write {INSTEAD[name]}" if name in INSTEAD else "write it another way"
        return function.refuse(node, f"KEMI has no {name}", hint)

    def _typed(self, node: ast.expr, letter: str, call: ast.Call, function: RouteFunction) -> ast.expr:
        """An argument as the type that the function takes."""
        try:
            value = function.known(node)
        except Unknown:
            sorts = self._sorts.of(node, function)
            wanted, kind = ({TEXT}, "str") if letter == "s" else ({INT}, "int")
            return node if sorts <= wanted else _call(kind, [node])
        if letter == "i" and str(value).lstrip("-").isdigit():
            return ast.Constant(int(str(value)))
        if letter == "i":
            function.refuse(call, f"{value!r} must be a number in KEMI", "write a number")
        return ast.Constant("" if value is None else str(value))

    @staticmethod
    def _finished(name: str, given: list[ast.expr]) -> list[ast.expr]:
        """A line has its end; a block has the name of its method."""
        if name in CALLBACKS and isinstance(given[0], ast.Constant):
            return [ast.Constant(method_name(CALLBACKS[name], str(given[0].value)))]
        end = LINES.get(name, "")
        if not end or not given:
            return given
        last = given[-1]
        if isinstance(last, ast.Constant):
            return [*given[:-1], ast.Constant(str(last.value).rstrip("\r\n") + end)]
        if isinstance(last, ast.JoinedStr):
            return [*given[:-1], ast.JoinedStr([*last.values, ast.Constant(end)])]
        return [*given[:-1], ast.BinOp(last, ast.Add(), ast.Constant(end))]


def _in_order(node: ast.Call, command: Command[Any], function: RouteFunction) -> list[ast.expr]:
    names = [parameter.name for parameter in command.parameters]
    given = dict(zip(names, node.args, strict=False)) | {one.arg or "": one.value for one in node.keywords}
    if set(given) - set(names) or len(node.args) > len(names):
        function.refuse(node, f"{command.name} takes no such argument", f"its form is {command!r}")
    count = max((names.index(name) + 1 for name in given), default=0)
    if count < command.counts[0]:
        function.refuse(node, f"{command.name} needs more arguments", f"its form is {command!r}")
    return [given.get(one.name) or _constant(one.default) for one in command.parameters[:count]]


def _call(name: str, arguments: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.parse(name, mode="eval").body, arguments, [])


def _constant(value: object) -> ast.Constant:
    return ast.Constant(value)  # type: ignore[arg-type]
