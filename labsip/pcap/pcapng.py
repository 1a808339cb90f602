"""pcapng (draft-ietf-opsawg-pcapng), read and written: sections, interfaces, packets, names."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from struct import Struct, pack, unpack_from
from typing import NamedTuple

from labsip.pcap.frames import packed
from labsip.pcap.link import ETHERNET
from labsip.pcap.omissions import Omissions
from labsip.pcap.savefile import MAX_PACKET
from labsip.pcap.window import Stamped, Window

MAGIC = b"\x0a\x0d\x0d\x0a"
MAX_BLOCK = 1 << 24
"""Bytes of a block; a greater length is damage."""

SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, NAMES, PACKET = 0x0A0D0D0A, 1, 2, 3, 4, 6
_KNOWN = (SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, NAMES, 5, PACKET)  # 5: statistics
_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}
_TSRESOL, _TSOFFSET = 9, 14
_COMMENT, _APPLICATION = 1, 4
_MAX_OPTION = 0xFFFF
"""Bytes."""
_BLOCK = Struct("<II").pack
_PACKET = Struct("<IIIII").pack
_OPTION = Struct("<HH").pack


class Interface(NamedTuple):
    """What an interface description says that times and frames need."""

    link: int
    snap: int
    per_second: int = 1_000_000
    offset: int = 0
    """Seconds to add to its times."""


def frames(window: Window, left_out: Omissions, hosts: dict[str, str]) -> Iterator[Stamped]:
    """All frames of a window that stands at a section header; names it comes by go into `hosts`."""
    reader = _Reader(left_out, hosts)
    while window.need(1):
        if window.need(12) and window.data.startswith(MAGIC, window.at):
            reader.section(window.data[window.at + 8 : window.at + 12])
        kind, size = _head(window, reader.order)
        if not _whole(window, reader.order, size):
            skipped = _find_block(window, reader.order)
            left_out.add_damage(skipped, reader.number + 1, to_the_end=not window.left)
            continue
        block = window.data[window.at + 8 : window.at + size - 4]
        window.at += size
        frame = reader.block(kind, block)
        if frame is not None:
            yield frame


def _head(window: Window, order: str) -> tuple[int, int]:
    """Kind and size of the block that begins here; size 0 where there is no room for one."""
    if not window.need(12):
        return 0, 0
    kind, size = unpack_from(order + "II", window.data, window.at)
    return kind, size


def _whole(window: Window, order: str, size: int) -> bool:
    """Whether a block of that size stands here: its length is written again at its end."""
    if not 12 <= size <= MAX_BLOCK or size % 4 or not window.need(size):
        return False
    return bool(unpack_from(order + "I", window.data, window.at + size - 4)[0] == size)


def _find_block(window: Window, order: str) -> int:
    """Move on to where a whole block of a known kind begins, or to the end; returns the bytes passed."""
    passed = 0
    while window.need(12):
        window.at += 4
        passed += 4
        kind, size = _head(window, order)
        if kind in _KNOWN and size <= 2 * MAX_PACKET and _whole(window, order, size):
            return passed
    passed += window.left
    window.at += window.left
    return passed


class _Reader:
    def __init__(self, left_out: Omissions, hosts: dict[str, str]) -> None:
        self.order = "<"
        self.number = 0
        self._interfaces: list[Interface] = []
        self._left_out = left_out
        self._hosts = hosts
        self._last = (0, 0.0)

    def section(self, magic: bytes) -> None:
        """A new section: its own byte order and its own interfaces."""
        self.order = _ORDERS.get(magic, self.order)
        self._interfaces = []

    def block(self, kind: int, body: bytes) -> Stamped | None:
        """Take one block; the frame in it, if it is a packet."""
        if kind == PACKET and len(body) >= 20:
            interface, high, low, size, _ = unpack_from(self.order + "IIIII", body)
            return self._packet(interface, high << 32 | low, body[20:], size)
        if kind == OLD_PACKET and len(body) >= 20:
            interface, _, high, low, size, _ = unpack_from(self.order + "HHIIII", body)
            return self._packet(interface, high << 32 | low, body[20:], size)
        if kind == SIMPLE_PACKET and len(body) >= 4:
            return self._simple(unpack_from(self.order + "I", body)[0], body[4:])
        if kind == INTERFACE and len(body) >= 8:
            self._interfaces.append(_interface(body, self.order))
        elif kind == NAMES:
            self._names(body)
        return None

    def _packet(self, interface: int, ticks: int, data: bytes, size: int) -> Stamped | None:
        self.number += 1
        if interface >= len(self._interfaces):
            self._left_out.add(f"interface {interface} is described nowhere", self.number)
            return None
        if size > len(data):
            self._left_out.add("it claims more bytes than its block has", self.number)
            return None
        link, _, per_second, offset = self._interfaces[interface]
        seconds, ticks = divmod(ticks, per_second)
        self._last = (seconds + offset, ticks / per_second)
        return (self.number, *self._last, link, data[:size])

    def _simple(self, wire: int, data: bytes) -> Stamped | None:
        """A packet without a time: it gets that of the one before."""
        self.number += 1
        if not self._interfaces:
            self._left_out.add("interface 0 is described nowhere", self.number)
            return None
        link, snap, *_ = self._interfaces[0]
        return (self.number, *self._last, link, data[: min(wire, snap or wire)])

    def _names(self, body: bytes) -> None:
        for kind, value in _options(body, self.order):
            size = {1: 4, 2: 16}.get(kind, 0)
            name, end, _ = value[size:].partition(b"\0")
            text = "".join(c for c in name.decode("utf-8", "replace") if c.isprintable())
            if size and end and text:
                self._hosts.setdefault(str(ip_address(value[:size])), text)


def _interface(body: bytes, order: str) -> Interface:
    link, snap = unpack_from(order + "HxxI", body)
    per_second, offset = 1_000_000, 0
    for code, value in _options(body[8:], order):
        if code == _TSRESOL and len(value) == 1:
            per_second = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
        elif code == _TSOFFSET and len(value) == 8:
            offset = unpack_from(order + "q", value)[0]
    return Interface(link, snap, per_second, offset)


def _options(body: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Options and records of a block: a code, a length, a value filled up to 4 bytes; code 0 ends them."""
    at = 0
    while at + 4 <= len(body):
        code, size = unpack_from(order + "HH", body, at)
        if code == 0:
            return
        yield code, body[at + 4 : at + 4 + size]
        at += 4 + (size + 3) // 4 * 4


class Pcapng:
    """A pcapng file to be written, in microseconds: frames with comments, hosts with names."""

    def head(self) -> bytes:
        section = pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _option(_APPLICATION, b"labsip")
        return _block(SECTION, section) + _block(INTERFACE, pack("<HHI", ETHERNET, 0, MAX_PACKET))

    def name(self, host: str, name: str) -> bytes:
        """A name resolution block of one record."""
        address = packed(host)
        return _block(NAMES, _option(1 if len(address) == 4 else 2, address + _text(name) + b"\0"))

    def frame(self, micros: int, frame: bytes, comment: str = "") -> bytes:
        head = _PACKET(0, micros >> 32, micros & 0xFFFFFFFF, len(frame), len(frame))
        options = _option(_COMMENT, _text(comment)) if comment else b""
        return _block(PACKET, head + _filled(frame) + options)


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return _BLOCK(kind, size) + body + size.to_bytes(4, "little")


def _option(code: int, value: bytes) -> bytes:
    """One option, or one record of a block of names: code, length, value filled up to 4 bytes; code 0 ends them."""
    return _OPTION(code, len(value)) + _filled(value) + bytes(4)


def _text(text: str) -> bytes:
    """UTF-8, whatever bytes of a peer the text has in it, and no longer than an option may be."""
    data = text.encode("utf-8", "backslashreplace")
    return data if len(data) <= _MAX_OPTION else data[:_MAX_OPTION].decode("utf-8", "ignore").encode()


def _filled(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)
