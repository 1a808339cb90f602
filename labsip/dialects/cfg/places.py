"""Where the lines of a compiled block stand: in one file, or in several where the block includes something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from labsip.dialects.cfg.nodes import Spot
from labsip.proxy.dialect import NOWHERE, Position

Texts = Mapping[str, tuple[str, ...]]


class OneFile:
    """Lines of code are the file's. A `dialects.python.SourceMap`."""

    def __init__(self, file: str, texts: Texts) -> None:
        self._file = file
        self._lines = texts.get(file, ())

    def line(self, spot: Spot) -> int:
        """The line of code for something in the cfg."""
        return spot.line or 1

    def position(self, line: int) -> Position:
        """Where a line of code stands in the cfg."""
        return self._file, line

    def text(self, line: int) -> str:
        """The line itself."""
        return self._lines[line - 1] if 0 < line <= len(self._lines) else ""


class SeveralFiles:
    """Lines of code are numbered as the block is read, whatever file each is in."""

    def __init__(self, spots: Iterable[Spot], texts: Texts) -> None:
        self._texts = texts
        self._places: list[Position] = []
        self._numbers: dict[Position, int] = {}
        for spot in spots:
            self._reach(spot.file, spot.line)

    def _reach(self, file: str, line: int) -> None:
        """The lines up to that one, where the last was of the same file; else that one alone."""
        if (file, line) in self._numbers:
            return
        before, last = self._places[-1] if self._places else NOWHERE
        for number in range(last + 1 if before == file and last < line else line, line + 1):
            self._places.append((file, number))
            self._numbers.setdefault((file, number), len(self._places))

    def line(self, spot: Spot) -> int:
        """The line of code for something in the cfg."""
        return self._numbers.get((spot.file, spot.line), 1)

    def position(self, line: int) -> Position:
        """Where a line of code stands in the cfg."""
        return self._places[line - 1] if 0 < line <= len(self._places) else NOWHERE

    def text(self, line: int) -> str:
        """The line itself."""
        file, number = self.position(line)
        lines = self._texts.get(file, ())
        return lines[number - 1] if 0 < number <= len(lines) else ""
