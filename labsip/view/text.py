"""The ladder in characters: whole, while it happens, and as the source of a Mermaid diagram.

It is the twin of the drawing, for a terminal, a test, a diff, a screen reader. Only characters every font has; the kind
of a message is in its stroke (`palette.INK`), never in a colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from labsip.view.layout import LOST_AT, MOST_LANES, NAMES_EVERY, PAUSE, Arrow, Gap, Layout
from labsip.view.palette import ink_of

ROOM = 8  # characters an arrow has beside its caption: lane, head, two blanks, some stroke
NARROWEST = 14  # characters from lane to lane
TIME, WIDE = 8, 30
"""Of a ladder that grows: characters for the time (9999.999), and from lane to lane at first: enough for nearly all
labels, so that lanes stay where they are."""
SENT = {"request": "->>", "provisional": "--)", "other": "-)"}
"""Mermaid's arrows by kind; a final response is `-->>`."""
ENTITIES = str.maketrans({"#": "#35;", ";": "#59;"})
"""In Mermaid `#` begins an entity, and `;` ends a statement."""


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
    lines = [_joined(line) for _, lines in sorted(rows, key=lambda row: row[0]) for line in lines]
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


class LadderFeed:
    """The ladder while it happens: lines for one message after the other, before anybody knows who else will speak.

    It grows where it must, and then writes the names again.
    """

    def __init__(self) -> None:
        self._parties: list[str] = []
        self._rooms: list[int] = []
        self._margin = TIME + 2
        self._last: float | None = None
        self._since_names = 0
        self._spoke: dict[str, int] = {}  # party → count of messages when it last spoke or was spoken to
        self._count = 0

    def lines(self, src: str, dst: str, arrow: Arrow) -> Iterator[str]:
        """The lines for a message from src to dst; the lanes of the arrow are set here."""
        grown = self._make_room(src, dst)
        arrow = replace(arrow, src=self._parties.index(src), dst=self._parties.index(dst))
        rooms = [max(pair) for pair in zip(self._rooms, rooms_for([arrow], len(self._parties)), strict=True)]
        margin = max(self._margin, len(f"{arrow.t:.3f}") + 2)
        grown |= rooms != self._rooms or margin != self._margin
        self._rooms, self._margin = rooms, margin
        page = Page(self._parties, rooms, margin)
        if self._last is not None and arrow.t - self._last >= PAUSE:
            yield _joined(page.gap(Gap(0.0, arrow.t - self._last).caption))
        if grown or self._since_names == NAMES_EVERY:
            yield _joined(page.names())
            self._since_names = 0
        yield from map(_joined, page.arrow(arrow))
        self._since_names += 1
        self._last = arrow.t

    def _make_room(self, *parties: str) -> bool:
        """Give each of them a lane; of too many, that of the party silent longest. True if a lane changed hands."""
        changed = False
        self._count += 1
        for party in parties:
            self._spoke[party] = self._count
            if party in self._parties:
                continue
            changed = True
            if len(self._parties) < MOST_LANES:
                self._parties.append(party)
                self._rooms += [WIDE] if self._parties[1:] else []
            else:
                silent = min(self._parties, key=self._spoke.__getitem__)
                self._parties[self._parties.index(silent)] = party
                del self._spoke[silent]
        return changed


def write_mermaid(at: Layout) -> str:
    """The source of a Mermaid sequence diagram, which JupyterLab, GitHub and many wikis draw."""
    lines = ["sequenceDiagram"]
    lines += [f"    participant p{place} as {_escaped(name)}" for place, name in enumerate(at.lanes)]
    across = f"    Note over p0,p{len(at.lanes) - 1}: "
    rows = [(gap.y, f"{across}{gap.caption}") for gap in at.gaps]
    rows += [
        (arrow.y, f"    p{arrow.src}{_mermaid_arrow(arrow)}p{arrow.dst}: {_mermaid_label(arrow)}")
        for arrow in at.arrows
    ]
    lines += [line for _, line in sorted(rows)]
    return "\n".join([*lines, across + _escaped(at.rest)] if at.rest else lines)


def _mermaid_arrow(arrow: Arrow) -> str:
    if arrow.lost:
        return "-x" if arrow.kind == "request" else "--x"
    return SENT.get(arrow.kind, "-->>")


def _mermaid_label(arrow: Arrow) -> str:
    return "<br/>".join(_escaped(text) for text in (arrow.caption, arrow.note) if text)


def _escaped(text: str) -> str:
    return text.translate(ENTITIES)


def rooms_for(arrows: Iterable[Arrow], lanes: int) -> list[int]:
    """Characters each lane needs up to the next one, for what is written between them."""
    rooms = [NARROWEST] * (lanes - 1)
    for arrow in arrows:
        place = arrow.src if arrow.dst >= arrow.src else arrow.src - 1
        if place < len(rooms):
            rooms[place] = max(rooms[place], len(arrow.caption) + ROOM, len(arrow.note) + 3)
    return rooms


def _joined(characters: list[str]) -> str:
    return "".join(characters).rstrip()


def _put(line: list[str], x: int, text: str) -> None:
    line.extend(" " * (x + len(text) - len(line)))
    line[x : x + len(text)] = text
