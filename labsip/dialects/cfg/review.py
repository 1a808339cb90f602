"""What is wrong with a configuration that is well formed: names that don't exist, things in the wrong place.

It needs the nodes and tables alone, and finds what `kamailio -c` finds and what only stops Kamailio's start.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Set

from labsip.dialects.cfg.catalogue import OWNERS, SURVEYED
from labsip.dialects.cfg.declaration_checks import declared
from labsip.dialects.cfg.faults import MOST_FAULTS, Fault, nearest
from labsip.dialects.cfg.known import EVERYWHERE, LITERAL, Known, KnownCommand
from labsip.dialects.cfg.lost_names import lost_names
from labsip.dialects.cfg.mismatches import Sort, mismatches, sort_of
from labsip.dialects.cfg.nodes import (
    Assignment,
    Binary,
    Cfg,
    CommandCall,
    Expression,
    FlagNames,
    If,
    Jump,
    LoadModule,
    Number,
    OldTest,
    Pattern,
    Pvar,
    RouteBlock,
    RouteCall,
    Statement,
    Switch,
    Text,
    Unary,
    While,
)
from labsip.dialects.cfg.operators import CORE_NAMES, ONLY_ONSEND, SAME
from labsip.dialects.cfg.reading import sorted_faults
from labsip.dialects.cfg.statements import constant_of
from labsip.dialects.cfg.variable_checks import VariableChecks, not_filled

MARK = re.compile(r"\s*(?:#!|!!)(?:KAMAILIO|OPENSER|SER)\s*$")
"""The line without which an unknown `$name` is `$avp(name)` to Kamailio."""
TELLS = {"t_on_failure": "failure_route", "t_on_reply": "onreply_route", "t_on_branch": "branch_route"}
"""Commands whose argument is the name of a block."""


def review(cfg: Cfg, known: Known, *, formed: bool = True) -> tuple[Fault, ...]:
    """All that is wrong, in order; of a great many the first.

    formed: its form is without faults. Else nobody is told that something is missing which may be in a part that could
    not be read.
    """
    lost: Container[str] = () if formed else lost_names(cfg)
    faults = [*declared(cfg, known, lost)]
    script = _Script(cfg, known, lost)
    for block in cfg.blocks:
        for fault in script.block(block):
            faults.append(fault)
            if len(faults) >= MOST_FAULTS:
                return sorted_faults(faults, cfg.texts)
    return sorted_faults(faults, cfg.texts)


class _Script:
    """One reading of the blocks."""

    def __init__(self, cfg: Cfg, known: Known, lost: Container[str]) -> None:
        self._known, self._lost = known, lost
        self._loaded: Set[str] = {module.name for module in cfg.of(LoadModule)}
        marked = any(MARK.match(line) for lines in cfg.texts.values() for line in lines)
        self._variables = VariableChecks(known, self._loaded, lost, marked)
        self._flags = {name for flags in cfg.of(FlagNames) for name, _ in flags.flags}
        self._routes: dict[str, dict[str, RouteBlock]] = {}
        self._word = self._kind = ""
        """The kind of the block, and the one whose commands may stand in it."""
        self._first: dict[str, RouteBlock] = {}
        for block in cfg.blocks:
            self._routes.setdefault(block.kind, {}).setdefault(block.name, block)
            self._first.setdefault(block.label, block)

    def block(self, block: RouteBlock) -> Iterator[Fault]:
        """What is wrong with a block."""
        first = self._first[block.label]
        if block.name and first is not block:
            where = f"the first is in line {first.spot.line} of {first.spot.file}"
            yield Fault(block.spot, f"there is a {block.label} already", where, block.end.line)
        self._word = block.kind
        self._kind = "reply_route" if block.kind == "onreply_route" and not block.name else block.kind
        yield from self._body(block.body)

    def _body(self, body: tuple[Statement, ...]) -> Iterator[Fault]:
        for statement in body:
            yield from self._statement(statement)

    def _statement(self, statement: Statement) -> Iterator[Fault]:
        if isinstance(statement, If):
            for arm in statement.arms:
                yield from self._condition(arm.condition)
                yield from self._body(arm.body)
            yield from self._body(statement.otherwise)
        elif isinstance(statement, While):
            yield from self._condition(statement.condition)
            yield from self._body(statement.body)
        elif isinstance(statement, Switch):
            yield from self._switch(statement)
        elif isinstance(statement, Jump):
            if statement.value is not None:
                yield from self._whole(statement.value)
                if statement.word != "break" and sort_of(statement.value) is Sort.STR:
                    hint = f"write {statement.word} 1;"
                    yield Fault(statement.value.spot, f"{statement.word} takes a number", hint, late=True)
        else:
            yield from self._whole(statement)

    def _condition(self, value: Expression) -> Iterator[Fault]:
        if isinstance(value, Assignment):
            if isinstance(target := value.target, Pvar) and self._read_only(target):
                yield Fault(target.spot, f"= sets {target.text}, which can only be read", "write == to compare")
                yield from self._expression(value.value)
                return
            hint = "write == to compare" if isinstance(value.target, Pvar) else ""
            yield Fault(value.spot, "= in a condition sets the variable", hint, severe=False)
        yield from self._whole(value)

    def _switch(self, switch: Switch) -> Iterator[Fault]:
        yield from self._whole(switch.subject)
        seen: dict[object, int] = {}
        first: type | None = None
        for case in switch.cases:
            constant = case.constant
            key = None if constant is None else (type(constant), constant.value)
            if key in seen:
                message = f"{'default' if constant is None else f'case {constant.value}'} is there already"
                message += f", in line {seen[key]}"
                yield Fault(case.spot, message, "each case stands once", late=constant is not None)
            seen.setdefault(key, case.spot.line)
            kind = None if constant is None else Text if isinstance(constant, Pattern) else type(constant)
            if kind is not None and kind is not (first := first or kind):
                message = "the cases of a switch are all numbers, or all texts"
                yield Fault(case.spot, message, "write a number as a text, in quotes", switch.spot.line)
            yield from self._body(case.body)

    # ---- expressions

    def _whole(self, value: Expression) -> Iterator[Fault]:
        yield from mismatches(value)
        yield from self._expression(value)

    def _expression(self, value: Expression) -> Iterator[Fault]:
        if isinstance(value, Pvar):
            yield from self._variables.variable(value)
        elif isinstance(value, Unary):
            yield from self._expression(value.operand)
        elif isinstance(value, Binary):
            yield from self._expression(value.left)
            yield from self._expression(value.right)
        elif isinstance(value, Assignment):
            yield from self._assignment(value)
        elif isinstance(value, RouteCall):
            yield from self._route(value)
        elif isinstance(value, CommandCall):
            yield from self._call(value)
        elif isinstance(value, OldTest):
            if value.subject in ONLY_ONSEND and self._kind != "onsend_route":
                yield Fault(value.spot, f"{value.subject} is only known in onsend_route")
            yield from self._expression(value.against)

    def _assignment(self, value: Assignment) -> Iterator[Fault]:
        yield from self._expression(value.value)
        target = value.target
        if not isinstance(target, Pvar):
            return
        yield from self._variables.variable(target)
        if target.transforms:
            yield Fault(target.spot, f"{target.text} can't be set: it has a transformation", "set the variable itself")
        elif self._read_only(target):
            settable = [name for name, one in self._known.variables.items() if one.settable and not one.named]
            hint = f"a route can set ${', $'.join(settable[:12])}, $var(name) and others"
            yield Fault(target.spot, f"{target.text} can only be read", hint)

    def _read_only(self, target: Pvar) -> bool:
        variable = self._known.variables.get(target.name)
        return variable is not None and not variable.settable

    def _route(self, value: RouteCall) -> Iterator[Fault]:
        yield from self._expression(value.name)
        name = constant_of(value.name)
        if name is None:
            return
        routes = self._routes.get("route", {})
        if str(name.value) not in routes and str(name.value) != "0" and str(name.value) not in self._lost:
            near = nearest(str(name.value), routes)
            hint = near or f"write route[{name.value}] {{ … }}"
            yield Fault(name.spot, f"no route[{name.value}]", hint, value.spot.line, late=True)

    # ---- commands

    def _call(self, call: CommandCall) -> Iterator[Fault]:
        if call.name in CORE_NAMES:
            yield from self._core(call)
            return
        command = self._known.commands.get(call.name)
        if command is None:
            yield from self._unknown(call)
            yield from self._arguments(call, None)
            return
        module, end = command.module, call.end.line
        owners = {module, *OWNERS.get(call.name, ())}
        if not owners & {*self._loaded, *EVERYWHERE}:
            if module not in self._lost:
                hint = f'write loadmodule "{module}.so"'
                if module not in self._known.parameters and module not in self._known.accepted:
                    hint += f", and give --accept-module {module}: labsip has no such module"
                yield Fault(call.spot, f"{call.name} is a command of {module}, which is not loaded", hint, end)
        elif module not in self._loaded and module not in EVERYWHERE:
            yield from self._arguments(call, None)  # of another module, whose command takes what it likes
            return
        elif not command.here and module not in self._known.accepted:
            lacks = module not in self._known.parameters
            hint = f"--accept-module {module} lets it answer, without effect" if lacks else ""
            yield Fault(call.spot, f"labsip does not have {call.name}, a command of {module}", hint, end, late=True)
        if len(call.arguments) not in command.counts:
            takes, plural = _numbers(command.counts)
            joined = any(isinstance(one, Text) and len(one.pieces) > 1 for one in call.arguments)
            hint = "texts side by side are one; arguments have commas between them" if joined else ""
            yield Fault(call.spot, f"{call.name} takes {takes} argument{plural}, not {len(call.arguments)}", hint, end)
        if self._kind not in command.blocks:
            places = ", ".join(sorted(command.blocks))
            yield Fault(call.spot, f"{call.name} can't be used in {self._word}", f"it belongs in {places}", end)
        yield from self._arguments(call, command)

    def _unknown(self, call: CommandCall) -> Iterator[Fault]:
        if self._known.accepted & self._loaded:
            return
        if call.name in self._routes.get("route", {}):
            yield Fault(call.spot, f"no command {call.name}", f"write route({call.name})", call.end.line)
            return
        names = [*(name for name, one in self._known.commands.items() if one.here), *CORE_NAMES]
        hint = nearest(call.name, names) or "is the module missing that it belongs to?"
        late = not self._loaded <= SURVEYED
        yield Fault(call.spot, f"no command {call.name}", hint, call.end.line, late=late)

    def _core(self, call: CommandCall) -> Iterator[Fault]:
        if not {call.name, SAME.get(call.name, call.name)} & self._known.commands.keys():
            message = f"labsip does not have {call.name}, a command of the core"
            yield Fault(call.spot, message, "", call.end.line, late=True)
        if call.name in ("setflag", "resetflag", "isflagset") and call.arguments:
            flag = call.arguments[0]
            if isinstance(flag, Number):
                if not 0 <= flag.value <= 31:
                    yield Fault(flag.spot, f"there is no flag {flag.value}", "flags go from 0 to 31")
            elif (name := str(getattr(flag, "value", ""))) not in self._flags and name not in self._lost:
                near = nearest(name, self._flags)
                hint = near or f"declare it, as in flags {name}:5; or write #!define {name} 5"
                yield Fault(flag.spot, f"flag {name} is not declared", hint, call.end.line)
        elif call.name not in ("log", "error", "exec"):
            for argument in call.arguments:
                if isinstance(argument, Text):
                    yield from self._variables.text(argument)

    def _arguments(self, call: CommandCall, command: KnownCommand | None) -> Iterator[Fault]:
        for number, argument in enumerate(call.arguments, 1):
            literal = command is not None and number - 1 in command.literal
            constant = constant_of(argument)
            if isinstance(argument, CommandCall | RouteCall):
                hint = "put its result into a $var before"
                yield Fault(argument.spot, f"a command can't be an argument of {call.name}", hint, call.end.line)
            elif constant is None and command is not None and command.constant:
                shown = argument.text if isinstance(argument, Pvar) else "$var(x)"
                hint = f'a variable stands in quotes there: "{shown}"'
                yield Fault(argument.spot, f"argument {number} of {call.name} must be a constant", hint, call.end.line)
            if isinstance(argument, Text):
                if not literal and call.name not in LITERAL:
                    yield from self._variables.text(argument)
                    yield from not_filled(call.name, argument)
                elif call.name in TELLS:
                    yield from self._block_named(call, argument)
            else:
                yield from self._expression(argument)

    def _block_named(self, call: CommandCall, name: Text) -> Iterator[Fault]:
        kind = TELLS[call.name]
        blocks = self._routes.get(kind, {})
        if name.value not in blocks and "$" not in name.value and name.value not in self._lost:
            hint = nearest(name.value, blocks) or f"write {kind}[{name.value}] {{ … }}"
            yield Fault(name.spot, f"no {kind}[{name.value}]", hint, severe=False)


def _numbers(counts: frozenset[int]) -> tuple[str, str]:
    """`1 to 3`, `0 or 2`, and the s of a plural."""
    numbers = sorted(counts)
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}", "s"
    return " or ".join(map(str, numbers)), "" if numbers == [1] else "s"
