"""pcap, the format of libpcap's savefiles (draft-ietf-opsawg-pcap)."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct, unpack_from

from labsip.pcap.left_out import LeftOut
from labsip.pcap.stream import Stamped, Window

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
"""First four bytes → byte order, ticks in a second, bytes of a packet header."""


def frames(window: Window, left_out: LeftOut) -> Iterator[Stamped]:
    """All frames of a window that stands at the file's header."""
    order, per_second, header = MAGIC[window.data[:4]]
    link = unpack_from(order + "I", window.data, 20)[0] & 0xFFFF  # above it: the length of the frame check sequence
    head = Struct(order + "IIII")
    window.at = 24
    number = 0
    near = None
    while window.need(1):
        size = MAX_PACKET + 1
        if window.need(header):
            seconds, fraction, size, _ = head.unpack_from(window.data, window.at)
            near = seconds if near is None else near
        if size > MAX_PACKET or not window.need(header + size):
            skipped = _find_header(window, head, header, near or 0)
            left_out.add_damage(skipped, number + 1, to_the_end=not window.left)
            continue
        start = window.at + header
        window.at = start + size
        number += 1
        near = seconds
        yield number, seconds, fraction / per_second, link, window.data[start : start + size]


def _find_header(window: Window, head: Struct, header: int, near: int) -> int:
    """Move on to two packet headers in a row that can be right, or to the end; returns the bytes passed.

    The format has no marks to find one by, but the two high bytes of the seconds stay the same for 18 hours.
    """
    offset = 2 if head.format[0] == "<" else 0
    mark = head.pack(near, 0, 0, 0)[offset : offset + 2]
    passed = 0
    while window.need(header):
        found = window.data.find(mark, window.at + offset + 1) - offset
        step = found - window.at if found > window.at else max(window.left - offset - 2, 1)
        window.at += step
        passed += step
        if found >= 0 and _plausible(window, head, header, mark, offset):
            return passed
    passed += window.left
    window.at += window.left
    return passed


def _plausible(window: Window, head: Struct, header: int, mark: bytes, offset: int) -> bool:
    if not window.need(header):
        return False
    size: int
    _, _, size, wire = head.unpack_from(window.data, window.at)
    if not 0 < size <= min(wire, MAX_PACKET) or not window.need(header + size):
        return False
    if not window.need(header + size + header):
        return window.left == header + size  # the last packet
    after = window.at + header + size
    return window.data.startswith(mark, after + offset)
