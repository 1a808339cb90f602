"""HEP, the protocol in which servers mirror their messages: packets of version 3, one in a UDP datagram.

A packet is `HEP3`, its length, and chunks of vendor, type and length, 16 bits each: the HEP/EEP
specification, revision 12.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from struct import Struct
from typing import NamedTuple

from labsip.sip.transport import Address

MAGIC = b"HEP3"
_HEAD = Struct(">4sH")
_CHUNK = Struct(">HHH")
_SHORT, _LONG = Struct(">H"), Struct(">I")
GENERIC = 0
"""The vendor of the chunks that everybody has."""
# fmt: off
PROTOCOL, V4_SRC, V4_DST, V6_SRC, V6_DST = 2, 3, 4, 5, 6
SRC_PORT, DST_PORT, SECONDS, MICROSECONDS, PAYLOAD = 7, 8, 9, 10, 15
# fmt: on
SIZES = {
    PROTOCOL: 1,
    V4_SRC: 4,
    V4_DST: 4,
    V6_SRC: 16,
    V6_DST: 16,
    SRC_PORT: 2,
    DST_PORT: 2,
    SECONDS: 4,
    MICROSECONDS: 4,
}  # fmt: skip
"""Bytes of a chunk's value."""
PROTOS = {6: "tcp", 17: "udp"}
"""Transports by their number in IP; any other counts as UDP."""


class BadHep(ValueError):
    """Bytes that are no HEP packet; the text says why."""


class HepPacket(NamedTuple):
    """One message, as a server says it passed its wires."""

    t: float
    """Seconds since 1970, by that server's clock."""
    src: Address
    dst: Address
    data: bytes
    """The message."""


def parse_hep(raw: bytes) -> HepPacket:
    """A packet. Raises BadHep for anything else, and where it does not say from where to where its message went."""
    chunks = dict(_chunks(raw))
    for number, size in SIZES.items():
        if number in chunks and len(chunks[number]) != size:
            raise BadHep(f"chunk {number} has {len(chunks[number])} bytes, not {size}")
    proto = PROTOS.get(chunks.get(PROTOCOL, b"\x11")[0], "udp")
    src = Address(_host(chunks, V4_SRC, V6_SRC), _number(chunks, SRC_PORT, _SHORT), proto)
    dst = Address(_host(chunks, V4_DST, V6_DST), _number(chunks, DST_PORT, _SHORT), proto)
    t = _number(chunks, SECONDS, _LONG) + _number(chunks, MICROSECONDS, _LONG) / 1e6
    if PAYLOAD not in chunks:
        raise BadHep("it has no message")
    return HepPacket(t, src, dst, chunks[PAYLOAD])


def _chunks(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The chunks that everybody has, by their type."""
    if len(raw) < _HEAD.size or not raw.startswith(MAGIC):
        raise BadHep("it does not begin with HEP3")
    end = _HEAD.unpack_from(raw)[1]
    if end > len(raw):
        raise BadHep(f"it ends after {len(raw)} of {end} bytes")
    at = _HEAD.size
    while at < end:
        if at + _CHUNK.size > end:
            raise BadHep(f"its last chunk has {end - at} bytes")
        vendor, number, size = _CHUNK.unpack_from(raw, at)
        if size < _CHUNK.size or at + size > end:
            raise BadHep(f"chunk {number} says it has {size} bytes")
        if vendor == GENERIC:
            yield number, raw[at + _CHUNK.size : at + size]
        at += size


def _host(chunks: dict[int, bytes], v4: int, v6: int) -> str:
    if v4 in chunks:
        return str(IPv4Address(chunks[v4]))
    if v6 in chunks:
        return str(IPv6Address(chunks[v6]))
    raise BadHep("it lacks an address")


def _number(chunks: dict[int, bytes], number: int, size: Struct) -> int:
    if number not in chunks:
        raise BadHep(f"chunk {number} is missing")
    value: int = size.unpack(chunks[number])[0]
    return value
