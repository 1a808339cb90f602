"""A message shown whole: as text, and as a page shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple

from labsip.flow.skim import body_lines, printable
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
"""What a value falls apart at."""


class Line(NamedTuple):
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
        return as_text([*([Line(self.title)] if self.title else []), *self._lines()])

    def _repr_html_(self) -> str:
        title = f"<div><strong>{escape(self.title)}</strong></div>" if self.title else ""
        return title + as_html(self._lines())

    def _lines(self) -> Iterator[Line]:
        end = b"\r\n\r\n" if b"\r\n\r\n" in self.raw else b"\n\n"
        head, _, body = self.raw.partition(end)
        for line in head.decode("utf-8", "replace").splitlines():
            name, colon, value = line.partition(":")
            named = colon and " " not in name.rstrip()  # the first line has no name, and a folded one goes on
            yield Line(printable(value.strip()), printable(name)) if named else Line(printable(line))
        if body:
            yield Line("")
            yield from map(Line, body_lines(body))


def as_text(lines: Iterable[Line]) -> str:
    """The lines below each other."""
    return "\n".join(str(line).rstrip() for line in lines)


def as_html(lines: Iterable[Line]) -> str:
    """The same lines, names bold, marked ones in colour; it takes its ground from the page, dark or light."""
    return f'<pre style="{STYLE}">{chr(10).join(map(_html, lines))}</pre>'


def _html(line: Line) -> str:
    name = f"<strong>{escape(line.name)}:</strong> " if line.name else ""
    text = f"{line.margin}{name}{''.join(_emphasised(line))}"
    return f'<span style="{_colour(COLOURS[line.mark])}">{text}</span>' if line.mark in COLOURS else text


def _colour(ink: str) -> str:
    """An ink moved towards the page's own text: darker on white, lighter on a dark page; the ink itself if need be."""
    return f"color: {ink}; color: color-mix(in srgb, {ink} 70%, currentcolor)"


def _emphasised(line: Line) -> Iterator[str]:
    """The parts of its value; where a value took the place of another, what is new in it is underlined."""
    before = PARTS.split(line.before)
    for part in PARTS.split(line.value):
        yield f"<u>{escape(part)}</u>" if line.before and part not in before else escape(part)
