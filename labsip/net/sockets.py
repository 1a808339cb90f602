"""The network on real sockets: its thread and clock, who waits for it, and a carrier for each transport."""

from __future__ import annotations

import atexit
import time
from asyncio import TimerHandle
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import TypeVar

from labsip.net.address import exposure
from labsip.net.carrier import Carrier, Ends
from labsip.net.connection import LIMITS, Limits
from labsip.net.loop import PATIENCE, Loop
from labsip.net.network import NODE_FAULTS, Network, Party
from labsip.net.stream import Streams
from labsip.net.tls import Tls
from labsip.net.transit import Due, Timetable
from labsip.net.udp import Datagrams
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


@dataclass(eq=False, slots=True)
class Waiter:
    """Somebody outside who waits for a condition."""

    until: Callable[[], bool]
    deadline: float
    done: Future[bool] = field(default_factory=Future)


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
        super().__init__(trace, seed=seed, record=record)
        self._grain = grain
        self._start = time.monotonic()  # the loop's clock, too
        self._held = Timetable(self._lose)
        self._waiters: list[Waiter] = []
        self._alarm: TimerHandle | None = None
        self._alarm_at = inf
        self._loop = Loop(uvloop=uvloop)
        self._ends = self._as_known(limits, tls)
        self._carriers: dict[Callable[[Ends], Carrier], Carrier] = {}
        atexit.register(self.close)

    @property
    def now(self) -> float:
        """Seconds since the network began, by the machine's monotonic clock."""
        return time.monotonic() - self._start

    def wait(self, until: Callable[[], bool], timeout: float) -> bool:
        """Wait until `until()` holds or `timeout` seconds are over."""
        waiter = Waiter(until, self.now + timeout)

        def begin() -> None:
            waiter.done.set_running_or_notify_cancel()  # from now on only the loop ends it
            self._waiters.append(waiter)
            self._drain()

        self._call(begin)
        try:
            return self._loop.result(waiter.done, timeout + PATIENCE)
        finally:
            if not waiter.done.done():  # given up, by Ctrl-C for example
                self._loop.asyncio.call_soon_threadsafe(self._forget, waiter)

    def tell(self, node: Node, act: Callable[[float], Iterable[Datagram]]) -> None:
        """Have a node hear of what is no datagram: `act(now)` runs in its thread, and what that returns is sent.

        For threads of our own, which don't wait for it. A node that is not there any more hears nothing.
        """
        with suppress(RuntimeError):  # the loop has ended
            self._loop.asyncio.call_soon_threadsafe(self._hear, node, act)

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

    @property
    def held(self) -> dict[str, int]:
        """Datagrams on their way between nodes here or held back by a wire, and connections that are open."""
        held = {"datagrams": len(self._held), "connections": 0}
        for carrier in self._carriers.values():
            for name, number in carrier.held.items():
                held[name] = held.get(name, 0) + number
        return held

    def carrier(self, proto: str) -> Carrier:
        """What carries that transport here. Raises LabError if nothing does."""
        make = CARRIERS.get(proto)
        if make is None:
            raise LabError(f"nothing here carries {proto}; an address may speak {', '.join(CARRIERS)}")
        if make not in self._carriers:
            self._carriers[make] = make(self._ends)
        return self._carriers[make]

    @property
    def _inside(self) -> bool:
        return self._loop.inside

    @property
    def _quiet(self) -> bool:
        return not self._held and all(carrier.quiet for carrier in self._carriers.values())

    def _call(self, act: Callable[[], T], *, faults: bool = True) -> T:
        self._admit()

        def run() -> T:
            try:
                return self._acted(act, faults)
            finally:
                self._look()
                self._set_alarm()

        return self._loop.call(run)

    def _end(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        for waiter in self._waiters:
            waiter.done.set_exception(LabError("the network was closed meanwhile"))
        self._waiters.clear()
        addresses = list(self._ports)
        self._ports.clear()  # no node is asked any more what to send instead
        for address in addresses:
            self._shut(address)

    # --- messages -----------------------------------------------------------------------------------------------

    def _as_known(self, limits: Limits, tls: Tls | None) -> Ends:
        """This network, as its carriers know it."""
        return Ends(
            loop=self._loop.asyncio,
            limits=limits,
            tls=tls,
            now=lambda: self.now,
            came=self._came,
            failed=self._not_read,
            lose=self._lose,
            note=lambda text: self.trace.note(self.now, text),
            turned=self._turned,
            served=lambda address: self._ports.get(address) is not None,
            gone=lambda address: address in self._gone,
        )

    def _open(self, address: Address, public: bool) -> Address:
        if not public and exposure(address):
            raise LabError(f"{exposure(address)}; if you want that, say so: public=True")
        return self.carrier(address.proto).open(address)

    def _listen(self, address: Address) -> None:
        self.carrier(address.proto).listen(address)

    def _shut(self, address: Address) -> None:
        self.carrier(address.proto).shut(address)
        self._held.cut(address)

    def _launch(self, datagram: Datagram, delay: float, now: float) -> None:
        if delay:
            self._held.put(now + delay, datagram, self._record(datagram, now))
        else:
            self.carrier(datagram.src.proto).send(datagram, partial(self._enter, datagram, now))

    def _enter(self, datagram: Datagram, now: float, lost: bool) -> int | None:
        return self._record(datagram, now, lost=lost)

    def _depart(self, held: Due, now: float) -> None:
        """A wire lets go of what it held back."""
        datagram, row = held.datagram, held.row

        def entered(lost: bool) -> int | None:
            if lost:
                self._lose(row)
            return row

        try:
            if datagram.src in self._ports:
                self.carrier(datagram.src.proto).send(datagram, entered)
            else:
                self._lose(row)
        except OSError as error:
            self._lose(row)
            self._failed(datagram, error, now)

    def _drain(self) -> bool:
        """Handle what has arrived; False if a message between nodes here is still worth waiting for."""
        drained = [carrier.drain() for carrier in self._carriers.values()]  # each of them, whatever the others say
        return all(drained)

    def _came(self, datagram: Datagram, row: int | None, inside: bool) -> None:
        """A message came."""
        now = self.now
        if not inside:
            self._gone.discard(datagram.src)
            row = self._record(datagram, now)
        party = self._ports.get(datagram.dst)
        if party is not None:
            self._handle(party, datagram, row, now)
        if self._waiters:
            self._look()

    def _not_read(self, datagram: Datagram, row: int | None, error: OSError) -> None:
        """A connection ended before it was read, as far as anybody knows."""
        self._lose(row)
        self._failed(datagram, error, self.now)
        party = self._ports.get(datagram.src)
        if party is not None:
            self._touched(party)

    def _turned(self) -> None:
        """A carrier, or a node beside its messages, had its turn."""
        if self._waiters:
            self._look()
        self._set_alarm()

    def _hear(self, node: Node, act: Callable[[float], Iterable[Datagram]]) -> None:
        """A node's turn: what it waited for has happened."""
        for party in self._parties:
            if party.node is node:
                try:
                    self._send(act(self.now), self.now)
                except NODE_FAULTS as error:
                    self._keep(party, error, self.now)
                self._touched(party)
        self._turned()

    # --- time -------------------------------------------------------------------------------------------------

    def _set_alarm(self) -> None:
        """Have the loop call `_tick` when something is due; an alarm set too early is left alone."""
        if self._grain and self._alarm is not None:
            return  # it looks at everything
        due = min(
            (carrier.due for carrier in self._carriers.values()), default=inf
        )  # before, nothing else has its turn
        if due == inf:
            due = min([self._held.next, *(p.due for p in self._parties), *(w.deadline for w in self._waiters)])
        if self._grain and due > (now := self.now):
            due = now - now % self._grain + self._grain
        if due < self._alarm_at:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm_at = due
            self._alarm = self._loop.asyncio.call_at(self._start + due, self._tick)

    def _touched(self, party: Party) -> None:
        if not self._grain:
            self._schedule(party)

    def _tick(self) -> None:
        """Handle all that has arrived; then, unless something is still in flight, the one thing that is due first."""
        self._alarm, self._alarm_at = None, inf
        if self._drain():
            if self._grain:
                for one in self._parties:
                    self._schedule(one)
            now = self.now
            party = min(self._parties, key=lambda p: p.due, default=None)
            waiter = min(self._waiters, key=lambda w: w.deadline, default=None)
            timer = party.due if party else inf
            deadline = waiter.deadline if waiter else inf
            if self._held.next <= min(now, timer, deadline):
                self._depart(self._held.take(), now)
            elif party and timer <= min(now, deadline):
                self._wake(party, now)
            elif waiter and deadline <= now:
                self._answer(waiter, last=True)
            self._look()
        self._set_alarm()

    def _look(self) -> None:
        """See who outside has waited long enough; the first gets what a node raised."""
        if self._waiters and self._fault is not None:
            fault, self._fault = self._fault, None
            self._waiters.pop(0).done.set_exception(fault)
        for waiter in list(self._waiters):
            self._answer(waiter)

    def _forget(self, waiter: Waiter) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def _answer(self, waiter: Waiter, *, last: bool = False) -> None:
        try:
            holds = waiter.until()
            if holds or last:
                waiter.done.set_result(holds)
        except BaseException as error:  # KeyboardInterrupt and SystemExit, too: they would end the loop
            waiter.done.set_exception(error)
        if waiter.done.done():
            self._waiters.remove(waiter)
