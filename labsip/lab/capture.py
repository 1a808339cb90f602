"""A capture file that grows while the lab runs."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import Self

from labsip.flow.files import writing
from labsip.net.clock import Ticker, since_1970
from labsip.pcap.write import Recorder, pcap_writer
from labsip.testbed import Testbed
from labsip.trace import CommandRow, DatagramRow

RATE = 10.0
"""How often a second new messages go into the file; by then their commands are known."""


class LiveCapture:
    """Writes every message from now on, until it or its lab is closed; made by `lab.capture(path)`.

    What can't be written is told in `lab.log`.
    """

    def __init__(self, testbed: Testbed, file: str | Path, *, documentation_addresses: bool = False) -> None:
        with writing(file) as path:
            self.path = path
        self._net = testbed.net
        self._trace = testbed.trace
        self._next = self._trace.next_datagram
        self._next_command = 0
        self._files = ExitStack()
        start = since_1970() - self._net.now + self._trace.start
        names = self._trace.names
        with writing(self.path):
            opened = pcap_writer(self.path, names, start=start, documentation_addresses=documentation_addresses)
            self._recorder = Recorder(self._files.enter_context(opened))
        self._ticker = Ticker(self._write, RATE)
        testbed.at_close.append(self.close)

    def __repr__(self) -> str:
        return f"<capture into {self.path}{'' if self._ticker.alive else ', closed'}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Write what is left, and end the file. May be called twice."""
        if self._ticker.alive:
            self._ticker.stop()
            self._write()
        self._files.close()

    def _write(self) -> bool:
        # peek: a fault of a node is for the next cell to hear of, not for this thread
        rows, commands = self._net.peek(lambda _: self._new())
        self._recorder.hear(commands)
        for told in self._recorder.keep(rows):
            self._trace.note(self._net.now, told)
        return not self._recorder.ended

    def _new(self) -> tuple[list[DatagramRow], list[CommandRow]]:
        """The rows and the commands since the last time."""
        rows = list(takewhile(lambda row: row.row >= self._next, reversed(self._trace.datagrams)))
        self._next = self._trace.next_datagram
        commands = list(takewhile(lambda command: command.row >= self._next_command, reversed(self._trace.commands)))
        self._next_command = self._trace.next_command
        return rows[::-1], commands
