"""The ladder as a drawing: a lane for each party, an arrow for each message, time downwards.

`layout` decides where things stand; here they are drawn. Everything that comes by the hundred (lines, heads, marks,
labels, times) is one artist each. Lanes stand on x in inches, y is the layout's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.transforms import IdentityTransform

from labsip.view.layout import LOST_AT, Arrow, Layout
from labsip.view.outlines import Word, letter, width_of
from labsip.view.palette import DOTTED, NAME, PAPER, QUIET, SOLID, ink_of
from labsip.view.strokes import LOOP, Sign, Stroke, signs_of, strokes_of

NAMES, LABEL, SMALL = 10.0, 9.0, 7.5  # sizes of type, in points


class LadderSheet:
    """A layout on paper: where the lanes stand, in inches, and how wide and high it all is."""

    def __init__(self, at: Layout, *, times: bool = True) -> None:
        self.at = at
        self.times = times
        names = [width_of(name, NAMES, bold=True) / 72 + 0.3 for name in at.lanes] or [1.0]
        labels = [(arrow, _room(arrow)) for arrow in at.arrows]
        end = len(at.lanes) - 1
        between = max([1.7, *(name + 0.2 for name in names), *(w for a, w in labels if min(a.src, a.dst) < end)])
        left = max(0.1 + names[0] / 2, 0.85 if times else 0.2)
        self.between = between
        self.lanes = tuple(left + between * place for place in range(len(at.lanes)))
        loops = [self.lanes[arrow.src] + width for arrow, width in labels if arrow.loop]
        last = left + between * max(0, end)
        rest = 0.1 + _width(at.rest, LABEL)
        self.width = max([last + 0.1 + names[-1] / 2, rest, *loops])
        self.foot = at.height + (0.5 if at.rest else -0.3)
        self.height = (self.foot + 0.6) * (0.32 if at.height < 50 else 0.27)


def draw(sheet: LadderSheet, ax: Axes) -> None:
    """Draw it on the axes, whatever size they have."""
    ax.set(xlim=(0.0, sheet.width), ylim=(sheet.foot, -0.6), xticks=[], yticks=[])
    ax.set_axis_off()
    arrows = sheet.at.arrows
    inch = ax.get_window_extent().width / ax.figure.dpi / sheet.width
    _draw_lines(ax, [*_lifelines(sheet), *(s for arrow in arrows for s in strokes_of(arrow, sheet.lanes, inch))])
    _draw_signs(ax, [s for arrow in arrows for s in signs_of(arrow, sheet.lanes)])
    letter(ax, [*(_label(arrow, sheet) for arrow in arrows), *_quiet_words(sheet)], LABEL)
    small = [_note(arrow, sheet) for arrow in arrows if arrow.note]
    letter(ax, [*small, *(_time(arrow, sheet) for arrow in arrows if sheet.times)], SMALL)
    _draw_names(ax, sheet, inch)


def _label(arrow: Arrow, sheet: LadderSheet) -> Word:
    """Over the arrow, beside its sender; a loop's beside the loop."""
    start = sheet.lanes[arrow.src]
    colour = ink_of(arrow.kind).colour
    if arrow.loop:
        return Word(start + LOOP + 0.1, arrow.y, arrow.caption, colour, 0.0, -3.0)
    way = 1 if arrow.dst > arrow.src else -1
    near = LOST_AT if arrow.lost and arrow.dst == arrow.src + way else 1.0
    return Word(start + way * near * sheet.between / 2, arrow.y, arrow.caption, colour, 0.5, 4.5)


def _note(arrow: Arrow, sheet: LadderSheet) -> Word:
    """Below the label, on the other side of the arrow; a loop's below the loop's."""
    label = _label(arrow, sheet)
    return label._replace(text=arrow.note, colour=QUIET, lift=-13.0 if arrow.loop else -9.5)


def _room(arrow: Arrow) -> float:
    """The room its texts need between two lanes, in inches; those of a lost message end where it does."""
    room = max(_width(arrow.caption, LABEL), _width(arrow.note, SMALL)) + 0.5
    return room / LOST_AT if arrow.lost else room


def _width(text: str, size: float) -> float:
    """In inches."""
    return width_of(text, size) / 72


def _quiet_words(sheet: LadderSheet) -> Iterator[Word]:
    """How long nothing happened, between the first two lanes; at the foot, how much was left out."""
    for gap in sheet.at.gaps:
        yield Word(sheet.lanes[0] + sheet.between / 2, gap.y, gap.caption, QUIET, 0.5, -3.0)
    if sheet.at.rest:
        yield Word(0.1, sheet.foot - 0.3, sheet.at.rest, QUIET, 0.0)


def _time(arrow: Arrow, sheet: LadderSheet) -> Word:
    return Word(sheet.lanes[0] - 0.15, arrow.y, f"{arrow.t:.3f}", QUIET, 1.0, -2.5)


def _lifelines(sheet: LadderSheet) -> Iterator[Stroke]:
    """Solid while something happens, dotted in the gaps."""
    at = sheet.at
    foot = at.names[-1] if at.names[-1] == at.height - 1 else at.height - 0.35
    for x in sheet.lanes:
        y = 0.0
        for gap in at.gaps:
            yield Stroke([(x, y), (x, gap.y - 0.45)], QUIET, 0.8, SOLID)
            yield Stroke([(x, gap.y - 0.45), (x, gap.y + 0.45)], QUIET, 1.2, DOTTED)
            y = gap.y + 0.45
        yield Stroke([(x, y), (x, foot)], QUIET, 0.8, SOLID)


def _draw_lines(ax: Axes, lines: list[Stroke]) -> None:
    collection = LineCollection(
        [line.points for line in lines],
        colors=[line.colour for line in lines],
        linewidths=[line.width for line in lines],
        linestyles=[line.dashes for line in lines],
        zorder=2,
    )
    ax.add_collection(collection, autolim=False)


def _draw_signs(ax: Axes, signs: list[Sign]) -> None:
    if not signs:
        return
    collection = PathCollection(
        [sign.shape for sign in signs],
        sizes=[1.0],
        offsets=[(sign.x, sign.y) for sign in signs],
        offset_transform=ax.transData,
        transform=IdentityTransform(),
        facecolors=[sign.colour if sign.filled else "none" for sign in signs],
        edgecolors=[sign.colour for sign in signs],
        linewidths=1.3,
        zorder=3,
    )
    ax.add_collection(collection, autolim=False)


def _draw_names(ax: Axes, sheet: LadderSheet, inch: float) -> None:
    """Each name on a thick stroke with round ends."""
    names = [(x, y, name) for y in sheet.at.names for x, name in zip(sheet.lanes, sheet.at.lanes, strict=True)]
    halves = [width_of(name, NAMES, bold=True) / 144 / inch for _, _, name in names]
    plates = LineCollection(
        [[(x - half, y), (x + half, y)] for (x, y, _), half in zip(names, halves, strict=True)],
        colors=NAME, linewidths=18.0, capstyle="round", zorder=5,
    )  # fmt: skip
    ax.add_collection(plates, autolim=False)
    letter(ax, [Word(x, y, name, PAPER, 0.5, -3.6) for x, y, name in names], NAMES, bold=True)
