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
from labsip.net.transit import Timetable
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram
from labsip.trace import Trace

T = TypeVar("T")

LARGEST = 65507
"""Bytes a UDP datagram over IPv4 can carry."""


class MemoryNet(Network):
    """Nodes in one process, no sockets, no waiting. A datagram takes `latency` seconds; the same run again is the same.

    It lives in the thread of whoever calls, one at a time, and moves only while `wait`, `settle` or `advance` runs.
    """

    def __init__(
        self, trace: Trace | None = None, *, seed: object = 0, record: bool = True, latency: float = 0.001
    ) -> None:
        super().__init__(trace, seed=seed, record=record)
        if latency <= 0:
            raise LabError(f"latency={latency} can't be: without time on the way, two nodes could stop the clock")
        self.latency = latency
        self._now = 0.0
        self._queue = Timetable(self._lose)
        self._lock = threading.Lock()
        self._owner: int | None = None

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
        return {"datagrams": len(self._queue)}

    @property
    def _inside(self) -> bool:
        return self._owner == threading.get_ident()

    @property
    def _quiet(self) -> bool:
        return not self._queue

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
        party = min(self._parties, key=lambda p: p.due, default=None)
        arrival, timer = self._queue.next, party.due if party else inf
        first = min(arrival, timer)
        if first > deadline or first == inf:
            self._now = deadline if deadline < inf else self._now
            return False
        self._now = max(self._now, first)
        if arrival <= timer:
            _, _, datagram, row = self._queue.take()
            if (receiver := self._ports[datagram.dst]) is not None:
                self._handle(receiver, datagram._replace(command=None), row, self._now)
        elif party is not None:
            self._wake(party, self._now)
        return True

    # --- addresses --------------------------------------------------------------------------------------------

    def _open(self, address: Address, public: bool) -> Address:  # noqa: ARG002
        if address.port:
            return address
        return next(a for port in count(49152) if (a := address._replace(port=port)) not in self._ports)

    def _listen(self, address: Address) -> None:
        pass

    def _shut(self, address: Address) -> None:
        self._queue.cut(address)

    def _launch(self, datagram: Datagram, delay: float, now: float) -> None:
        there = self._ports.get(datagram.dst) is not None
        if not datagram.dst.reliable and len(datagram.data) > LARGEST:
            raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
        if datagram.dst.reliable and not there:
            raise OSError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        row = self._record(datagram, now, lost=not there)
        if there:
            self._queue.put(now + self.latency + delay, datagram, row)
