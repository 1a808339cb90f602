"""A flow as a capture file that Wireshark, tshark and sngrep open."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from ipaddress import ip_network
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from labsip.flow.files import file_of
from labsip.flow.rows import Flow
from labsip.pcap.container import Format
from labsip.pcap.frames import Frames, packed
from labsip.pcap.names import Names, rows_of
from labsip.pcap.pcapng import Pcapng
from labsip.pcap.savefile import Pcap
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.trace import RING, CommandRow, DatagramRow

if TYPE_CHECKING:
    from pandas import DataFrame

HOSTS = 100_000
"""Hosts that are remembered as named; after that, names are written anew."""
FORMATS: dict[str, type[Pcap | Pcapng]] = {".pcap": Pcap, ".pcapng": Pcapng}
_NETS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
"""Reserved for documentation (RFC 5737), as 2001:db8::/32 (RFC 3849)."""


class Placement:
    """Where each party is put: at its own address, or at a documentation address that no other party has.

    With addresses of their own, parties that in truth share a machine have a column each in every tool's ladder.
    """

    def __init__(self, names: Mapping[Address, str], *, documentation: bool) -> None:
        self._names = names
        self._documentation = documentation
        self._hosts: dict[tuple[int, str], str] = {}
        self._free: dict[int, Iterator[object]] = {
            4: chain.from_iterable(ip_network(net).hosts() for net in _NETS),
            6: ip_network("2001:db8::/32").hosts(),
        }

    def party(self, address: Address) -> str:
        """The party there; host:port if it has no name."""
        return self._names.get(address) or str(address)

    def place(self, address: Address) -> Address:
        """Where to put what is at that address. Raises LabError if it is no IP address, or there are too many."""
        try:
            version = 4 if len(packed(address.host)) == 4 else 6
        except ValueError:
            raise LabError(f"{address.host!r} is no IP address; packets go from one to another") from None
        if not self._documentation:
            return address
        key = (version, self.party(address))
        if key not in self._hosts:
            host = next(self._free[version], None)
            if host is None:
                raise LabError(f"there are documentation addresses for {len(self._hosts)} parties, not for more")
            self._hosts[key] = str(host)
        return Address(self._hosts[key], address.port)


class Comments:
    """The comments on messages: the commands that ran for a message, and the command that sent it, a line each.

    Commands may come in parts, each with the messages they ran for; what those commands send may come later.
    """

    def __init__(self, commands: Iterable[CommandRow] = ()) -> None:
        self._said: OrderedDict[int | None, str] = OrderedDict()  # by the command's row
        self._about: defaultdict[int | None, list[str]] = defaultdict(list)  # by the request's row
        self.hear(commands)

    def hear(self, commands: Iterable[CommandRow]) -> None:
        """Take the commands that ran since the last time. Of those before, the newest are remembered as senders."""
        while len(self._said) > RING:
            self._said.popitem(last=False)
        self._about.clear()
        for spoken in sorted(commands, key=attrgetter("row")):
            line = _line(*spoken[3:9])
            self._said[spoken.row] = line
            self._about[spoken.request].append(line)

    def on(self, row: DatagramRow) -> str:
        """The comment on one message, "" if there is nothing to say."""
        lines = self._about.get(row.row, [])
        if row.command in self._said:
            lines = [*lines, f"sent by {self._said[row.command]}"]
        if row.lost:
            lines = [*lines, "lost on the way"]
        return "\n".join(lines)


@lru_cache(1024)  # many messages have the same
def _line(route: str, line: int, command: str, args: str, result: int | None, text: str) -> str:
    returned = "" if result is None else f" → {result}"
    printed = f": {text}" if text else ""
    return f"{route} line {line}: {command}({args}){returned}{printed}"


class File(Protocol):
    """Where a capture is written; a `FileIO`, for example."""

    def write(self, data: memoryview, /) -> int | None:
        """Take these bytes, or the first of them; returns how many."""


class CaptureWriter:
    """Writes rows of a trace one by one, while they happen or afterwards; or several at once, by `add` and `flush`."""

    def __init__(
        self,
        file: File,
        form: Format,
        names: Mapping[Address, str],
        *,
        start: float = 0.0,
        documentation_addresses: bool = False,
        head: bytes | None = None,
    ) -> None:
        """start: seconds since 1970 at t = 0. `names` may grow while rows are written. head: as `begin` has it."""
        self._file = file
        self._format = form
        self._names = names
        self._start = start
        self._placement = Placement(names, documentation=documentation_addresses)
        self._frames = Frames()
        self._named: set[str] = set()
        self._added: list[bytes] = []
        self.begin(form.head() if head is None else head)

    def begin(self, head: bytes) -> None:
        """From here on it is another file, or another part of it, with that head: the parties are named anew."""
        self._named.clear()
        self._added.append(head)
        self.flush()

    def write(self, row: DatagramRow, comment: str = "") -> None:
        """Write one message: its frames, the first with the comment. Raises LabError if it fits in none."""
        self.add(row, comment)
        self.flush()

    def add(self, row: DatagramRow, comment: str = "") -> None:
        """As `write`, but it comes into the file with the next `flush`."""
        src, dst = self._placement.place(row.src), self._placement.place(row.dst)
        self._name(row.src, src)
        self._name(row.dst, dst)
        make = self._frames.stream if row.proto == "tcp" else self._frames.datagram
        micros = max(0, round((self._start + row.t) * 1_000_000))
        for frame in make(src, dst, row.raw):
            self._added.append(self._format.frame(micros, frame, comment))
            comment = ""

    def flush(self) -> None:
        """Put into the file what was added."""
        left = memoryview(b"".join(self._added))
        self._added.clear()
        while left:  # a disk that is nearly full takes a part
            left = left[self._file.write(left) or 0 :]

    def _name(self, address: Address, place: Address) -> None:
        """Write once which party is at a place, unless several are."""
        if place.host in self._named:
            return
        if len(self._named) >= HOSTS:
            self._named.clear()
        self._named.add(place.host)
        party = self._placement.party(address)
        moved = place != address
        alone = moved or all(name == party for one, name in self._names.items() if one.host == address.host)
        if alone and party not in (address.host, str(address)):
            self._added.append(self._format.name(place.host, party))


class Recorder:
    """Writes messages with comments. One it can't write is reported and left out; an error of the file ends it."""

    def __init__(self, writer: CaptureWriter) -> None:
        self._writer = writer
        self._comments = Comments()
        self.ended = False

    def begin(self, head: bytes) -> None:
        """From here on it is another file, with that head."""
        self._writer.begin(head)

    def hear(self, commands: Iterable[CommandRow]) -> None:
        """Take the commands that ran for the messages to come."""
        self._comments.hear(commands)

    def keep(self, passed: Iterable[DatagramRow]) -> Iterator[str]:
        """Write these messages; yields what could not be written, and why."""
        if self.ended:
            return
        for row in passed:
            try:
                self._writer.add(row, self._comments.on(row))
            except LabError as error:
                yield f"not in the capture: {error}"
        try:
            self._writer.flush()
        except OSError as error:
            self.ended = True
            yield f"the capture ends: {error.strerror}"


@contextmanager
def pcap_writer(
    file: str | Path, names: Mapping[Address, str], *, start: float = 0.0, documentation_addresses: bool = False
) -> Iterator[CaptureWriter]:
    """A writer into a new file, `.pcap` or `.pcapng`; each row is in it as soon as it is written.

    Raises LabError for another suffix.
    """
    path = file_of(file)
    if path.suffix not in FORMATS:
        raise LabError(f"{path.name}: write a .pcap or a .pcapng file")
    with path.open("wb", buffering=0) as opened:
        form = FORMATS[path.suffix]()
        yield CaptureWriter(opened, form, names, start=start, documentation_addresses=documentation_addresses)


def write_pcap(
    file: str | Path,
    flow: Flow | DataFrame | Iterable[DatagramRow],
    names: Names | None = None,
    *,
    commands: Iterable[CommandRow] = (),
    start: float | None = None,
    documentation_addresses: bool = False,
) -> None:
    """Write a flow, or rows of a trace, as Ethernet frames with right checksums.

    file: `.pcap`, or `.pcapng`, which has the parties' names too, and with each message the commands that ran for it.
    names: host or host:port → party; a flow brings its own. commands: those that ran (`Trace.commands`). start:
    seconds since 1970 at t = 0; without it, what the flow says itself, else 0. documentation_addresses: give
    each party an address of its own from those reserved for examples (RFC 5737, RFC 3849), so that every tool draws
    a column for each; in the messages the addresses stay as they are.

    Raises LabError for another suffix, for a party without an address, and for a message that fits no datagram.
    """
    path = file_of(file)
    rows, parties = rows_of(flow, names)
    comments = Comments(commands)
    if start is None:
        start = started(flow)
    with pcap_writer(path, parties, start=start, documentation_addresses=documentation_addresses) as writer:
        for row in rows:
            writer.write(row, comments.on(row))


def started(flow: object) -> float:
    """Seconds since 1970 at t = 0, as a flow or its table says; else 0."""
    start = flow.start if isinstance(flow, Flow) else getattr(flow, "attrs", {}).get("start")
    return float(start or 0.0)
