"""A capture file read: as rows of a trace (`Capture`), as a flow (`read_flow`), as a table (`read_pcap`)."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from ipaddress import ip_address
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from labsip.flow.files import file_of
from labsip.flow.rows import Flow
from labsip.pcap.container import Container
from labsip.pcap.ip import TCP, UDP, Ip, Payload
from labsip.pcap.link import STARTS
from labsip.pcap.names import Names, party_names
from labsip.pcap.omissions import Omissions
from labsip.pcap.scan import begins_message
from labsip.pcap.tcp import ACK, SYN, Found, TcpStreams
from labsip.pcap.window import Window
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.trace import DatagramRow

if TYPE_CHECKING:
    from pandas import DataFrame

MAX_CALLERS = 65_536
"""Ends of TCP connections remembered as those that opened them."""
WORTH_A_BAR = 4 << 20
"""Bytes of a file; a smaller one is read within a second."""
_PACKAGE = Path(__file__).parents[1]
_PLACES = (_PACKAGE / "pcaps", _PACKAGE.parent / "data" / "pcaps")

PCAPS = next((place for place in _PLACES if place.exists()), _PLACES[0])
"""The folder of the captures that come with labsip, in the installed package or beside it in a checkout:
`read_pcap(PCAPS / "05_cancelled.pcap")`. README.md there says what each shows."""


class Capture:
    """One capture file, pcap or pcapng or either in gzip, read once from front to back.

    Iterate it for its SIP messages, each a `DatagramRow` row as soon as it is whole: of UDP the datagram, of TCP the
    message cut out of its stream. `t` is in seconds since the first packet. It never seeks, so pipes do; and what it
    holds while it reads is limited, whatever is in the file.

    Frames are Ethernet, Linux cooked v1 and v2, raw IP or BSD loopback, with VLAN tags; what ICMP quotes is no message.
    """

    def __init__(self, file: BinaryIO, watch: Callable[[int], object] | None = None) -> None:
        """watch: called with the bytes that each read of the file took. Raises LabError if it is no capture."""
        self.left_out = Omissions()
        """What is not among the rows, with the numbers of its packets; complete after the last row."""
        self.callers: set[Address] = set()
        """Ends of TCP connections that opened them: their ports are good for that connection only."""
        self._container = Container(Window(file, watch), self.left_out)
        self._ip = Ip(self.left_out)
        self._streams = TcpStreams(self.left_out)
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


def read_pcap(file: str | Path | BinaryIO, names: Names | None = None) -> DataFrame:
    """Read the SIP messages of a capture file, as Wireshark, tcpdump or sngrep write them: a row for each.

    file: path, open file, or `-` for standard input; pcap or pcapng, also in gzip. names: the parties, by host or
    host:port: `{"192.0.2.1": "proxy"}`; others go by the name the file has for them, or by their address.

    The rows are those of a lab's flow, in order of time; t: seconds since the first packet of the file.
    `flow.attrs`: `left_out`, a line of text for each reason for which packets that may have held SIP are not in it,
    with their numbers; `start`, seconds since 1970 at t = 0; `names`, host:port → party.

    The memory this needs is a multiple of the file: 4 with real messages, 50 with a file made to need much. A gzip
    counts as what is in it, at most 200 times its size.

    Raises LabError if the file is not there, or is no capture.
    """
    return read_flow(file, names).table()


def read_flow(file: str | Path | BinaryIO, names: Names | None = None) -> Flow:
    """As `read_pcap`, but as rows: a table is made of them when somebody asks for it."""
    with open_capture(file) as opened, progress(opened) as watch, no_garbage():
        capture = Capture(opened, watch)
        rows = sorted(capture, key=attrgetter("t"))
        rows = [one if one.row == row else one._replace(row=row) for row, one in enumerate(rows)]
        pairs = dict.fromkeys((one.src, one.dst) for one in rows)
        parties = party_names(chain.from_iterable(pairs), names, capture.hosts, capture.callers)
        return Flow.of_datagrams(rows, parties, left_out=capture.left_out.lines(), start=capture.start)


def open_capture(file: str | Path | BinaryIO) -> AbstractContextManager[BinaryIO]:
    """The file to read: opened here, and closed with the context, or the caller's own."""
    if hasattr(file, "read") and not isinstance(file, Path):
        return nullcontext(cast("BinaryIO", file))
    file = file_of(file)
    if str(file) == "-":
        if sys.stdin is None:
            raise LabError("standard input is closed; name a file")
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except FileNotFoundError:
        raise LabError(f"there is no file {file}") from None
    except OSError as error:
        raise LabError(f"{file} can't be read: {error.strerror}") from None


@contextmanager
def progress(file: BinaryIO) -> Iterator[Callable[[int], object] | None]:
    """A progress bar on the error stream, if it takes longer than a second: a function to call with the bytes read.

    None where nobody would see it, and where the end is not known (a pipe).
    """
    size = _size(file)
    if size < WORTH_A_BAR or not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        yield None
        return
    from tqdm import tqdm  # late: most captures need none

    with tqdm(total=size, unit="B", unit_scale=True, delay=1, leave=False, desc="reading") as bar:
        yield bar.update


@contextmanager
def no_garbage() -> Iterator[None]:
    """Keep the garbage collector from searching rows that are all kept: it takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _size(file: BinaryIO) -> int:
    try:
        return os.fstat(file.fileno()).st_size
    except (OSError, AttributeError):
        return 0
