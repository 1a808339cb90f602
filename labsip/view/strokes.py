"""An arrow's strokes: its line, its head, the mark at its sender, the cross where it got lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from matplotlib.path import Path

from labsip.view.layout import LOST_AT, Arrow
from labsip.view.palette import AGAIN, Dashes, ink_of

HEAD = 8.0  # length of a head, in points
LOOP = 0.3  # how far a loop stands out, in inches

Points = list[tuple[float, float]]


class Stroke(NamedTuple):
    """A line through points in data coordinates."""

    points: Points
    colour: str
    width: float
    dashes: Dashes


class Sign(NamedTuple):
    """A shape in points, around (x, y)."""

    x: float
    y: float
    shape: Path
    colour: str
    filled: bool


def _triangle(way: int) -> Path:
    return Path([(0, 0), (-way * HEAD, 3.4), (-way * HEAD, -3.4), (0, 0)], closed=True)


def _chevron(way: int) -> Path:
    return Path([(-way * (HEAD - 1), 3.6), (0, 0), (-way * (HEAD - 1), -3.6)])


CROSS = Path([(-4, -4), (4, 4), (-4, 4), (4, -4)], [Path.MOVETO, Path.LINETO, Path.MOVETO, Path.LINETO])
TAILS = {
    "ring": Path.circle(radius=2.6),
    "dot": Path.circle(radius=3.0),
    "diamond": Path([(-4, 0), (0, 4), (4, 0), (0, -4), (-4, 0)], closed=True),
}


def strokes_of(arrow: Arrow, lanes: tuple[float, ...], inch: float) -> Iterator[Stroke]:
    """Its line, ending at the back of a solid or hollow head; a loop's goes out and comes back.

    lanes: where they stand on x; inch: inches an x unit has on this figure.
    """
    ink = ink_of(arrow.kind)
    start, end = lanes[arrow.src], _end(arrow, lanes)
    head = 0.0 if arrow.lost or arrow.kind == "provisional" else HEAD / 72 / inch
    points: Points
    if arrow.loop:
        top, foot, out = arrow.y - 0.22, arrow.y + 0.22, start + LOOP
        points = [(start, top), (out, top), (out, foot), (end + head, foot)]
    else:
        points = [(start, arrow.y), (end - _way(arrow) * head, arrow.y)]
    yield Stroke(points, ink.colour, ink.width, AGAIN if arrow.again else ink.line)


def signs_of(arrow: Arrow, lanes: tuple[float, ...]) -> Iterator[Sign]:
    """Its head, or the cross of a lost one, and the mark of its kind at the sender."""
    ink = ink_of(arrow.kind)
    drop = 0.22 if arrow.loop else 0.0
    if ink.tail:
        yield Sign(lanes[arrow.src], arrow.y - drop, TAILS[ink.tail], ink.colour, ink.tail != "ring")
    end = _end(arrow, lanes)
    if arrow.lost:
        yield Sign(end, arrow.y + drop, CROSS, ink.colour, False)
    elif arrow.kind == "provisional":
        yield Sign(end, arrow.y + drop, _chevron(_way(arrow)), ink.colour, False)
    else:
        yield Sign(end, arrow.y + drop, _triangle(_way(arrow)), ink.colour, not arrow.again)


def _way(arrow: Arrow) -> int:
    """1 to the right, -1 to the left, as a loop comes back."""
    return 1 if arrow.dst > arrow.src else -1


def _end(arrow: Arrow, lanes: tuple[float, ...]) -> float:
    start, end = lanes[arrow.src], lanes[arrow.dst]
    return start + LOST_AT * (end - start) if arrow.lost else end
