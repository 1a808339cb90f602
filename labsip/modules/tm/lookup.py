"""The transactions a proxy holds, how a message finds its own (RFC 3261 §17.1.3, §17.2.3), and their timers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count

from labsip.modules.tm import reply
from labsip.proxy.receive import Module, Proxy, Settings
from labsip.proxy.route import Routing, Target
from labsip.sip.exchange import ClientTransaction, Key, ServerTransaction, client_key, server_key
from labsip.sip.message import Request, Response
from labsip.sip.transaction import Timing
from labsip.sip.transport import Datagram

WAIT = 5.0
"""How long a transaction is kept after its final response, in seconds (tm's wt_timer)."""


def timing(settings: Settings, fr: float | None = None, fr_inv: float | None = None) -> Timing:
    """Timers as Kamailio sets them: fr_timer for B and F, fr_inv_timer for C, wt_timer for all that wait.

    Timer A stops doubling at T2 and an unacknowledged final is repeated for 5 s only, unlike RFC 3261 §17.1.1.2
    and §17.2.1.
    """
    wait = dict.fromkeys("DHIJKLM", WAIT)
    fr = settings.fr_timer if fr is None else fr
    fr_inv = settings.fr_inv_timer if fr_inv is None else fr_inv
    return Timing(B=fr, F=fr, cancel=fr, C=fr_inv, cap_A=True, **wait)


@dataclass
class Uac:
    """One branch: the request on its way to one target (Kamailio's `ua_client`)."""

    index: int
    target: Target
    client: ClientTransaction | None
    """None if it could not be sent at all."""
    status: int = 0
    """Of the last response, 0 before the first; made here if `response` is None."""
    response: bytes | None = None
    """The final response as it would be relayed."""
    reason: str = ""
    cancel: ClientTransaction | None = None
    cancel_later: bool = False
    """CANCEL is held back until the first provisional response (RFC 3261 §9.1)."""
    cancel_reason: str | None = None

    @property
    def final(self) -> bool:
        """Its outcome is known."""
        return self.status >= 200


@dataclass(eq=False)
class Cell:
    """A transaction of the proxy (Kamailio's `cell`): the request that came in and the branches it went out on."""

    uas: ServerTransaction
    ksr: Routing
    """The routing of the request; failure routes begin with a copy."""
    branch: str
    """What its branches' ids begin with."""
    timing: Timing
    branches: list[Uac] = field(default_factory=list)
    on_failure: str = ""
    on_reply: str = ""
    on_branch: str = ""
    status: int = 0
    """Of the last response sent to the caller."""
    best: int = 0
    """Status of the branch picked, while its failure route runs."""
    canceled: bool = False
    size: int = 0
    scheduled: float | None = None

    def __repr__(self) -> str:
        return f"<transaction {self.uas.request.method} {self.uas.request.uri}: {self.uas.machine.state}>"

    @property
    def clients(self) -> list[ClientTransaction]:
        """All client transactions: of the branches and of their CANCELs."""
        pairs = [(uac.client, uac.cancel) for uac in self.branches]
        return [client for pair in pairs for client in pair if client is not None]

    @property
    def next_due(self) -> float | None:
        """When its next timer fires (seconds)."""
        machines = [self.uas.machine, *(client.machine for client in self.clients)]
        return min((due for m in machines if (due := m.next_due) is not None), default=None)

    @property
    def over(self) -> bool:
        """No timer runs and no answer is awaited."""
        return self.next_due is None and all(client.machine.over for client in self.clients) and self.status >= 200


class Tm(Module):
    """tm's state in one proxy."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.cells: dict[Key, Cell] = {}
        self.clients: dict[Key, tuple[Cell, Uac]] = {}
        self.size = 0
        """Bytes of messages held."""
        self._timers: list[tuple[float, int, Cell]] = []
        self._order = count()

    # --- find and make ----------------------------------------------------------------------------------------

    def find(self, request: Request, method: str | None = None) -> Cell | None:
        """The transaction a request belongs to; with `method`, that of the request it names (CANCEL's INVITE)."""
        key = server_key(request)
        return self.cells.get(key if method is None else (*key[:-1], method))

    def new(self, ksr: Routing) -> Cell | None:
        """A transaction for the request at hand; None, with a note in plain words, if there is no memory for it."""
        request = ksr._request
        if self.size + 2 * len(request.raw) > self.proxy.settings.shm_bytes:
            self.proxy.trace.note(ksr._now, self._out_of_memory(ksr))
            return None
        ids = self.proxy.ids
        times = timing(self.proxy.settings)
        uas = ServerTransaction(request, ksr._socket, self.proxy.reply_address(ksr), ksr._now, times)
        branch = f"z9hG4bK{ids.getrandbits(16):04x}.{ids.getrandbits(128):032x}"
        cell = Cell(uas, ksr, branch, times)
        self.cells[server_key(request)] = cell
        self.hold(cell, len(request.raw))
        ksr._tm = cell
        return cell

    def hold(self, cell: Cell, size: int) -> None:
        """Count bytes as held by a transaction."""
        cell.size += size
        self.size += size

    def add_client(self, cell: Cell, uac: Uac, client: ClientTransaction) -> None:
        """Let responses to `client` find their branch."""
        self.clients[client_key(client.request)] = cell, uac

    def set_timers(self, cell: Cell, fr: float | None, fr_inv: float | None) -> None:
        """fr_timer and fr_inv_timer for the branches this transaction opens from now on."""
        new = timing(self.proxy.settings, fr, fr_inv)
        cell.timing = replace(cell.timing, B=new.B, F=new.F, C=new.C, cancel=new.cancel)

    def _out_of_memory(self, ksr: Routing) -> str:
        text = f"no memory for another transaction: {len(self.cells)} hold {self.size} bytes"
        if ksr._datagram.src in self.proxy.addresses:
            text += f"; this {ksr._message.summary} came from the proxy itself, for {ksr._request.uri} leads back to it"
        return text

    # --- the module's place in the journey --------------------------------------------------------------------

    def on_response(self, ksr: Routing) -> bool:
        """A response to something a branch sent."""
        message = ksr._message
        found = self.clients.get(client_key(message))
        if found is None or not isinstance(message, Response):
            return False
        cell, uac = found
        ksr._tm = cell
        ksr._avps = cell.ksr._avps
        if message.cseq.method == "CANCEL" and cell.uas.request.method != "CANCEL":
            if uac.cancel is not None:
                uac.cancel.receive(message, ksr._now)
        else:
            reply.received(self, cell, uac, message, ksr)
        self.settle(cell)
        return True

    def on_error(self, ksr: Routing) -> bool:
        """A route raised while a transaction was at hand: 500 for its caller."""
        if ksr._tm is None:
            return False
        reply.local(self, ksr._tm, 500, "Internal Server Error", ksr)
        self.settle(ksr._tm)
        return True

    def send_failed(self, datagram: Datagram, now: float) -> list[Datagram]:
        """A branch's request could not be sent: 477, as tm answers it."""
        for cell in list(self.cells.values()):
            for uac in cell.branches:
                if uac.client is not None and uac.client.request.raw is datagram.data and not uac.final:
                    uac.client.fail(now)
                    return self._act(cell, now, lambda ksr, cell=cell, uac=uac: reply.failed(self, cell, uac, ksr))
        return []

    # --- timers -----------------------------------------------------------------------------------------------

    def settle(self, cell: Cell) -> None:
        """After an event: put the transaction's next timer into the queue, or let go of it if it is over."""
        due = cell.next_due
        if due is not None:
            if cell.scheduled is None or due < cell.scheduled:
                cell.scheduled = due
                heappush(self._timers, (due, next(self._order), cell))
        elif cell.over:
            self._forget(cell)

    def next_wake(self) -> float | None:
        """When the next timer may fire (seconds)."""
        return self._timers[0][0] if self._timers else None

    def wake(self, now: float) -> list[Datagram]:
        """Fire what is due."""
        out: list[Datagram] = []
        while self._timers and self._timers[0][0] <= now:
            _, _, cell = heappop(self._timers)
            cell.scheduled = None
            out += self._act(cell, now, lambda ksr, cell=cell: self._fire(cell, ksr))
        return out

    def _act(self, cell: Cell, now: float, action: object) -> list[Datagram]:
        ksr = self.proxy.routing(self.proxy, cell.uas.request, cell.ksr._datagram, now)
        ksr._tm = cell
        ksr._avps = cell.ksr._avps
        action(ksr)  # type: ignore[operator]
        self.settle(cell)
        return ksr._out

    def _fire(self, cell: Cell, ksr: Routing) -> None:
        ksr._out += cell.uas.wake(ksr._now).send
        for uac in list(cell.branches):
            if uac.cancel is not None:
                ksr._out += uac.cancel.wake(ksr._now).send
            if uac.client is not None:
                outcome = uac.client.wake(ksr._now)
                ksr._out += outcome.send
                if outcome.timeout:
                    reply.timed_out(self, cell, uac, ksr)

    def _forget(self, cell: Cell) -> None:
        key = server_key(cell.uas.request)
        if self.cells.get(key) is cell:
            del self.cells[key]
        for client in cell.clients:
            self.clients.pop(client_key(client.request), None)
        self.size -= cell.size
        cell.size = 0
