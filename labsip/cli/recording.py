"""A capture file that grows while `labsip serve` runs: nobody has to be root to see what passed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from labsip.cli.log import Keep
from labsip.net.clock import give_way, since_1970
from labsip.net.network import Network
from labsip.pcap.comments import Comments
from labsip.pcap.write import FORMATS, Writer, pcap_writer
from labsip.sip.errors import LabError
from labsip.trace import Passed, Spoken

PORTION, REST = 1000, 0.01
"""After so many messages, some 8 ms of work, the network's thread gets that many seconds to itself."""


def capture_file(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> Path | None:
    """Refuse a file whose suffix names no format, before anything else begins."""
    if file is not None and file.suffix not in FORMATS:
        raise click.BadParameter(f"{file.name}: write a .pcap or a .pcapng file")
    return file


@contextmanager
def recording(file: Path, net: Network) -> Iterator[Keep]:
    """What writes messages into a new capture file. Raises LabError if there can be none.

    A message it can't write is left out, and told. After an error of the file itself nothing more is written.
    """
    with ExitStack() as opened:
        try:
            writer = opened.enter_context(pcap_writer(file, net.trace.names, start=since_1970() - net.now))
        except OSError as error:
            raise LabError(f"{file}: {error.strerror}; name a file that can be written") from None
        yield _Recording(file, writer).keep


class _Recording:
    def __init__(self, file: Path, writer: Writer) -> None:
        self._file = file
        self._writer = writer
        self._comments = Comments()
        self._ended = False

    def keep(self, passed: list[Passed], words: list[Spoken]) -> Iterator[str]:
        if self._ended:
            return
        self._comments.hear(words)
        try:
            for at in range(0, len(passed), PORTION):
                yield from self._add(passed[at : at + PORTION])
                self._writer.flush()
                give_way(REST)
        except OSError as error:
            self._ended = True
            yield f"the capture ends: {self._file}: {error.strerror}"

    def _add(self, rows: list[Passed]) -> Iterator[str]:
        for row in rows:
            try:
                self._writer.add(row, self._comments.on(row))
            except LabError as error:
                yield f"not in the capture: {error}"
