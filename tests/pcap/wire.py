"""Packets and files made by hand, independent of what is tested: the link types, both formats, IP and TCP in pieces."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from struct import pack

SRC, DST = ("10.0.0.1", 5060), ("10.0.0.2", 5080)
SRC6, DST6 = ("2001:db8::1", 5060), ("2001:db8::2", 5080)
Host = tuple[str, int]


def message(body: bytes = b"", method: str = "MESSAGE", call_id: str = "1") -> bytes:
    """A request with what every one needs."""
    return (
        f"{method} sip:bob@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK{call_id}\r\n"
        f"From: <sip:alice@10.0.0.1>;tag=a\r\nTo: <sip:bob@10.0.0.2>\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\n"
        f"Max-Forwards: 70\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def udp(data: bytes, src: Host = SRC, dst: Host = DST) -> bytes:
    """An IP packet with a datagram."""
    return ip(17, pack(">HHHH", src[1], dst[1], 8 + len(data), 0) + data, src[0], dst[0])


def tcp(seq: int, data: bytes = b"", flags: int = 0x18, src: Host = SRC, dst: Host = DST) -> bytes:
    """An IP packet with a segment."""
    return ip(6, pack(">HHIIBBHHH", src[1], dst[1], seq % 2**32, 0, 0x50, flags, 8192, 0, 0) + data, src[0], dst[0])


def ip(protocol: int, data: bytes, src: str = SRC[0], dst: str = DST[0], ident: int = 7, place: int = 0) -> bytes:
    """An IPv4 packet, or an IPv6 one by its addresses; `place` is IPv4's field of flags and offset."""
    if ":" in src:
        head = pack(">IHBB", 0x60000000, len(data), protocol, 64)
        return head + socket.inet_pton(socket.AF_INET6, src) + socket.inet_pton(socket.AF_INET6, dst) + data
    head = pack(">BBHHHBBH", 0x45, 0, 20 + len(data), ident, place, 64, protocol, 0)
    head += socket.inet_aton(src) + socket.inet_aton(dst)
    return head[:10] + pack(">H", _checksum(head)) + head[12:] + data


def _checksum(head: bytes) -> int:
    total = sum(int.from_bytes(head[at : at + 2], "big") for at in range(0, len(head), 2))
    return ~(total % 0xFFFF) & 0xFFFF


def fragments(packet: bytes, size: int) -> list[bytes]:
    """An IP packet cut into pieces of `size` bytes, a multiple of 8."""
    six = packet[0] >> 4 == 6
    start = 40 if six else 20
    whole = packet[start:]
    pieces = []
    for at in range(0, len(whole), size):
        more = at + size < len(whole)
        piece = whole[at : at + size]
        if six:
            src, dst = (socket.inet_ntop(socket.AF_INET6, packet[i : i + 16]) for i in (8, 24))
            pieces.append(ip(44, bytes((packet[6], 0)) + pack(">HI", at | more, 99) + piece, src, dst))
        else:
            src, dst = (socket.inet_ntoa(packet[i : i + 4]) for i in (12, 16))
            pieces.append(ip(packet[9], piece, src, dst, place=more << 13 | at // 8))
    return pieces


def ether(packet: bytes, *tags: int) -> bytes:
    """An Ethernet frame, with VLAN tags of these types, outermost first."""
    marks = b"".join(pack(">HH", tag, 100 + n) for n, tag in enumerate(tags))
    return bytes.fromhex("020000000002020000000001") + marks + ether_type(packet) + packet


def ether_type(packet: bytes) -> bytes:
    return b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"


def _family(packet: bytes) -> int:
    return 30 if packet[0] >> 4 == 6 else 2


LINKS = {
    "Ethernet": (1, ether),
    "VLAN": (1, lambda packet: ether(packet, 0x8100)),
    "QinQ": (1, lambda packet: ether(packet, 0x88A8, 0x8100)),
    "QinQ of old": (1, lambda packet: ether(packet, 0x9100, 0x8100)),
    "cooked": (113, lambda packet: pack(">HHH8s", 0, 1, 6, b"\2\0\0\0\0\1") + ether_type(packet) + packet),
    "cooked v2": (276, lambda packet: ether_type(packet) + pack(">HIHBB8s", 0, 1, 1, 0, 6, b"\2\0\0\0\0\1") + packet),
    "raw": (101, lambda packet: packet),
    "raw of old": (12, lambda packet: packet),
    "null": (0, lambda packet: pack("<I", _family(packet)) + packet),
    "null, big-endian": (0, lambda packet: pack(">I", _family(packet)) + packet),
    "loop": (108, lambda packet: pack(">I", _family(packet)) + packet),
}
"""Link type, and how it frames an IP packet."""


def pcap(
    frames: Iterable[bytes], link: int = 1, order: str = "<", magic: int = 0xA1B2C3D4, t: int = 1_700_000_000
) -> bytes:
    """A pcap file, a packet each millisecond (or microsecond, under the magic number of nanoseconds)."""
    file = pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link)
    for n, frame in enumerate(frames):
        file += pack(order + "IIII", t, n * 1000, len(frame), len(frame)) + frame
    return file


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """A pcapng block."""
    body += bytes(-len(body) % 4)
    size = pack(order + "I", len(body) + 12)
    return pack(order + "I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int, options: bytes = b"", order: str = "<") -> bytes:
    return block(1, pack(order + "HHI", link, 0, 0) + options, order)


def packet(frame: bytes, ticks: int = 0, number: int = 0, order: str = "<") -> bytes:
    """An enhanced packet block on the interface of that number."""
    head = pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
    return block(6, head + frame, order)
