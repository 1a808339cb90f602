"""A text that is being read: where reading is in it, and where that stands in its file."""

from __future__ import annotations

from dataclasses import dataclass

from labsip.dialects.cfg.nodes import Spot


@dataclass
class Excerpt:
    """A file, or what a name is defined as."""

    text: str
    file: str
    at: int = 0
    line: int = 1
    line_start: int = 0
    fixed: Spot | None = None
    """Of a define: where its name stands."""
    name: str = ""

    def spot(self, start: int, end: int) -> Spot:
        """Where a part of it stands that begins in its current line."""
        if self.fixed is not None:
            return self.fixed
        stop = self.text.find("\n", start, end)
        return Spot(
            self.file, self.line, start - self.line_start + 1, (stop if stop >= 0 else end) - self.line_start + 1
        )

    def move(self, to: int) -> int:
        """Go on behind that character, and say how many lines that was."""
        count = self.text.count("\n", self.at, to)
        if count:
            self.line += count
            self.line_start = self.text.rindex("\n", self.at, to) + 1
        self.at = to
        return count
