"""What passed, look by look, into a capture file; nothing that goes wrong there stops who looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from labsip.pcap.comments import Comments
from labsip.pcap.write import Writer
from labsip.sip.errors import LabError
from labsip.trace import CommandRow, DatagramRow


class Recorder:
    """A message it can't write is left out, and told. After an error of the file itself nothing more is written."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._comments = Comments()
        self.ended = False

    def begin(self, head: bytes) -> None:
        """From here on it is another file, with that head."""
        self._writer.begin(head)

    def hear(self, commands: Iterable[CommandRow]) -> None:
        """What the routes said of the messages to come."""
        self._comments.hear(commands)

    def keep(self, passed: Iterable[DatagramRow]) -> Iterator[str]:
        """Write these messages; tells what could not be written, and why."""
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
