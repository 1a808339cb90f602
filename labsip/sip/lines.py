"""The lines of a message: where each header stands in its bytes (RFC 3261 §7.3.1)."""

from __future__ import annotations

import re

from labsip.sip.errors import BadMessage
from labsip.sip.headers import USUAL, canonical
from labsip.sip.memory import remembered

MAX_HEADERS = 2000
"""Header lines read; more is BadMessage (the runaway loop of lesson 3 makes some 800)."""
TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+\Z")
WHITE = b" \t"
BLANK_LINE = re.compile(rb"\n\r?\n")
"""From the end of a line to behind the empty one that follows."""
_BLANK = (b"\r\n", b"\n")

Span = tuple[int, int, int]
"""Where a header line begins, its colon, and where it ends."""


def scan(raw: bytes, pos: int) -> tuple[dict[str, list[Span]], int, int]:
    """The lines of each header by its canonical name, where the headers end, and how many lines they are."""
    index: dict[str, list[Span]] = {}
    find, usual, size, lines = raw.find, USUAL.get, len(raw), 0
    while True:
        stop = find(b"\n", pos) + 1
        if stop - pos < 3 and raw[pos:stop] in _BLANK:
            return index, pos, lines
        while 0 < stop < size and raw[stop] in WHITE:  # §7.3.1: a line that begins with white space continues
            stop = find(b"\n", stop) + 1
        if not stop:
            raise BadMessage("the headers do not end in a blank line")
        colon = find(b":", pos, stop)
        lines += 1
        if colon <= pos or lines > MAX_HEADERS:
            raise BadMessage(f"no header line: {raw[pos : min(stop, pos + 60)]!r}")
        spelled = raw[pos:colon]
        name = usual(spelled) or _header_name(spelled)
        if name in index:
            index[name].append((pos, colon, stop))
        else:
            index[name] = [(pos, colon, stop)]
        pos = stop


@remembered(1024)
def _header_name(name: bytes) -> str:
    text = decode(name).rstrip()
    if not TOKEN.match(text):
        raise BadMessage(f"no header name: {text[:60]!r}")
    return canonical(text)


def decode(data: bytes) -> str:
    """Bytes as text; those that are no UTF-8 come back as they were when it is encoded."""
    return data.decode("utf-8", "surrogateescape")


def unfold(text: str) -> str:
    """A value that goes over several lines, in one (§7.3.1)."""
    return " ".join(part.strip() for part in text.split("\n"))
