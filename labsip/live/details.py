"""Everything there is to tell about one message: all its lines with what each header is for, what the proxy changed in
it, the route's lines that ran for it, and the proxy's tables before and after.

Values of JSON; the page only places them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from labsip.engine import TextEngine
from labsip.flow.history import COLUMNS
from labsip.flow.rows import Flow, FlowRow
from labsip.live.glossary import about
from labsip.proxy.dialect import Source
from labsip.sip.errors import LabError
from labsip.testbed import Testbed
from labsip.trace import PROXY, CommandRow
from labsip.view.before_after import TITLES, BeforeAfter, before_after
from labsip.view.listing import MessageView, TextLine, changes

NO_TABLES = "These messages were captured. What the proxy had in its tables is in no message, so it is not known."
OTHERS_TABLES = "What Kamailio has in its tables between two messages is not known; lab.location says what it has now."
REPLACED = "The route has been replaced since this message; the lines it had then are gone."

Details = dict[str, Any]


def details_of(flow: Flow, row: int, testbed: Testbed | None) -> Details | None:
    """What is known of the message in that row, None if it is no longer there; of a capture, no route and no tables."""
    if not flow.where(lambda one: one.row == row):
        return None
    if testbed is None:
        return message_details(flow, row)
    trace, engine = testbed.trace, testbed.engine
    commands = testbed.net.peek(lambda _: list(trace.commands))
    if isinstance(engine, TextEngine):
        found = message_details(flow, row, commands, engine.source, ended="")
        found["tables"]["note"] = OTHERS_TABLES
        if engine.no_steps:
            found["route"] = [{"label": "", "note": engine.no_steps, "lines": []}]
        return found
    tables = testbed.net.peek(lambda _: before_after(trace, row))
    return message_details(flow, row, commands, engine.source, tables)


def message_details(
    flow: Flow,
    row: int,
    commands: Iterable[CommandRow] = (),
    source: Callable[[str], Source] = lambda _: Source(),
    tables: BeforeAfter | None = None,
    ended: str = "ended",
) -> Details:
    """What is known of the message in that row of a flow.

    commands: those that ran; source: the text of a block by its label; tables: the proxy's, around this message;
    ended: what is said of a command without a return code.
    """
    one = next(each for each in flow if each.row == row)
    notes = [text for text, holds in (("sent again", one.repeat), ("lost on its way", one.lost)) if holds]
    return {
        "row": row,
        "title": ", ".join([f"{one.t:.3f}  {one.src} → {one.dst}  {one.summary}", *notes]),
        "lines": [_line(line) for line in MessageView(one.raw).lines()],
        "changes": _changes(flow.of_call(one.call_id), one),
        "route": _route(one, commands, source, ended),
        "tables": {"note": NO_TABLES, "tables": []} if tables is None else _tables(tables),
    }


def _line(line: TextLine) -> dict[str, str]:
    shown = {"name": line.name, "value": line.value, "mark": line.mark}
    return shown | ({"about": about(line.name)} if line.name else {})


# --- what the proxy changed ---------------------------------------------------------------------------------------


def _changes(call: Flow, one: FlowRow) -> Details | None:
    pair = _passed_on(call, one)
    if pair is None:
        return None
    came, went = pair
    try:
        lines = [_line(line) for line in changes(came.raw, went.raw).lines()]
    except LabError:
        return None
    return {"title": f"{came.src} → {PROXY} → {went.dst}", "lines": lines}


def _passed_on(call: Flow, one: FlowRow) -> tuple[FlowRow, FlowRow] | None:
    """The message that came in to the proxy and the one that went out because of it, if this is one of them."""
    if one.src == PROXY:
        return next(((came, one) for came in call if came.row == one.cause and came.summary == one.summary), None)
    went = call.caused_by(one.row).where(lambda other: other.src == PROXY and other.summary == one.summary)
    return (one, went[0]) if went else None


# --- the proxy's tables -------------------------------------------------------------------------------------------


def _tables(around: BeforeAfter) -> Details:
    shown = [
        {
            "title": TITLES[table][0],
            "nothing": TITLES[table][1],
            "columns": list(COLUMNS[table]),
            "rows": [{"mark": row.mark, "cells": list(row.cells)} for row in rows],
        }
        for table, rows in around.tables.items()
    ]
    return {"note": around.note, "tables": shown}


# --- the lines of the route ---------------------------------------------------------------------------------------


def _route(one: FlowRow, commands: Iterable[CommandRow], source: Callable[[str], Source], ended: str) -> list[Details]:
    """Each block that ran for this message, or for the one that led to it, in the order they began."""
    ran_for = one.row if one.dst == PROXY else one.cause
    sent_by = one.command if one.src == PROXY else None
    blocks: dict[str, dict[int, list[Details]]] = {}
    for command in sorted(commands, key=lambda each: each.row):
        if ran_for is None or command.request != ran_for:
            continue
        step = {
            "command": f"{command.name}({command.args})",
            "result": ended if command.result is None else str(command.result),
            "text": command.text,
            "sent": command.row == sent_by,
        }
        blocks.setdefault(command.route, {}).setdefault(command.line, []).append(step)
    return [_block(label, steps, source(label)) for label, steps in blocks.items()]


def _block(label: str, steps: Mapping[int, list[Details]], source: Source) -> Details:
    """A block's source, each line with the commands it ran; without its source, those lines alone."""
    lines = dict(enumerate(source.lines, source.first))
    fits = any(step["command"].partition("(")[0] in lines.get(n, "") for n, ran in steps.items() for step in ran)
    shown = lines if fits else dict.fromkeys(sorted(steps), "")
    return {
        "label": label,
        "note": REPLACED if lines and not fits else "",
        "lines": [{"n": n, "text": text, "commands": steps.get(n, [])} for n, text in shown.items()],
    }
