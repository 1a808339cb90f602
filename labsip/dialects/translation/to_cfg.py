"""A route in Python as a whole kamailio.cfg."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from labsip.dialects.cfg.cfg_writer import Remark, block, declaration
from labsip.dialects.cfg.faults import BadCfg
from labsip.dialects.cfg.known import known_of
from labsip.dialects.cfg.nodes import (
    NOWHERE_IN_CFG,
    Arm,
    Assignment,
    Binary,
    CommandCall,
    If,
    Jump,
    Number,
    RouteBlock,
    Statement,
    Text,
)
from labsip.dialects.cfg.reading import parse_cfg
from labsip.dialects.cfg.review import review
from labsip.dialects.translation.cfg_blocks import BlockWriter
from labsip.dialects.translation.cfg_commands import CfgCommands
from labsip.dialects.translation.cfg_head import (
    core_parameters,
    drivers_for,
    loaded,
    mod_param,
    module_parameters,
    modules_of,
    parameters_between,
)
from labsip.dialects.translation.cfg_pieces import variable
from labsip.dialects.translation.route_script import RouteScript
from labsip.dialects.translation.sorts import SortTable
from labsip.proxy.exports import Exports
from labsip.sip.transport import Address
from labsip.vocabulary import EXPORTS

HERE = NOWHERE_IN_CFG
PASSWORDS = "passwd"
"""The hash table of users' passwords, where no database has them."""
CHECKS = Remark(("auth_check, by the passwords of a hash table instead of a database's.",))
NO_USER = -3
"""auth_check's code for a user that does not exist."""


def cfg_text(script: RouteScript, listen: Iterable[Address], exports: Exports = EXPORTS) -> str:
    """The kamailio.cfg that does the same. Raises LabError for what has no counterpart there, each with its line."""
    from_database = bool(script.settings.get("auth_db_url"))
    commands = CfgCommands(exports, script.names("route"), checks_passwords=not from_database)
    writer = BlockWriter(script, SortTable(script), commands)
    blocks = [*writer.blocks()]
    checks = [_check(name, *given) for given, name in commands.checks.items()]
    behind = max((at + 1 for at, one in enumerate(blocks) if one.kind in ("request_route", "route")), default=0)
    blocks[behind:behind] = checks
    writer.remarks |= {(one.spot.file, one.spot.line): CHECKS for one in checks}
    parameters = list(module_parameters(script.settings, exports))
    if commands.checks:
        parameters.append(mod_param("htable", "htable", f"{PASSWORDS}=>size=8;"))
        blocks.append(_passwords(script.settings.get("users", {})))
        writer.remarks[PASSWORDS, 0] = Remark(("The passwords, put into their table at the start.",))
    needed = {*drivers_for(parameters), *(one.modules.value for one in parameters)}
    modules = modules_of(blocks, commands.used, known_of(exports).variables, needed)
    parameters += parameters_between(modules)
    head = core_parameters(script.settings, listen, commands.used, has_loops=writer.has_loops)
    sections = [
        "#!KAMAILIO\n# Made by labsip from a route in Python.",
        *_lines(declaration(one) for one in head),
        *_lines(f"#!define {name} {value}" for name, value in script.settings.get("defines", {}).items()),
        *_lines(declaration(one) for one in loaded(modules)),
        *_lines(declaration(one) for one in parameters),
        *(block(one, writer.remarks) for one in blocks),
    ]
    text = "\n\n".join(sections) + "\n"
    _check_text(text, exports)
    return text


def _lines(lines: Iterable[str]) -> list[str]:
    found = "\n".join(lines)
    return [found] if found else []


def _check_text(text: str, exports: Exports) -> None:
    """Read what was written. Raises BadCfg where Kamailio would not take it."""
    reading = parse_cfg(text, "kamailio.cfg")
    faults = [*reading.faults] or [*review(reading.cfg, known_of(exports))]
    if any(fault.severe for fault in faults):
        raise BadCfg(faults, reading.cfg.texts)


def _check(name: str, realm: str, flags: str) -> RouteBlock:
    """auth_check by the passwords of a hash table: a user who has none does not exist."""
    user, password = variable("$au"), variable(f"$sht({PASSWORDS}=>$au)")
    null = variable("$null")
    unknown = Binary(HERE, "&&", Binary(HERE, "!=", user, null), Binary(HERE, "==", password, null))
    arguments = tuple(Text(HERE, one) for one in (realm, password.text, "0", str(int(flags) & 1)))
    body: tuple[Statement, ...] = (
        If(HERE, (Arm(HERE, unknown, (Jump(HERE, "return", Number(HERE, NO_USER)),)),)),
        CommandCall(HERE, "pv_auth_check", arguments),
        Jump(HERE, "return", variable("$rc")),
    )
    return RouteBlock(HERE._replace(file=name), "route", name, body)


def _passwords(users: Mapping[str, str]) -> RouteBlock:
    """The passwords, put into their table at the start."""
    body = tuple(
        Assignment(HERE, variable(f"$sht({PASSWORDS}=>{user})"), Text(HERE, password))
        for user, password in users.items()
        if password
    )
    return RouteBlock(HERE._replace(file=PASSWORDS), "event_route", "htable:mod-init", body)
