"""A capture file as rows of a trace: frames → IP → UDP datagrams and TCP streams → SIP messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from ipaddress import ip_address
from typing import BinaryIO

from labsip.pcap.container import Container
from labsip.pcap.framing import begins_message
from labsip.pcap.ip import TCP, UDP, Ip, Payload
from labsip.pcap.left_out import LeftOut
from labsip.pcap.link import STARTS
from labsip.pcap.stream import Window
from labsip.pcap.tcp import ACK, SYN, Found, Streams
from labsip.sip.transport import Address
from labsip.trace import DatagramRow

MAX_CALLERS = 65_536


class Capture:
    """One capture file, pcap or pcapng or either in gzip, read once from front to back.

    Iterate it for its SIP messages, each a `DatagramRow` row as soon as it is whole: of UDP the datagram, of TCP the
    message cut out of its stream. `t` is in seconds since the first packet. It never seeks, so pipes do; and what it
    holds while it reads is limited, whatever is in the file.

    Frames are Ethernet, Linux cooked v1 and v2, raw IP or BSD loopback, with VLAN tags; what ICMP quotes is no message.
    """

    def __init__(self, file: BinaryIO, watch: Callable[[int], object] | None = None) -> None:
        """Raises LabError where the file is no capture. `watch` is told how many bytes of it each read took."""
        self.left_out = LeftOut()
        """What is not among the rows, with the numbers of its packets; complete after the last row."""
        self.callers: set[Address] = set()
        """Ends of TCP connections that opened them: their ports are good for that connection only."""
        self._container = Container(Window(file, watch), self.left_out)
        self._ip = Ip(self.left_out)
        self._streams = Streams(self.left_out)
        self._rows = 0

    @property
    def start(self) -> float:
        """Seconds since 1970 at t = 0; 0 before the first row."""
        return self._container.start

    @property
    def hosts(self) -> dict[str, str]:
        """Host → name, as the file itself says (pcapng name resolution)."""
        return self._container.hosts

    def __iter__(self) -> Iterator[DatagramRow]:
        take = self._ip.take
        for number, t, link, frame in self._container:
            start = STARTS.get(link)
            if start is None:
                self.left_out.add(f"link type {link} is not among those read", number)
                continue
            at = start(frame)
            payload = take(frame, at, number, t) if at >= 0 else None
            if payload is None:
                continue
            if payload.protocol == UDP:
                row = self._datagram(payload, number, t)
                if row is not None:
                    yield row
            elif payload.protocol == TCP:
                yield from self._segment(payload, number, t)
        self._ip.end()
        yield from self._cut_out(self._streams.end())

    def _datagram(self, payload: Payload, number: int, t: float) -> DatagramRow | None:
        _, src, dst, data, whole = payload
        if len(data) < 8:
            return None
        length = data[4] << 8 | data[5]
        raw = data[8:length] if length else data[8:]
        if not begins_message(raw):
            return None
        if not whole or length > len(data):
            self.left_out.add("a SIP message the capture kept only the beginning of", number)
            return None
        self._rows += 1
        return DatagramRow(self._rows - 1, t, *ends(src + dst + data[0:4]), raw, None, None)

    def _segment(self, payload: Payload, number: int, t: float) -> Iterator[DatagramRow]:
        _, src, dst, segment, _ = payload
        key = src + dst + segment[0:4]
        if segment[13:14] and segment[13] & (SYN | ACK) == SYN and len(self.callers) < MAX_CALLERS:
            self.callers.add(ends(key)[0])
        yield from self._cut_out(self._streams.take(key, segment, number, t))

    def _cut_out(self, found: Found) -> Iterator[DatagramRow]:
        for key, (t, raw) in found:
            self._rows += 1
            yield DatagramRow(self._rows - 1, t, *ends(key), raw, None, None, False, "tcp")


@lru_cache(maxsize=8192)
def ends(key: bytes) -> tuple[Address, Address]:
    """Source and destination, of both hosts and both ports as they stand on the wire."""
    size = len(key) // 2 - 2
    src, dst = (str(ip_address(host)) for host in (key[:size], key[size : 2 * size]))
    return Address(src, int.from_bytes(key[-4:-2], "big")), Address(dst, int.from_bytes(key[-2:], "big"))
