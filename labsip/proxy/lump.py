"""Changes to a message as Kamailio keeps them: spliced into its bytes when it is forwarded, never before."""

from __future__ import annotations

from typing import NamedTuple

from labsip.sip.headers import canonical
from labsip.sip.message import Message


class Lump(NamedTuple):
    """Bytes `start` to `stop` of the message make way for `text`; a pure insertion has start == stop."""

    start: int
    stop: int
    text: bytes = b""


class Lumps(list[Lump]):
    """The changes collected so far for one message."""

    def append_header(self, message: Message, line: str) -> None:
        """A header line behind the last one."""
        self.insert_at(message.head_end, line)

    def prepend_header(self, message: Message, line: str) -> None:
        """A header line above all others; a later one comes below an earlier one."""
        self.insert_at(message.lines[0].start, line)

    def insert_at(self, offset: int, line: str) -> None:
        """A header line at an offset."""
        self.append(Lump(offset, offset, line.encode("utf-8", "surrogateescape") + b"\r\n"))

    def remove_header(self, message: Message, name: str) -> int:
        """Take out all lines of that header; returns how many."""
        lines = [line for line in message.lines if canonical(line.name) == canonical(name)]
        self.extend(Lump(line.start, line.stop) for line in lines)
        return len(lines)

    def apply(self, raw: bytes) -> bytes:
        """The message with the changes made; insertions at one place keep the order they were asked for in."""
        if not self:
            return raw
        parts: list[bytes] = []
        at = 0
        for lump in sorted(self, key=lambda lump: lump.start):
            if lump.start > at:
                parts.append(raw[at : lump.start])
            parts.append(lump.text)
            at = max(at, lump.stop)
        parts.append(raw[at:])
        return b"".join(parts)
