"""A capture file that grows while `labsip serve` runs: nobody has to be root to see what passed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import click

from labsip.cli.options import new_file
from labsip.net.clock import give_way, since_1970
from labsip.net.network import Network
from labsip.net.outlet import Outlet
from labsip.pcap.capture_file import CaptureFile, OccupiedFile
from labsip.pcap.write import FORMATS, CaptureWriter, Recorder
from labsip.sip.errors import LabError
from labsip.trace import CommandRow, DatagramRow

PORTION, REST = 1000, 0.01
"""After so many messages, some 8 ms of work, the network's thread gets that many seconds to itself."""
MOST = 16 << 20
"""Bytes that wait for a disk or a reader; beyond them, messages are counted instead."""
PATIENCE = 1.0
"""Seconds that the end of the program waits for them."""


def capture_file(context: click.Context, parameter: click.Parameter, file: Path | None) -> Path | None:
    """Refuse a file whose suffix names no format, or that has no folder, before anything else begins."""
    if file is not None and file.suffix not in FORMATS:
        raise click.BadParameter(f"{file.name}: write a .pcap or a .pcapng file")
    return new_file(context, parameter, file)


class Recording:
    """Writes messages into a capture file, as `Recorder` does, and waits for nobody.

    A capture that is there already is continued. If something else is there it stays as it is, and nothing is captured:
    what the last run left behind must not keep this one from serving. Raises LabError if the file can't be opened.
    """

    def __init__(self, path: Path, net: Network) -> None:
        self._path = path
        self._net = net
        self._file: CaptureFile | None = None
        self._outlet: Outlet | None = None
        self._recorder: Recorder | None = None
        """None until the first messages: a server that can't begin leaves nothing in the file."""
        self._portion = 0
        self._missing = 0
        self._trouble = ""
        """Why nothing is captured, until that was told."""
        try:
            self._open()
        except OccupiedFile as error:
            self._trouble = f"nothing is captured: {error}, and send SIGHUP"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._outlet is not None:
            self._outlet.end()

    def keep(self, passed: list[DatagramRow], commands: list[CommandRow]) -> Iterator[str]:
        """Write these messages; tells what goes wrong, once."""
        outlet = self._outlet
        if outlet is not None and outlet.error is not None:
            self._outlet = None
            self._trouble = f"the capture ends: {outlet.error.strerror}; SIGHUP has it go on"
            outlet.end()
        if self._outlet is None:
            if self._trouble:
                yield self._trouble
                self._trouble = ""
            return
        recorder = self._recorder = self._recorder or Recorder(self._writer())
        recorder.hear(commands)
        for at in range(0, len(passed), PORTION):
            yield from self._write(recorder, self._outlet, passed[at : at + PORTION])

    def write(self, data: memoryview, /) -> int:
        """What the writer has for the file."""
        if self._outlet is not None:
            self._outlet.put(bytes(data), self._portion)
        return len(data)

    def begin_anew(self) -> Iterator[str]:
        """Go on in a new file if the name leads to another by now, or in the same after an error; tells how it went."""
        before = self._outlet
        if before is not None and self._file is not None and not self._file.moved:
            return
        try:
            self._open()
        except LabError as error:
            yield f"the capture: all stays as it was; {error}"
            return
        if before is not None:
            before.end()  # what waits is still written there
        yield f"the capture goes on in {self._path}"

    def end(self) -> Iterator[str]:
        """Wait until all is written, but not long; tells what is not."""
        if self._outlet is not None:
            self._missing += self._outlet.end(PATIENCE)
            yield from self._tell_missing()

    def _open(self) -> None:
        self._file = CaptureFile(self._path, FORMATS[self._path.suffix](), before=self._file)
        self._outlet, self._trouble = Outlet(self._file, MOST), ""
        if self._recorder is not None:
            self._portion = 0
            self._recorder.begin(self._file.head)

    def _writer(self) -> CaptureWriter:
        form, start = FORMATS[self._path.suffix](), since_1970() - self._net.now
        head = self._file.head if self._file else None
        return CaptureWriter(self, form, self._net.trace.names, start=start, head=head)

    def _write(self, recorder: Recorder, outlet: Outlet, portion: list[DatagramRow]) -> Iterator[str]:
        if outlet.full:
            if not self._missing:
                yield "the capture is not written as fast as messages come: from here on some are missing in it"
            self._missing += len(portion)
            return
        yield from self._tell_missing()
        self._portion = len(portion)
        yield from recorder.keep(portion)
        give_way(REST)

    def _tell_missing(self) -> Iterator[str]:
        if self._missing:
            yield f"{self._missing} messages are missing in the capture"
            self._missing = 0
