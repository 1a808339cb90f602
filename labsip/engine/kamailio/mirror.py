"""Rows of the trace for what a Kamailio says its wires carried.

It mirrors each message twice: as it comes in, and as it goes out. A phone's own message has its row already, from when
the phone sent it; one of Kamailio's gets its row here, before the phone sees it. The mirror may lose a packet: then the
phone's own record is what there is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf
from typing import NamedTuple

from labsip.engine.kamailio.log_lines import FENCE
from labsip.engine.kamailio.log_reader import LogReader
from labsip.flow.skim import fields_of
from labsip.pcap.hep import HepPacket
from labsip.sip.transport import Address, Datagram
from labsip.trace import Trace

Way = tuple[Address, Address, bytes]
"""From, to, and the message."""
MOST = 20_000
"""Messages whose number is remembered."""
GRACE = 0.25
"""Seconds after which a message that was mirrored, and has not come to its phone, counts as lost."""
NEAR = 100
"""How far the count of the log may be from that of the mirror."""


class Received(NamedTuple):
    """A message that Kamailio took."""

    row: int | None
    """None: it is a fence of the lab."""
    key: str
    """CSeq, method and Call-ID, as its log has them."""


class HepMirror:
    """Ties packets of the mirror to rows.

    log: knows which command sent what. here: whether a phone of ours has that address.
    """

    def __init__(
        self,
        trace: Trace,
        address: Address,
        log: LogReader,
        here: Callable[[Address], bool],
    ) -> None:
        self._trace = trace
        self._here = here
        self._address = address
        self._log = log
        self._seen = trace.next_datagram
        self._coming: dict[Way, deque[int]] = {}  # on their way to Kamailio
        self._leaving: dict[Way, deque[int]] = {}  # mirrored, and not taken by a phone yet
        self._early: dict[Way, deque[int]] = {}  # taken by a phone, and not mirrored yet
        self._received: deque[Received] = deque(maxlen=MOST)
        self._first = 1  # the number of the first of them
        self._fence = 0  # the last that came back
        self.cause: int | None = None
        """Row of the message that Kamailio works on, None if that is not known."""

    def hear(self, packet: HepPacket, now: float) -> None:
        """A message came in or went out; now: when, by the network's clock."""
        self._look()
        way = (packet.src, packet.dst, packet.data)
        if packet.dst == self._address and (row := _taken(self._coming, way)) is not None:
            self._came(row, packet.data)
        elif packet.src == self._address:
            self.catch_up(now)
            self._leave(way, now)
        elif not self._here(packet.src) and not self._is_echo(way):
            self._came(self._record(way, now, None, None), packet.data)

    def _is_echo(self, way: Way) -> bool:
        """Whether it was mirrored a moment ago: an ACK that sl takes comes twice."""
        last = self._trace.find(self.cause) if self.cause is not None else None
        return last is not None and (last.src, last.dst, last.raw) == way and last.raw.startswith(b"ACK ")

    def fence(self, number: int, now: float) -> None:
        """A fence came back: Kamailio has dealt with all that came before."""
        self.cause, self._fence = None, number
        self._note(Received(None, f"{number} OPTIONS {FENCE}"))
        self.catch_up(now)

    def catch_up(self, now: float, *, all_of_it: bool = False) -> None:
        """Take what the log says of the messages that came in so far."""
        last = inf if all_of_it else self._first + len(self._received) - 1
        self._log.feed(last, self._fence, self.row_of, now)

    def row(self, datagram: Datagram, now: float) -> int:
        """The row of a message that has come to a phone."""
        way = (datagram.src, datagram.dst, datagram.data)
        if (row := _taken(self._leaving, way)) is None:
            row = self._record(way, now, None, None)
            self._early.setdefault(way, deque()).append(row)
        return row

    def pending(self, now: float) -> bool:
        """Whether a message to a phone of ours was mirrored, and has not come yet; what takes too long is lost."""
        waiting = [(way, row) for way, rows in self._leaving.items() if self._here(way[1]) for row in rows]
        for way, row in waiting:
            sent = self._trace.find(row)
            if sent is None or now - self._trace.start - sent.t > GRACE:
                self._trace.lose(row)
                self._leaving.pop(way, None)
        return any(self._here(dst) for _, dst, _ in self._leaving)

    def row_of(self, number: int, key: str) -> int | None:
        """The row of the message that has that number in Kamailio's log; None if the mirror lost it."""
        at = number - self._first
        for place in (at, *(at + side * step for step in range(1, NEAR) for side in (-1, 1))):
            if 0 <= place < len(self._received) and self._received[place].key == key:
                self._first = number - place  # the mirror lost some, or the log counts some that it does not have
                return self._received[place].row
        return None

    def begin(self) -> None:
        """Kamailio has started anew: it counts from 1."""
        for waiting in (self._received, self._coming, self._leaving, self._early):
            waiting.clear()
        self._first, self._fence = 1, 0
        self.cause = None

    def _came(self, row: int, raw: bytes) -> None:
        _, _, _, _, call_id, cseq, _ = fields_of(raw)
        self._note(Received(row, f"{cseq} {call_id}"))
        self.cause = row

    def _note(self, received: Received) -> None:
        if len(self._received) == MOST:
            self._first += 1
        self._received.append(received)

    def _leave(self, way: Way, now: float) -> None:
        cause = self.cause
        command = None if cause is None else self._log.sender(cause, way[2])
        if (row := _taken(self._early, way)) is not None:
            self._trace.explain(row, cause, command)
            return
        row = self._record(way, now, cause, command)
        waiting = self._coming if way[1] == self._address else self._leaving
        waiting.setdefault(way, deque()).append(row)

    def _record(self, way: Way, now: float, cause: int | None, command: int | None) -> int:
        trace = self._trace
        self._look()
        before, trace.cause = trace.cause, cause
        try:
            return trace.datagram(Datagram(way[2], way[0], way[1], command), now)
        finally:
            trace.cause = before
            self._seen = trace.next_datagram

    def _look(self) -> None:
        """Note what phones have sent to Kamailio since."""
        for row in range(self._seen, self._trace.next_datagram):
            sent = self._trace.find(row)
            if sent is not None and sent.dst == self._address and not sent.lost:
                self._coming.setdefault((sent.src, sent.dst, sent.raw), deque()).append(row)
        self._seen = self._trace.next_datagram


def _taken(waiting: dict[Way, deque[int]], way: Way) -> int | None:
    rows = waiting.get(way)
    if not rows:
        return None
    row = rows.popleft()
    if not rows:
        del waiting[way]
    return row
