"""The ladder in characters: the twin of the drawing for a terminal, a test, a diff, a reader that speaks.

Only characters every font has; the kind of a message is in its stroke (`ink`), never in a colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from labsip.view.layout import LOST_AT, Arrow, Layout
from labsip.view.palette import ink_of

ROOM = 8  # characters an arrow has beside its caption: lane, head, two blanks, some stroke
NARROWEST = 14  # characters from lane to lane


def write(at: Layout, *, times: bool = True) -> str:
    """A line for each row of names, each message and each gap; two for a loop."""
    if not at.arrows:
        return "no messages"
    margin = max(len(f"{arrow.t:.3f}") for arrow in at.arrows) + 2 if times else 0
    page = Page(at.lanes, rooms_for(at.arrows, len(at.lanes)), margin)
    rows = [
        *((y, [page.names()]) for y in at.names),
        *((gap.y, [page.gap(gap.caption)]) for gap in at.gaps),
        *((arrow.y, page.arrow(arrow)) for arrow in at.arrows),
    ]
    lines = ["".join(line).rstrip() for _, lines in sorted(rows, key=lambda row: row[0]) for line in lines]
    return "\n".join([*lines, at.rest] if at.rest else lines)


class Page:
    """Where the lanes stand, in characters, and the lines between them.

    parties: a lane each; rooms: characters from each lane to the next, at least; margin: characters for the time.
    """

    def __init__(self, parties: Sequence[str], rooms: Sequence[int], margin: int) -> None:
        self.parties = parties
        self.margin = margin
        self.lanes = [margin + len(parties[0]) // 2]
        for place, room in enumerate(rooms):
            names = parties[place : place + 2]
            self.lanes.append(self.lanes[-1] + max(room, sum(map(len, names)) // 2 + 3))

    def names(self) -> list[str]:
        """The parties over their lanes."""
        line: list[str] = []
        for x, name in zip(self.lanes, self.parties, strict=True):
            _put(line, x - len(name) // 2, name)
        return line

    def gap(self, caption: str) -> list[str]:
        """Dotted lanes, and how long nothing happened."""
        line = self._lifelines(":")
        _put(line, self.lanes[0] + 2, caption.center(self.lanes[1] - self.lanes[0] - 3) if self.lanes[1:] else caption)
        return line

    def arrow(self, arrow: Arrow) -> list[list[str]]:
        """A message: its arrow, and below it what it asks for."""
        lines = self._loop(arrow) if arrow.loop else [self._straight(arrow)]
        return [*lines, self._note(arrow)] if arrow.note else lines

    def _note(self, arrow: Arrow) -> list[str]:
        line = self._lifelines("|")
        x, way = self.lanes[arrow.src], -1 if arrow.dst < arrow.src else 1
        if arrow.loop:
            _put(line, x + 5, arrow.note)
        else:
            near = abs(self.lanes[arrow.src + way] - x) - 1
            _put(line, min(x, x + way * (near + 1)) + 1 + (near - len(arrow.note)) // 2, arrow.note)
        return line

    def _straight(self, arrow: Arrow) -> list[str]:
        """The stroke from sender to receiver or to where it got lost, the caption beside the sender."""
        line = self._lifelines("|", arrow.t)
        way = 1 if arrow.dst > arrow.src else -1
        start, caption = self.lanes[arrow.src], f" {arrow.caption} "
        length = abs(self.lanes[arrow.dst] - start) - 1
        if arrow.lost:
            length = max(round(LOST_AT * length), len(caption) + 3)
        stroke = (ink_of(arrow.kind).stroke * length)[: length - 1] + ("x" if arrow.lost else "<>"[way > 0])
        _put(line, min(start + way, start + way * length), stroke[::way])
        near = min(length, abs(self.lanes[arrow.src + way] - start) - 1)
        _put(line, min(start + way, start + way * near) + (near - len(caption)) // 2, caption)
        return line

    def _loop(self, arrow: Arrow) -> list[list[str]]:
        """Out and back, the caption beside it."""
        x, stroke = self.lanes[arrow.src] + 1, (ink_of(arrow.kind).stroke * 2)[:2]
        out, back = self._lifelines("|", arrow.t), self._lifelines("|")
        _put(out, x, f"{stroke}.  {arrow.caption}")
        _put(back, x, f"{'x' if arrow.lost else '<'}{stroke[0]}'")
        return [out, back]

    def _lifelines(self, lane: str, t: float | None = None) -> list[str]:
        line: list[str] = []
        if self.margin and t is not None:
            _put(line, 0, f"{t:.3f}".rjust(self.margin - 2))
        for x in self.lanes:
            _put(line, x, lane)
        return line


def rooms_for(arrows: Iterable[Arrow], lanes: int) -> list[int]:
    """Characters each lane needs up to the next one, for what is written between them."""
    rooms = [NARROWEST] * (lanes - 1)
    for arrow in arrows:
        place = arrow.src if arrow.dst >= arrow.src else arrow.src - 1
        if place < len(rooms):
            rooms[place] = max(rooms[place], len(arrow.caption) + ROOM, len(arrow.note) + 3)
    return rooms


def _put(line: list[str], x: int, text: str) -> None:
    line.extend(" " * (x + len(text) - len(line)))
    line[x : x + len(text)] = text
