"""Commands compiled: calls of the handle's methods, with the arguments filled in as Kamailio's commands do."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from labsip.dialects.cfg import values
from labsip.dialects.cfg.faults import Fault
from labsip.dialects.cfg.known import FIRST_VARIABLE_ALONE, LITERAL, LITERAL_UNLESS_VARIABLE
from labsip.dialects.cfg.nodes import Bare, CommandCall, Expression, Number, Pvar, Text
from labsip.dialects.cfg.operators import SAME
from labsip.dialects.cfg.pvar_code import Missing, Pvars
from labsip.dialects.cfg.pvars import template
from labsip.dialects.cfg.python_code import HANDLE, BlockFrame, call, constant, name
from labsip.modules.text_tests import pattern
from labsip.proxy.command import Command, Parameter
from labsip.proxy.exports import Exports
from labsip.proxy.replacement import read_substitution
from labsip.sip.errors import LabError

CHECKS = {"regex": pattern, "kept": pattern, "substitution": read_substitution}
"""Of parameters by their name: raises LabError for what can't be one."""


class Calls:
    """Commands of one block.

    flags: the numbers of flags that have names. accepted: modules that were loaded though nothing is known of them;
    a command of theirs does nothing.
    """

    def __init__(
        self, code: BlockFrame, pvars: Pvars, exports: Exports, flags: dict[str, int], *, accepts: bool
    ) -> None:
        self._code = code
        self._pvars = pvars
        self._exports = exports
        self._flags = flags
        self._accepts = accepts

    def command(self, node: CommandCall, value: Callable[[Expression], ast.expr]) -> ast.expr:
        """The call; `value` compiles an argument that is an expression."""
        word = SAME.get(node.name, node.name)
        command = self._exports.commands.get(word)
        if command is None:
            if self._accepts:
                return constant(1)
            raise Missing(Fault(node.spot, f"labsip has no command {node.name}"))
        arguments = [
            self._argument(command, parameter, given, value)
            for parameter, given in zip(_parameters(command, len(node.arguments)), node.arguments, strict=True)
        ]
        method = ast.Attribute(name(HANDLE), command.name, ast.Load())
        return self._code.at(call(method, *arguments), node.spot)

    def _argument(
        self, command: Command[Any], parameter: Parameter | None, given: Expression,
        value: Callable[[Expression], ast.expr],
    ) -> ast.expr:  # fmt: skip
        if isinstance(given, Bare):
            flag = self._flags.get(given.value) if "flag" in command.name else None
            return constant(given.value if flag is None else flag)
        if isinstance(given, Number):
            return constant(str(given.value) if _wants(parameter, str) and not _wants(parameter, int) else given.value)
        if not isinstance(given, Text):
            return value(given)
        if _wants(parameter, int) and not _wants(parameter, str) and re.fullmatch(r"\s*-?\d+\s*", given.value):
            return constant(int(given.value))
        literal = command.name in LITERAL or (parameter is not None and parameter.name in command.literal)
        if parameter is not None and parameter.name in command.literal:
            _check(parameter.name, given)
        if literal or "$" not in given.value:
            return constant(given.value)
        return self._filled(command, given)

    def _filled(self, command: Command[Any], given: Text) -> ast.expr:
        """A text with variables in it, as far as this command of Kamailio fills them in."""
        parts, _ = template(given)
        if command.name in FIRST_VARIABLE_ALONE and given.value.lstrip().startswith("$"):
            first = next((part for part in parts if isinstance(part, Pvar)), None)
            if first is not None:
                return self._code.call(values.text, self._pvars.read(first))
        elif command.name in LITERAL_UNLESS_VARIABLE:
            return constant(given.value)
        return self._pvars.filled(parts)


def _check(name: str, given: Text) -> None:
    check = CHECKS.get(name)
    try:
        if check is not None:
            check(given.value)
    except LabError as error:
        raise Missing(Fault(given.spot, str(error))) from None


def _parameters(command: Command[Any], count: int) -> list[Parameter | None]:
    known: list[Parameter | None] = list(command.parameters[:count])
    return known + [None] * (count - len(known))


def _wants(parameter: Parameter | None, kind: type) -> bool:
    return parameter is not None and kind in parameter.types
