"""Where the lines of a compiled block stand: in one file, or in several where the block includes something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from labsip.dialects.cfg.nodes import Spot
from labsip.proxy.dialect import Position

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
        return Position(self._file, line)

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
            self._reach(Position(spot.file, spot.line))

    def _reach(self, place: Position) -> None:
        """The lines up to that one, where the last was of the same file; else that one alone."""
        last = self._places[-1] if self._places else None
        if place in self._numbers:
            return
        first = last.line + 1 if last is not None and last.file == place.file and last.line < place.line else place.line
        for line in range(first, place.line + 1):
            new = Position(place.file, line)
            self._places.append(new)
            self._numbers.setdefault(new, len(self._places))

    def line(self, spot: Spot) -> int:
        """The line of code for something in the cfg."""
        return self._numbers.get(Position(spot.file, spot.line), 1)

    def position(self, line: int) -> Position:
        """Where a line of code stands in the cfg."""
        return self._places[line - 1] if 0 < line <= len(self._places) else Position()

    def text(self, line: int) -> str:
        """The line itself."""
        file, number = self.position(line)
        lines = self._texts.get(file, ())
        return lines[number - 1] if 0 < number <= len(lines) else ""
