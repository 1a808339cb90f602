"""A network: it carries datagrams between nodes, records each once, and wakes nodes in time.

What the two kinds share is here: who is attached, what a node's turn is, and what happens when a node raises. Nodes
live in one thread at a time; the public calls may come from any other.
"""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from types import TracebackType
from typing import Self, TypeVar

from labsip.net.address import PortInUse
from labsip.net.wire import AT_ONCE, Wire, Wires
from labsip.proxy.fault import interrupted, said
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram, Node
from labsip.trace import Trace

T = TypeVar("T")

TICK = 0.001
"""The least time between two wakes of a node in seconds, so that one with a wake always due can't stop time."""
NODE_FAULTS = BaseException
"""What a node may raise without harm to others: anything. A loop that met KeyboardInterrupt or SystemExit would end."""


@dataclass(eq=False, slots=True)
class Party:
    """A node on the network, under its name."""

    node: Node
    name: str
    due: float = inf
    """When it wants to be woken next (seconds)."""


class Network(ABC):
    """Datagrams between nodes, in a trace.

    `seed` decides what the wires do. With `record=False` no datagram is recorded, for speed; notes are kept.

    Calls may come from any thread but the nodes' own: a route or a phone that calls gets a LabError, for it would wait
    for itself; only `ask` is answered there. What a node raised is raised again by the next call.
    """

    def __init__(self, trace: Trace | None = None, *, seed: object = 0, record: bool = True) -> None:
        self.trace = trace or Trace()
        self._record_all = record
        self._ports: dict[Address, Party | None] = {}
        """Every address open here; None while it is reserved only."""
        self._gone: set[Address] = set()
        """Addresses of nodes that were detached: what is sent there is lost."""
        self._parties: list[Party] = []
        self._wires = Wires(seed)
        self._fault: BaseException | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        parties = (f"{p.name} on {', '.join(map(str, p.node.addresses))}" for p in self._parties)
        return f"<{type(self).__name__}: {'; '.join(parties) or 'nobody attached'}>"

    # --- who is there -----------------------------------------------------------------------------------------

    def reserve(self, address: Address, *, public: bool = False) -> Address:
        """Open an address before its node is built; port 0 lets the system choose. Returns what it is on the wire.

        public: allow an address that other machines reach (`address.exposure` says what that means).
        Raises PortInUse, NoSuchAddress, or another LabError.
        """
        return self._call(lambda: self._reserve(address, public))

    def attach(self, node: Node, name: str, *, public: bool = False) -> None:
        """Give a node its addresses, all or none, reserved before or not; `name` is theirs in the trace.

        Raises as `reserve` does, and PortInUse if another node has one of them.
        """
        self._call(lambda: self._attach(node, name, public))

    def detach(self, node: Node) -> None:
        """Take a node off, as a phone that goes offline: what is on its way to it or sent there later is lost."""
        self._call(lambda: self._detach(node))

    def wire(self, src: str | None = None, dst: str | None = None) -> Wire:
        """The wire from one party to another by name, None for any; what is set on it holds from now on.

        A datagram goes through each wire that fits it: `wire()` and `wire("106", "proxy")` add up.
        """
        return self.ask(lambda _: self._wires.between(src, dst))

    @property
    def wires(self) -> list[Wire]:
        """Every wire somebody asked for, whole or not."""
        return list(self._wires)

    # --- what a cell does -------------------------------------------------------------------------------------

    def do(self, act: Callable[[float], Iterable[Datagram]]) -> None:
        """Run `act(now)` where the nodes live and send what it returns; what it raises comes to the caller."""
        self._call(lambda: self._send(act(self.now), self.now))

    def ask(self, question: Callable[[float], T]) -> T:
        """The answer of `question(now)`, asked where the nodes live, between two datagrams."""
        if self._inside:
            return question(self.now)
        return self._call(lambda: question(self.now))

    def peek(self, question: Callable[[float], T]) -> T:
        """As `ask`, for somebody who only looks on: what a node raised is kept for the next call of a cell.

        A closed network is asked, too: it stands as it stood at its end.
        """
        if self._inside or self._closed:
            return question(self.now)
        return self._call(lambda: question(self.now), faults=False)

    def settle(self, busy: Callable[[], bool] = lambda: False, timeout: float = 5.0) -> bool:
        """Wait until nothing is on its way between nodes and `busy()` is false; False if `timeout` came first."""
        return self.wait(lambda: self._quiet and not busy(), timeout)

    def advance(self, seconds: float) -> None:
        """Let time pass: virtual time at once, real time as it goes."""
        self.wait(lambda: False, seconds)

    @property
    @abstractmethod
    def now(self) -> float:
        """Seconds since the network began."""

    @abstractmethod
    def wait(self, until: Callable[[], bool], timeout: float) -> bool:
        """Wait until `until()` holds, asked after every datagram and timer, or `timeout` seconds are over.

        Returns what `until()` said last. It is asked where the nodes live.
        """

    @abstractmethod
    def close(self) -> None:
        """End it and give all addresses back. May be called twice."""

    # --- what a kind of network does in its own way ---------------------------------------------------------------

    @property
    @abstractmethod
    def _inside(self) -> bool:
        """Whether the caller is a node, or what a node called."""

    @property
    @abstractmethod
    def held(self) -> dict[str, int]:
        """What it keeps at the moment, by name and how many: datagrams on their way, connections."""

    @property
    @abstractmethod
    def _quiet(self) -> bool:
        """Nothing is on its way between nodes."""

    @abstractmethod
    def _call(self, act: Callable[[], T], *, faults: bool = True) -> T:
        """Run `act` where the nodes live, after `_admit` and raising what is kept; then see what the nodes want.

        faults: whether to raise what is kept.
        """

    @abstractmethod
    def _open(self, address: Address, public: bool) -> Address:
        """Open an address; returns it as it is on the wire."""

    @abstractmethod
    def _listen(self, address: Address) -> None:
        """From now on there is a node to take what comes to an open address."""

    @abstractmethod
    def _shut(self, address: Address) -> None:
        """Close an address; what is on its way there is lost."""

    @abstractmethod
    def _launch(self, datagram: Datagram, delay: float, now: float) -> None:
        """Record a datagram and send it, `delay` seconds later than it could be. Raises OSError if it can't be sent."""

    # --- the nodes' own thread --------------------------------------------------------------------------------

    def _reserve(self, address: Address, public: bool) -> Address:
        if address in self._ports:
            party = self._ports[address]
            raise PortInUse(f"{address} is taken in this lab, by {party.name if party else 'a reservation'}")
        bound = self._open(address, public)
        self._ports[bound] = None
        return bound

    def _attach(self, node: Node, name: str, public: bool) -> None:
        opened: list[Address] = []
        try:
            for address in node.addresses:
                if address in self._ports and self._ports[address] is None:
                    continue  # reserved for it
                opened.append(bound := self._reserve(address, public))
                if bound != address:
                    raise LabError(f"{address} is {bound} on the wire; reserve it, and build {name} on what you get")
        except LabError:
            for address in opened:
                self._release(address)
            raise
        party = Party(node, name)
        self._parties.append(party)
        for address in node.addresses:
            self._ports[address] = party
            self._gone.discard(address)
            self.trace.names[address] = name
            self._listen(address)
        self._schedule(party)

    def _detach(self, node: Node) -> None:
        for party in self._parties:
            if party.node is node:
                self._parties.remove(party)
                for address in node.addresses:
                    self._release(address)
                    self._gone.add(address)
                return

    def _release(self, address: Address) -> None:
        del self._ports[address]
        self._shut(address)

    def _handle(self, party: Party, datagram: Datagram, row: int | None, now: float) -> None:
        """A node's turn: it takes a datagram, and what it sends was caused by that."""
        self.trace.cause = row
        try:
            self._send(party.node.receive(datagram, now), now)
        except NODE_FAULTS as error:
            self._keep(party, error, now)
        finally:
            self.trace.cause = None
        self._touched(party)

    def _wake(self, party: Party, now: float) -> None:
        """A node's turn: its time has come."""
        try:
            self._send(party.node.wake(now), now)
        except NODE_FAULTS as error:
            self._keep(party, error, now)
        self._schedule(party, now + TICK)

    def _send(self, out: Iterable[Datagram], now: float) -> None:
        for datagram in out:
            if datagram.src not in self._ports:
                name = self.trace.names.get(datagram.src, "its node")
                raise LabError(f"nothing can be sent from {datagram.src}: {name} is not attached to the network")
            delays = self._wires.delays(datagram, self.trace.names) if self._wires else AT_ONCE
            if not delays:
                self._record(datagram, now, lost=True)
            try:
                if datagram.src.proto != datagram.dst.proto:
                    raise OSError(errno.EPROTONOSUPPORT, f"{datagram.src} speaks {datagram.src.proto} only")
                for delay in delays:
                    row = self.trace.next_datagram
                    self._launch(datagram, delay, now)
                    if delay:
                        self.trace.hold(row, delay)
            except OSError as error:
                self._failed(datagram, error, now)

    def _failed(self, datagram: Datagram, error: OSError, now: float) -> None:
        """Tell the node what could not be sent; it may have something else to say instead."""
        party = self._ports.get(datagram.src)
        what = f"{len(datagram.data)} bytes to {datagram.dst}"
        self.trace.note(now, f"{party.name if party else datagram.src} could not send {what}: {error.strerror}")
        send_failed = getattr(party.node, "send_failed", None) if party else None
        if party is not None and send_failed is not None:
            try:
                self._send(send_failed(datagram, now), now)
            except NODE_FAULTS as fault:
                self._keep(party, fault, now)

    def _record(self, datagram: Datagram, now: float, *, lost: bool = False) -> int | None:
        if not self._record_all:
            return None
        return self.trace.datagram(datagram, now, lost=lost)

    def _lose(self, row: int | None) -> None:
        if row is not None:
            self.trace.lose(row)

    def _touched(self, party: Party) -> None:
        """A node had its turn: it may want to be woken at another time now."""
        self._schedule(party)

    def _schedule(self, party: Party, earliest: float = -inf) -> None:
        """Note when a node wants to be woken, after anything that may have changed it."""
        try:
            due = party.node.next_wake()
        except NODE_FAULTS as error:
            self._keep(party, error, self.now)
            due = None
        party.due = inf if due is None else max(due, earliest)

    def _keep(self, party: Party, error: BaseException, now: float) -> None:
        """A node raised: the others go on, and the next call from outside raises it; the first, if there are more."""
        if not interrupted(error):
            self.trace.note(now, told := f"{party.name} raised {said(error)}")
            if not isinstance(error, Exception):  # raised as it is, it would end the cell without a word, or Python
                error = LabError(f"{told}, which ends Python").with_traceback(error.__traceback__)
        self._fault = self._fault or error

    def _acted(self, act: Callable[[], T], faults: bool) -> T:
        """What `_call` does where the nodes live: raise what is kept, act, and see when each node wants to be woken."""
        if faults:
            self._raise_fault()
        try:
            return act()
        finally:
            for party in self._parties:
                self._schedule(party)

    def _raise_fault(self) -> None:
        if self._fault is not None:
            fault, self._fault = self._fault, None
            raise fault

    def _admit(self) -> None:
        """Refuse a call that could not be served."""
        if self._inside:
            raise LabError(
                "this waits for the lab, and was called inside it (by a route, a phone, or a condition of wait): "
                "it would wait for itself. Call it from a cell"
            )
        if self._closed:
            raise LabError("this network is closed; make a new one")
