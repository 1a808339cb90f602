"""Datagrams on their way: handed to the system and not read yet, or waiting for their time.

Those between the nodes of one lab are known, so that they can be handled in the order they were sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count
from math import inf
from typing import NamedTuple

from labsip.sip.transport import Address, Datagram


class Flight(NamedTuple):
    """A datagram handed to the system and not read yet."""

    datagram: Datagram
    row: int | None
    """Of the trace; None where nothing is recorded."""
    t: float


class Flights:
    """Datagrams in flight, oldest first; `lose` gets the row of each that will not arrive."""

    def __init__(self, lose: Callable[[int | None], None]) -> None:
        self._flights: deque[Flight] = deque()
        self._lose = lose

    def __len__(self) -> int:
        return len(self._flights)

    @property
    def oldest(self) -> Flight:
        """The one to be read next."""
        return self._flights[0]

    def begin(self, datagram: Datagram, row: int | None, now: float) -> None:
        """It was sent."""
        self._flights.append(Flight(datagram, row, now))

    def land(self, data: bytes, src: Address, dst: Address) -> Flight | None:
        """It arrived: the flight that ends with it, None if it came from outside the lab.

        Those sent earlier from and to the same addresses are lost then: inside one machine UDP keeps their order.
        """
        overtaken: list[Flight] = []
        for flight in self._flights:
            if flight.datagram.dst == dst and flight.datagram.src == src:
                if flight.datagram.data == data:
                    for gone in overtaken:
                        self._drop(gone)
                    self._flights.remove(flight)
                    return flight
                overtaken.append(flight)
        return None

    def give_up(self) -> None:
        """The oldest will not arrive."""
        self._drop(self._flights[0])

    def cut(self, dst: Address) -> None:
        """Nothing more arrives at this address."""
        for flight in [flight for flight in self._flights if flight.datagram.dst == dst]:
            self._drop(flight)

    def _drop(self, flight: Flight) -> None:
        self._flights.remove(flight)
        self._lose(flight.row)


class Due(NamedTuple):
    """A datagram and its time (seconds); of two due at once, the one put in first comes first."""

    t: float
    order: int
    datagram: Datagram
    row: int | None
    """Of the trace; None where nothing is recorded."""


class Timetable:
    """Datagrams by the time they are due; `lose` gets the row of each that is taken out before."""

    def __init__(self, lose: Callable[[int | None], None]) -> None:
        self._heap: list[Due] = []
        self._order = count()
        self._lose = lose

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next(self) -> float:
        """When the first is due; inf if there is none."""
        return self._heap[0].t if self._heap else inf

    def put(self, t: float, datagram: Datagram, row: int | None) -> None:
        """It is due at `t`."""
        heappush(self._heap, Due(t, next(self._order), datagram, row))

    def take(self) -> Due:
        """The first."""
        return heappop(self._heap)

    def cut(self, dst: Address) -> None:
        """Nothing more arrives at this address."""
        for due in self._heap:
            if due.datagram.dst == dst:
                self._lose(due.row)
        self._heap = [due for due in self._heap if due.datagram.dst != dst]
        heapify(self._heap)
