"""What is told of one message: all its lines with what each header is for, what the proxy changed in it, the route's
lines, and the proxy's tables before and after.

Values of JSON; the page only places them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from labsip.flow.history import COLUMNS, PROXY
from labsip.live.glossary import about
from labsip.proxy.dialect import Source
from labsip.sip.errors import LabError
from labsip.view.before_after import TITLES
from labsip.view.listing import MessageView, TextLine, changes

if TYPE_CHECKING:
    from labsip.view.before_after import BeforeAfter

NO_TABLES = "These messages were captured. What the proxy had in its tables is in no message, so it is not known."
REPLACED = "The route has been replaced since this message; the lines it had then are gone."

Row = Mapping[str, Any]
"""A row of a flow, or of steps, by column."""


def message_told(
    flow: pd.DataFrame,
    row: int,
    steps: pd.DataFrame | None = None,
    source: Callable[[str], Source] = lambda _: Source(),
    tables: BeforeAfter | None = None,
) -> dict[str, Any]:
    """All that is told of the message in that row of a flow; of a capture nothing else is known.

    steps: the commands that ran, as `flow.tables.steps_table` has them; source: the text of a block by its label
    (`Proxy.source`); tables: the proxy's, around this message.
    """
    rows: dict[int, Row] = flow[flow["call_id"] == flow["call_id"][row]].to_dict("index")
    one = rows[row]
    notes = [text for text, holds in (("sent again", one["repeat"]), ("lost on its way", one["lost"])) if holds]
    return {
        "row": row,
        "title": ", ".join([f"{one['t']:.3f}  {one['src']} → {one['dst']}  {one['summary']}", *notes]),
        "lines": [_line(line) for line in MessageView(one["raw"]).lines()],
        "changes": _changes(rows, row),
        "route": [] if steps is None else _route(one, row, steps, source),
        "tables": {"note": NO_TABLES, "tables": []} if tables is None else _tables(tables),
    }


def _line(line: TextLine) -> dict[str, str]:
    told = {"name": line.name, "value": line.value, "mark": line.mark}
    return told | ({"about": about(line.name)} if line.name else {})


# --- what the proxy changed ---------------------------------------------------------------------------------------


def _changes(rows: Mapping[int, Row], row: int) -> dict[str, Any] | None:
    pair = passed_on(rows, row)
    if pair is None:
        return None
    came, went = (rows[one] for one in pair)
    try:
        lines = [_line(line) for line in changes(came["raw"], went["raw"]).lines()]
    except LabError:
        return None
    return {"title": f"{came['src']} → {PROXY} → {went['dst']}", "lines": lines}


def passed_on(rows: Mapping[int, Row], row: int) -> tuple[int, int] | None:
    """The message that came in to the proxy and the one that went out because of it, if this row is one of them."""
    one = rows[row]
    if one["src"] == PROXY:
        came = one["cause"]
        return (came, row) if came is not pd.NA and came in rows and rows[came]["summary"] == one["summary"] else None
    out = (went for went, other in rows.items() if other["src"] == PROXY and _is(other["cause"], row))
    return next(((row, went) for went in out if rows[went]["summary"] == one["summary"]), None)


def _is(number: Any, wanted: int) -> bool:
    """Whether a number that may be <NA> is that one."""
    return number is not pd.NA and bool(number == wanted)


# --- the proxy's tables -------------------------------------------------------------------------------------------


def _tables(told: BeforeAfter) -> dict[str, Any]:
    shown = [
        {
            "title": TITLES[table][0],
            "nothing": TITLES[table][1],
            "columns": list(COLUMNS[table]),
            "rows": [{"mark": row.mark, "cells": list(row.cells)} for row in rows],
        }
        for table, rows in told.tables.items()
    ]
    return {"note": told.note, "tables": shown}


# --- the lines of the route ---------------------------------------------------------------------------------------


def _route(one: Row, row: int, steps: pd.DataFrame, source: Callable[[str], Source]) -> list[dict[str, Any]]:
    """Each block that ran for this message, or for the one that led to it, in the order they began."""
    ran_for = row if one["dst"] == PROXY else one["cause"]
    if ran_for is pd.NA:
        return []
    said: dict[int, Row] = steps[(steps["request"] == ran_for).fillna(False)].to_dict("index")  # type: ignore[assignment]
    sent = one["command"] if one["src"] == PROXY else pd.NA
    blocks: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for number, step in said.items():
        command = {
            "command": step["command"],
            "result": "ended" if step["result"] is pd.NA else str(step["result"]),
            "text": step["text"],
            "sent": _is(sent, number),
        }
        blocks.setdefault(step["route"], {}).setdefault(step["line"], []).append(command)
    return [_block(label, commands, source(label)) for label, commands in blocks.items()]


def _block(label: str, commands: dict[int, list[dict[str, Any]]], source: Source) -> dict[str, Any]:
    """A block's source, each line with the commands it said; without its source, those lines alone."""
    lines = dict(enumerate(source.lines, source.first))
    fits = any(
        one["command"].partition("(")[0] in lines.get(n, "") for n, on_line in commands.items() for one in on_line
    )
    shown = lines if fits else dict.fromkeys(sorted(commands), "")
    return {
        "label": label,
        "note": REPLACED if lines and not fits else "",
        "lines": [{"n": n, "text": text, "commands": commands.get(n, [])} for n, text in shown.items()],
    }
