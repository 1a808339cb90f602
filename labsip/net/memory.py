"""The network in memory: virtual time, which jumps from one event to the next. 32 s of Timer B take no time at all."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from math import inf
from typing import TypeVar

from labsip.net.network import Network
from labsip.net.parties import Parties
from labsip.net.transit import Timetable
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram
from labsip.trace import Trace

T = TypeVar("T")

LARGEST = 65507
"""Bytes a UDP datagram over IPv4 can carry."""


class Ether:
    """The medium in memory: each datagram arrives `latency` seconds after it was sent, unless nobody is there."""

    def __init__(self, parties: Parties, latency: float) -> None:
        self._parties = parties
        self._latency = latency
        self.queue = Timetable(parties.lose)
        """Datagrams on their way."""

    def open(self, address: Address, public: bool) -> Address:  # noqa: ARG002
        """Port 0 becomes one that is free here."""
        if address.port:
            return address
        return next(a for port in count(49152) if (a := address._replace(port=port)) not in self._parties.ports)

    def listen(self, address: Address) -> None:
        """There is nothing to be done for that."""

    def shut(self, address: Address) -> None:
        """What is on its way there is lost."""
        self.queue.cut(address)

    def launch(self, datagram: Datagram, delay: float, now: float) -> None:
        """Record it and send it off. Raises OSError as real sockets would."""
        there = self._parties.ports.get(datagram.dst) is not None
        if not datagram.dst.reliable and len(datagram.data) > LARGEST:
            raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
        if datagram.dst.reliable and not there:
            raise OSError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        row = self._parties.record(datagram, now, lost=not there)
        if there:
            self.queue.put(now + self._latency + delay, datagram, row)


class MemoryNet(Network):
    """Nodes in one process, no sockets, no waiting. A datagram takes `latency` seconds; the same run again is the same.

    It lives in the thread of whoever calls, one at a time, and moves only while `wait`, `settle` or `advance` runs.
    """

    def __init__(
        self, trace: Trace | None = None, *, seed: object = 0, record: bool = True, latency: float = 0.001
    ) -> None:
        if latency <= 0:
            raise LabError(f"latency={latency} can't be: without time on the way, two nodes could stop the clock")
        self._now = 0.0
        self._lock = threading.Lock()
        self._owner: int | None = None
        super().__init__(trace, seed=seed, record=record)
        self._ether = self._parties.medium = Ether(self._parties, latency)

    @property
    def now(self) -> float:
        """Virtual seconds since the network began."""
        return self._now

    def wait(self, until: Callable[[], bool], timeout: float) -> bool:
        """Let virtual time run until `until()` holds or `timeout` virtual seconds are over."""
        with self._alone():
            self._raise_fault()
            deadline = self._now + timeout
            while not until():
                if not self._step(deadline):
                    return until()
                self._raise_fault()
            return True

    def close(self) -> None:
        """End it; there is nothing to give back."""
        self._closed = True

    @property
    def held(self) -> dict[str, int]:
        """Datagrams on their way."""
        return {"datagrams": len(self._ether.queue)}

    @property
    def _inside(self) -> bool:
        return self._owner == threading.get_ident()

    @property
    def _quiet(self) -> bool:
        return not self._ether.queue

    def _call(self, act: Callable[[], T], *, faults: bool = True) -> T:
        with self._alone():
            return self._acted(act, faults)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._admit()
        with self._lock:
            self._owner = threading.get_ident()
            try:
                yield
            finally:
                self._owner = None

    def _step(self, deadline: float) -> bool:
        """The next event up to `deadline`; if there is none, time is `deadline` and the answer False.

        Of a datagram and a timer due at once the datagram comes first, as on real sockets.
        """
        party, queue = self._parties.first, self._ether.queue
        arrival, timer = queue.next, party.due if party else inf
        first = min(arrival, timer)
        if first > deadline or first == inf:
            self._now = deadline if deadline < inf else self._now
            return False
        self._now = max(self._now, first)
        if arrival <= timer:
            due = queue.take()
            self._parties.handle(due.datagram._replace(command=None), due.row, self._now)
        elif party is not None:
            self._parties.wake(party, self._now)
        return True
