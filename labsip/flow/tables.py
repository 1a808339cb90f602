"""The record as DataFrames: a row a message, a row a command, a row a contact, a row an arrow of a state machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from labsip.flow.skim import skim
from labsip.sip.errors import BadMessage
from labsip.sip.machines import Machine
from labsip.sip.message import Request, Response, parse_message
from labsip.sip.transport import Address
from labsip.trace import CommandRow, DatagramRow
from labsip.view.message import printable

# fmt: off
FLOW = {
    "t": "float64", "src": "str", "dst": "str", "proto": "str", "method": "str", "status": "Int64", "summary": "str",
    "kind": "str", "call_id": "str", "cseq": "str", "branch": "str", "raw": "object", "repeat": "bool", "lost": "bool",
    "late": "float64", "cause": "Int64", "command": "Int64",
}
STEPS = {
    "t": "float64", "request": "Int64", "route": "str", "line": "int64", "command": "str", "result": "Int64",
    "text": "str", "name": "str", "args": "str",
}
LOCATION = {
    "AoR": "str", "Address": "str", "Expires": "object", "Q": "float64", "Call-ID": "str", "CSeq": "int64",
    "User-Agent": "str", "Received": "str", "Path": "str", "State": "str", "Flags": "int64", "CFlags": "int64",
    "Socket": "str", "Methods": "int64", "Ruid": "str", "Instance": "str", "Reg-Id": "int64", "Server-Id": "int64",
    "Tcpconn-Id": "int64", "Keepalive": "int64", "Last-Keepalive": "int64", "KA-Roundtrip": "int64",
    "Last-Modified": "int64",
}
MACHINE = dict.fromkeys(("State", "Event", "Next", "Does", "Timers", "RFC"), "str")
# fmt: on


def flow_table(
    passed: Iterable[DatagramRow], names: Mapping[Address, str], marks: Iterable[tuple[int, str]] = ()
) -> pd.DataFrame:
    """A row for each datagram; the index is its row in the trace.

    t: seconds since the trace began. src, dst: parties by name, by address who has none. method: of the request, or of
    a response's CSeq. status: <NA> for requests. summary: what a ladder writes on the arrow. kind: request,
    provisional, success, failure, other (no SIP message; what can't be read of one is ""). cseq: `1 INVITE`.
    raw: bytes. repeat: the same bytes went the same way before. late: seconds a wire held it back. cause, command: rows
    of the datagram and of the command that made its sender send it, <NA> for a timer, a person or a phone.
    `attrs["names"]`: host:port → name. `attrs["marks"]`: row → what was done to the proxy before it.
    """
    rows, index, seen = [], [], set()
    for row, t, src, dst, raw, cause, command, lost, proto, late in passed:
        way = (src, dst, raw)
        ends = (names.get(src) or str(src), names.get(dst) or str(dst))
        rows.append((t, *ends, proto, *said(raw), raw, way in seen, lost, late, cause, command))
        index.append(row)
        seen.add(way)
    table = _table(rows, FLOW, index)
    table.attrs["names"] = {str(address): name for address, name in names.items()}
    table.attrs["marks"] = dict(marks)
    return table


def steps_table(spoken: Iterable[CommandRow]) -> pd.DataFrame:
    """A row for each command, in the order the routes began to say them; the index is its row in the trace.

    t: seconds since the trace began. request: row of the datagram the route ran for. line: in the source of the route's
    function. command: as it stands there, `lookup("location")`. result: Kamailio's return code, <NA> where the
    command ended the route. text: what it printed. name, args: its two parts.
    """
    commands = sorted(spoken, key=lambda one: one.row)
    rows = [
        (one.t, one.request, one.route, one.line, f"{one.name}({one.args})", one.result, one.text, one.name, one.args)
        for one in commands
    ]
    return _table(rows, STEPS, [one.row for one in commands])


def location_table(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """The location table: a row a contact, its AoR and the fields of `kamcmd ul.dump`; the index counts from 0.

    Expires: seconds left, or `expired` until the sweep. Q: -1 if not given. Last-Modified: seconds.
    """
    fields = [tuple(row[name] for name in LOCATION) for row in rows]
    return _table(fields, LOCATION)


def machine_table(machine: Machine) -> pd.DataFrame:
    """A transaction machine: a row an arrow of the RFC's figure; the first says where it begins.

    State, Event, Next: from, when, to. Does: what is done then. Timers: those that start. RFC: where it is written.
    """
    rows = [("", "", machine.first, "", machine.start, "")]
    rows += [(r.state, r.event, r.next, ", ".join(r.do), r.start, f"RFC {r.rfc}") for r in machine.rows]
    return _table(rows, MACHINE)


def _table(rows: list[Any], columns: dict[str, str], index: list[int] | None = None) -> pd.DataFrame:
    """An empty one has the same columns of the same types."""
    named = None if index is None else pd.Index(index, name="row", dtype="int64")
    return pd.DataFrame(rows, columns=list(columns), index=named).astype(columns)


_FirstLine = tuple[str, int | None, str, str]
"""Method, status, summary, kind."""


def said(raw: bytes) -> tuple[str, int | None, str, str, str, str, str]:
    """What a datagram says, as far as it can be read: the columns from method to branch."""
    try:
        if (seen := skim(raw)) is not None:
            first, call_id, cseq, branch = seen
            return *_first_line(first, cseq), call_id, cseq, branch
        message = parse_message(raw)
    except BadMessage:
        summary = "unreadable" if raw.strip(b"\r\n") else "keepalive"  # RFC 5626 §3.5.1
        return "", None, summary, "other", "", "", ""
    cseq = " ".join(_readable(lambda: message.get("CSeq")).split())
    ids = (_readable(lambda: message.get("Call-ID")), cseq, _readable(lambda: message.branch))
    return *_shown(message, cseq), *ids


@lru_cache(maxsize=4096)
def _first_line(line: bytes, cseq: str) -> _FirstLine:
    return _shown(parse_message(line + b"\r\n"), cseq)


def _shown(message: Request | Response, cseq: str) -> _FirstLine:
    if isinstance(message, Request):
        method = printable(message.method)
        return method, None, method, "request"
    method = cseq.rpartition(" ")[2]
    summary = printable(message.summary) + ("" if method in ("", "INVITE") else f" ({method})")
    return method, message.status, summary, kind_of(message)


def kind_of(response: Response) -> str:
    """provisional, success or failure; a redirection did not succeed either."""
    return "provisional" if response.status < 200 else "success" if response.status < 300 else "failure"


def _readable(read: Callable[[], str | None]) -> str:
    try:
        return printable(read() or "")
    except BadMessage:
        return ""
