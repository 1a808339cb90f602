"""Packets as bytes: UDP (RFC 768) or TCP (RFC 9293) in IPv4 (RFC 791) or IPv6 (RFC 8200) in Ethernet II.

`hosts` is the sender's address and the receiver's, one after the other, 4 or 16 bytes each: so they stand in the header
of IP, and so a checksum covers them.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from struct import Struct

TCP, UDP, FRAGMENT = 6, 17, 44
SYN, PUSH, ACK = 0x02, 0x08, 0x10
MORE_FRAGMENTS = 0x2000
"""In IPv4's field of flags and offset."""

_HOP_LIMIT = 64
_WINDOW = 0xFFFF
_SUM = Struct(">H").pack
_UDP = Struct(">HHHH").pack
_TCP = Struct(">HHIIBBHHH").pack
_V4 = Struct(">BxHHHBBH").pack
_V6 = Struct(">IHBB").pack
_FRAGMENT = Struct(">BxHI").pack


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
