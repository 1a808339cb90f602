"""The state diagram in ink. x is in inches, y in lines of type, downwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from labsip.view.chart import PAD, Box, Chart, Label
from labsip.view.outlines import Word, letter, width_of
from labsip.view.palette import NAME, PAPER, QUIET, ink_of
from labsip.view.strokes import Points

NAMES, LABEL = 10.0, 8.5  # sizes of type, in points
LINE = 0.2  # inches a line of type is high
LOOP, RAIL, EDGE = 0.3, 0.25, 0.15  # inches: how far loops stand out, from rail to rail, around it all
HEADS = {
    (1, 0): Path([(0, 0), (-8, 3), (-8, -3), (0, 0)], closed=True),
    (-1, 0): Path([(0, 0), (8, 3), (8, -3), (0, 0)], closed=True),
    (0, 1): Path([(0, 0), (3, 8), (-3, 8), (0, 0)], closed=True),
}
"""Arrow heads in points, by the way they go: right, left, down."""
JOINT = Path.circle(radius=2.4)


class Track(NamedTuple):
    """A line; with a head at its end, or a joint where it runs into another."""

    points: Points
    sign: Path | None = None

    @classmethod
    def arrow(cls, *points: tuple[float, float]) -> Track:
        """One with a head."""
        (x0, y0), (x1, y1) = points[-2:]
        return cls(list(points), HEADS[(x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)])


class ChartSheet:
    """A chart on paper: where its columns stand, in inches."""

    def __init__(self, at: Chart) -> None:
        self.at = at
        names = max(width_of(box.state, NAMES, bold=True) for box in at.boxes) / 72
        loops = _widest(label for box in at.boxes for label in box.loop)
        exits = _widest(label for box in at.boxes for leave in box.exits for label in leave.labels)
        self.left = EDGE + loops + LOOP + 0.1
        self.right = self.left + names + 0.5
        self.middle = (self.left + self.right) / 2
        self.rails = {place: self.right + exits + 0.3 + RAIL * n for n, place in enumerate(at.rails)}
        downs = self.middle + 0.1 + _widest(label for box in at.boxes for label in box.down)
        self.width = max([self.right, downs, *self.rails.values()]) + EDGE
        self.height = at.height * LINE


def draw(sheet: ChartSheet, ax: Axes) -> None:
    """Draw it on the axes."""
    ax.set(xlim=(0.0, sheet.width), ylim=(sheet.at.height, 0.0), xticks=[], yticks=[])
    ax.set_axis_off()
    boxes, first = sheet.at.boxes, sheet.at.boxes[0]
    tracks = [Track.arrow((sheet.middle, first.top - 1.2), (sheet.middle, first.top)), *_tracks(sheet), *_rails(sheet)]
    _draw_tracks(ax, tracks)
    corners = [[(sheet.left, b.top), (sheet.right, b.top), (sheet.right, b.foot), (sheet.left, b.foot)] for b in boxes]
    ax.add_collection(PolyCollection(corners, facecolors=NAME, edgecolors="none", zorder=3), autolim=False)
    names = [Word(sheet.middle, (box.top + box.foot) / 2, box.state, PAPER, 0.5, -3.5) for box in boxes]
    letter(ax, names, NAMES, bold=True)
    begin = Word(sheet.middle + 0.1, first.top - 0.7, sheet.at.begin, QUIET, 0.0, -3.0)
    letter(ax, [begin, *(word for box in boxes for word in _words(box, sheet))], LABEL)


def _tracks(sheet: ChartSheet) -> Iterator[Track]:
    """What leaves the boxes."""
    for box, below in zip(sheet.at.boxes, [*sheet.at.boxes[1:], None], strict=True):
        if box.loop:
            middle, half = (box.top + box.foot) / 2, max(0.3, len(box.loop) / 2 - 0.2)
            out = sheet.left - LOOP
            yield Track.arrow(
                (sheet.left, middle - half), (out, middle - half), (out, middle + half), (sheet.left, middle + half)
            )
        if box.down and below:
            yield Track.arrow((sheet.middle, box.foot), (sheet.middle, below.top))
        for leave in box.exits:
            yield Track([(sheet.right, leave.y), (sheet.rails[leave.target], leave.y)], JOINT)


def _rails(sheet: ChartSheet) -> Iterator[Track]:
    """Each from its first exit to its target's first line."""
    for place, x in sheet.rails.items():
        start = min(leave.y for box in sheet.at.boxes for leave in box.exits if leave.target == place)
        entry = sheet.at.boxes[place].top + PAD
        yield Track.arrow((x, start), (x, entry), (sheet.right, entry))


def _words(box: Box, sheet: ChartSheet) -> Iterator[Word]:
    """The labels: left of the loop, right of the way down, over the exits."""
    first = (box.top + box.foot - len(box.loop) + 1) / 2
    for n, label in enumerate(box.loop):
        yield Word(sheet.left - LOOP - 0.1, first + n, label.text, ink_of(label.kind).colour, 1.0, -3.0)
    for n, label in enumerate(box.down):
        yield Word(sheet.middle + 0.1, box.foot + PAD + n + 0.5, label.text, ink_of(label.kind).colour, 0.0, -3.0)
    for leave in box.exits:
        for n, label in enumerate(reversed(leave.labels)):
            yield Word(sheet.right + 0.1, leave.y - n, label.text, ink_of(label.kind).colour, 0.0, 3.0)


def _draw_tracks(ax: Axes, tracks: list[Track]) -> None:
    lines = LineCollection([track.points for track in tracks], colors=QUIET, linewidths=1.1, zorder=2)
    ends = [(track.points[-1], track.sign) for track in tracks if track.sign]
    signs = PathCollection(
        [sign for _, sign in ends],
        sizes=[1.0],
        offsets=[point for point, _ in ends],
        offset_transform=ax.transData,
        transform=IdentityTransform(),
        facecolors=QUIET,
        edgecolors="none",
        zorder=4,
    )
    ax.add_collection(lines, autolim=False)
    ax.add_collection(signs, autolim=False)


def _widest(labels: Iterator[Label]) -> float:
    return max((width_of(label.text, LABEL) / 72 for label in labels), default=0.0)
