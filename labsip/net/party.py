"""Who is on a network: nodes under their names and addresses, their turns, and what happens when one of them raises.

All of it runs where the nodes live, in one thread at a time.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf
from operator import attrgetter
from typing import Protocol

from labsip.net.address import PortInUse
from labsip.net.outsider import Outsider
from labsip.net.wire import AT_ONCE, Wires
from labsip.proxy.fault import interrupted, said
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram, Node
from labsip.trace import Trace

TICK = 0.001
"""The least time between two wakes of a node in seconds, so that one with a wake always due can't stop time."""
NODE_FAULTS = BaseException
"""What a node may raise without harm to others: anything. A loop that met KeyboardInterrupt or SystemExit would end."""


class Medium(Protocol):
    """What datagrams go through, from address to address."""

    def open(self, address: Address, public: bool) -> Address:
        """Open an address; returns it as it is on the wire. Raises LabError."""

    def listen(self, address: Address) -> None:
        """From now on there is a node to take what comes to an open address."""

    def shut(self, address: Address) -> None:
        """Close an address; what is on its way there is lost."""

    def launch(self, datagram: Datagram, delay: float, now: float) -> None:
        """Record a datagram and send it, `delay` seconds later than it could be. Raises OSError if it can't be sent."""


@dataclass(eq=False, slots=True)
class Party:
    """A node on the network, under its name."""

    node: Node
    name: str
    due: float = inf
    """When it wants to be woken next (seconds)."""


_DUE = attrgetter("due")


class Parties:
    """The nodes of one network, which send through its medium.

    prompt: see after each turn of a node when it wants to be woken next; without it `schedule` has to be called.
    """

    medium: Medium
    """The network puts it here, before anybody is attached."""

    def __init__(
        self, trace: Trace | None, now: Callable[[], float], *, seed: object, record: bool, prompt: bool = True
    ) -> None:
        self.trace = trace or Trace()
        self.ports: dict[Address, Party | None] = {}
        """Every address open here; None while it is reserved only."""
        self.gone: set[Address] = set()
        """Addresses of nodes that were detached: what is sent there is lost."""
        self.outsiders: dict[Address, Outsider] = {}
        """Parties in processes of their own."""
        self.wires = Wires(seed)
        self._record_all = record
        self._prompt = prompt
        self._now = now
        self._parties: list[Party] = []
        self.fault: BaseException | None = None
        """What a node raised, until a call from outside raises it."""

    def __iter__(self) -> Iterator[Party]:
        return iter(self._parties)

    @property
    def first(self) -> Party | None:
        """The one that wants to be woken first; None if nobody is here."""
        return min(self._parties, key=_DUE, default=None)

    # --- who is there -----------------------------------------------------------------------------------------

    def reserve(self, address: Address, public: bool) -> Address:
        """As `Network.reserve`."""
        if address in self.ports:
            party = self.ports[address]
            raise PortInUse(f"{address} is taken in this lab, by {party.name if party else 'a reservation'}")
        bound = self.medium.open(address, public)
        self.ports[bound] = None
        return bound

    def attach(self, node: Node, name: str, public: bool) -> None:
        """As `Network.attach`."""
        opened: list[Address] = []
        try:
            for address in node.addresses:
                if address in self.ports and self.ports[address] is None:
                    continue  # reserved for it
                opened.append(bound := self.reserve(address, public))
                if bound != address:
                    raise LabError(f"{address} is {bound} on the wire; reserve it, and build {name} on what you get")
        except LabError:
            for address in opened:
                self._release(address)
            raise
        party = Party(node, name)
        self._parties.append(party)
        for address in node.addresses:
            self.ports[address] = party
            self.gone.discard(address)
            self.trace.names[address] = name
            self.medium.listen(address)
        self._schedule(party)

    def detach(self, node: Node) -> None:
        """As `Network.detach`."""
        for party in self._parties:
            if party.node is node:
                self._parties.remove(party)
                for address in node.addresses:
                    self._release(address)
                    self.gone.add(address)
                return

    def release(self, address: Address) -> None:
        """As `Network.release`."""
        if address in self.ports and self.ports[address] is None:
            self._release(address)

    def _release(self, address: Address) -> None:
        del self.ports[address]
        self.medium.shut(address)

    def close(self) -> None:
        """Give all addresses back; no node is asked any more what to send instead of what is lost by that."""
        addresses = list(self.ports)
        self.ports.clear()
        for address in addresses:
            self.medium.shut(address)

    def takes_http(self, address: Address) -> bool:
        """Whether the node of that address takes HTTP, too; few do."""
        party = self.ports.get(address)
        return party is not None and bool(getattr(party.node, "takes_http", False))

    # --- turns ------------------------------------------------------------------------------------------------

    def handle(self, datagram: Datagram, row: int | None, now: float) -> None:
        """The turn of the node a datagram came to, if there is one: what it sends was caused by that row."""
        party = self.ports.get(datagram.dst)
        if party is None:
            return
        self.trace.cause = row
        try:
            self.send(party.node.receive(datagram, now), now)
        except NODE_FAULTS as error:
            self._keep(party, error, now)
        finally:
            self.trace.cause = None
        if self._prompt:
            self._schedule(party)

    def wake(self, party: Party, now: float) -> None:
        """A node's turn: its time has come."""
        try:
            self.send(party.node.wake(now), now)
        except NODE_FAULTS as error:
            self._keep(party, error, now)
        self._schedule(party, now + TICK)

    def tell(self, node: Node, act: Callable[[float], Iterable[Datagram]]) -> None:
        """A node's turn, if it is here: what it waited for, which is no datagram, has happened."""
        for party in self._parties:
            if party.node is node:
                now = self._now()
                try:
                    self.send(act(now), now)
                except NODE_FAULTS as error:
                    self._keep(party, error, now)
                if self._prompt:
                    self._schedule(party)

    def fail(self, datagram: Datagram, error: OSError, now: float) -> None:
        """The turn of the node that sent a datagram which will not be read, later than `send` could see it."""
        self._failed(datagram, error, now)
        party = self.ports.get(datagram.src)
        if party is not None and self._prompt:
            self._schedule(party)

    def send(self, out: Iterable[Datagram], now: float) -> None:
        """Send through the wires and the medium. Raises LabError for a sender that is not attached."""
        for datagram in out:
            if datagram.src not in self.ports:
                name = self.trace.names.get(datagram.src, "its node")
                raise LabError(f"nothing can be sent from {datagram.src}: {name} is not attached to the network")
            delays = self.wires.delays(datagram, self.trace.names) if self.wires else AT_ONCE
            if not delays:
                self.record(datagram, now, lost=True)
            try:
                if datagram.src.proto != datagram.dst.proto:
                    raise OSError(errno.EPROTONOSUPPORT, f"{datagram.src} speaks {datagram.src.proto} only")
                for delay in delays:
                    row = self.trace.next_datagram
                    self.medium.launch(datagram, delay, now)
                    if delay:
                        self.trace.hold(row, delay)
            except OSError as error:
                self._failed(datagram, error, now)

    def _failed(self, datagram: Datagram, error: OSError, now: float) -> None:
        """Tell the node what could not be sent; it may have something else to say instead."""
        party = self.ports.get(datagram.src)
        what = f"{len(datagram.data)} bytes to {datagram.dst}"
        self.trace.note(now, f"{party.name if party else datagram.src} could not send {what}: {error.strerror}")
        send_failed = getattr(party.node, "send_failed", None) if party else None
        if party is not None and send_failed is not None:
            try:
                self.send(send_failed(datagram, now), now)
            except NODE_FAULTS as fault:
                self._keep(party, fault, now)

    def record(self, datagram: Datagram, now: float, *, lost: bool = False) -> int | None:
        """Its row in the trace; None where nothing is recorded."""
        if not self._record_all:
            return None
        return self.trace.datagram(datagram, now, lost=lost)

    def lose(self, row: int | None) -> None:
        """The datagram of that row will not arrive."""
        if row is not None:
            self.trace.lose(row)

    # --- time, and faults -------------------------------------------------------------------------------------

    def schedule(self) -> None:
        """Note when each node wants to be woken, after anything that may have changed it."""
        for party in self._parties:
            self._schedule(party)

    def _schedule(self, party: Party, earliest: float = -inf) -> None:
        try:
            due = party.node.next_wake()
        except NODE_FAULTS as error:
            self._keep(party, error, self._now())
            due = None
        party.due = inf if due is None else max(due, earliest)

    def _keep(self, party: Party, error: BaseException, now: float) -> None:
        """A node raised: the others go on, and the next call from outside raises it; the first, if there are more."""
        if not interrupted(error):
            self.trace.note(now, told := f"{party.name} raised {said(error)}")
            if not isinstance(error, Exception):  # raised as it is, it would end the cell without a word, or Python
                error = LabError(f"{told}, which ends Python").with_traceback(error.__traceback__)
        self.fault = self.fault or error
