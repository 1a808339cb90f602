"""A capture file as a flow: the same table a lab gives of its own calls."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from labsip.flow.files import file_of
from labsip.flow.rows import Flow
from labsip.pcap.capture import Capture
from labsip.pcap.parties import Names, party_names
from labsip.sip.errors import LabError

if TYPE_CHECKING:
    from pandas import DataFrame

WORTH_A_BAR = 4 << 20
"""Bytes of a file; a smaller one is read within a second."""


def read_pcap(file: str | Path | BinaryIO, names: Names | None = None) -> DataFrame:
    """Read the SIP messages of a capture file, as Wireshark, tcpdump or sngrep write them: a row for each.

    file: path, open file, or `-` for standard input; pcap or pcapng, also in gzip. names: who is who, by host or
    host:port: `{"192.0.2.1": "proxy"}`; others go by the name the file has for them, or by their address.

    The rows are those of a lab's flow, in order of time; t: seconds since the first packet of the file.
    `flow.attrs`: `left_out`, a line of text for each reason for which packets that may have held SIP are not in it,
    with their numbers; `start`, seconds since 1970 at t = 0; `names`, host:port → party.

    What this needs of memory is a multiple of the file: 4 with real messages, 50 with what was made to need much. A
    gzip counts as what is in it, at most 200 times its size.

    Raises LabError where the file is not there, or is no capture.
    """
    return read_flow(file, names).table()


def read_flow(file: str | Path | BinaryIO, names: Names | None = None) -> Flow:
    """As `read_pcap`, but rows: a table of them is made when somebody asks for it."""
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
    """A bar on the error stream for who waits longer than a second: a function to be told the bytes read.

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
    """Spare the collector the search for garbage among rows that are all kept: a quarter of the time."""
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
