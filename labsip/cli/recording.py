"""A capture file that grows while `labsip serve` runs: nobody has to be root to see what passed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from labsip.cli.log import Keep
from labsip.net.clock import give_way, since_1970
from labsip.net.network import Network
from labsip.pcap.recorder import Recorder
from labsip.pcap.write import FORMATS, pcap_writer
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
    """What writes messages into a new capture file, as `Recorder` does. Raises LabError if there can be none."""
    with ExitStack() as opened:
        try:
            writer = opened.enter_context(pcap_writer(file, net.trace.names, start=since_1970() - net.now))
        except OSError as error:
            raise LabError(f"{file}: {error.strerror}; name a file that can be written") from None
        recorder = Recorder(writer)

        def keep(passed: list[Passed], words: list[Spoken]) -> Iterator[str]:
            recorder.hear(words)
            for at in range(0, len(passed), PORTION):
                yield from recorder.keep(passed[at : at + PORTION])
                give_way(REST)

        yield keep
