"""What goes to a terminal: nothing in it moves a cursor, no reader holds up who writes."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TextIO

import click

from labsip.net.outlet import Descriptor, Outlet

MOST = 1 << 20
"""Bytes that wait for a reader; beyond them, lines are counted instead."""
PATIENCE = 1.0
"""Seconds that the end of the program waits for a reader."""


def visible(text: str) -> str:
    """Text from outside, safe for a terminal: what would move its cursor or turn its direction is written out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def visible_lines(text: str) -> str:
    """The same of several lines."""
    return "\n".join(map(visible, text.split("\n")))


def fill_closed() -> None:
    """Have a descriptor 0, 1 or 2 that was closed lead nowhere; else the next socket or file would get its number."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)


def forgiving(stream: TextIO | None) -> None:
    """Have a stream write out what its encoding has no letter for: an arrow in ASCII, a byte of a file's name."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def show(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print lines that may have something from outside in them: a name, a path, a message."""
    click.echo(visible_lines(text), err=err, nl=nl)


class Lines:
    """Standard output or standard error of a server: whoever reads it may stall or go away, and be told later."""

    def __init__(self, stream: TextIO | None) -> None:
        """stream: None where there is none, as after `>&-`."""
        self._encoding = "utf-8" if stream is None else stream.encoding
        self._outlet = None if stream is None else Outlet(Descriptor(stream.fileno()), MOST)

    @classmethod
    def out(cls) -> Lines:
        """Standard output."""
        return cls(sys.stdout)

    @classmethod
    def err(cls) -> Lines:
        """Standard error."""
        return cls(sys.stderr)

    def say(self, *lines: str) -> None:
        """Write these, and before them how many were lost, if some were and there is room again."""
        if self._outlet is None:
            return
        if not self._outlet.full and (lost := self._outlet.take_lost()):
            self._put(f"NOTICE: labsip: ... {lost} lines before this could not be written{self._why()}", lost)
        for line in lines:
            self._put(line, 1)

    def end(self) -> None:
        """Wait for the reader, but not long."""
        if self._outlet is not None:
            self._outlet.end(PATIENCE)

    def _put(self, line: str, count: int) -> None:
        assert self._outlet is not None
        self._outlet.put(f"{line}\n".encode(self._encoding, "backslashreplace"), count)

    def _why(self) -> str:
        error = self._outlet.error if self._outlet else None
        return f" ({error.strerror})" if error else ""
