"""What is on its way between the nodes of one lab: known here, so that it can be handled in the order it was sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from labsip.sip.transport import Address, Datagram


class Flight(NamedTuple):
    """A datagram handed to the system and not read yet."""

    datagram: Datagram
    row: int | None
    """Of the trace; None where nothing is recorded."""
    t: float


class Flights:
    """Datagrams in flight, oldest first; `lose` is told the row of each that will not arrive."""

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

        What was sent earlier on the same way is lost then, for inside one machine UDP keeps the order of a way.
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
