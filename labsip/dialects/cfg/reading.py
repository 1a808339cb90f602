"""A kamailio.cfg from bytes to nodes, with all that is wrong with its form."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from labsip.dialects.cfg import operators, tokens
from labsip.dialects.cfg.cursor import Cursor, Lost
from labsip.dialects.cfg.declarations import declaration
from labsip.dialects.cfg.faults import BadCfg, Fault
from labsip.dialects.cfg.nodes import Cfg, Declaration, RouteBlock, Spot
from labsip.dialects.cfg.preprocessor import Read
from labsip.dialects.cfg.scanner import Scanner
from labsip.dialects.cfg.statements import block


class Reading(NamedTuple):
    """What a file says, as far as it could be understood, and what is wrong with its form."""

    cfg: Cfg
    faults: tuple[Fault, ...]


def read_cfg(file: str, read: Read, defines: Mapping[str, str | None] | None = None) -> Reading:
    """Read a file and those it includes. Raises what `read` raises for the file itself.

    read: the bytes of a file, by its path; where it raises OSError, the file can't be included. defines: those of
    `-A NAME` (None) and `-A NAME=value`.
    """
    return parse_cfg(read(file), file, read, defines)


def parse_cfg(
    raw: bytes | str, file: str, read: Read | None = None, defines: Mapping[str, str | None] | None = None
) -> Reading:
    """The same of a text that is at hand. Without `read`, it can't include another."""
    with _no_collection():
        return _read(raw, file, read or _nothing, defines or {})


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for garbage while nodes are made: none of them is any, and to look at all again and again would take
    more than in proportion to size."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read(raw: bytes | str, file: str, read: Read, defines: Mapping[str, str | None]) -> Reading:
    scanner = Scanner(read, defines)
    found = scanner.scan(file, raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw)
    cursor = Cursor(found, scanner.faults, cut=not scanner.preprocessor.whole)
    declarations: list[Declaration] = []
    blocks: list[RouteBlock] = []
    if cursor.token.kind == tokens.END and not cursor.faults:
        cursor.faults.append(Fault(cursor.token.spot, "there is nothing in it", "write request_route { … }"))
    try:
        _parse(cursor, declarations, blocks)
    except RecursionError:
        cursor.faults.append(Fault(cursor.token.spot, "too much within each other", "put a part into a route"))
    found_in = scanner.preprocessor
    whole = found_in.whole and not cursor.stopped
    cfg = Cfg(file, tuple(declarations), tuple(blocks), dict(found_in.defines.values), found_in.texts, whole)
    return Reading(cfg, sorted_faults(cursor.faults, found_in.texts))


def load_cfg(file: str, read: Read, defines: Mapping[str, str | None] | None = None) -> Cfg:
    """The same, where nothing is wrong. Raises BadCfg with all that is."""
    cfg, faults = read_cfg(file, read, defines)
    if any(fault.severe for fault in faults):
        raise BadCfg(faults, cfg.texts)
    return cfg


def sorted_faults(faults: list[Fault], files: Mapping[str, object]) -> tuple[Fault, ...]:
    """By file, as they are read, and line; of the same at the same place one."""
    order = {name: number for number, name in enumerate(files)}
    kept = dict.fromkeys(sorted(faults, key=lambda one: (order.get(one.spot.file, 0), one.spot.line, one.spot.column)))
    return tuple(kept)


def _nothing(file: str) -> bytes:
    raise FileNotFoundError(2, "No such file or directory", file)


def _parse(cursor: Cursor, declarations: list[Declaration], blocks: list[RouteBlock]) -> None:
    while cursor.token.kind != tokens.END:
        cursor.depth = 0
        try:
            if cursor.accept(";"):
                continue
            if cursor.token.kind == tokens.NAME and cursor.token.value in operators.BLOCKS:
                _block(cursor, blocks)
            else:
                declarations += declaration(cursor)
        except Lost:
            _go_on(cursor)


def _go_on(cursor: Cursor) -> None:
    """Go before the next declaration or block."""
    begun = cursor.token
    while cursor.token.kind != tokens.END and not cursor.begins_block():
        token = cursor.token
        new_line = token.spot.line != cursor.previous.spot.line
        if token is not begun and new_line and token.kind == tokens.NAME and token.value in STARTS:
            return
        if cursor.at("{"):
            cursor.skip_braces()
        else:
            cursor.take()


EVENT = re.compile(r"[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)+")
STARTS = operators.KEYWORDS - frozenset(operators.STATEMENT_WORDS) - operators.CORE_NAMES
"""Words a declaration may begin with."""


def _block(cursor: Cursor, blocks: list[RouteBlock]) -> None:
    """A route block. One whose brace is missing is there all the same, without statements: others may call it."""
    word = cursor.take()
    name = _head(cursor, word.value)
    if cursor.at("(") and not name:
        name = _in_round(cursor, word.value)
    label = f"{word}[{name}]" if name else str(word)
    kind = "request_route" if word.value == "route" and name in ("", "0") else word.value
    name = "" if kind == "request_route" else name
    if not cursor.at("{"):
        blocks.append(RouteBlock(word.spot, kind, name, (), cursor.previous.spot))
        hint = f"write {word} {{ … }}" if word.value in operators.NAMELESS else f"write {word}[NAME] {{ … }}"
        raise cursor.lost(f"{{ is missing before {cursor.token}", hint)
    cursor.misplaced, cursor.blind = None, False
    found, end = block(cursor, label)
    blocks.append(RouteBlock(word.spot, kind, name, found, end))


def _in_round(cursor: Cursor, word: str) -> str:
    """The name in round brackets, where none or square ones should be."""
    name = cursor.after().value if cursor.after().kind in (tokens.NAME, tokens.NUMBER, tokens.TEXT) else ""
    name = "" if word in operators.NAMELESS else name
    message = f"the name {name} stands in square brackets" if name else f"( can't stand behind {word}"
    cursor.fault(cursor.token.spot, message, f"write {word}[{name}] {{ … }}" if name else f"write {word} {{ … }}")
    cursor.skip_brackets()
    return name


def _head(cursor: Cursor, word: str) -> str:
    """The name in brackets behind a block's word, "" without brackets."""
    if not cursor.at("["):
        if word == "event_route":
            hint = "write event_route[htable:mod-init]"
            raise cursor.lost(f"event_route needs the name of an event before {cursor.token}", hint)
        return ""
    if word in operators.NAMELESS:
        raise cursor.lost(f"{word} has no name", f"write {word} {{ … }}, or route[NAME] {{ … }}")
    cursor.take()
    name = _event(cursor) if word == "event_route" else _name(cursor, word)
    cursor.expect("]", f'write {word}[NAME]; a name with other signs in it needs quotes: {word}["A-B"]')
    return name


def _name(cursor: Cursor, word: str) -> str:
    token = cursor.token
    if token.kind == tokens.NAME and token.value in operators.KEYWORDS:
        raise cursor.lost(f"{token} is a word of the language, and no name for a route", f'write {word}["{token}"]')
    if token.kind not in (tokens.NAME, tokens.NUMBER, tokens.TEXT):
        raise cursor.lost(f"a name is missing before {token}", f"write {word}[NAME]")
    return cursor.take().value


def _event(cursor: Cursor) -> str:
    """`htable:expired:ipban`."""
    first = cursor.token
    if first.kind == tokens.TEXT:
        return cursor.take().value
    parts: list[str] = []
    while cursor.token.kind in (tokens.NAME, tokens.NUMBER, tokens.WORD, tokens.V6) or cursor.at(":", "-"):
        parts.append(cursor.take().value)
    name = "".join(parts)
    if not EVENT.fullmatch(name):
        spot = Spot(first.spot.file, first.spot.line, first.spot.column, cursor.previous.spot.end)
        cursor.fault(spot, f"{name or first} is no event", "write event_route[module:event]")
    return name
