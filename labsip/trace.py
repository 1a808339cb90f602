"""The record: a row for each datagram, each command of a route, each change of the proxy's tables.

Recording costs next to nothing; the rows become DataFrames in `view.tables`, when somebody looks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from labsip.sip.transport import Address, Datagram

PROXY = "proxy"
"""What the proxy is called on every network, in flows and ladders."""
RING = 100_000
"""Rows kept of each kind; older ones fall out."""
BYTES = 128 * 1024 * 1024
"""What the datagrams among them may weigh."""


class DatagramRow(NamedTuple):
    """One datagram, seen once: when its sender sent it, or when it came in from outside the lab."""

    row: int
    t: float
    """Seconds since the trace began."""
    src: Address
    dst: Address
    raw: bytes
    cause: int | None
    """Row of the datagram that made its sender send it, None for a timer or a person."""
    command: int | None
    """Row of the command that sent it."""
    lost: bool = False
    proto: str = "udp"
    """What carried it, as Kamailio's `$proto` says it: `udp`, `tcp` or `tls`."""
    late: float = 0.0
    """Seconds a wire held it back."""


class CommandRow(NamedTuple):
    """One command that a route ran."""

    row: int
    t: float
    request: int | None
    """Row of the datagram the route was running for."""
    route: str
    """`request_route`, `failure_route[X]`, ..."""
    line: int
    """Of the call, as the dialect counts; in Python the first line of its function, decorators included, is 1."""
    name: str
    args: str
    """As a reader would write them: `"location"`, `404, "User not Registered"`."""
    result: int | None
    """Kamailio's return code, None where the command ended the route."""
    text: str = ""
    """What it printed (`xlog`)."""
    file: str = ""
    """The file that line stands in, as the dialect says."""


class ChangeRow(NamedTuple):
    """One row of a table of the proxy, as it was and as it is from then on."""

    t: float
    """Seconds since the trace began."""
    cause: int | None
    """Row of the datagram the proxy was working on, None for a timer or a restart."""
    table: str
    """`location` or `transactions`."""
    key: Hashable
    """Which row of it: an AoR, a transaction's key."""
    before: Any
    """What stood there, None if it is new: a tuple of `modules.usrloc.Contact`, or `modules.tm.snapshot.Snapshot`."""
    after: Any
    """What stands there now, None if it is gone."""


class Tables:
    """The proxy's tables, row by row, and all that changed in them: so they can be told as they were at any message.

    A module says which rows it touched; when the proxy's turn is over, those that differ are recorded, once a turn.
    """

    def __init__(self) -> None:
        self.rows: dict[tuple[str, Hashable], Any] = {}
        """Every row as it is now, by table and key."""
        self.changes: deque[ChangeRow] = deque(maxlen=RING)
        self._touched: dict[tuple[str, Hashable], Any] = {}

    def touch(self, table: str, key: Hashable, row: Any) -> None:
        """A row may have changed in this turn; None: it is gone."""
        self._touched[table, key] = row

    def empty(self) -> None:
        """All rows are gone."""
        self._touched = dict.fromkeys(self.rows)

    def turn_over(self, t: float, cause: int | None) -> None:
        """Record what differs from how it was before the turn."""
        for place, row in self._touched.items():
            before = self.rows.pop(place, None) if row is None else self.rows.get(place)
            if row == before:
                continue
            if row is not None:
                self.rows[place] = row
            self.changes.append(ChangeRow(t, cause, *place, before, row))
        self._touched.clear()


@dataclass
class Trace:
    """All that was seen. `cause` is the row now being worked on, set by the network that delivers it."""

    names: dict[Address, str] = field(default_factory=dict)
    datagrams: deque[DatagramRow] = field(default_factory=deque)
    commands: deque[CommandRow] = field(default_factory=lambda: deque(maxlen=RING))
    notes: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=1000))
    """Plain words of the engine about what went wrong: time [s], text."""
    fallen: int = 0
    """How many of them fell out before anybody took them."""
    marks: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=1000))
    """What somebody did to the proxy, for a ladder to show between its messages: row of the next one, text."""
    start: float = 0.0
    cause: int | None = None
    next_datagram: int = 0
    next_command: int = 0
    records_commands: bool = True
    """Whether each command leaves a row; if not, only those that print something do."""
    tables: Tables | None = None
    """What is recorded of the proxy's tables; None: nothing, which costs nothing."""
    rows: int = RING
    most: int = BYTES
    """Datagrams kept, and their bytes; the oldest fall out."""
    _held: int = 0

    def datagram(self, datagram: Datagram, now: float, *, lost: bool = False) -> int:
        """Record one datagram as caused by `cause`; returns its row."""
        row, src, dst = self.next_datagram, datagram.src, datagram.dst
        self.next_datagram += 1
        kept = self.datagrams
        self._held += len(datagram.data)
        while kept and (self._held > self.most or len(kept) == self.rows):
            self._held -= len(kept.popleft().raw)
        kept.append(
            DatagramRow(
                row, now - self.start, src, dst, datagram.data, self.cause, datagram.command, lost, proto=src.proto
            )
        )
        return row

    def take(self) -> list[DatagramRow]:
        """All datagrams that are kept, and forget them."""
        taken = list(self.datagrams)
        self.datagrams.clear()
        self._held = 0
        return taken

    def lose(self, row: int) -> None:
        """Mark a datagram recorded before as lost on its way; nothing, if its row has fallen out."""
        at = row - self.next_datagram  # rows are consecutive, the last is at -1
        if -at <= len(self.datagrams):
            self.datagrams[at] = self.datagrams[at]._replace(lost=True)

    def hold(self, row: int, seconds: float) -> None:
        """Mark a datagram recorded before as held back on its way; nothing, if its row is not there."""
        at = row - self.next_datagram
        if -len(self.datagrams) <= at < 0:
            self.datagrams[at] = self.datagrams[at]._replace(late=seconds)

    def explain(self, row: int, cause: int | None, command: int | None) -> None:
        """Note of a datagram recorded before what led to it; nothing, if its row is not there."""
        at = row - self.next_datagram
        if -len(self.datagrams) <= at < 0:
            self.datagrams[at] = self.datagrams[at]._replace(cause=cause, command=command)

    def find(self, row: int) -> DatagramRow | None:
        """The datagram of that row, None if it is not there, or no longer."""
        at = row - self.next_datagram
        return self.datagrams[at] if -len(self.datagrams) <= at < 0 else None

    def turn_over(self, now: float) -> None:
        """The proxy has done what it does for the datagram `cause`, or for a timer: what changed in its tables."""
        if self.tables is not None:
            self.tables.turn_over(now - self.start, self.cause)

    def begin_command(self) -> int:
        """Reserve the row of a command about to run, so that what it sends can name it."""
        row = self.next_command
        self.next_command += 1
        return row

    def command(
        self,
        row: int,
        now: float,
        route: str,
        line: int,
        name: str,
        args: str,
        result: int | None,
        text: str = "",
        file: str = "",
    ) -> None:
        """Record the command of that row, said while the datagram `cause` is worked on."""
        self.commands.append(CommandRow(row, now - self.start, self.cause, route, line, name, args, result, text, file))

    def note(self, now: float, text: str) -> None:
        """Record a plain word of the engine; the same again at once is no news."""
        if not self.notes or self.notes[-1][1] != text:
            self.fallen += len(self.notes) == self.notes.maxlen
            self.notes.append((now - self.start, text))

    def mark(self, text: str) -> None:
        """Record what somebody did to the proxy, for a ladder to show before the next message."""
        self.marks.append((self.next_datagram, text))

    def clear(self, now: float) -> None:
        """Forget all rows and begin anew at `now`; numbering goes on."""
        self.start = now
        self.take()
        self.commands.clear()
        self.notes.clear()
        self.marks.clear()
        if self.tables is not None:
            self.tables.changes.clear()
