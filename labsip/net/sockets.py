"""The network on real sockets: its thread and clock, and a carrier for each transport."""

from __future__ import annotations

import atexit
from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from math import inf
from typing import TypeVar

from labsip.net.address import exposure
from labsip.net.carrier import Carrier, Ends
from labsip.net.clock import monotonic
from labsip.net.connection import LIMITS, Limits
from labsip.net.loop import PATIENCE, Loop, Waiter, Waiters
from labsip.net.network import Network
from labsip.net.outsider import Outsider
from labsip.net.party import Parties
from labsip.net.stream import Streams
from labsip.net.tls import Tls
from labsip.net.transit import Due, Timetable
from labsip.net.udp import Datagrams
from labsip.net.wire import AT_ONCE
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram, Node
from labsip.trace import Trace

T = TypeVar("T")

CARRIERS: dict[str, Callable[[Ends], Carrier]] = {
    "udp": Datagrams,
    "tcp": Streams,
    "tls": Streams,
    "ws": Streams,
    "wss": Streams,
}
"""What carries each transport, made when an address of it is opened first; several that share one have one object."""


class Sockets:
    """The medium: a message goes by the carrier of its transport, at once or when a wire lets go of it.

    waiters: look after each message whether they have waited long enough. turned: hears that a carrier's turn is over.
    """

    def __init__(
        self,
        parties: Parties,
        loop: AbstractEventLoop,
        limits: Limits,
        tls: Tls | None,
        *,
        now: Callable[[], float],
        waiters: Waiters,
        turned: Callable[[], None],
    ) -> None:
        self._parties = parties
        self._now = now
        self._waiters = waiters
        self._delayed = Timetable(parties.lose)
        """What wires hold back."""
        self._made: dict[Callable[[Ends], Carrier], Carrier] = {}
        self._ends = Ends(
            loop=loop,
            limits=limits,
            tls=tls,
            now=now,
            came=self._came,
            failed=self._not_read,
            lose=parties.lose,
            note=lambda text: parties.trace.note(now(), text),
            turned=turned,
            served=lambda address: parties.ports.get(address) is not None,
            http=parties.takes_http,
            gone=lambda address: address in parties.gone,
        )

    def carrier(self, proto: str) -> Carrier:
        """What carries that transport here. Raises LabError if nothing does."""
        make = CARRIERS.get(proto)
        if make is None:
            raise LabError(f"nothing here carries {proto}; an address may speak {', '.join(CARRIERS)}")
        if make not in self._made:
            self._made[make] = make(self._ends)
        return self._made[make]

    @property
    def held(self) -> dict[str, int]:
        """As `Network.held`."""
        held = {"datagrams": len(self._delayed), "connections": 0}
        for carrier in self._made.values():
            for name, number in carrier.held.items():
                held[name] = held.get(name, 0) + number
        return held

    @property
    def quiet(self) -> bool:
        """Whether nothing is on its way between nodes."""
        return not self._delayed and all(carrier.quiet for carrier in self._made.values())

    @property
    def due(self) -> float:
        """Until when timers wait for a message between nodes here; inf if there is none to wait for."""
        return min((carrier.due for carrier in self._made.values()), default=inf)

    @property
    def departure(self) -> float:
        """When a wire lets go of something next; inf if none holds anything."""
        return self._delayed.next

    def open(self, address: Address, public: bool) -> Address:
        """Open an address. Raises LabError, also for one that other machines reach, unless it may be `public`."""
        if not public and exposure(address):
            raise LabError(f"{exposure(address)}; if you want that, say so: public=True")
        return self.carrier(address.proto).open(address)

    def listen(self, address: Address) -> None:
        """From now on there is a node to take what comes to an open address."""
        self.carrier(address.proto).listen(address)

    def shut(self, address: Address) -> None:
        """Close an address; what is on its way there is lost."""
        self.carrier(address.proto).shut(address)
        self._delayed.cut(address)

    def launch(self, datagram: Datagram, delay: float, now: float) -> None:
        """Record a datagram and send it, or keep it for `delay` seconds. Raises OSError."""
        if delay:
            self._delayed.put(now + delay, datagram, self._parties.record(datagram, now))
        else:
            self.carrier(datagram.src.proto).send(datagram, partial(self._enter, datagram, now))

    def _enter(self, datagram: Datagram, now: float, lost: bool) -> int | None:
        return self._parties.record(datagram, now, lost=lost)

    def depart(self, now: float) -> None:
        """A wire lets go of what it has held back longest."""
        held = self._delayed.take()
        try:
            if held.datagram.src in self._parties.outsiders:
                self._parties.handle(held.datagram, held.row, now)
            elif held.datagram.src in self._parties.ports:
                self.carrier(held.datagram.src.proto).send(held.datagram, partial(self._entered, held))
            else:
                self._parties.lose(held.row)
        except OSError as error:
            self._parties.lose(held.row)
            self._parties.fail(held.datagram, error, now)

    def _entered(self, held: Due, lost: bool) -> int | None:
        if lost:
            self._parties.lose(held.row)
        return held.row

    def drain(self) -> bool:
        """Handle what has arrived; False if a message between nodes here is still worth waiting for."""
        drained = [carrier.drain() for carrier in self._made.values()]  # each of them, whatever the others say
        return all(drained)

    def _came(self, datagram: Datagram, row: int | None, inside: bool) -> None:
        """A message came."""
        now = self._now()
        if inside:
            self._parties.handle(datagram, row, now)
        elif outsider := self._parties.outsiders.get(datagram.src):
            self._came_from(outsider, datagram, now)
        else:
            self._parties.gone.discard(datagram.src)
            self._parties.handle(datagram, self._parties.record(datagram, now), now)
        if self._waiters.waiting:
            self._waiters.look()

    def _came_from(self, outsider: Outsider, datagram: Datagram, now: float) -> None:
        """A message of a party in another process: it has yet to go through our wires."""
        row = outsider.row(datagram, now)
        delays = self._parties.wires.delays(datagram, self._parties.trace.names) if self._parties.wires else AT_ONCE
        if not delays:
            self._parties.lose(row)
        for copy, delay in enumerate(delays):
            if copy:
                row = self._parties.record(datagram, now)
            if delay and row is not None:
                self._delayed.put(now + delay, datagram, row)
                self._parties.trace.hold(row, delay)
            else:
                self._parties.handle(datagram, row, now)

    def _not_read(self, datagram: Datagram, row: int | None, error: OSError) -> None:
        """A connection ended before it was read, as far as anybody knows."""
        self._parties.lose(row)
        self._parties.fail(datagram, error, self._now())


class SocketNet(Network):
    """Nodes on sockets of this machine, served by a thread of their own while cells run or nothing runs.

    An address says which transport it speaks, and the transport which carrier it has (`CARRIERS`). `limits` are those
    of connections; `tls` is needed for addresses that are encrypted.

    grain: look at timers every so many seconds only, at all of them at once, as Kamailio does every 1/16 s; 0: each
    fires at its own time. A proxy that sleeps between two datagrams is spared four alarms a call.
    uvloop: run on that loop instead of asyncio's own.
    """

    def __init__(
        self,
        trace: Trace | None = None,
        *,
        seed: object = 0,
        record: bool = True,
        limits: Limits = LIMITS,
        tls: Tls | None = None,
        grain: float = 0.0,
        uvloop: bool = False,
    ) -> None:
        self._start = monotonic()  # the loop's clock, too
        self._grain = grain
        self._alarm: TimerHandle | None = None
        self._alarm_at = inf
        self._loop = Loop(uvloop=uvloop)
        super().__init__(trace, seed=seed, record=record, prompt=not grain)
        self._waiters = Waiters(self._parties)
        self._sockets = self._parties.medium = Sockets(
            self._parties, self._loop.asyncio, limits, tls, now=self._clock, waiters=self._waiters, turned=self._turned
        )
        atexit.register(self.close)

    @property
    def now(self) -> float:
        """Seconds since the network began, by the machine's monotonic clock."""
        return self._clock()

    def _clock(self) -> float:
        return monotonic() - self._start

    def wait(self, until: Callable[[], bool], timeout: float) -> bool:
        """Wait until `until()` holds or `timeout` seconds are over."""
        waiter = Waiter(until, self.now + timeout)

        def begin() -> None:
            self._waiters.add(waiter)
            self._sockets.drain()

        self._call(begin)
        try:
            return self._loop.result(waiter.done, timeout + PATIENCE)
        finally:
            if not waiter.done.done():
                self._loop.asyncio.call_soon_threadsafe(self._waiters.forget, waiter)

    def tell(self, node: Node, act: Callable[[float], Iterable[Datagram]]) -> None:
        """Have a node hear of what is no datagram: `act(now)` runs in its thread, and what that returns is sent.

        For threads of our own, which don't wait for it. A node that is not there any more hears nothing.
        """

        def hear() -> None:
            self._parties.tell(node, act)
            self._turned()

        with suppress(RuntimeError):  # the loop has ended
            self._loop.asyncio.call_soon_threadsafe(hear)

    def attend(self, file: int, hear: Callable[[], None]) -> None:
        """Call `hear()` where the nodes live whenever there is something to read from that file or socket."""

        def heard() -> None:
            hear()
            self._turned()

        self._call(lambda: self._loop.asyncio.add_reader(file, heard))

    def leave(self, file: int) -> None:
        """Attend to it no longer; also for whoever was called because there was something to read."""
        if self._inside:
            self._loop.asyncio.remove_reader(file)
        else:
            self._call(lambda: self._loop.asyncio.remove_reader(file), faults=False)

    def welcome(self, outsider: Outsider, name: str) -> None:
        """From now on a party in a process of its own has that address, which must be free here; `name` is its name."""

        def come() -> None:
            self._parties.outsiders[outsider.address] = outsider
            self.trace.names[outsider.address] = name

        self._call(come)

    def dismiss(self, outsider: Outsider) -> None:
        """It is there no longer."""
        self._call(lambda: self._parties.outsiders.pop(outsider.address, None), faults=False)

    def serves(self, address: Address) -> bool:
        """Whether a node here has that address; asked where the nodes live."""
        return self._parties.ports.get(address) is not None

    def look_again(self, seconds: float) -> None:
        """Have whoever waits look again then, though nothing may have happened."""
        self._loop.asyncio.call_later(seconds, self._turned)

    def close(self) -> None:
        """Close all sockets and end the thread."""
        if self._closed:
            return
        if self._inside:
            self._admit()
        self._closed = True
        atexit.unregister(self.close)
        try:
            self._loop.call(self._end, patience=1.0)
        except LabError:
            return  # a node that never ends; its thread ends with Python
        self._loop.close()

    def _end(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._waiters.end(LabError("the network was closed meanwhile"))
        self._parties.close()

    @property
    def held(self) -> dict[str, int]:
        """Datagrams on their way between nodes here or held back by a wire, and connections that are open."""
        return self._sockets.held

    def carrier(self, proto: str) -> Carrier:
        """What carries that transport here. Raises LabError if nothing does."""
        return self._sockets.carrier(proto)

    @property
    def _inside(self) -> bool:
        return self._loop.inside

    @property
    def _quiet(self) -> bool:
        return self._sockets.quiet and all(outsider.quiet for outsider in self._parties.outsiders.values())

    def _call(self, act: Callable[[], T], *, faults: bool = True) -> T:
        self._admit()

        def run() -> T:
            try:
                return self._acted(act, faults)
            finally:
                self._waiters.look()
                self._set_alarm()

        return self._loop.call(run)

    # --- time -------------------------------------------------------------------------------------------------

    def _turned(self) -> None:
        """A carrier, or a node beside its messages, had its turn."""
        if self._waiters.waiting:
            self._waiters.look()
        self._set_alarm()

    def _set_alarm(self) -> None:
        """Have the loop call `_tick` when something is due; an alarm set too early is left alone."""
        if self._grain and self._alarm is not None:
            return  # it looks at everything
        due = self._sockets.due  # before, nothing else has its turn
        if due == inf:
            deadlines = (waiter.deadline for waiter in self._waiters.waiting)
            due = min([self._sockets.departure, *(party.due for party in self._parties), *deadlines])
        if self._grain and due > (now := self.now):
            due = now - now % self._grain + self._grain
        if due < self._alarm_at:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm_at = due
            self._alarm = self._loop.asyncio.call_at(self._start + due, self._tick)

    def _tick(self) -> None:
        """Handle all that has arrived; then, unless something is still in flight, the one thing that is due first."""
        self._alarm, self._alarm_at = None, inf
        if self._sockets.drain():
            if self._grain:
                self._parties.schedule()
            now = self.now
            party, waiter = self._parties.first, self._waiters.first
            timer = party.due if party else inf
            deadline = waiter.deadline if waiter else inf
            if self._sockets.departure <= min(now, timer, deadline):
                self._sockets.depart(now)
            elif party and timer <= min(now, deadline):
                self._parties.wake(party, now)
            elif waiter and deadline <= now:
                self._waiters.answer(waiter, last=True)
            self._waiters.look()
        self._set_alarm()
