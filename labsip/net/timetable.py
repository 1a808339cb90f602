"""Datagrams that wait for their time: on their way in memory, or held back by a wire."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count
from math import inf
from typing import NamedTuple

from labsip.sip.transport import Address, Datagram


class Due(NamedTuple):
    """A datagram and its time [s]; of two due at once, the one put in first comes first."""

    t: float
    order: int
    datagram: Datagram
    row: int | None
    """Of the trace; None where nothing is recorded."""


class Timetable:
    """Datagrams by the time they are due; `lose` is told the row of each that is taken out unserved."""

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
