"""Messages as Ethernet frames with right checksums: UDP in IP fragments where it is large, TCP as a conversation.

Ethernet, because it is the one link type that every tool opens.
"""

from __future__ import annotations

from collections.abc import Iterator

from labsip.pcap import packets
from labsip.pcap.packets import ACK, PUSH, SYN, TCP, UDP
from labsip.sip.errors import LabError
from labsip.sip.transport import Address

MTU = 1500
"""Bytes of an IP packet on Ethernet."""
CONNECTIONS = 10_000
"""Of TCP, known at once; the oldest is forgotten, and opened again if it still lives."""
_SEGMENT = MTU - 60
"""Bytes of data in a TCP segment, under either IP."""
_MAX_UDP = 0xFFFF - 28
_SEQUENCE = 1 << 32


class Frames:
    """Makes the frames of one capture: numbers its IP packets, and knows its TCP connections."""

    def __init__(self) -> None:
        self._ident = 0
        self._connections: dict[frozenset[Address], dict[Address, int]] = {}  # next sequence number of each end

    def datagram(self, src: Address, dst: Address, raw: bytes) -> Iterator[bytes]:
        """A message over UDP. Raises LabError if it is too large for a datagram."""
        if len(raw) > _MAX_UDP:
            raise LabError(f"{len(raw):,} bytes from {src} to {dst} don't fit a UDP datagram; {_MAX_UDP:,} do")
        hosts = _hosts(src, dst)
        return self._frames(hosts, UDP, packets.udp(hosts, src.port, dst.port, raw))

    def stream(self, src: Address, dst: Address, raw: bytes) -> Iterator[bytes]:
        """A message over TCP: the first one between two ends opens a connection, which stays open."""
        ends = self._connections.get(frozenset((src, dst)))
        if ends is None:
            ends = self._open(src, dst)
            yield from self._segment(ends, src, dst, SYN)
            yield from self._segment(ends, dst, src, SYN | ACK)
            yield from self._segment(ends, src, dst, ACK)
        for place in range(0, len(raw), _SEGMENT):
            piece = raw[place : place + _SEGMENT]
            push = PUSH if place + _SEGMENT >= len(raw) else 0
            yield from self._segment(ends, src, dst, ACK | push, piece)
        yield from self._segment(ends, dst, src, ACK)

    def _open(self, src: Address, dst: Address) -> dict[Address, int]:
        if len(self._connections) >= CONNECTIONS:
            del self._connections[next(iter(self._connections))]
        beyond = self._ident * MTU % _SEQUENCE  # of all there was, so that nobody takes it for a repeat
        ends = self._connections[frozenset((src, dst))] = {src: beyond, dst: beyond}
        return ends

    def _segment(
        self, ends: dict[Address, int], src: Address, dst: Address, flags: int, data: bytes = b""
    ) -> Iterator[bytes]:
        hosts = _hosts(src, dst)
        seq = ends[src]
        ack = ends[dst] if flags & ACK else 0
        ends[src] = (seq + len(data) + bool(flags & SYN)) % _SEQUENCE
        return self._frames(hosts, TCP, packets.tcp(hosts, src.port, dst.port, seq, ack, flags, data))

    def _frames(self, hosts: bytes, protocol: int, data: bytes) -> Iterator[bytes]:
        self._ident = (self._ident + 1) % _SEQUENCE
        cut = _v4 if len(hosts) == 8 else _v6
        return (packets.ethernet(hosts, packet) for packet in cut(hosts, protocol, data, self._ident))


def _hosts(src: Address, dst: Address) -> bytes:
    here, there = packets.packed(src.host), packets.packed(dst.host)
    if len(here) != len(there):
        raise LabError(f"{src} and {dst} are of two versions of IP; no packet goes from one to the other")
    return here + there


def _v4(hosts: bytes, protocol: int, data: bytes, ident: int) -> Iterator[bytes]:
    """One packet, or its fragments (RFC 791 §3.2)."""
    ident &= 0xFFFF
    if len(data) <= MTU - 20:
        yield packets.ipv4(hosts, protocol, data, ident)
        return
    size = (MTU - 20) // 8 * 8
    for place in range(0, len(data), size):
        more = packets.MORE_FRAGMENTS if place + size < len(data) else 0
        yield packets.ipv4(hosts, protocol, data[place : place + size], ident, more | place // 8)


def _v6(hosts: bytes, protocol: int, data: bytes, ident: int) -> Iterator[bytes]:
    """One packet, or its fragments (RFC 8200 §4.5)."""
    if len(data) <= MTU - 40:
        yield packets.ipv6(hosts, protocol, data)
        return
    size = (MTU - 48) // 8 * 8
    for place in range(0, len(data), size):
        piece, more = data[place : place + size], place + size < len(data)
        yield packets.ipv6_fragment(hosts, protocol, piece, ident, place, more)
