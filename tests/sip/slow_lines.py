"""The scanner of `labsip.sip.lines` once more, slow and plain: it looks at one line after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labsip.sip.lines import Span


def lines_of(raw: bytes, pos: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each line from `pos` to `end` begins and ends, line end included; the last may have none."""
    start = pos
    for at in range(pos, end):
        if raw[at : at + 1] == b"\n":
            yield start, at + 1
            start = at + 1
    if start < end:
        yield start, end


def spans_in_order(raw: bytes, pos: int, end: int) -> list[Span]:
    """Every header line from `pos` to `end`, folds included."""
    spans: list[Span] = []
    for start, stop in lines_of(raw, pos, end):
        line = raw[start:stop]
        if spans and line.startswith((b" ", b"\t")):
            begins, colon, _ = spans.pop()
            spans.append((begins, colon, stop))
        elif b":" in line:
            spans.append((start, start + line.index(b":"), stop))
        else:
            spans.append((start, start + len(line.removesuffix(b"\n")), stop))
    return spans


def blank_line(raw: bytes, at: int) -> tuple[int, int]:
    """The first empty line that has a line end before it, from `at` on."""
    lines = list(lines_of(raw, at, len(raw)))
    for start, stop in lines[1:]:
        if raw[start:stop] in (b"\n", b"\r\n"):
            return start, stop
    return -1, -1


def header_lines(
    raw: bytes, pos: int, end: int, names: Mapping[bytes, str]
) -> tuple[dict[str, list[Span]], dict[bytes, list[Span]]]:
    """Header lines by name where `names` has their spelling, by their spelling where it does not."""
    known: dict[str, list[Span]] = {}
    other: dict[bytes, list[Span]] = {}
    for start, colon, stop in spans_in_order(raw, pos, end):
        spelled = raw[start:colon] if raw[colon : colon + 1] == b":" else b""
        if spelled in names:
            known.setdefault(names[spelled], []).append((start, colon, stop))
        else:
            other.setdefault(spelled, []).append((start, colon, stop))
    return known, other


def find_line(raw: bytes, pos: int, end: int, name: bytes) -> Span | None:
    """The first header line that is spelled like this."""
    for start, colon, stop in spans_in_order(raw, pos, end):
        if raw[start : colon + 1] == name + b":":
            return start, colon, stop
    return None


def named_lines(raw: bytes, pos: int, end: int, *names: bytes) -> list[Span]:
    """The header lines whose name, in lower case, is one of these."""
    spans = spans_in_order(raw, pos, end)
    return [
        (start, colon, stop)
        for start, colon, stop in spans
        if raw[colon : colon + 1] == b":" and raw[start:colon].rstrip(b" \t").lower() in names
    ]


def line_end(raw: bytes, pos: int, end: int) -> int:
    """Where the header line that begins at `pos` ends."""
    return spans_in_order(raw, pos, end)[0][2]
