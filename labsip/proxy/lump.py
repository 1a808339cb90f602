"""Changes to a message as Kamailio keeps them: spliced into its bytes when it is forwarded, never before."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import NamedTuple, Self

from labsip.sip.message import Message
from labsip.sip.transport import Address


class Lump(NamedTuple):
    """Bytes `start` to `stop` of the message make way for `text`; a pure insertion has start == stop."""

    start: int
    stop: int
    text: bytes = b""
    across: Callable[[Address], str] | None = None
    """The line instead, where the message leaves by another address of ours than it came in on."""


_place = itemgetter(0, 1)
"""Where a lump comes: what is put before a line, and takes no place, comes before what takes the line's place."""


class Lumps(list[Lump]):
    """The changes collected so far for one message."""

    __slots__ = ()

    def append_header(self, message: Message, line: str) -> None:
        """A header line behind the last one."""
        self.insert_at(message.head_end, line)

    def prepend_header(self, message: Message, line: str, across: Callable[[Address], str] | None = None) -> None:
        """A header line above all others; a later one comes below an earlier one. `across` as in Lump."""
        self.insert_at(message.head_start, line, across)

    def replace(self, start: int, stop: int, text: str = "") -> None:
        """Other text in the place of what stands there, or none; what was to come there before is forgotten."""
        if self:
            self[:] = [lump for lump in self if lump.start == lump.stop or lump.stop <= start or lump.start >= stop]
        self.append(Lump(start, stop, text.encode("utf-8", "surrogateescape")))

    def insert_at(self, offset: int, line: str, across: Callable[[Address], str] | None = None) -> None:
        """A header line at an offset; `across` as in Lump."""
        self.append(Lump(offset, offset, _line(line), across))

    def leaving(self, socket: Address) -> Self:
        """The changes as they are where the message leaves by another address than it came in on."""
        return type(self)(
            lump._replace(text=_line(lump.across(socket)), across=None) if lump.across else lump for lump in self
        )

    def remove_header(self, message: Message, name: str) -> int:
        """Take out all lines of that header; returns how many."""
        spans = message.spans(name)
        for start, _, stop in spans:
            self.replace(start, stop)
        return len(spans)

    def apply(self, raw: bytes, begin: int = 0) -> bytes:
        """The message from `begin` on with the changes made; insertions at one place stay in the order they came."""
        parts: list[bytes] = []
        at = begin
        for start, stop, text, _ in sorted(self, key=_place) if len(self) > 1 else self:
            parts += raw[at:start], text
            at = max(at, stop)
        parts.append(raw[at:])
        return b"".join(parts)


def _line(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape") + b"\r\n"
