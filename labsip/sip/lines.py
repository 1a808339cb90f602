"""The scanner: where the header lines of a message stand in its bytes (RFC 3261 §7.3.1).

Functions of bytes and offsets that return offsets: they know no value of this package, raise nothing, and can be
compiled or replaced as they stand. `head` makes of them what a message knows about its headers. tests/sip/slow_lines.py
has the same functions once more, slow and plain; both must agree on every message there is.

A line ends with CRLF or with a bare LF, and one that begins with a space or a tab continues the line before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

Span = tuple[int, int, int]
"""Where a header line begins, its colon, and where it ends: behind its line end, and behind all it is folded over.

A line without a colon has the end of its first line in the place of the colon.
"""

WHITE = b" \t"
_blank_line = re.compile(rb"\n\r?\n").search


def blank_line(raw: bytes | bytearray, at: int) -> tuple[int, int]:
    """Where the first blank line behind a line end begins and ends; (-1, -1) if there is none.

    `at`: the offset of a line end, or of anything before it.
    """
    found = _blank_line(raw, at)
    return (found.start() + 1, found.end()) if found else (-1, -1)


def header_lines(
    raw: bytes, pos: int, end: int, names: Mapping[bytes, str]
) -> tuple[dict[str, list[Span]], dict[bytes, list[Span]]]:
    """The header lines from `pos` to `end`: those spelled as in `names`, by its name, and the others by their spelling.

    `pos` is behind a line end, and `end` too, or it is the end of `raw`; no blank line lies between. A line without a
    name or a colon is spelled b"". A first line that begins with white space continues nothing, and counts as one.
    """
    known: dict[str, list[Span]] = {}
    other: dict[bytes, list[Span]] = {}
    spans: list[Span] = []
    name_of = names.get
    lines = raw[pos:end].split(b"\n")
    if not lines[-1]:
        lines.pop()
    for line in lines:
        stop = pos + len(line) + 1
        if line[0] in WHITE and spans:
            start, at, _ = spans[-1]
            spans[-1] = start, at, stop
        else:
            spelled, colon, _ = line.partition(b":")
            name = name_of(spelled)
            if name is None or not colon:
                spans = other.setdefault(spelled if colon else b"", [])
                spans.append((pos, pos + len(spelled), stop))
            elif name in known:
                spans = known[name]
                spans.append((pos, pos + len(spelled), stop))
            else:
                known[name] = spans = [(pos, pos + len(spelled), stop)]
        pos = stop
    if pos > end:  # the last line has no line end
        spans[-1] = (*spans[-1][:2], end)
    return known, other


def find_line(raw: bytes, pos: int, end: int, name: bytes) -> Span | None:
    """The first header line that begins with exactly `name` and a colon, found without a look at the others.

    `pos` and `end` as in `header_lines`. None if no line does: the header may still be there, spelled differently.
    """
    start = raw.find(b"\n" + name + b":", pos - 1, end) + 1
    if not start:
        return None
    stop = raw.find(b"\n", start, end) + 1 or end
    if stop < end and raw[stop] in WHITE:
        stop = line_end(raw, stop, end)
    return start, start + len(name), stop


def named_lines(raw: bytes, pos: int, end: int, *names: bytes) -> list[Span]:
    """The header lines that have one of these names, given in lower case, compact forms apart; in order.

    `pos` and `end` as in `header_lines`. Lines that are no header lines are passed over.
    """
    spans = []
    for found in _beginning(names)(raw, pos - 1, end):
        at = found.end()
        spans.append((found.start() + 1, at - 1, line_end(raw, at, end)))
    return spans


@cache
def _beginning(names: tuple[bytes, ...]) -> Callable[[bytes, int, int], Iterator[re.Match[bytes]]]:
    # §25.1: 'HCOLON = *( SP / HTAB ) ":" SWS'
    return re.compile(rb"\n(?:%b)[ \t]*:" % b"|".join(map(re.escape, names)), re.IGNORECASE).finditer


def line_end(raw: bytes, pos: int, end: int) -> int:
    """Where the header line that begins at `pos` ends, folds included; at `end` at the latest."""
    find = raw.find
    stop = find(b"\n", pos, end) + 1 or end
    while stop < end and raw[stop] in WHITE:
        stop = find(b"\n", stop, end) + 1 or end
    return stop
