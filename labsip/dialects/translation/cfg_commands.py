"""Commands of a route as a kamailio.cfg has them: their arguments in its notation, all that it asks for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from labsip.dialects.cfg.catalogue import CATALOGUE
from labsip.dialects.cfg.known import EXPRESSIONS, FIRST_VARIABLE_ALONE, LITERAL, LITERAL_UNLESS_VARIABLE, known_of
from labsip.dialects.cfg.nodes import Assignment, Bare, CommandCall, Expression, Pvar, RouteCall, Text
from labsip.dialects.cfg.operators import CORE_COMMANDS, HOST, NUMBER, SAME
from labsip.dialects.translation.cfg_pieces import HERE, variable
from labsip.dialects.translation.route_function import RouteFunction, Unknown
from labsip.dialects.translation.texts import filled_text
from labsip.modules import pv
from labsip.proxy.command import Command, Parameter
from labsip.proxy.exports import Exports
from labsip.sip.errors import LabError, NoSuchName, did_you_mean
from labsip.sip.headers import PHRASES

if TYPE_CHECKING:
    from labsip.dialects.translation.cfg_values import Values

LINES = {"append_hf": "\r\n", "insert_hf": "\r\n", "append_to_reply": "\r\n"} | dict.fromkeys(
    ("xlog", "xdbg", "xinfo", "xnotice", "xwarn", "xerr", "xbug", "xcrit", "xalert"), "\n"
)
"""Commands whose text is a line, and how it ends; labsip's need no end."""
LANGUAGE = ("exit", "drop", "route", "strempty")
"""Commands here that are of the language itself there."""
CHECK = "AUTH_CHECK"
"""The route that has auth_check's work where no database has the passwords."""


class CfgCommands:
    """The commands of one script.

    names: those of its routes. checks_passwords: auth_check has no database to ask.
    """

    def __init__(self, exports: Exports, names: tuple[str, ...], *, checks_passwords: bool) -> None:
        self._exports = exports
        self._known = known_of(exports).commands
        self._names = names
        self._checks_passwords = checks_passwords
        self.used: set[str] = set()
        """Names of the commands that were written."""
        self.checks: dict[tuple[str, str], str] = {}
        """The routes that check passwords, by realm and flags."""

    def call(self, node: ast.Call, name: str, values: Values) -> Expression:
        """A command with its arguments."""
        function, command = values.function, self._exports.commands.get(name)
        if command is None:
            raise NoSuchName("command", name, self._exports.commands, where=f"{function.where(node)}: ")
        if name in ("exit", "drop"):
            function.refuse(node, f"{name} is no value in a kamailio.cfg", f"write ksr.{name}() on a line of its own")
        arguments = self._given(node, command, function)
        if name == "route":
            return self._route(node, arguments[0], values)
        if command.of == "labsip" or (name not in CATALOGUE and not self._is_core(name) and name not in LANGUAGE):
            function.refuse(node, f"Kamailio has no command {name}", "leave it out")
        self.used.add(name)
        if name == "auth_check" and self._checks_passwords:
            return self._check(arguments, values)
        written = [self._argument(command, at, argument, values) for at, argument in enumerate(arguments)]
        return CommandCall(HERE, name, tuple(self._enough(node, command, written, values.function)))

    def check_variable(self, text: str, where: str) -> None:
        """Raises LabError if there is no such variable."""
        try:
            pv.check(self._exports, text)
        except LabError as error:
            raise LabError(f"{where}: {error}") from None

    @staticmethod
    def _is_core(name: str) -> bool:
        return SAME.get(name, name) in CORE_COMMANDS

    def _given(self, node: ast.Call, command: Command[Any], function: RouteFunction) -> list[ast.expr]:
        """The arguments in order, up to the last that is given."""
        names = [parameter.name for parameter in command.parameters]
        given: dict[str, ast.expr] = dict(zip(names, node.args, strict=False))
        given |= {one.arg: one.value for one in node.keywords if one.arg in names}
        wrong = [one.arg for one in node.keywords if one.arg not in names]
        if wrong or len(node.args) > len(names) or any(isinstance(one, ast.Starred) for one in node.args):
            function.refuse(node, f"{command.name} takes no such argument", f"write {command!r}"[1:-1])
        least, _ = command.counts
        count = max((names.index(name) + 1 for name in given), default=0)
        if count < least or any(name not in given and command.parameters[at].needed for at, name in enumerate(names)):
            function.refuse(node, f"{command.name} needs more arguments", f"its form is {command!r}")
        return [
            given.get(name)
            or ast.copy_location(
                ast.Constant(command.parameters[at].default),  # type: ignore[arg-type]
                node,
            )
            for at, name in enumerate(names[:count])
        ]

    def _enough(
        self, node: ast.Call, command: Command[Any], written: list[Expression], function: RouteFunction
    ) -> list[Expression]:
        """As many arguments as Kamailio asks for: what is left out here has its default there."""
        core = SAME.get(command.name, command.name)
        counts = {len(form) for form in CORE_COMMANDS[core]} if core in CORE_COMMANDS else self._counts(command.name)
        found = list(written)
        while len(found) not in counts and len(found) < len(command.parameters):
            parameter = command.parameters[len(found)]
            code = found[0].value if found and isinstance(found[0], Text) else ""
            default = default_of(parameter, code)
            found.append(Text(HERE, "" if default is None else str(default)))
        if len(found) not in counts:
            wanted = " or ".join(map(str, sorted(counts)))
            function.refuse(node, f"{command.name} takes {wanted} arguments in a kamailio.cfg", "give as many")
        return found

    def _counts(self, name: str) -> frozenset[int]:
        return self._known[name].counts

    def _argument(self, command: Command[Any], at: int, node: ast.expr, values: Values) -> Expression:
        parameter = command.parameters[at]
        core = SAME.get(command.name, command.name)
        kind = next((form[at] for form in CORE_COMMANDS.get(core, ()) if len(form) > at), "")
        try:
            value = values.function.known(node)
        except Unknown:
            return self._changing(command, parameter, node, values, core=bool(kind))
        if isinstance(value, str) and kind == NUMBER and value.isdigit():
            value = int(value)
        if isinstance(value, str) and kind == HOST:
            return Bare(HERE, value)
        if isinstance(value, int) and not isinstance(value, bool) and str in parameter.types and not kind:
            value = str(value)
        found = values.constant(value, node)
        if not isinstance(found, Text):
            return found
        text = (
            found.value
            if core in CORE_COMMANDS or self._is_literal(command, parameter)
            else found.value.replace("$", "$$")
        )
        return Text(HERE, self._ended(command, parameter, text))

    def _changing(
        self, command: Command[Any], parameter: Parameter, node: ast.expr, values: Values, *, core: bool
    ) -> Expression:
        """An argument that is known only when it runs: a text with variables in it."""
        takes_none = command.name in LITERAL or (parameter.name in command.literal & EXPRESSIONS)
        if core or takes_none:
            hint = f'write it as a constant, as in ksr.{command.name}("…")'
            if command.name in SETS:
                hint = f'write ksr["{SETS[command.name]}"] = …'
            values.function.refuse(node, f"{command.name} takes no variable in a kamailio.cfg", hint)
        parts = values.parts(node)
        begins = bool(parts) and isinstance(parts[0], Pvar)
        alone = command.name in (FIRST_VARIABLE_ALONE if begins else LITERAL_UNLESS_VARIABLE)
        if alone and len(parts) > 1:
            target = variable(values.writer.local(values.function, f"{parameter.name}_"))
            values.writer.before.append(Assignment(HERE, target, values.value(node)))
            parts = [target]
        return Text(
            HERE, self._ended(command, parameter, filled_text(parts, escapes=not self._is_literal(command, parameter)))
        )

    @staticmethod
    def _is_literal(command: Command[Any], parameter: Parameter) -> bool:
        return command.name in LITERAL or parameter.name in command.literal

    @staticmethod
    def _ended(command: Command[Any], parameter: Parameter, text: str) -> str:
        end = LINES.get(command.name, "")
        is_line = parameter.name in ("text", "line") or (parameter.name == "level" and not text.startswith("L_"))
        return text.rstrip("\r\n") + end if end and is_line else text

    def _route(self, node: ast.Call, name: ast.expr, values: Values) -> Expression:
        try:
            known = str(values.function.known(name))
        except Unknown:
            return RouteCall(HERE, values.value(name))
        if known not in self._names:
            near = did_you_mean(known, self._names) or '; write @lab.route("NAME") above a function'
            values.function.refuse(node, f"there is no route {known}", near.removeprefix("; "))
        return RouteCall(HERE, Text(HERE, known))

    def _check(self, arguments: list[ast.expr], values: Values) -> Expression:
        """`auth_check` by passwords that stand in the configuration."""
        realm = filled_text(values.parts(arguments[0]))
        flags = str(values.function.known(arguments[2])) if len(arguments) > 2 else "0"
        name = self.checks.setdefault((realm, flags), f"{CHECK}{len(self.checks) + 1 if self.checks else ''}")
        self.used |= {"pv_auth_check"}
        self.used.discard("auth_check")
        return RouteCall(HERE, Text(HERE, name))


def default_of(parameter: Parameter, code: object) -> object:
    """What an argument is that is left out here, and must be there in Kamailio. code: of a response."""
    is_reason = parameter.name == "reason" and str(code).isdigit()
    return PHRASES.get(int(str(code)), "Unknown") if is_reason else parameter.default


SETS = {
    "rewriteuri": "$ru", "seturi": "$ru", "rewriteuser": "$rU", "setuser": "$rU", "rewritehost": "$rd",
    "sethost": "$rd", "rewriteport": "$rp", "setport": "$rp",
}  # fmt: skip
"""Commands of the core, which take constants, and the variable that can be set instead."""
