"""Messages as Ethernet frames with right checksums: UDP in IP fragments where it is large, TCP as a conversation.

Ethernet, because it is the one link type that every tool opens. `hosts` is the sender's address and the receiver's, one
after the other, 4 or 16 bytes each: so they stand in the header of IP, and so a checksum covers them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from struct import Struct

from labsip.sip.errors import LabError
from labsip.sip.transport import Address

TCP, UDP, FRAGMENT = 6, 17, 44
SYN, PUSH, ACK = 0x02, 0x08, 0x10
MORE_FRAGMENTS = 0x2000
"""In IPv4's field of flags and offset."""

MTU = 1500
"""Bytes of an IP packet on Ethernet."""
CONNECTIONS = 10_000
"""Of TCP, known at once; the oldest is forgotten, and opened again if it still lives."""
_SEGMENT = MTU - 60
"""Bytes of data in a TCP segment, under either IP."""
_MAX_UDP = 0xFFFF - 28
_SEQUENCE = 1 << 32
_HOP_LIMIT = 64
_WINDOW = 0xFFFF
_SUM = Struct(">H").pack
_UDP = Struct(">HHHH").pack
_TCP = Struct(">HHIIBBHHH").pack
_V4 = Struct(">BxHHHBBH").pack
_V6 = Struct(">IHBB").pack
_FRAGMENT = Struct(">BxHI").pack


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
        return self._frames(hosts, UDP, udp(hosts, src.port, dst.port, raw))

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
        return self._frames(hosts, TCP, tcp(hosts, src.port, dst.port, seq, ack, flags, data))

    def _frames(self, hosts: bytes, protocol: int, data: bytes) -> Iterator[bytes]:
        self._ident = (self._ident + 1) % _SEQUENCE
        cut = _v4 if len(hosts) == 8 else _v6
        return (ethernet(hosts, packet) for packet in cut(hosts, protocol, data, self._ident))


def _hosts(src: Address, dst: Address) -> bytes:
    here, there = packed(src.host), packed(dst.host)
    if len(here) != len(there):
        raise LabError(f"{src} and {dst} are of two versions of IP; no packet goes from one to the other")
    return here + there


def _v4(hosts: bytes, protocol: int, data: bytes, ident: int) -> Iterator[bytes]:
    """One packet, or its fragments (RFC 791 §3.2)."""
    ident &= 0xFFFF
    if len(data) <= MTU - 20:
        yield ipv4(hosts, protocol, data, ident)
        return
    size = (MTU - 20) // 8 * 8
    for place in range(0, len(data), size):
        more = MORE_FRAGMENTS if place + size < len(data) else 0
        yield ipv4(hosts, protocol, data[place : place + size], ident, more | place // 8)


def _v6(hosts: bytes, protocol: int, data: bytes, ident: int) -> Iterator[bytes]:
    """One packet, or its fragments (RFC 8200 §4.5)."""
    if len(data) <= MTU - 40:
        yield ipv6(hosts, protocol, data)
        return
    size = (MTU - 48) // 8 * 8
    for place in range(0, len(data), size):
        piece, more = data[place : place + size], place + size < len(data)
        yield ipv6_fragment(hosts, protocol, piece, ident, place, more)


# --- packets as bytes: UDP (RFC 768), TCP (RFC 9293), IPv4 (RFC 791), IPv6 (RFC 8200), Ethernet II -----------------


@lru_cache(4096)
def packed(host: str) -> bytes:
    """An IP address as its 4 or 16 bytes. Raises ValueError if it is none."""
    return ip_address(host).packed


def udp(hosts: bytes, sport: int, dport: int, data: bytes) -> bytes:
    """A datagram. A checksum that comes out as zero is written as all ones; zero would say that there is none."""
    size = 8 + len(data)
    total = _checksum(hosts, UDP, _UDP(sport, dport, size, 0) + data) or 0xFFFF
    return _UDP(sport, dport, size, total) + data


def tcp(hosts: bytes, sport: int, dport: int, seq: int, ack: int, flags: int, data: bytes) -> bytes:
    """A segment without options."""
    head = _TCP(sport, dport, seq, ack, 5 << 4, flags, _WINDOW, 0, 0)
    return head[:16] + _SUM(_checksum(hosts, TCP, head + data)) + head[18:] + data


def ipv4(hosts: bytes, protocol: int, data: bytes, ident: int, place: int = 0) -> bytes:
    """A packet, or with `place`, the field of flags and offset, a fragment of one."""
    head = _V4(0x45, 20 + len(data), ident, place, _HOP_LIMIT, protocol, 0) + hosts
    return head[:10] + _SUM(_complement(_words(head))) + hosts + data


def ipv6(hosts: bytes, protocol: int, data: bytes) -> bytes:
    """A packet; `protocol` is what its data begins with."""
    return _V6(6 << 28, len(data), protocol, _HOP_LIMIT) + hosts + data


def ipv6_fragment(hosts: bytes, protocol: int, data: bytes, ident: int, offset: int, more: bool) -> bytes:
    """A part of a packet, from that byte on, a multiple of 8; `more`: it is not the last (RFC 8200 §4.5)."""
    return ipv6(hosts, FRAGMENT, _FRAGMENT(protocol, offset | more, ident) + data)


def ethernet(hosts: bytes, packet: bytes) -> bytes:
    """A frame. The hardware addresses are of our own making and say so (the second bit); they end as the hosts do."""
    half = len(hosts) // 2
    kind = b"\x08\x00" if half == 4 else b"\x86\xdd"
    return b"".join((b"\x02\x00", hosts[-4:], b"\x02\x00", hosts[half - 4 : half], kind, packet))


def _checksum(hosts: bytes, protocol: int, segment: bytes) -> int:
    """Of a segment and what else it covers: the pseudo header of either IP (RFC 9293 §3.1, RFC 8200 §8.1)."""
    return _complement(_words(hosts) + protocol + len(segment) + _words(segment))


def _words(data: bytes) -> int:
    """A number that is the sum of the 16-bit words modulo 0xFFFF, an odd byte at the end filled up (RFC 1071 §1).

    The bytes are one large number: 0x10000 is 1 modulo 0xFFFF, so it doesn't matter where in it a word stands.
    """
    return int.from_bytes(data, "big") << 8 * (len(data) & 1)


def _complement(total: int) -> int:
    """The checksum for a sum that is not zero."""
    return -total % 0xFFFF
