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

Span = tuple[int, int, int]
"""Where a header line begins, its colon, and where it ends."""


def scan(raw: bytes, pos: int) -> tuple[dict[str, list[Span]], int, int]:
    """The lines of each header by its canonical name, where the headers end, and how many lines they are."""
    found = BLANK_LINE.search(raw, pos - 1)
    if found is None:
        raise BadMessage("the headers do not end in a blank line")
    end = found.start() + 1
    lines = raw[pos:end].split(b"\n")
    if len(lines) - 1 > MAX_HEADERS:
        raise BadMessage(f"more than {MAX_HEADERS} header lines")
    index: dict[str, list[Span]] = {}
    spans: list[Span] = []
    usual, count = USUAL.get, 0
    for line in lines[:-1]:
        stop = pos + len(line) + 1
        if line[0] in WHITE and spans:  # §7.3.1: a line that begins with white space continues the one before
            spans[-1] = (*spans[-1][:2], stop)
        else:
            spelled, colon, _ = line.partition(b":")
            if not colon or not spelled:
                raise BadMessage(f"no header line: {line[:60]!r}")
            name = usual(spelled) or _header_name(spelled)
            spans = index.setdefault(name, [])
            spans.append((pos, pos + len(spelled), stop))
            count += 1
        pos = stop
    return index, end, count


def legible(raw: bytes, pos: int) -> bytes:
    """Of the lines from `pos` on those that are header lines, and a blank one: what a refusal can be made of."""
    found = BLANK_LINE.search(raw, pos - 1)
    end = len(raw) if found is None else found.start() + 1
    kept: list[bytes] = []
    keeps = False
    for line in raw[pos:end].split(b"\n")[:MAX_HEADERS]:
        if not line.startswith((b" ", b"\t")):
            keeps = _is_header_line(line)
        if keeps:
            kept.append(line.removesuffix(b"\r"))
    return b"\r\n".join([*kept, b"", b""])


def _is_header_line(line: bytes) -> bool:
    name, colon, _ = line.partition(b":")
    return bool(colon) and TOKEN.match(decode(name).rstrip()) is not None


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
