"""A capture file that grows while `labsip serve` runs: nobody has to be root to see what passed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from labsip.cli.log import Keep
from labsip.net.clock import since_1970
from labsip.net.network import Network
from labsip.pcap.comments import Comments
from labsip.pcap.write import FORMATS, pcap_writer
from labsip.sip.errors import LabError
from labsip.trace import Passed, Spoken


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
        comments = Comments()
        ended = False

        def keep(passed: list[Passed], words: list[Spoken]) -> Iterator[str]:
            nonlocal ended
            if ended:
                return
            comments.hear(words)
            for row in passed:
                try:
                    writer.add(row, comments.on(row))
                except LabError as error:
                    yield f"not in the capture: {error}"
            try:
                writer.flush()
            except OSError as error:
                ended = True
                yield f"the capture ends: {file}: {error.strerror}"

        yield keep
