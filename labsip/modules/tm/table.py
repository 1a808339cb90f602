"""The transactions a proxy holds, how a message finds its own (RFC 3261 §17.1.3, §17.2.3), and their timers' queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from heapq import heappop, heappush
from itertools import count

from labsip.modules.tm.amplification import mark
from labsip.modules.tm.cell import Cell, Plan, TmParameters, Uac, timing
from labsip.modules.tm.ledger import Ledger
from labsip.modules.tm.snapshot import TABLE, snapshots
from labsip.proxy.limits import UNANSWERED
from labsip.proxy.receive import Proxy
from labsip.proxy.shares import source_of
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.message import Request
from labsip.sip.transaction import COOKIE, ClientTransaction, Key, ServerTransaction, cancels, server_key
from labsip.sip.transport import Address, Datagram

NOWHERE = Address("")


@lru_cache(maxsize=16)
def _bare(method: str) -> Request:
    """What is left of a request that was let go of."""
    return Request(b"", "", 0, method, "")


class Tm(ModuleState):
    """tm in one proxy: all its transactions (Kamailio's h_table)."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.cells: dict[Key, Cell] = {}
        self.clients: dict[Key, tuple[Cell, Uac]] = {}
        self.size = 0
        """Bytes counted as held, as the `ledger` has them."""
        self.largest = 0
        """The most that was held at once."""
        self.pending = 0
        """How many have had no final response yet."""
        self.figures: Counter[str] = Counter()
        """What `tm.stats` counts since the start, by its names."""
        self.taken = Ledger(proxy.settings)
        self.tag = f"{proxy.ids.getrandbits(128):032x}"
        """What the To-tags of responses made by tm begin with."""
        self._queue: list[tuple[float, int]] = []
        """When somebody is due, and the number of their place: a heap. A place that nobody holds is over."""
        self._queued: dict[int, Cell] = {}
        self._next_place = count()
        self._watched = proxy.trace.tables
        self._last: tuple[Request | None, Key] = None, ()
        self._nobody = Turn(proxy, _bare("INVITE"), Datagram(b"", NOWHERE, NOWHERE), 0.0)
        """Stands for the turn of a request that was let go of."""

    def find(self, request: Request, method: str | None = None) -> Cell | None:
        """The transaction a request belongs to; with `method`, that of the request it names (CANCEL's INVITE)."""
        key = self._key(request)
        if method is None:
            return self.cells.get(key)
        named = self.cells.get((*key[:-1], method))
        if named is not None and self.proxy.settings.policy.cancel_matches and not cancels(request, named.uas.request):
            return None  # Kamailio looks at branch and sent-by alone, which is the letter of §9.2
        return named

    def _key(self, request: Request) -> Key:
        """Its server_key; asked for more than once while the request is worked on."""
        if self._last[0] is not request:
            self._last = request, server_key(request)
        return self._last[1]

    def new(self, turn: Turn, ends: Cell | None = None) -> Cell | None:
        """A transaction for the request at hand; None, with a note in plain words, if there is no room for it.

        ends: the INVITE that it cancels.
        """
        request, key = turn.request, self._key(turn.request)
        size = self.taken.weigh(turn, key)
        source = (turn.user or source_of(turn.datagram.src.host)) if ends is None else ends.source
        within = turn.within or ends is not None
        account, call = self.taken.account(source, turn.now, within=within), request.call_id if within else ""
        if not self.taken.fits(account, size, self.size, self.pending, call=call):
            turn.note(Plan).refused = True
            self.proxy.trace.note(turn.now, self._out_of_memory(turn))
            return None
        plan, ids = turn.note(Plan), self.proxy.ids
        times = timing(self.proxy.settings, plan.fr, plan.fr_inv)
        uas = ServerTransaction(request, turn.socket, self.proxy.reply_address(turn), turn.now, times)
        own = f"{ids.getrandbits(128):032x}"
        if self.proxy.settings.of(TmParameters).detect_loops:
            own = own[:16] + mark(request, self.proxy.seed)
        branch = f"{COOKIE}{ids.getrandbits(16):04x}.{own}"
        if turn.datagram.data is not request.raw:  # what was cut off (RFC 3261 §18.3) need not be held
            turn.datagram = turn.datagram._replace(data=request.raw)
        cell = Cell(key, uas, turn, branch, times, plan, self, source=source, account=account)
        self.cells[cell.key] = cell
        self.pending += 1
        self.figures["created"] += 1
        self.taken.begin(cell, call)
        self.hold(cell, size)
        turn.transaction = cell
        return cell

    def _out_of_memory(self, turn: Turn) -> str:
        text = f"no memory for another transaction: {len(self.cells)} of them hold {self.size / 1e6:.1f} MB"
        if self.taken.bytes is not None:
            text = f"no room for another {turn.request.method} from {turn.datagram.src.host}; {text.partition(': ')[2]}"
        if turn.datagram.src in self.proxy.addresses:
            text += f"; this {turn.message.summary} came from the proxy itself: {turn.request.uri} leads back to it"
        return text

    def hold(self, cell: Cell, size: int) -> None:
        """Count bytes as held by a transaction."""
        cell.size += size
        self.size += size
        self.largest = max(self.largest, self.size)
        cell.account.bytes += size

    def shed(self, cell: Cell) -> None:
        """Let go of what nobody asks for any more: all but the answer, for a request that was sent to nobody."""
        if self._watched is None and self.taken.bytes is not None:
            cell.uas.request = _bare(cell.uas.request.method)
            cell.turn = self._nobody
            self.hold(cell, self.taken.weigh_answered(cell) - cell.size)

    def answered(self, cell: Cell) -> None:
        """A transaction has its final response."""
        self.pending -= 1
        self.taken.end(cell)

    def add_client(self, cell: Cell, uac: Uac, client: ClientTransaction) -> None:
        """Let responses to `client` find their branch."""
        self.clients[client.key] = cell, uac
        self.hold(cell, self.taken.weigh_branch(uac, client))

    def wanted(self, requests: list[Datagram], now: float) -> list[Datagram]:
        """Those of the requests that may be sent: not too many to a host that answers nothing (`max_unanswered`)."""
        copies = self.proxy.copies
        if not copies.most:
            return requests
        fit = [datagram for datagram in requests if copies.allow(datagram.dst, now)]
        for datagram in requests[len(fit) :]:
            self.proxy.drop(now, UNANSWERED, f"{datagram.dst.host} answers nothing: a request was not sent there")
        return fit

    def set_timers(self, cell: Cell, fr: float | None, fr_inv: float | None, now: float) -> None:
        """fr_timer and fr_inv_timer for the branches of a transaction: those it has, from now, and those to come."""
        new = timing(self.proxy.settings, fr, fr_inv)
        cell.timing = replace(cell.timing, B=new.B, F=new.F, C=new.C, cancel=new.cancel)
        for client in cell.clients:
            client.retime(cell.timing, now)

    # --- turns ------------------------------------------------------------------------------------------------

    @contextmanager
    def turn(self, cell: Cell, now: float) -> Iterator[Turn]:
        """A turn for something that happens to a transaction without a message; afterwards the cell is settled."""
        with cell:
            yield self.turn_of(cell, now)

    def turn_of(self, cell: Cell, now: float) -> Turn:
        """A new turn of a transaction's request."""
        turn = Turn(self.proxy, cell.uas.request, cell.turn.datagram, now)
        turn.transaction, turn.avps, turn.flags = cell, cell.turn.avps, cell.turn.flags
        return turn

    # --- timers -----------------------------------------------------------------------------------------------

    def settle(self, cell: Cell) -> None:
        """After an event: put the transaction's next timer into the queue, or let go of it if it is over."""
        if self._watched is not None:
            for key, row in snapshots(cell):
                self._watched.touch(TABLE, key, row)
        due = cell.next_due()
        if due is None:
            if cell.status >= 200:
                self.forget(cell)
        elif cell.place is None or due < cell.place[0]:
            self._take_out(cell)
            cell.place = place = due, next(self._next_place)
            self._queued[place[1]] = cell
            heappush(self._queue, place)

    def next_wake(self) -> float | None:
        """When the next timer may fire (seconds)."""
        queue = self._queue
        while queue and queue[0][1] not in self._queued:
            heappop(queue)
        return queue[0][0] if queue else None

    def held(self) -> dict[str, int]:
        """Transactions, those of them without a final response, what went out for them, their timers and bytes."""
        return {
            "transactions": len(self.cells),
            "pending": self.pending,
            "branches": len(self.clients),
            "timers": len(self._queued),
            "transaction bytes": self.size,
        }

    def due(self, now: float) -> Iterator[Cell]:
        """The transactions that have a timer to fire, in order; `settle` gives them their next place."""
        while self._queue and self._queue[0][0] <= now:
            cell = self._queued.pop(heappop(self._queue)[1], None)
            if cell is None:
                continue
            cell.place = None
            at = cell.next_due()
            if at is not None and at <= now:
                yield cell
            else:
                self.settle(cell)  # the timer it waited for was stopped

    def forget(self, cell: Cell) -> None:
        """Let go of a transaction and of what it held."""
        self._take_out(cell)
        if self._watched is not None:
            for key, _ in snapshots(cell):
                self._watched.touch(TABLE, key, None)
        if self.cells.get(cell.key) is cell:
            del self.cells[cell.key]
        for client in cell.clients:
            self.clients.pop(client.key, None)
        if cell.status < 200:
            self.answered(cell)
        self.hold(cell, -cell.size)
        cell.turn.transaction = None  # no circle is left for the garbage collector to find

    def _take_out(self, cell: Cell) -> None:
        if cell.place is not None:
            del self._queued[cell.place[1]]
            cell.place = None
