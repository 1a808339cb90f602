"""The transactions a proxy holds, how a message finds its own (RFC 3261 §17.1.3, §17.2.3), and their timers' queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from heapq import heappop, heappush
from itertools import count

from labsip.modules.tm.cell import Cell, Uac, timing, weight
from labsip.modules.tm.listed import TABLE, listed
from labsip.modules.tm.loop import mark
from labsip.proxy.module import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.route import Routing
from labsip.sip.exchange import COOKIE, ClientTransaction, Key, ServerTransaction, cancels, server_key
from labsip.sip.message import Request


class Table(Module):
    """All transactions of one proxy (Kamailio's h_table)."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.cells: dict[Key, Cell] = {}
        self.clients: dict[Key, tuple[Cell, Uac]] = {}
        self.size = 0
        """Bytes counted as held, as `cell` says."""
        self.pending = 0
        """How many have had no final response yet."""
        self.tag = f"{proxy.ids.getrandbits(128):032x}"
        """What the To-tags of responses made by tm begin with."""
        self._queue: list[tuple[float, int]] = []
        """When somebody is due, and whose turn that is: a heap. A turn that is in nobody's hands is over."""
        self._turns: dict[int, Cell] = {}
        self._next_turn = count()
        self._watched = proxy.trace.tables
        self._last: tuple[Request | None, Key] = None, ()

    def find(self, request: Request, method: str | None = None) -> Cell | None:
        """The transaction a request belongs to; with `method`, that of the request it names (CANCEL's INVITE)."""
        key = self._key(request)
        if method is None:
            return self.cells.get(key)
        named = self.cells.get((*key[:-1], method))
        if named is not None and self.proxy.settings.rfc and not cancels(request, named.uas.request):
            return None  # Kamailio looks at branch and sent-by alone, which is the letter of §9.2
        return named

    def _key(self, request: Request) -> Key:
        """Its server_key; asked for more than once while the request is worked on."""
        if self._last[0] is not request:
            self._last = request, server_key(request)
        return self._last[1]

    def new(self, ksr: Routing) -> Cell | None:
        """A transaction for the request at hand; None, with a note in plain words, if there is no memory for it."""
        request = ksr._request
        size = weight(request)
        if self.size + size > self.proxy.settings.shm_bytes:
            self.proxy.trace.note(ksr._now, self._out_of_memory(ksr))
            return None
        ids, times = self.proxy.ids, timing(self.proxy.settings, ksr._fr, ksr._fr_inv)
        uas = ServerTransaction(request, ksr._socket, self.proxy.reply_address(ksr), ksr._now, times)
        own = f"{ids.getrandbits(128):032x}"
        if self.proxy.settings.detect_loops:
            own = own[:16] + mark(request, self.proxy.seed)
        branch = f"{COOKIE}{ids.getrandbits(16):04x}.{own}"
        cell = Cell(self._key(request), uas, ksr, branch, times, ksr._armed)
        self.cells[cell.key] = cell
        self.pending += 1
        self.hold(cell, size)
        ksr._tm = cell
        return cell

    def _out_of_memory(self, ksr: Routing) -> str:
        text = f"no memory for another transaction: {len(self.cells)} of them hold {self.size / 1e6:.1f} MB"
        if ksr._datagram.src in self.proxy.addresses:
            text += f"; this {ksr._message.summary} came from the proxy itself: {ksr._request.uri} leads back to it"
        return text

    def hold(self, cell: Cell, size: int) -> None:
        """Count bytes as held by a transaction."""
        cell.size += size
        self.size += size

    def add_client(self, cell: Cell, uac: Uac, client: ClientTransaction) -> None:
        """Let responses to `client` find their branch."""
        self.clients[client.key] = cell, uac
        self.hold(cell, len(client.request.raw))

    def set_timers(self, cell: Cell, fr: float | None, fr_inv: float | None, now: float) -> None:
        """fr_timer and fr_inv_timer for the branches of a transaction: those it has, from now, and those to come."""
        new = timing(self.proxy.settings, fr, fr_inv)
        cell.timing = replace(cell.timing, B=new.B, F=new.F, C=new.C, cancel=new.cancel)
        for client in cell.clients:
            client.retime(cell.timing, now)

    # --- timers -----------------------------------------------------------------------------------------------

    def settle(self, cell: Cell) -> None:
        """After an event: put the transaction's next timer into the queue, or let go of it if it is over."""
        if self._watched is not None:
            for key, row in listed(cell):
                self._watched.touch(TABLE, key, row)
        due = cell.next_due
        if due is None:
            if cell.status >= 200:
                self.forget(cell)
        elif cell.turn is None or due < cell.turn[0]:
            self._drop_turn(cell)
            cell.turn = turn = due, next(self._next_turn)
            self._turns[turn[1]] = cell
            heappush(self._queue, turn)

    def next_wake(self) -> float | None:
        """When the next timer may fire (seconds)."""
        while self._queue and self._queue[0][1] not in self._turns:
            heappop(self._queue)
        return self._queue[0][0] if self._queue else None

    def held(self) -> dict[str, int]:
        """Transactions, those of them without a final response, what went out for them, their timers and bytes."""
        return {
            "transactions": len(self.cells),
            "pending": self.pending,
            "branches": len(self.clients),
            "timers": len(self._turns),
            "transaction bytes": self.size,
        }

    def due(self, now: float) -> Iterator[Cell]:
        """The transactions that have a timer to fire, in order; `settle` gives them their next turn."""
        while self._queue and self._queue[0][0] <= now:
            cell = self._turns.pop(heappop(self._queue)[1], None)
            if cell is None:
                continue
            cell.turn = None
            at = cell.next_due
            if at is not None and at <= now:
                yield cell
            else:
                self.settle(cell)  # the timer it waited for was stopped

    def forget(self, cell: Cell) -> None:
        """Let go of a transaction and of what it held."""
        self._drop_turn(cell)
        if self._watched is not None:
            for key, _ in listed(cell):
                self._watched.touch(TABLE, key, None)
        if self.cells.get(cell.key) is cell:
            del self.cells[cell.key]
        for client in cell.clients:
            self.clients.pop(client.key, None)
        self.pending -= cell.size > 0 and cell.status < 200
        self.size -= cell.size
        cell.size = 0
        cell.ksr._tm = None  # no circle is left for the garbage collector to find

    def _drop_turn(self, cell: Cell) -> None:
        if cell.turn is not None:
            del self._turns[cell.turn[1]]
            cell.turn = None
