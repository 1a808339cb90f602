"""Frames into a file: pcap (draft-ietf-opsawg-pcap) or pcapng (draft-ietf-opsawg-pcapng), in microseconds."""

from __future__ import annotations

from ipaddress import ip_address
from struct import pack
from typing import Protocol

from labsip.pcap import pcapng
from labsip.pcap.link import ETHERNET
from labsip.pcap.savefile import MAX_PACKET

_COMMENT, _APPLICATION = 1, 4


class Sink(Protocol):
    """An open file, as far as it is needed."""

    def write(self, data: bytes, /) -> object: ...


class Saver(Protocol):
    """A capture file being written."""

    def name(self, host: str, name: str) -> None:
        """What to call a host, for who reads the packets after it."""

    def frame(self, micros: int, frame: bytes, comment: str = "") -> None:
        """One Ethernet frame, that many microseconds after the beginning of 1970."""


class Pcap:
    """pcap: frames and nothing else; names and comments have no place in it."""

    def __init__(self, file: Sink) -> None:
        self._file = file
        file.write(pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, MAX_PACKET, ETHERNET))

    def name(self, host: str, name: str) -> None:
        """Has no place."""

    def frame(self, micros: int, frame: bytes, comment: str = "") -> None:  # noqa: ARG002
        seconds, fraction = divmod(micros, 1_000_000)
        self._file.write(pack("<IIII", seconds, fraction, len(frame), len(frame)) + frame)


class Pcapng:
    """pcapng: frames with comments, hosts with names."""

    def __init__(self, file: Sink) -> None:
        self._file = file
        self._block(pcapng.SECTION, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _options({_APPLICATION: b"labsip"}))
        self._block(pcapng.INTERFACE, pack("<HHI", ETHERNET, 0, MAX_PACKET))

    def name(self, host: str, name: str) -> None:
        """A name resolution block of one record."""
        address = ip_address(host)
        value = address.packed + name.encode() + b"\0"
        self._block(pcapng.NAMES, _options({1 if address.version == 4 else 2: value}))

    def frame(self, micros: int, frame: bytes, comment: str = "") -> None:
        head = pack("<IIIII", 0, micros >> 32, micros & 0xFFFFFFFF, len(frame), len(frame))
        options = _options({_COMMENT: comment.encode()}) if comment else b""
        self._block(pcapng.PACKET, head + _filled(frame) + options)

    def _block(self, kind: int, body: bytes) -> None:
        size = pack("<I", len(body) + 12)
        self._file.write(pack("<I", kind) + size + body + size)


def _options(values: dict[int, bytes]) -> bytes:
    """Options, or records of a block of names: code, length, value filled up to 4 bytes; code 0 ends them."""
    return b"".join(pack("<HH", code, len(value)) + _filled(value) for code, value in values.items()) + bytes(4)


def _filled(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)
