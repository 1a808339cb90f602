"""A network: it carries datagrams between nodes, records each once, and wakes nodes in time.

What the two kinds share is their face: the calls of a lab and its cells, which may come from any thread, and become
turns of its parties (`party`) where the nodes live.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self, TypeVar

from labsip.net.party import Parties
from labsip.net.wire import Wire
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram, Node
from labsip.trace import Trace

T = TypeVar("T")


class Network(ABC):
    """Datagrams between nodes, in a trace.

    `seed` decides what the wires do. With `record=False` no datagram is recorded, for speed; notes are kept.

    Calls may come from any thread but the nodes' own: a route or a phone that calls gets a LabError, for it would wait
    for itself; only `ask` is answered there. What a node raised is raised again by the next call.
    """

    def __init__(
        self, trace: Trace | None = None, *, seed: object = 0, record: bool = True, prompt: bool = True
    ) -> None:
        self._parties = Parties(trace, lambda: self.now, seed=seed, record=record, prompt=prompt)
        self.trace = self._parties.trace
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
        return self._call(lambda: self._parties.reserve(address, public))

    def release(self, address: Address) -> None:
        """Give back an address that was reserved, and that no node has."""
        self._call(lambda: self._parties.release(address))

    def attach(self, node: Node, name: str, *, public: bool = False) -> None:
        """Give a node its addresses, all or none, reserved before or not; `name` is theirs in the trace.

        Raises as `reserve` does, and PortInUse if another node has one of them.
        """
        self._call(lambda: self._parties.attach(node, name, public))

    def detach(self, node: Node) -> None:
        """Take a node off, as a phone that goes offline: what is on its way to it or sent there later is lost."""
        self._call(lambda: self._parties.detach(node))

    def wire(self, src: str | None = None, dst: str | None = None) -> Wire:
        """The wire from one party to another by name, None for any; what is set on it holds from now on.

        A datagram goes through each wire that fits it: `wire()` and `wire("106", "proxy")` add up.
        """
        return self.ask(lambda _: self._parties.wires.between(src, dst))

    @property
    def wires(self) -> list[Wire]:
        """Every wire somebody asked for, whole or not."""
        return list(self._parties.wires)

    # --- what a cell does -------------------------------------------------------------------------------------

    def do(self, act: Callable[[float], Iterable[Datagram]]) -> None:
        """Run `act(now)` where the nodes live and send what it returns; what it raises comes to the caller."""
        self._call(lambda: self._parties.send(act(self.now), self.now))

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

    @property
    @abstractmethod
    def held(self) -> dict[str, int]:
        """What it keeps at the moment, by name and how many: datagrams on their way, connections."""

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
    def _quiet(self) -> bool:
        """Nothing is on its way between nodes."""

    @abstractmethod
    def _call(self, act: Callable[[], T], *, faults: bool = True) -> T:
        """Run `act` where the nodes live, after `_admit`, as `_acted` does it; then see what is due next."""

    def _admit(self) -> None:
        """Refuse a call that could not be served."""
        if self._inside:
            raise LabError(
                "this waits for the lab, and was called inside it (by a route, a phone, or a condition of wait): "
                "it would wait for itself. Call it from a cell"
            )
        if self._closed:
            raise LabError("this network is closed; make a new one")

    def _acted(self, act: Callable[[], T], faults: bool) -> T:
        """Raise what a node raised, if `faults`; else act, and see when each node wants to be woken."""
        if faults:
            self._raise_fault()
        try:
            return act()
        finally:
            self._parties.schedule()

    def _raise_fault(self) -> None:
        if self._parties.fault is not None:
            fault, self._parties.fault = self._parties.fault, None
            raise fault
