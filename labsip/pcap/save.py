"""What a capture file holds: pcap (draft-ietf-opsawg-pcap) or pcapng (draft-ietf-opsawg-pcapng), in microseconds."""

from __future__ import annotations

from struct import Struct, pack
from typing import Protocol

from labsip.pcap import pcapng
from labsip.pcap.link import ETHERNET
from labsip.pcap.packets import packed
from labsip.pcap.savefile import MAX_PACKET

_COMMENT, _APPLICATION = 1, 4
_MAX_OPTION = 0xFFFF
"""Bytes."""
_RECORD = Struct("<IIII").pack
_BLOCK = Struct("<II").pack
_PACKET = Struct("<IIIII").pack
_OPTION = Struct("<HH").pack


class Format(Protocol):
    """A kind of capture file: what to write for what."""

    def head(self) -> bytes:
        """What a file begins with."""

    def name(self, host: str, name: str) -> bytes:
        """What to call a host, for who reads the packets after it."""

    def frame(self, micros: int, frame: bytes, comment: str = "") -> bytes:
        """One Ethernet frame, that many microseconds after the beginning of 1970."""


class Pcap:
    """pcap: frames and nothing else; names and comments have no place in it."""

    def head(self) -> bytes:
        return pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, MAX_PACKET, ETHERNET)

    def name(self, host: str, name: str) -> bytes:  # noqa: ARG002
        return b""

    def frame(self, micros: int, frame: bytes, comment: str = "") -> bytes:  # noqa: ARG002
        seconds, fraction = divmod(micros, 1_000_000)
        return _RECORD(seconds, fraction, len(frame), len(frame)) + frame


class Pcapng:
    """pcapng: frames with comments, hosts with names."""

    def head(self) -> bytes:
        section = pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _options(_APPLICATION, b"labsip")
        return _block(pcapng.SECTION, section) + _block(pcapng.INTERFACE, pack("<HHI", ETHERNET, 0, MAX_PACKET))

    def name(self, host: str, name: str) -> bytes:
        """A name resolution block of one record."""
        address = packed(host)
        return _block(pcapng.NAMES, _options(1 if len(address) == 4 else 2, address + _text(name) + b"\0"))

    def frame(self, micros: int, frame: bytes, comment: str = "") -> bytes:
        head = _PACKET(0, micros >> 32, micros & 0xFFFFFFFF, len(frame), len(frame))
        options = _options(_COMMENT, _text(comment)) if comment else b""
        return _block(pcapng.PACKET, head + _filled(frame) + options)


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return _BLOCK(kind, size) + body + size.to_bytes(4, "little")


def _options(code: int, value: bytes) -> bytes:
    """One option, or one record of a block of names: code, length, value filled up to 4 bytes; code 0 ends them."""
    return _OPTION(code, len(value)) + _filled(value) + bytes(4)


def _text(text: str) -> bytes:
    """UTF-8, whatever bytes of a peer the text has in it, and no longer than an option may be."""
    data = text.encode("utf-8", "backslashreplace")
    return data if len(data) <= _MAX_OPTION else data[:_MAX_OPTION].decode("utf-8", "ignore").encode()


def _filled(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)
