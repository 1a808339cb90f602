"""Flows side by side: the same messages in one line, and who has one that another has not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from labsip.flow.rows import Flow, FlowRow, ranges
from labsip.proxy.arguments import checked_count
from labsip.sip.errors import LabError
from labsip.view.changes import Changes, changes
from labsip.view.layout import clipped
from labsip.view.message import COLOURS

if TYPE_CHECKING:
    import pandas as pd

Side = tuple[FlowRow | None, ...]
"""A message, as each flow has it."""
TITLES = ("mine", "theirs", "a third", "a fourth")
CELL = "text-align: left; white-space: pre; padding: 0 1.5em 0 0"
ALIKE = "they are alike, message by message"


class Row(NamedTuple):
    """One message, as each flow has it; None where a flow has it not."""

    messages: Side
    moved: bool = False
    """Where this one has it not, another row has it."""

    @property
    def mark(self) -> str:
        """A blank: all have it; `~`: all, in other words; `:` all, not at the same place; `-`: not all have it."""
        if None in self.messages:
            return ":" if self.moved else "-"
        return "~" if len({one.summary for one in self.messages if one}) > 1 else " "


class Comparison:
    """Two flows or more in columns, a line a message.

    `len` and iteration are over the lines that differ; what only stands at another place, as messages that travel at
    the same time may, is no difference.
    """

    def __init__(self, titles: tuple[str, ...], rows: tuple[Row, ...]) -> None:
        self.titles = titles
        self.rows = rows

    def __iter__(self) -> Iterator[Row]:
        return (row for row in self.rows if row.mark in "~-")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def only(self, title: str) -> list[str]:
        """What that flow has and no other: `proxy -> 106  501 Not Implemented`. Raises LabError for another title."""
        if title not in self.titles:
            raise LabError(f"no flow is called {title!r} here, only {', '.join(self.titles)}")
        place = self.titles.index(title)
        return [_told(one) for row in self if _whose(row.messages) == {place} and (one := row.messages[place])]

    def changes(self, line: int) -> Changes:
        """The message of that line, counted from 1, header by header: as the first flow has it beside the last.

        There is no hop between the two, so nothing is said of what a change is for.

        Raises LabError if one of them has it not.
        """
        line = checked_count(line, "line")
        if not 0 < line <= len(self.rows):
            raise LabError(f"there is no line {line}, only 1 to {len(self.rows)}")
        first, *_, last = self.rows[line - 1].messages
        if first is None or last is None:
            raise LabError(f"line {line} is not in {self.titles[0] if first is None else self.titles[-1]}")
        return Changes(tuple(change._replace(why="") for change in changes(first.raw, last.raw).rows))

    @property
    def verdict(self) -> list[str]:
        """What the lines that are not alike have to say: `11-16: only in mine`."""
        said: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(self.rows, 1):
            said[self._about(row)].append(number)
        said.pop("", None)
        return [f"{ranges(numbers)}: {about}" for about, numbers in said.items()] or [ALIKE]

    def _about(self, row: Row) -> str:
        whose = " and ".join(title for title, one in zip(self.titles, row.messages, strict=True) if one)
        return {" ": "", "~": "in other words", ":": "at another place", "-": f"only in {whose}"}[row.mark]

    def __repr__(self) -> str:
        cells = [[_told(one) if one else "" for one in row.messages] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(self.titles, *cells, strict=True)]
        lines = ["     " + _columns(self.titles, widths)]
        for number, (row, told) in enumerate(zip(self.rows, cells, strict=True), 1):
            lines.append(f"{number:>2} {row.mark} {_columns(told, widths)}")
        return "\n".join([*(line.rstrip() for line in lines), *self.verdict])

    def _repr_html_(self) -> str:
        head = "".join(f'<th style="{CELL}">{escape(title)}</th>' for title in self.titles)
        body = "".join(_html(number, row) for number, row in enumerate(self.rows, 1))
        verdict = "".join(f"<div>{escape(line)}</div>" for line in self.verdict)
        return f'<table style="font-family: monospace"><tr><th></th>{head}</tr>{body}</table>{verdict}'


def compare(*flows: Flow | pd.DataFrame, titles: Sequence[str] = TITLES) -> Comparison:
    """Put flows side by side: `compare(mine, theirs)`, or more of them, each with its title.

    A message is the same where its parties, its method and its status are; so call the parties alike
    (`read_pcap(path, names)`). What one flow repeats, it has several times: `flow[~flow.repeat]` are those without.
    Raises LabError for fewer than two flows, or more than titles.
    """
    titles = [titles] if isinstance(titles, str) or not isinstance(titles, Iterable) else [str(each) for each in titles]
    if not 2 <= len(flows) <= len(titles):
        raise LabError(f"compare takes 2 to {max(len(titles), len(TITLES))} flows, and a title for each")
    rows: list[Side] = [(one,) for one in Flow.of(flows[0])]
    for flow in flows[1:]:
        rows = list(_merged(rows, Flow.of(flow).rows))
    return Comparison(tuple(titles[: len(flows)]), tuple(_marked(rows)))


def _merged(rows: Sequence[Side], more: Sequence[FlowRow]) -> Iterator[Side]:
    """The rows with one column more; what only the new flow has stands where it has it."""
    nobody = (None,) * len(rows[0]) if rows else (None,)
    old = [_key(next(filter(None, row))) for row in rows]
    matcher = SequenceMatcher(None, old, [_key(one) for one in more], autojunk=False)
    for tag, start, stop, begin, end in matcher.get_opcodes():
        if tag == "equal":
            yield from ((*row, one) for row, one in zip(rows[start:stop], more[begin:end], strict=True))
        else:
            yield from ((*row, None) for row in rows[start:stop])
            yield from ((*nobody, one) for one in more[begin:end])


def _marked(rows: Sequence[Side]) -> Iterator[Row]:
    """Rows, and of each whether it is half of a message that stands at two places."""
    halves: defaultdict[Hashable, list[int]] = defaultdict(list)
    moved = set()
    for place, row in enumerate(rows):
        if None not in row:
            continue
        waiting = halves[_key(next(filter(None, row)))]
        other = next((half for half in waiting if not _whose(rows[half]) & _whose(row)), None)
        if other is None:
            waiting.append(place)
        else:
            waiting.remove(other)
            moved |= {place, other}
    return (Row(row, place in moved) for place, row in enumerate(rows))


def _whose(row: Side) -> set[int]:
    return {place for place, one in enumerate(row) if one}


def _key(one: FlowRow) -> Hashable:
    return one.src, one.dst, one.method, one.status


def _told(one: FlowRow) -> str:
    again = " (again)" if one.repeat else ""
    return f"{one.src} -> {one.dst}  {clipped(one.summary)}{again}"


def _columns(texts: Sequence[str], widths: Sequence[int]) -> str:
    return "   ".join(text.ljust(width) for text, width in zip(texts, widths, strict=True))


def _html(number: int, row: Row) -> str:
    style = CELL + (f"; color: {COLOURS[row.mark]}" if row.mark in COLOURS else "")
    texts = [f"{number} {row.mark}", *(_told(one) if one else "" for one in row.messages)]
    return "<tr>" + "".join(f'<td style="{style}">{escape(text)}</td>' for text in texts) + "</tr>"
