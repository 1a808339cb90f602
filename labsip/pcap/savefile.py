"""pcap, the format of libpcap's savefiles (draft-ietf-opsawg-pcap), read and written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct, pack, unpack_from

from labsip.pcap.link import ETHERNET
from labsip.pcap.omissions import Omissions
from labsip.pcap.window import Stamped, Window

MAX_PACKET = 262_144
"""Bytes of a frame: libpcap's own limit; a greater length is damage."""

MAGIC = {
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000, 16),
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000, 16),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000, 16),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000, 16),
    b"\xa1\xb2\xcd\x34": (">", 1_000_000, 24),  # Kuznetzov's, with the interface behind each header
    b"\x34\xcd\xb2\xa1": ("<", 1_000_000, 24),
}
"""A file's first four bytes → byte order, ticks in a second, bytes of a packet header."""

_DAY = 86_400
_RECORD = Struct("<IIII").pack


def frames(window: Window, left_out: Omissions) -> Iterator[Stamped]:
    """All frames of a window that stands at the file's header."""
    order, per_second, header = MAGIC[window.data[:4]]
    link = unpack_from(order + "I", window.data, 20)[0] & 0xFFFF  # above it: the length of the frame check sequence
    head = Struct(order + "IIII")
    search = _Search(window, head, header, per_second)
    window.at = 24
    number = 0
    while window.need(header) or window.left:
        size = MAX_PACKET + 1
        if window.left >= header:
            seconds, fraction, size, _ = head.unpack_from(window.data, window.at)
        if size > MAX_PACKET or not window.need(header + size):
            skipped = search.next_packet()
            left_out.add_damage(skipped, number + 1, to_the_end=not window.left)
            continue
        start = window.at + header
        window.at = start + size
        number += 1
        search.near = seconds
        yield number, seconds, fraction / per_second, link, window.data[start : start + size]


@dataclass
class _Search:
    """For the next packet behind damage. The format has no marks to find one by.

    But packet headers near that second have its two high bytes, which stay the same for 18 hours.
    """

    window: Window
    head: Struct
    header: int
    per_second: int
    near: int | None = None

    def next_packet(self) -> int:
        """Move on to where two packet headers in a row can be right, or to the end; returns the bytes passed."""
        window, offset = self.window, 2 if self.head.format[0] == "<" else 0
        if self.near is None and window.need(self.header):
            self.near = self.head.unpack_from(window.data, window.at)[0]
        mark = self.head.pack(self.near or 0, 0, 0, 0)[offset : offset + 2]
        passed = 0
        while window.need(self.header):
            found = window.data.find(mark, window.at + offset + 1) - offset
            step = found - window.at if found > window.at else max(window.left - offset - 2, 1)
            window.at += step
            passed += step
            if found >= 0 and self._stands():
                return passed
        passed += window.left
        window.at += window.left
        return passed

    def _stands(self) -> bool:
        """Whether a packet can stand here, with another behind it or the end."""
        size = self._size(0)
        if not size or not self.window.need(size):
            return False
        return bool(self._size(size)) if self.window.need(size + 1) else True

    def _size(self, after: int) -> int:
        """Bytes of the packet that can stand so far from here, with its header; 0 if none can."""
        if not self.window.need(after + self.header):
            return 0
        seconds, fraction, size, wire = self.head.unpack_from(self.window.data, self.window.at + after)
        near = abs(seconds - (self.near or 0)) < _DAY and fraction < self.per_second
        return self.header + int(size) if near and 0 < size <= min(wire, MAX_PACKET) else 0


class Pcap:
    """A pcap file to be written, in microseconds: frames and nothing else; it has no place for names and comments."""

    def head(self) -> bytes:
        return pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, MAX_PACKET, ETHERNET)

    def name(self, host: str, name: str) -> bytes:  # noqa: ARG002
        return b""

    def frame(self, micros: int, frame: bytes, comment: str = "") -> bytes:  # noqa: ARG002
        seconds, fraction = divmod(micros, 1_000_000)
        return _RECORD(seconds, fraction, len(frame), len(frame)) + frame
