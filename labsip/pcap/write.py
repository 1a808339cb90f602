"""A flow as a capture file that Wireshark, tshark and sngrep open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from labsip.flow.files import file_of
from labsip.flow.rows import Flow
from labsip.pcap.comments import Comments
from labsip.pcap.frames import Frames
from labsip.pcap.parties import Names, rows_of
from labsip.pcap.save import Format, Pcap, Pcapng
from labsip.pcap.stage import Stage
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.trace import CommandRow, DatagramRow

if TYPE_CHECKING:
    from pandas import DataFrame

HOSTS = 100_000
"""So many are remembered as named; then names are said anew."""
FORMATS: dict[str, type[Pcap | Pcapng]] = {".pcap": Pcap, ".pcapng": Pcapng}


class File(Protocol):
    """Where a capture is written; a `FileIO` is one."""

    def write(self, data: memoryview, /) -> int | None:
        """Take these bytes, or the first of them; how many."""


class Writer:
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
        self._stage = Stage(names, documentation=documentation_addresses)
        self._frames = Frames()
        self._named: set[str] = set()
        self._added: list[bytes] = []
        self.begin(form.head() if head is None else head)

    def begin(self, head: bytes) -> None:
        """From here on it is another file, or another part of it, with that head: who is who is said anew."""
        self._named.clear()
        self._added.append(head)
        self.flush()

    def write(self, row: DatagramRow, comment: str = "") -> None:
        """Write one message: its frames, the first with the comment. Raises LabError if it fits in none."""
        self.add(row, comment)
        self.flush()

    def add(self, row: DatagramRow, comment: str = "") -> None:
        """As `write`, but it comes into the file with the next `flush`."""
        src, dst = self._stage.place(row.src), self._stage.place(row.dst)
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
        """Say once who is at a place, unless several are."""
        if place.host in self._named:
            return
        if len(self._named) >= HOSTS:
            self._named.clear()
        self._named.add(place.host)
        party = self._stage.party(address)
        moved = place != address
        alone = moved or all(name == party for one, name in self._names.items() if one.host == address.host)
        if alone and party not in (address.host, str(address)):
            self._added.append(self._format.name(place.host, party))


@contextmanager
def pcap_writer(
    file: str | Path, names: Mapping[Address, str], *, start: float = 0.0, documentation_addresses: bool = False
) -> Iterator[Writer]:
    """A writer into a new file, `.pcap` or `.pcapng`; each row is in it as soon as it is written.

    Raises LabError for another suffix.
    """
    path = file_of(file)
    if path.suffix not in FORMATS:
        raise LabError(f"{path.name}: write a .pcap or a .pcapng file")
    with path.open("wb", buffering=0) as opened:
        form = FORMATS[path.suffix]()
        yield Writer(opened, form, names, start=start, documentation_addresses=documentation_addresses)


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

    file: `.pcap`, or `.pcapng`, which holds the parties' names too, and with each message what the route said of it.
    names: host or host:port → party; a flow brings its own. commands: what the routes said (`Trace.commands`). start:
    seconds since 1970 at t = 0; of a flow that was read, what it says itself, else 0. documentation_addresses: give
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
