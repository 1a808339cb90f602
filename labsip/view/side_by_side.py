"""Flows side by side, as text and as a table of a page: a line a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from labsip.flow.changes import changes_between
from labsip.flow.comparison import ComparisonRow, aligned, verdict
from labsip.flow.rows import Flow, FlowRow
from labsip.proxy.arguments import checked_count
from labsip.sip.errors import LabError
from labsip.view.layout import clipped
from labsip.view.listing import COLOURS, Changes

if TYPE_CHECKING:
    import pandas as pd

TITLES = ("mine", "theirs", "a third", "a fourth")
CELL = "text-align: left; white-space: pre; padding: 0 1.5em 0 0"


class Comparison:
    """Two flows or more in columns, a line a message.

    `len` and iteration are over the lines that differ; what only stands at another place, as messages that travel at
    the same time may, is no difference.
    """

    def __init__(self, titles: tuple[str, ...], rows: tuple[ComparisonRow, ...]) -> None:
        self.titles = titles
        self.rows = rows

    def __iter__(self) -> Iterator[ComparisonRow]:
        return (row for row in self.rows if row.mark in "~-")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def only(self, title: str) -> list[str]:
        """What that flow has and no other: `proxy -> 106  501 Not Implemented`. Raises LabError for another title."""
        if title not in self.titles:
            raise LabError(f"no flow is called {title!r} here, only {', '.join(self.titles)}")
        place = self.titles.index(title)
        return [_cell(one) for row in self if row.owners == {place} and (one := row.messages[place])]

    def changes(self, line: int) -> Changes:
        """The message of that line, counted from 1, header by header: as the first flow has it beside the last.

        There is no hop between the two, so nothing is said of what a change is for.

        Raises LabError if one of the two flows lacks it.
        """
        line = checked_count(line, "line")
        if not 0 < line <= len(self.rows):
            raise LabError(f"there is no line {line}, only 1 to {len(self.rows)}")
        first, *_, last = self.rows[line - 1].messages
        if first is None or last is None:
            raise LabError(f"line {line} is not in {self.titles[0] if first is None else self.titles[-1]}")
        return Changes(tuple(change._replace(why="") for change in changes_between(first.raw, last.raw)))

    @property
    def verdict(self) -> list[str]:
        """What the lines that are not alike have to say: `11-16: only in mine`."""
        return verdict(self.rows, self.titles)

    def __repr__(self) -> str:
        cells = [[_cell(one) if one else "" for one in row.messages] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(self.titles, *cells, strict=True)]
        lines = ["     " + _columns(self.titles, widths)]
        for number, (row, texts) in enumerate(zip(self.rows, cells, strict=True), 1):
            lines.append(f"{number:>2} {row.mark} {_columns(texts, widths)}")
        return "\n".join([*(line.rstrip() for line in lines), *self.verdict])

    def _repr_html_(self) -> str:
        head = "".join(f'<th style="{CELL}">{escape(title)}</th>' for title in self.titles)
        body = "".join(_html(number, row) for number, row in enumerate(self.rows, 1))
        verdict = "".join(f"<div>{escape(line)}</div>" for line in self.verdict)
        return f'<table style="font-family: monospace"><tr><th></th>{head}</tr>{body}</table>{verdict}'


def compare(*flows: Flow | pd.DataFrame, titles: Sequence[str] = TITLES) -> Comparison:
    """Put flows side by side: `compare(mine, theirs)`, or more of them, each with its title.

    A message is the same where its parties, its method and its status are; so call the parties alike
    (`read_pcap(path, names)`). A message that one flow repeats stands there several times: `flow[~flow.repeat]` leaves
    repeats out. Raises LabError for fewer than two flows, or more than titles.
    """
    titles = [titles] if isinstance(titles, str) or not isinstance(titles, Iterable) else [str(each) for each in titles]
    if not 2 <= len(flows) <= len(titles):
        raise LabError(f"compare takes 2 to {max(len(titles), len(TITLES))} flows, and a title for each")
    return Comparison(tuple(titles[: len(flows)]), aligned([Flow.of(flow) for flow in flows]))


def _cell(one: FlowRow) -> str:
    again = " (again)" if one.repeat else ""
    return f"{one.src} -> {one.dst}  {clipped(one.summary)}{again}"


def _columns(texts: Sequence[str], widths: Sequence[int]) -> str:
    return "   ".join(text.ljust(width) for text, width in zip(texts, widths, strict=True))


def _html(number: int, row: ComparisonRow) -> str:
    style = CELL + (f"; color: {COLOURS[row.mark]}" if row.mark in COLOURS else "")
    texts = [f"{number} {row.mark}", *(_cell(one) if one else "" for one in row.messages)]
    return "<tr>" + "".join(f'<td style="{style}">{escape(text)}</td>' for text in texts) + "</tr>"
