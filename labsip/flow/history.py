"""The proxy's tables around one message: as they were before it, and as they were after.

A trace records their changes. So they are worked out from the end: as they stand now, less all that came later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from labsip.flow.skim import fields_of
from labsip.modules.tm.snapshot import TABLE, Snapshot
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.trace import PROXY, ChangeRow, DatagramRow, Trace

LOCATION, TRANSACTIONS = "location", TABLE
MANY = 6
"""Rows of each table that are shown although the message did not change them."""
COLUMNS = {
    LOCATION: ("AoR", "Address", "Expires", "Q", "CSeq"),
    TRANSACTIONS: ("Transaction", "State", "Last", "Timers"),
}
"""Expires and Timers: seconds left. Last: status of the last response, sent or received."""

Rows = Mapping[tuple[str, Hashable], Any]
"""As `trace.Tables.rows`."""


class TableRow(NamedTuple):
    """A row of a table, as it was before or after."""

    mark: str
    """`+` added, `-` removed, `~` was so, `>` is so now, a blank: as it was."""
    cells: tuple[str, ...]


class Moment(NamedTuple):
    """The location table and the transactions of the proxy, with a mark where one message changed them."""

    title: str
    """Which message: `106 -> proxy  REGISTER`."""
    note: str
    """What else is to be said, "" if nothing."""
    tables: dict[str, list[TableRow]]
    """Rows by table: `location`, `transactions`; none if they are not known."""


def moment_of(trace: Trace, row: int) -> Moment:
    """The proxy's tables before and after the message of that row; call it where the nodes live.

    Of a message to the proxy it is what the proxy did when it came; of one of the proxy's own, what it did when it sent
    that. Raises LabError if there is no such message, or tables are not recorded.
    """
    one = trace.find(row)
    if trace.tables is None:
        raise LabError("what the proxy had in its tables is only known of labsip's own, not of another engine")
    if one is None:
        raise LabError(f"no message has row {row}; lab.flow has the rows there are")
    ends = [trace.names.get(address) or str(address) for address in (one.src, one.dst)]
    _, _, summary, _, call_id, _, _ = fields_of(one.raw)
    title, changed = f"{' -> '.join(ends)}  {summary}", list(trace.tables.changes)
    if len(changed) == trace.tables.changes.maxlen and one.t < changed[0].t:
        return Moment(title, "It was too long ago: the record of the tables begins later.", {})
    turn, t = _turn(one, ends, changed, trace)
    after = _undone(trace.tables.rows, changed[turn.stop :])
    before = _undone(after, changed[turn.start : turn.stop])
    tables = {}
    for table, read in ((LOCATION, _contacts), (TRANSACTIONS, _transactions)):
        was, is_ = (read(rows, t + trace.start, trace.names, call_id) for rows in (before, after))
        tables[table] = list(_marked(was, is_))
    return Moment(title, _note(one, ends), tables)


def _note(one: DatagramRow, ends: Sequence[str]) -> str:
    if PROXY not in ends:
        return "It did not go by the proxy, which had:"
    return "It never arrived at the proxy, which had:" if one.lost and ends[1] == PROXY else ""


def _turn(one: DatagramRow, ends: Sequence[str], changed: Sequence[ChangeRow], trace: Trace) -> tuple[range, float]:
    """The changes, perhaps none, of the turn in which the proxy took or sent a message; and when that turn was."""
    if ends[1] == PROXY:
        mine = [place for place, change in enumerate(changed) if change.cause == one.row]
    elif ends[0] == PROXY:  # of a timer no datagram is the cause, but all of a turn happens at once
        mine = [p for p, c in enumerate(changed) if c.cause == one.cause and (c.cause is not None or c.t == one.t)]
    else:
        mine = []
    if mine:
        return range(mine[0], mine[-1] + 1), changed[mine[0]].t
    t = _taken(one, ends, trace)
    place = bisect_right(changed, t, key=lambda change: change.t)
    return range(place, place), t


def _taken(one: DatagramRow, ends: Sequence[str], trace: Trace) -> float:
    """When the proxy took a message: when it first ran a command or sent something for it; else when it was sent."""
    if ends[1] != PROXY:
        return one.t
    said = (command.t for command in trace.commands if command.request == one.row)
    sent = (other.t for other in trace.datagrams if other.cause == one.row)
    return min(chain(said, sent), default=one.t)


def _undone(rows: Rows, changed: Sequence[ChangeRow]) -> Rows:
    """The rows as they were before these changes, which were the last."""
    were = dict(rows)
    for change in reversed(changed):
        place = change.table, change.key
        if change.before is None:
            were.pop(place, None)
        else:
            were[place] = change.before
    return were


Cells = dict[tuple[Any, ...], tuple[str, ...]]
"""The rows of a table as text, by what sorts them."""


def _contacts(rows: Rows, now: float, _names: Mapping[Address, str], _call_id: str) -> Cells:
    found: Cells = {}
    for (table, _), contacts in rows.items():
        for contact in contacts if table == LOCATION else ():
            row = contact.row(now)
            found[contact.aor, contact.ruid] = tuple(str(row[column]) for column in COLUMNS[LOCATION])
    return found


def _transactions(rows: Rows, now: float, names: Mapping[Address, str], call_id: str) -> Cells:
    """The transactions, those of the message's own call first."""
    found: Cells = {}
    for (table, _), one in rows.items():
        if table == TRANSACTIONS:
            other = one.call_id != call_id
            found[other, *one.place] = _cells(one, now, names, ", another call" if other else "")
    return found


def _cells(one: Snapshot, now: float, names: Mapping[Address, str], call: str) -> tuple[str, ...]:
    peer = names.get(one.peer) or str(one.peer)
    timers = ", ".join(f"{name} {due - now:.3f} s" for name, due in one.timers)
    what = f"{one.method} {'from' if one.side == 'server' else 'to'} {peer}{call}"
    return what, str(one.state), str(one.status or ""), timers


def _marked(was: Cells, is_: Cells) -> Iterator[TableRow]:
    as_before: list[TableRow] = []
    for key in sorted(was.keys() | is_.keys()):
        before, after = was.get(key), is_.get(key)
        if before == after and before is not None:
            as_before.append(TableRow(" ", before))
            if len(as_before) <= MANY:
                yield as_before[-1]
        elif before is not None and after is not None:
            yield from (TableRow("~", before), TableRow(">", after))
        elif before is not None:
            yield TableRow("-", before)
        elif after is not None:
            yield TableRow("+", after)
    if len(as_before) > MANY:
        last = as_before[-1].cells
        yield TableRow(" ", (f"and {len(as_before) - MANY} more, as they were", *("" for _ in last[1:])))
