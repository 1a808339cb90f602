"""Lines with marks, as text and as a page shows them: a message whole, and what a hop changed in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import NamedTuple

from labsip.flow.changes import HeaderChange, changes_between
from labsip.flow.skim import body_lines, printable
from labsip.sip.headers import canonical
from labsip.view.palette import INK, QUIET

COLOURS = {
    "+": INK["success"].colour, "-": INK["failure"].colour, ":": QUIET,
    "~": INK["provisional"].colour, ">": INK["provisional"].colour,
}  # fmt: skip
"""Of a line, by its mark: the mark says it too."""
STYLE = (
    "margin: 0.5em 0; font-family: monospace; line-height: 1.4; "
    "white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere"
)

PARTS = re.compile(r"([;, ])")
"""Where a value is split into parts."""
MANY = 4
"""More values of one header in a row, all unchanged, are not shown one by one."""
LEGEND = "+ added   - removed   ~ changed, > to this"


class TextLine(NamedTuple):
    """A line to show: `mark name: value`, whatever of it is there."""

    value: str
    name: str = ""
    mark: str = ""
    """`+` added, `-` removed, `~` was so, `>` is so now, `:` a remark, a blank: as it was."""
    before: str = ""
    """What a `>` value was."""

    @property
    def margin(self) -> str:
        """What stands before it: its mark, or room for none."""
        return "      " if self.mark == ":" else f"{self.mark} " if self.mark else ""

    def __str__(self) -> str:
        return f"{self.margin}{self.name}: {self.value}" if self.name else f"{self.margin}{self.value}"


class MessageView:
    """One message, all of it. `title`: a line above it, such as `0.003  106 -> proxy`."""

    def __init__(self, raw: bytes, title: str = "") -> None:
        self.raw = raw
        self.title = title

    def __repr__(self) -> str:
        return as_text([*([TextLine(self.title)] if self.title else []), *self.lines()])

    def _repr_html_(self) -> str:
        title = f"<div><strong>{escape(self.title)}</strong></div>" if self.title else ""
        return title + as_html(self.lines())

    def lines(self) -> Iterator[TextLine]:
        """The message's lines, headers with their names."""
        end = b"\r\n\r\n" if b"\r\n\r\n" in self.raw else b"\n\n"
        head, _, body = self.raw.partition(end)
        for line in head.decode("utf-8", "replace").splitlines():
            name, colon, value = line.partition(":")
            named = colon and " " not in name.rstrip()  # the first line has no name, and a folded one goes on
            yield TextLine(printable(value.strip()), printable(name)) if named else TextLine(printable(line))
        if body:
            yield TextLine("")
            yield from map(TextLine, body_lines(body))


class Changes:
    """The whole message with its changes marked; `len` and iteration are over what changed."""

    def __init__(self, rows: tuple[HeaderChange, ...]) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[HeaderChange]:
        return (change for change in self.rows if change.mark != " ")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return as_text(self.lines())

    def _repr_html_(self) -> str:
        return as_html(self.lines())

    def lines(self) -> Iterator[TextLine]:
        """The message's lines, changed ones with marks and what they are for; at the end what the marks mean."""
        for (mark, name), group in groupby(self.rows, key=lambda change: (change.mark, canonical(change.name))):
            rows = list(group)
            folded = mark == " " and name and len(rows) > MANY
            for change in rows[:1] if folded else rows:
                yield from _change_lines(change)
            if folded:
                yield TextLine(f"and {len(rows) - 1} more, all as they were", rows[0].name, " ")
        yield TextLine(LEGEND if len(self) else "nothing changed", mark=":")


def changes(before: bytes, after: bytes) -> Changes:
    """What happened to a message between two hops. Raises LabError if one of them is no SIP message."""
    return Changes(changes_between(before, after))


def as_text(lines: Iterable[TextLine]) -> str:
    """The lines below each other."""
    return "\n".join(str(line).rstrip() for line in lines)


def as_html(lines: Iterable[TextLine]) -> str:
    """The same lines, names bold, marked ones in colour, on the background of the page, dark or light."""
    return f'<pre style="{STYLE}">{chr(10).join(map(_html, lines))}</pre>'


def _change_lines(change: HeaderChange) -> Iterator[TextLine]:
    before, after = printable(change.before or ""), printable(change.after or "")
    yield TextLine(after if change.mark == "+" else before, change.name, change.mark)
    if change.mark == "~":
        yield TextLine(after, change.name, ">", before)
    if change.why:
        yield TextLine(change.why, mark=":")


def _html(line: TextLine) -> str:
    name = f"<strong>{escape(line.name)}:</strong> " if line.name else ""
    text = f"{line.margin}{name}{''.join(_emphasised(line))}"
    return f'<span style="{_colour(COLOURS[line.mark])}">{text}</span>' if line.mark in COLOURS else text


def _colour(ink: str) -> str:
    """An ink moved towards the page's own text: darker on white, lighter on a dark page; the ink itself if need be."""
    return f"color: {ink}; color: color-mix(in srgb, {ink} 70%, currentcolor)"


def _emphasised(line: TextLine) -> Iterator[str]:
    """The parts of its value; in a value that took the place of another, the new parts are underlined."""
    before = PARTS.split(line.before)
    for part in PARTS.split(line.value):
        yield f"<u>{escape(part)}</u>" if line.before and part not in before else escape(part)
