"""A kamailio.cfg as a script that a proxy runs: read, checked, and compiled."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Any

from labsip.dialects.cfg.block_code import Compiler
from labsip.dialects.cfg.cfg_settings import Head, head_of
from labsip.dialects.cfg.faults import BadCfg, Fault
from labsip.dialects.cfg.kemi_engine import program_of
from labsip.dialects.cfg.known import known_of
from labsip.dialects.cfg.nodes import NOWHERE_IN_CFG, Cfg, CommandCall, RouteBlock, Text
from labsip.dialects.cfg.preprocessor import MOST_BYTES, Read
from labsip.dialects.cfg.pvar_code import Missing
from labsip.dialects.cfg.reading import parse_cfg, read_cfg, sorted_faults
from labsip.dialects.cfg.review import review
from labsip.dialects.kemi import Program
from labsip.proxy.exports import Exports
from labsip.proxy.script import Route, Routes, ScriptText
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.vocabulary import EXPORTS, settings_of

STREAMS = ("/dev/stdin", "/dev/fd/")
"""What a shell hands over: `labsip check-cfg /dev/stdin`, or `<(…)` of bash."""
NAMED = {
    "route": "routes",
    "onreply_route": "onreply_routes",
    "failure_route": "failure_routes",
    "branch_route": "branch_routes",
    "event_route": "event_routes",
}
MAIN = {
    "request_route": "request_route",
    "onreply_route": "onreply_route",
    "reply_route": "onreply_route",
    "onsend_route": "onsend_route",
}
"""Blocks without a name, and the field of `Routes` that has each; those of one field are one block."""
ARMS = {"t_on_failure": "failure_routes", "t_on_reply": "onreply_routes", "t_on_branch": "branch_routes"}


@dataclass(frozen=True)
class CfgScript:
    """What a configuration says."""

    routes: Routes
    """Its blocks, and the settings that go with them."""
    listen: tuple[Address, ...]
    """Where it listens; nowhere if it does not say."""
    modules: tuple[str, ...]
    """Those it loads."""
    cfg: Cfg
    """All that it says, as nodes."""
    warnings: tuple[Fault, ...] = ()
    """What Kamailio would only warn of."""
    remarks: tuple[str, ...] = ()
    """What it says that changes nothing here, a line each."""
    program: Program | None = None
    """The KEMI script whose routes these are, where `cfgengine` says so."""

    @property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """The lines of each file."""
        return self.cfg.texts

    def first_words(self) -> Iterator[str]:
        """What is to be told when it begins, a line each: what is odd in it, and what its script logged."""
        for fault in self.warnings:
            yield f"{fault.spot}: {fault.message}"
        yield from self.remarks
        if self.program is not None:
            yield from (row.text for row in self.program.printed)


def script_of(
    source: str | Path,
    defines: Mapping[str, str | None] | None = None,
    *,
    read: Read | None = None,
    exports: Exports = EXPORTS,
    accepted: Iterable[str] = (),
    file: str = "kamailio.cfg",
) -> CfgScript:
    """Read a configuration, a file by its Path or a text, and compile it. Raises BadCfg with all that is wrong.

    defines: as `-A NAME` (None) and `-A NAME=value`. read: the bytes of a file by its path, for the file itself and
    what it includes. accepted: modules that may be loaded though labsip has them not. file: what errors call a text.
    """
    reading = (
        read_cfg(str(source), read or file_bytes, defines)
        if isinstance(source, Path)
        else parse_cfg(source, file, read or file_bytes, defines)
    )
    accepts = tuple(accepted)
    formed = not any(fault.severe for fault in reading.faults)
    faults = [*reading.faults, *review(reading.cfg, known_of(exports, accepts), formed=formed)]
    if not any(fault.severe for fault in faults):
        script = compile_cfg(reading.cfg, exports, accepts, faults, read or file_bytes)
        if not any(fault.severe for fault in faults):
            text = None if isinstance(source, Path) else source
            origin = ScriptText("cfg", file if text is not None else str(source), text, defines or {})
            script.routes.origins = dict.fromkeys(script.routes.blocks().values(), origin)
            return script
    raise BadCfg(sorted_faults(faults, reading.cfg.texts), reading.cfg.texts)


def file_bytes(file: str) -> bytes:
    """The bytes of a file, or as many as are told of as too many. Raises OSError, also for what may never end: a pipe,
    a device."""
    if not (S_ISREG(Path(file).stat().st_mode) or file.startswith(STREAMS)):
        raise OSError(errno.EINVAL, "it is no regular file", file)
    with Path(file).open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def compile_cfg(cfg: Cfg, exports: Exports, accepted: tuple[str, ...], faults: list[Fault], read: Read) -> CfgScript:
    """What has been read, as functions; what is wrong with it all the same is added to `faults`."""
    head = head_of(cfg, read, faults)
    idle = sorted({*accepted} & {*head.modules})
    compiler = Compiler(exports, cfg.texts, head.flags, accepts=bool(idle))
    given: dict[str, Any] = {"settings": head.settings, "request_route": _ignore, "goes_on": True}
    for (slot, name), parts in _grouped(cfg.blocks).items():
        block = _block(compiler, slot, name, parts, faults)
        if name:
            given.setdefault(slot, {})[name] = block
        else:
            given[slot] = block
    for slot, name in _armed(cfg.blocks):
        given.setdefault(slot, {}).setdefault(name, _ignore)
    _check_settings(head, exports, faults)
    routes = Routes(**given)
    begins = not any(fault.severe for fault in faults)
    program = program_of(cfg, routes, exports, faults) if begins else None
    routes = program.routes if program else routes
    remarks = (*head.remarks, *(f"module {name} is accepted: its commands do nothing" for name in idle))
    return CfgScript(routes, head.listen, head.modules, cfg, tuple(faults), remarks, program)


def _grouped(blocks: Iterable[RouteBlock]) -> dict[tuple[str, str], list[RouteBlock]]:
    """The blocks by the field of `Routes` and their name; what is written in several parts is one."""
    found: dict[tuple[str, str], list[RouteBlock]] = {}
    for block in blocks:
        name = "" if block.name == "0" and block.kind in MAIN else block.name
        field = MAIN.get(block.kind) if not name else NAMED.get(block.kind)
        if field is not None:
            found.setdefault((field, name), []).append(block)
    return found


def _block(compiler: Compiler, field: str, name: str, parts: list[RouteBlock], faults: list[Fault]) -> Route:
    label = parts[0].label if name or field != "onreply_route" else field
    try:
        return compiler.block(label, parts)
    except Missing as missing:
        faults.append(missing.fault)
    except (RecursionError, MemoryError):
        faults.append(Fault(parts[0].spot, f"{label} has too much within each other", "put a part into a route"))
    return _ignore


def _armed(blocks: Iterable[RouteBlock]) -> Iterator[tuple[str, str]]:
    """Blocks that t_on_failure and its like name: one that does not exist does nothing, as in Kamailio."""
    for block in blocks:
        for command in commands_in(block.body):
            if command.name in ARMS and command.arguments and isinstance(command.arguments[0], Text):
                name = command.arguments[0].value
                if name != "0" and "$" not in name:
                    yield ARMS[command.name], name


def commands_in(node: object) -> Iterator[CommandCall]:
    """All commands within statements or expressions."""
    if isinstance(node, CommandCall):
        yield node
    if isinstance(node, tuple):
        for one in node:
            yield from commands_in(one)
    elif hasattr(node, "__dataclass_fields__"):
        for field in node.__dataclass_fields__:
            yield from commands_in(getattr(node, field))


def _check_settings(head: Head, exports: Exports, faults: list[Fault]) -> None:
    try:
        settings_of(None, exports, **head.settings)
    except LabError as error:
        faults.append(Fault(NOWHERE_IN_CFG, str(error)))


def _ignore(_: object) -> None:
    """A block that is not there."""
