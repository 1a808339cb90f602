"""SIP messages: known by their first line, and cut out of a byte stream by Content-Length (RFC 3261 §18.3)."""

from __future__ import annotations

import re
from typing import NamedTuple

from labsip.pcap.omissions import Omissions

MAX_LINE = 8_192
"""Bytes of a first line, in a stream."""
MAX_HEAD = 65_536
"""Bytes from the first line to the blank line, in a stream."""
MAX_MESSAGE = 1 << 20
"""Bytes of a message, in a stream; whatever claims more is none."""

_STATUS = rb"SIP/\d+\.\d+ \d{3}(?=[ \r\n])"
_REQUEST = rb" [^\r\n]*? SIP/\d+\.\d+(?=[ \t]*\r?\n)"
_TOKEN = rb"[A-Za-z0-9.!%*_+`'~-]+"
_METHOD = rb"(?:INVITE|ACK|BYE|CANCEL|OPTIONS|REGISTER|PRACK|SUBSCRIBE|NOTIFY|PUBLISH|INFO|REFER|MESSAGE|UPDATE)"
_FIRST_LINE = rb"(?:" + _STATUS + rb"|" + _TOKEN + _REQUEST + rb")"

begins_message = re.compile(rb"[\r\n]*" + _FIRST_LINE, re.IGNORECASE).match
"""Matches a request line or status line (§7.1, §7.2) and the line ends before it: what makes a datagram SIP."""

# In the middle of other bytes, only a flawless line begins a message; and where a line may have lost its beginning,
# `ITE sip:… SIP/2.0` is no new method.
_PLAIN = rb" [^ \r\n]+ SIP/2\.0(?=\r?\n)"
_next_line = re.compile(rb"^(?:" + _STATUS + rb"|" + _TOKEN + _PLAIN + rb")", re.MULTILINE).search
_surely_begins = re.compile(rb"(?:" + _STATUS + rb"|" + _METHOD + _PLAIN + rb")").match
_may_begin = re.compile(rb"(?:[A-Za-z0-9.!%*_+`'~-]+|SIP/[\d.]*)(?: [^\r\n]*)?\r?").fullmatch
_head_end = re.compile(rb"\n\r?\n").search
_length = re.compile(rb"\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?\n", re.IGNORECASE).search


class StreamMessage(NamedTuple):
    """A message cut out of a stream."""

    t: float
    """When its last byte came [s]."""
    raw: bytes


class MessageScan:
    """Takes the bytes of one direction of a connection, in order.

    Where bytes are missing, or belong to no message, it goes on at the next line that begins one.
    """

    def __init__(self, left_out: Omissions) -> None:
        self.is_sip = False
        self.is_other = False
        """It began with something else."""
        self._left_out = left_out
        self._aligned = True  # the buffer begins where a line does
        self._buffer = bytearray()
        self._first = self._last = 0
        self._unwanted = 0
        self._lossy = False
        self._restart()

    def _restart(self) -> None:
        self._begun = False
        self._size: int | None = None
        self._scanned = 0

    @property
    def held(self) -> int:
        """Bytes kept for a message that is not whole yet."""
        return len(self._buffer)

    def feed(self, data: bytes, number: int, t: float) -> list[StreamMessage]:
        """Take the next bytes, which came in the packet of that number; the messages now whole."""
        data = self._wanted(data)
        self._first = self._first if self._buffer else number
        self._last = number
        self._buffer += data
        found = []
        while self._measure():
            found.append(StreamMessage(t, bytes(self._buffer[: self._size])))
            del self._buffer[: self._size]
            self._restart()
            self._first = number
            self.is_sip = self._aligned = True
        return found

    def _wanted(self, data: bytes) -> bytes:
        """The bytes without the rest of a body whose beginning is missing: a line in it begins no message."""
        wanted = data[self._unwanted :]
        self._unwanted -= len(data) - len(wanted)
        return wanted

    def missing(self, count: int) -> None:
        """The next `count` bytes are not in the capture."""
        rest = -1 if self._size is None else self._size - len(self._buffer) - count
        self._give_up("a SIP message in a TCP stream, not all of it in the capture")
        self._aligned = rest >= 0
        self._unwanted = max(rest, 0)
        self._lossy = True

    def _give_up(self, reason: str) -> None:
        if self._begun or (self.is_sip and self._buffer):
            self._left_out.add(reason, *dict.fromkeys((self._first, self._last)))
        self._buffer.clear()
        self._restart()

    def _measure(self) -> bool:
        """Whether a whole message stands at the beginning of the buffer, `_size` bytes of it."""
        while self._size is None:
            begins = self._begun or self._begins()
            if begins is None:
                return False
            if not begins:
                self._skip()
                continue
            self._begun = True
            end = _head_end(self._buffer, self._scanned)
            if end is None and len(self._buffer) <= MAX_HEAD:
                self._scanned = max(0, len(self._buffer) - 2)
                return False
            self._size = self._total(end.end()) if end else None
            if self._size is None:
                self._skip()
        return len(self._buffer) >= self._size

    def _total(self, head: int) -> int | None:
        """Bytes of the message whose blank line ends there. Without a Content-Length it has no body (§18.3)."""
        length = _length(self._buffer, 0, head)
        total = head + (int(length[1]) if length else 0)
        return total if total <= MAX_MESSAGE else None

    def _begins(self) -> bool | None:
        """Whether the buffer begins with a message; None while that is not known yet."""
        if self._buffer.startswith((b"\r", b"\n")):  # keep-alives (RFC 5626 §4.4.1)
            self._buffer = self._buffer.lstrip(b"\r\n")
            self._aligned = True
        if not self._buffer:
            return None
        if (begins_message if self._aligned else _surely_begins)(self._buffer):
            return True
        undecided = len(self._buffer) <= MAX_LINE and _may_begin(self._buffer) is not None
        return None if undecided else False

    def _skip(self) -> None:
        """Let go of everything before the next line that may begin a message."""
        if self._begun or self.is_sip:
            self._left_out.add("bytes of a TCP stream that belong to no whole SIP message", self._first)
        found = _next_line(self._buffer, 1)
        cut = found.start() if found else self._buffer.rfind(b"\n") + 1
        self._aligned = cut > 0
        self.is_other = not (found or self.is_sip or self._lossy)
        del self._buffer[: cut or len(self._buffer)]
        self._first = self._last
        self._restart()

    def end(self) -> None:
        """The stream is over: record what was not whole."""
        self._give_up("a SIP message in a TCP stream that does not end in the capture")


def first_line(data: bytes) -> int:
    """Offset of a line that begins a message, in data that may begin anywhere; -1 if there is none."""
    if b"SIP/" not in data:
        return -1
    if _surely_begins(data):
        return 0
    found = _next_line(data, 1)
    return found.start() if found else -1
