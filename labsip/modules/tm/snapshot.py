"""The transactions of a cell as rows to keep: how each stands, whom it is with, what it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from labsip.modules.tm.cell import Cell
from labsip.sip.machines import State
from labsip.sip.run import Run
from labsip.sip.timing import Timing
from labsip.sip.transaction import Key
from labsip.sip.transport import Address

TABLE = "transactions"

Order = tuple[float, str, int, bool]
"""When the request came in, the cell's id, the branch (-1 for the server transaction), whether it is its CANCEL."""


class Snapshot(NamedTuple):
    """One transaction at one moment: of the request that came in (`server`), or of one that went out (`client`)."""

    place: Order
    """Sorts them, and is each one's own."""
    side: str
    method: str
    branch: str
    """Of its Via."""
    peer: Address
    call_id: str
    state: State
    status: int
    """Of the last response, sent or received; 0 before the first."""
    timers: tuple[tuple[str, float], ...]
    """Those that run, and when each is due (seconds of the proxy's clock)."""
    timing: Timing


def snapshots(cell: Cell) -> Iterator[tuple[Key, Snapshot | None]]:
    """A cell's transactions by key; None for one that is over: nothing moves it any more."""
    since, uas, call_id = cell.turn.now, cell.uas, cell.uas.request.call_id
    place = since, cell.branch, -1, False
    ids = uas.request.method, uas.request.branch, uas.dst, call_id
    yield ("server", *cell.key), _row(place, "server", ids, cell.status, uas.run)
    for uac in cell.branches:
        for client, status in ((uac.client, uac.status), (uac.cancel, 0)):
            if client is not None:
                branch, method = client.key
                place = since, cell.branch, uac.index, client is uac.cancel
                ids = method, branch, client.dst, call_id
                yield ("client", *client.key), _row(place, "client", ids, status, client.run)


def _row(place: Order, side: str, ids: tuple[str, str, Address, str], status: int, run: Run) -> Snapshot | None:
    if run.over:
        return None
    timers = tuple(sorted(run.due.items(), key=itemgetter(1)))
    return Snapshot(place, side, *ids, run.state, status, timers, run.timing)
