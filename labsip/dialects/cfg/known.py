"""What a configuration may say: commands, variables, transformations, modules and their parameters, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args, get_type_hints

from labsip.proxy.command import Command
from labsip.proxy.exports import Exports, Module, NamedVariable
from labsip.proxy.script import ANY

_CONSTANT = """
    xlog xdbg xinfo xnotice xwarn xerr xcrit xalert xbug is_method append_hf sl_reply sl_send_reply send_reply
    t_reply t_check_status t_on_failure t_on_reply t_on_branch save lookup registered unregister ds_select_dst
    ds_select_domain ds_mark_dst add_contact_alias auth_check pv_auth_check auth_challenge www_challenge
    proxy_challenge sht_rm_name_re sql_query sql_result_free update_stat
"""
CONSTANT = frozenset(_CONSTANT.split())
"""Commands whose arguments are constants; a variable stands in quotes there. Measured on 5.6.3."""
_LITERAL = """
    is_method t_check_status t_on_failure t_on_reply t_on_branch search search_body search_append search_hf
    subst subst_uri subst_user subst_body subst_hf replace replace_all replace_body replace_body_all filter_body
    has_body sht_rm_name_re sql_query
"""
LITERAL = frozenset(_LITERAL.split())
"""Commands that take a text as it is: a $ in it is no variable."""
ONLY_TM_REPLY = frozenset(("t_on_failure", "t_on_reply", "t_is_canceled", "t_set_fr"))
"""Commands that stand in onreply_route[NAME], but not in the one for all replies."""
ALSO_IN = {"route": "request_route", "event_route": "request_route", "reply_route": "onreply_route"}
"""Blocks in which the commands of another may stand."""
CORE_VARIABLES = frozenset(("null", "rc", "retcode", "def", "defn", "env"))
"""Variables that need no module. Most others are those of pv."""
ELSEWHERE = {"T_branch_idx": "tm", "T_reply_code": "tmx", "T_branch_ref": "tmx"}
"""Variables whose module is not the one in whose EXPORTS they stand."""
EVERYWHERE = ("core", "labsip")
"""Modules that nobody loads."""


@dataclass(frozen=True, slots=True)
class KnownCommand:
    """A command of a module."""

    module: str
    least: int
    most: int
    blocks: frozenset[str]
    """The kinds of block it may stand in, by the words for them."""

    def fits(self, kind: str) -> bool:
        """Whether it may stand in such a block."""
        if kind == "onsend_route":
            return kind in self.blocks or frozenset(map(str, ANY)) <= self.blocks
        return kind in self.blocks or ALSO_IN.get(kind) in self.blocks


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
    parameters: Mapping[str, Mapping[str, type | None]]
    """Of each module, by name; int or str, None for any."""
    accepted: frozenset[str] = field(default_factory=frozenset)
    """Modules that may be loaded though nothing is known of them; their commands may have any name."""

    def names(self, module: str) -> tuple[str, ...]:
        """The commands of a module."""
        return tuple(name for name, command in self.commands.items() if command.module == module)


def known_of(exports: Exports, accepted: Iterable[str] = ()) -> Known:
    """The tables of what labsip brings, or a proxy with modules of its own."""
    commands, variables = {}, {}
    parameters: dict[str, dict[str, type | None]] = {}
    for module in exports.modules:
        parameters.setdefault(module.name, {}).update(_parameters(module))
        for name, variable in module.variables.items():
            bare = name.removeprefix("$")
            needs = "" if bare in CORE_VARIABLES or module.name in EVERYWHERE else ELSEWHERE.get(bare, module.name)
            variables[bare] = KnownVariable(variable.set is not None, isinstance(variable, NamedVariable), needs)
        for command in module.commands:
            commands[command.name] = _command(module, command)
            parameters.setdefault(command.of or module.name, {})
    return Known(commands, variables, frozenset(exports.transformations), parameters, frozenset(accepted))


def _command(module: Module, command: Command[Any]) -> KnownCommand:
    least, most = command.counts
    return KnownCommand(command.of or module.name, least, most, frozenset(str(kind) for kind in command.kinds))


def _parameters(module: Module) -> dict[str, type | None]:
    if module.parameters is None:
        return {}
    hints = get_type_hints(module.parameters)
    return {one.name: _kind(hints[one.name]) for one in fields(module.parameters)}


def _kind(hint: Any) -> type | None:
    """What modparam takes for a parameter that is one of Python's types here."""
    kinds = get_args(hint) or (hint,)
    if any(kind in (int, float, bool) for kind in kinds):
        return int
    return str if str in kinds else None
