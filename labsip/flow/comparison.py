"""Flows compared message by message: the same messages in one row, and which flow has one that another lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from labsip.flow.rows import FlowRow, ranges

Side = tuple[FlowRow | None, ...]
"""A message, as each flow has it; None where a flow lacks it."""
ALIKE = "they are alike, message by message"


class ComparisonRow(NamedTuple):
    """One message, as each flow has it."""

    messages: Side
    moved: bool = False
    """The flow that lacks it here has it in another row."""

    @property
    def mark(self) -> str:
        """A blank: all have it; `~`: all, in other words; `:` all, not at the same place; `-`: not all have it."""
        if None in self.messages:
            return ":" if self.moved else "-"
        return "~" if len({one.summary for one in self.messages if one}) > 1 else " "

    @property
    def owners(self) -> set[int]:
        """Which of the flows have it, counted from 0."""
        return {place for place, one in enumerate(self.messages) if one}


def aligned(flows: Sequence[Sequence[FlowRow]]) -> tuple[ComparisonRow, ...]:
    """The flows side by side, in order of time.

    A message is the same where its parties, its method and its status are. One that a flow has at another place, as
    messages that travel at the same time may be, stands in two rows, both `moved`.
    """
    rows: list[Side] = [(one,) for one in flows[0]]
    for flow in flows[1:]:
        rows = list(_merged(rows, flow))
    return tuple(_marked([ComparisonRow(row) for row in rows]))


def verdict(rows: Sequence[ComparisonRow], titles: Sequence[str]) -> list[str]:
    """What there is to say of the rows that are not alike, numbered from 1: `11-16: only in mine`."""
    said: defaultdict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows, 1):
        said[_about(row, titles)].append(number)
    said.pop("", None)
    return [f"{ranges(numbers)}: {about}" for about, numbers in said.items()] or [ALIKE]


def _about(row: ComparisonRow, titles: Sequence[str]) -> str:
    whose = " and ".join(titles[place] for place in sorted(row.owners))
    return {" ": "", "~": "in other words", ":": "at another place", "-": f"only in {whose}"}[row.mark]


def _merged(rows: Sequence[Side], more: Sequence[FlowRow]) -> Iterator[Side]:
    """The rows with one column more; what only the new flow has stands where that flow has it."""
    nobody = (None,) * len(rows[0]) if rows else (None,)
    old = [_key(next(filter(None, row))) for row in rows]
    matcher = SequenceMatcher(None, old, [_key(one) for one in more], autojunk=False)
    for tag, start, stop, begin, end in matcher.get_opcodes():
        if tag == "equal":
            yield from ((*row, one) for row, one in zip(rows[start:stop], more[begin:end], strict=True))
        else:
            yield from ((*row, None) for row in rows[start:stop])
            yield from ((*nobody, one) for one in more[begin:end])


def _marked(rows: Sequence[ComparisonRow]) -> Iterator[ComparisonRow]:
    """Rows, and of each whether it is half of a message that stands at two places."""
    halves: defaultdict[Hashable, list[int]] = defaultdict(list)
    moved = set()
    for place, row in enumerate(rows):
        if None not in row.messages:
            continue
        waiting = halves[_key(next(filter(None, row.messages)))]
        other = next((half for half in waiting if not rows[half].owners & row.owners), None)
        if other is None:
            waiting.append(place)
        else:
            waiting.remove(other)
            moved |= {place, other}
    return (row._replace(moved=place in moved) for place, row in enumerate(rows))


def _key(one: FlowRow) -> Hashable:
    return one.src, one.dst, one.method, one.status
