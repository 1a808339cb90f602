"""Changes to a message as Kamailio keeps them: spliced into its bytes when it is forwarded, never before."""

from __future__ import annotations

from typing import NamedTuple

from labsip.sip.message import Message


class Lump(NamedTuple):
    """Bytes `start` to `stop` of the message make way for `text`; a pure insertion has start == stop."""

    start: int
    stop: int
    text: bytes = b""


def _place(lump: Lump) -> tuple[int, bool]:
    """Where a lump comes: what is put before a line comes before what takes the line's place."""
    return lump.start, lump.stop > lump.start


class Lumps(list[Lump]):
    """The changes collected so far for one message."""

    def append_header(self, message: Message, line: str) -> None:
        """A header line behind the last one."""
        self.insert_at(message.head_end, line)

    def prepend_header(self, message: Message, line: str) -> None:
        """A header line above all others; a later one comes below an earlier one."""
        self.insert_at(message.head_start, line)

    def replace(self, start: int, stop: int, text: str = "") -> None:
        """Other text in the place of what stands there, or none; what was to come there before is forgotten."""
        self[:] = [lump for lump in self if lump.start == lump.stop or lump.stop <= start or lump.start >= stop]
        self.append(Lump(start, stop, text.encode("utf-8", "surrogateescape")))

    def insert_at(self, offset: int, line: str) -> None:
        """A header line at an offset."""
        self.append(Lump(offset, offset, line.encode("utf-8", "surrogateescape") + b"\r\n"))

    def remove_header(self, message: Message, name: str) -> int:
        """Take out all lines of that header; returns how many."""
        lines = message.find(name)
        for line in lines:
            self.replace(line.start, line.stop)
        return len(lines)

    def apply(self, raw: bytes) -> bytes:
        """The message with the changes made; insertions at one place keep the order they were asked for in."""
        if not self:
            return raw
        parts: list[bytes] = []
        at = 0
        for start, stop, text in sorted(self, key=_place):
            parts += raw[at:start], text
            at = max(at, stop)
        parts.append(raw[at:])
        return b"".join(parts)
