"""Messages as Ethernet frames with right checksums: UDP in IP fragments where it is large, TCP as a conversation.

Ethernet, because it is the one link type that every tool opens.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from dpkt.ethernet import ETH_TYPE_IP, ETH_TYPE_IP6, Ethernet
from dpkt.ip import IP, IP_MF
from dpkt.ip6 import IP6
from dpkt.tcp import TCP, TH_ACK, TH_PUSH, TH_SYN
from dpkt.udp import UDP

from labsip.sip.errors import LabError
from labsip.sip.transport import Address

MTU = 1500
"""Bytes of an IP packet on Ethernet."""
_TCP, _UDP, _FRAGMENT = 6, 17, 44
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
        udp = UDP(sport=src.port, dport=dst.port, ulen=8 + len(raw), data=raw)
        yield from self._packets(src, dst, _UDP, udp)

    def stream(self, src: Address, dst: Address, raw: bytes) -> Iterator[bytes]:
        """A message over TCP: the first one between two ends opens a connection, which stays open."""
        ends = self._connections.setdefault(frozenset((src, dst)), {})
        if not ends:
            ends.update({src: 1000, dst: 2000})
            yield from self._segment(ends, src, dst, TH_SYN)
            yield from self._segment(ends, dst, src, TH_SYN | TH_ACK)
            yield from self._segment(ends, src, dst, TH_ACK)
        for place in range(0, len(raw), _SEGMENT):
            piece = raw[place : place + _SEGMENT]
            push = TH_PUSH if place + _SEGMENT >= len(raw) else 0
            yield from self._segment(ends, src, dst, TH_ACK | push, piece)
        yield from self._segment(ends, dst, src, TH_ACK)

    def _segment(
        self, ends: dict[Address, int], src: Address, dst: Address, flags: int, data: bytes = b""
    ) -> Iterator[bytes]:
        seq = ends[src]
        ack = ends[dst] if flags & TH_ACK else 0
        ends[src] = (seq + len(data) + bool(flags & TH_SYN)) % _SEQUENCE
        tcp = TCP(sport=src.port, dport=dst.port, seq=seq, ack=ack, flags=flags, data=data)
        yield from self._packets(src, dst, _TCP, tcp)

    def _packets(self, src: Address, dst: Address, protocol: int, data: UDP | TCP) -> Iterator[bytes]:
        here, there = ip_address(src.host), ip_address(dst.host)
        if here.version != there.version:
            raise LabError(f"{src} and {dst} are of two versions of IP; no packet goes from one to the other")
        self._ident += 1
        make, kind = (self._v4, ETH_TYPE_IP) if here.version == 4 else (self._v6, ETH_TYPE_IP6)
        for packet in make(here.packed, there.packed, protocol, data):
            yield bytes(Ethernet(src=_mac(here.packed), dst=_mac(there.packed), type=kind, data=packet))

    def _v4(self, src: bytes, dst: bytes, protocol: int, data: UDP | TCP) -> Iterator[bytes]:
        whole = bytes(IP(src=src, dst=dst, p=protocol, id=self._ident & 0xFFFF, data=data))
        if len(whole) <= MTU:
            yield whole
            return
        size = (MTU - 20) // 8 * 8
        for place in range(20, len(whole), size):
            piece = whole[place : place + size]
            more = IP_MF if place + size < len(whole) else 0
            fragment = IP(src=src, dst=dst, p=protocol, id=self._ident & 0xFFFF, data=piece)
            fragment._flags_offset = more | (place - 20) // 8
            yield bytes(fragment)

    def _v6(self, src: bytes, dst: bytes, protocol: int, data: UDP | TCP) -> Iterator[bytes]:
        whole = bytes(IP6(src=src, dst=dst, nxt=protocol, hlim=64, plen=len(data), data=data))
        if data.sum == 0 and protocol == _UDP:  # which would say that there is no checksum (RFC 8200 §8.1)
            data.sum = 0xFFFF
            whole = bytes(IP6(src=src, dst=dst, nxt=protocol, hlim=64, plen=len(data), data=data))
        if len(whole) <= MTU:
            yield whole
            return
        size = (MTU - 48) // 8 * 8
        for place in range(40, len(whole), size):
            piece = whole[place : place + size]
            more = place + size < len(whole)
            head = bytes((protocol, 0)) + (place - 40 | more).to_bytes(2, "big") + self._ident.to_bytes(4, "big")
            fragment = head + piece
            yield bytes(IP6(src=src, dst=dst, nxt=_FRAGMENT, hlim=64, plen=len(fragment), data=fragment))


def _mac(host: bytes) -> bytes:
    """A hardware address of our own making, which says so (the second bit), from the last bytes of the host."""
    return b"\x02\x00" + host[-4:]
