"""What a configuration may say: commands, variables, transformations, modules and their parameters, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args, get_type_hints

from labsip.dialects.cfg.catalogue import CATALOGUE
from labsip.modules.modparams import TYPES
from labsip.proxy.command import Command
from labsip.proxy.exports import Exports, Module, NamedVariable
from labsip.proxy.script import ANY

_LITERAL = """
    is_method t_check_status t_on_failure t_on_reply t_on_branch search search_body search_append search_hf
    subst subst_uri subst_user subst_body subst_hf replace replace_all replace_body replace_body_all filter_body
    has_body sht_rm_name_re
"""
LITERAL = frozenset(_LITERAL.split())
"""Commands that take a text as it is: a $ in it is no variable."""
LITERAL_UNLESS_VARIABLE = ("t_reply", "t_send_reply", "auth_challenge", "www_challenge", "proxy_challenge")
"""Commands that take a text as it is, unless it begins with a variable."""
FIRST_VARIABLE_ALONE = (
    *LITERAL_UNLESS_VARIABLE, "sl_reply", "sl_send_reply", "send_reply", "auth_check", "pv_auth_check",
)  # fmt: skip
"""Commands for which a text that begins with a variable is that variable alone."""
EXPRESSIONS = frozenset(("regex", "substitution"))
"""Arguments of ours, by name, that are taken as they are."""
ALSO_IN = {"route": "request_route", "event_route": "request_route", "reply_route": "onreply_route"}
"""Blocks in which the commands of another may stand, where the catalogue does not say."""
CORE_VARIABLES = frozenset(("null", "rc", "retcode", "def", "defn", "env"))
"""Variables that need no module. Most others are those of pv."""
ELSEWHERE = {"T_branch_idx": "tmx", "T_reply_code": "tmx", "T_reply_reason": "tmx", "T": "tmx", "T_branch_ref": "tmx"}
"""Variables whose module is not the one in whose EXPORTS they stand."""
EVERYWHERE = ("core", "labsip")
"""Modules that nobody loads."""


_ELSEWHERE = """
    core:msg-received core:receive-parse-error tm:local-response tm:local-response-sent tm:continue tmx:continue
    dispatcher:dst-up dispatcher:dst-down dialog:timeout tls:connection-out
    corex:reply-out network:msg tcp:closed tcp:timeout tcp:reset websocket:closed
"""
ELSEWHERE_EVENTS = tuple(_ELSEWHERE.split())
"""Events that Kamailio has, and labsip has not."""

ModParams = Mapping[str, Mapping[str, tuple[type, ...]]]


@dataclass(frozen=True, slots=True)
class KnownCommand:
    """A command of a module."""

    module: str
    counts: frozenset[int]
    """Numbers of arguments."""
    blocks: frozenset[str]
    """The kinds of block it may stand in; `reply_route` stands for an onreply_route without a name, too."""
    constant: bool = False
    """Its arguments are constants."""
    literal: frozenset[int] = frozenset()
    """Arguments that are taken as they are: a $ in them is no variable."""
    here: bool = True
    """labsip has it."""


@dataclass(frozen=True, slots=True)
class KnownVariable:
    """A variable; `module` is the one it needs, "" for none."""

    settable: bool
    named: bool
    module: str = ""


@dataclass(frozen=True)
class Known:
    """All that a checker asks."""

    commands: Mapping[str, KnownCommand]
    variables: Mapping[str, KnownVariable]
    """By name without `$`."""
    transformations: frozenset[str]
    parameters: ModParams
    """Of each module, by name: int, str, or both."""
    events: tuple[str, ...] = ()
    """Those that happen here; one that ends in a colon has a name behind it."""
    accepted: frozenset[str] = field(default_factory=frozenset)
    """Modules that may be loaded though nothing is known of them; their commands may have any name."""


def known_of(exports: Exports, accepted: Iterable[str] = ()) -> Known:
    """The tables of what labsip brings, or a proxy with modules of its own.

    accepted: modules that may be loaded though nothing is known of them.
    """
    commands: dict[str, KnownCommand] = {}
    variables: dict[str, KnownVariable] = {}
    parameters: dict[str, dict[str, tuple[type, ...]]] = {}
    for module in exports.modules:
        parameters.setdefault(module.name, {}).update(_parameters(module))
        for name, variable in module.variables.items():
            bare = name.removeprefix("$")
            needs = "" if bare in CORE_VARIABLES or module.name in EVERYWHERE else ELSEWHERE.get(bare, module.name)
            variables[bare] = KnownVariable(variable.set is not None, isinstance(variable, NamedVariable), needs)
        for command in module.commands:
            commands[command.name] = _command(module, command)
            parameters.setdefault(command.of or module.name, {})
    for of, own in parameters.items():
        own.update(TYPES.get(of, {}))
    for name, row in CATALOGUE.items():
        if name not in commands:
            commands[name] = KnownCommand(row.module, row.counts, row.blocks, row.constant, here=False)
    transformations = frozenset(exports.transformations)
    return Known(commands, variables, transformations, parameters, exports.events, frozenset(accepted))


def _command(module: Module, command: Command[Any]) -> KnownCommand:
    """A command of ours, which may be called as Kamailio's of that name, if there is one."""
    names = [parameter.name for parameter in command.parameters]
    taken = command.literal & EXPRESSIONS
    literal = frozenset(number for number, name in enumerate(names) if name in taken or command.name in LITERAL)
    row = CATALOGUE.get(command.name)
    if row is not None:
        return KnownCommand(row.module, row.counts, row.blocks, row.constant, literal)
    least, most = command.counts
    kinds = frozenset(map(str, command.kinds))
    also = {block for block, other in ALSO_IN.items() if other in kinds}
    blocks = kinds | also | ({"onsend_route"} if kinds >= frozenset(map(str, ANY)) else set())
    return KnownCommand(command.of or module.name, frozenset(range(least, most + 1)), blocks, literal=literal)


def _parameters(module: Module) -> dict[str, tuple[type, ...]]:
    if module.parameters is None:
        return {}
    hints = get_type_hints(module.parameters)
    return {one.name: _types(hints[one.name]) for one in fields(module.parameters)}


def _types(hint: Any) -> tuple[type, ...]:
    """What modparam takes for a parameter that is one of Python's types here."""
    kinds = get_args(hint) or (hint,)
    if any(kind in (int, float, bool) for kind in kinds):
        return (int,)
    return (str,) if str in kinds else (int, str)
