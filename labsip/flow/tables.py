"""DataFrames of commands, contacts and the arrows of a machine; that of messages is `Flow.table`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from labsip.sip.machines import Machine
from labsip.trace import CommandRow

if TYPE_CHECKING:
    import pandas as pd

# fmt: off
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


def steps_table(spoken: Iterable[CommandRow]) -> pd.DataFrame:
    """A row for each command, in the order they began to run; the index is its row in the trace.

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
    """A table; an empty one has the same columns of the same types."""
    import pandas as pd

    named = None if index is None else pd.Index(index, name="row", dtype="int64")
    return pd.DataFrame(rows, columns=list(columns), index=named).astype(columns)
