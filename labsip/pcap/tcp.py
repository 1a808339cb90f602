"""TCP streams put together again from their segments (RFC 9293 §3.4), as far as there is SIP in them."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from struct import Struct

from labsip.pcap.omissions import Omissions
from labsip.pcap.scan import MessageScan, StreamMessage, first_line

MAX_STREAMS = 4096
"""Directions of connections that are kept; beyond it the one longest silent goes."""
MAX_HELD = 16 << 20
"""Bytes all streams may keep together; beyond it those longest silent go."""
MAX_WAITING = 1 << 18
"""Bytes a stream keeps behind a gap before it goes on after it."""
GAP_SECONDS = 60.0
"""How long a stream waits for a gap to be filled, in the capture's time."""

SYN, ACK = 0x02, 0x10
_HEADER = Struct(">4xI4xBB").unpack_from
_SEQUENCE = 1 << 32
_FAR = 1 << 24
"""Bytes between two segments of one connection; more, and the port has been used anew."""
_ROW = 200
"""Bytes that a waiting segment takes up besides its own."""

Found = list[tuple[bytes, StreamMessage]]
"""Messages, each with the direction it was found in."""


class TcpStreams:
    """Takes segments in the order of the capture; gives the messages that they complete."""

    def __init__(self, left_out: Omissions) -> None:
        self._left_out = left_out
        self._streams: OrderedDict[bytes, _Stream] = OrderedDict()
        self._held = 0

    def take(self, key: bytes, segment: bytes, number: int, t: float) -> Found:
        """One segment of the direction `key`: both addresses and ports, the sender's first."""
        if len(segment) < 20:
            return []
        found: Found = []
        while self._held > MAX_HELD or len(self._streams) > MAX_STREAMS:
            found += self._end(next(iter(self._streams)))
        seq, offset, flags = _HEADER(segment)
        data = segment[(offset >> 4) * 4 :]
        start = None
        if flags & SYN:
            start = seq = (seq + 1) % _SEQUENCE
        if key in self._streams and self._streams[key].is_over(seq, start):
            found += self._end(key)
        if key not in self._streams and (data or start is not None):
            self._streams[key] = _Stream(self._left_out, start)
        if data:
            found += self._feed(key, seq, data, number, t)
        return found

    def _feed(self, key: bytes, seq: int, data: bytes, number: int, t: float) -> Found:
        self._streams.move_to_end(key)
        stream = self._streams[key]
        before = stream.held
        found = [(key, framed) for framed in stream.take(seq, data, number, t)]
        self._held += stream.held - before
        return found

    def _end(self, key: bytes) -> Found:
        stream = self._streams.pop(key)
        self._held -= stream.held
        return [(key, framed) for framed in stream.end()]

    def end(self) -> Found:
        """The capture is over: the messages behind gaps; what is not whole is recorded."""
        return [each for key in list(self._streams) for each in self._end(key)]


class _Stream:
    """One direction of a connection. Positions are sequence numbers that go on where those wrap around."""

    def __init__(self, left_out: Omissions, start: int | None) -> None:
        """`start`: sequence number of the first byte, None for a connection begun before the capture."""
        self._left_out = left_out
        self._start = start
        self._next = start
        self._scan = MessageScan(left_out)
        self._waiting: list[tuple[int, int, float, bytes]] = []
        self._waiting_bytes = 0
        self._since = 0.0

    @property
    def held(self) -> int:
        """Bytes kept for later."""
        return self._scan.held + self._waiting_bytes

    def is_over(self, seq: int, start: int | None) -> bool:
        """Whether a segment with that number belongs to another connection; `start` is given if it begins one."""
        if start is not None and self._start is not None:
            return start != self._start
        return self._next is not None and abs(self._ahead(seq, self._next)) > _FAR

    def _ahead(self, seq: int, position: int) -> int:
        return (seq - position + _SEQUENCE // 2) % _SEQUENCE - _SEQUENCE // 2

    def take(self, seq: int, data: bytes, number: int, t: float) -> list[StreamMessage]:
        """One segment; the messages it completes."""
        if self._next is None:
            return self._join(seq, data, number, t)
        position = self._next + self._ahead(seq, self._next)
        if position <= self._next:
            return self._feed(position, data, number, t) + self._drain(t)
        if not self._waiting:
            self._since = t
        heapq.heappush(self._waiting, (position, number, t, data))
        self._waiting_bytes += len(data) + _ROW
        if self._waiting_bytes > MAX_WAITING or t - self._since > GAP_SECONDS:
            return self._pass_gap()
        return []

    def _join(self, seq: int, data: bytes, number: int, t: float) -> list[StreamMessage]:
        """Join a connection in the middle, at the first line of a message."""
        place = first_line(data)
        if place < 0 or (place > 0 and self._start is not None):
            return []
        if place > 0:
            self._left_out.add("the end of a SIP message in a TCP stream begun before the capture", number)
        self._next = seq + place
        return self._feed(self._next, data[place:], number, t)

    def _feed(self, position: int, data: bytes, number: int, t: float) -> list[StreamMessage]:
        known = (self._next or 0) - position
        if known >= len(data):
            return []  # sent again
        self._next = position + len(data)
        found = self._scan.feed(data[known:], number, t)
        if self._scan.is_other:
            self._next = None
            self._scan = MessageScan(self._left_out)
        return found

    def _drain(self, t: float) -> list[StreamMessage]:
        """Go on with what waited, as far as it joins; it arrives with the segment that filled the gap, at `t`."""
        found: list[StreamMessage] = []
        while self._waiting and (self._next is None or self._waiting[0][0] <= self._next):
            position, number, came, data = heapq.heappop(self._waiting)
            self._waiting_bytes -= len(data) + _ROW
            go_on = self._join if self._next is None else self._feed
            found += go_on(position, data, number, max(t, came))
        return found

    def _pass_gap(self) -> list[StreamMessage]:
        """Go on after the gap; what stood behind it arrived when it came."""
        position, _, self._since, _ = self._waiting[0]
        self._scan.missing(position - (self._next or 0))
        self._next = position
        return self._drain(self._since)

    def end(self) -> list[StreamMessage]:
        """The stream is over: pass every gap."""
        found: list[StreamMessage] = []
        while self._waiting:
            found += self._pass_gap()
        self._scan.end()
        return found
