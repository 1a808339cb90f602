"""Where everything of a flow's ladder stands, without a pixel: what drawing, text and page are made from.

Lanes count from 0 in order of first appearance; y counts downwards in steps, one for each arrow, gap or row of names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from labsip.flow.media import media_of
from labsip.flow.rows import Flow

if TYPE_CHECKING:
    import pandas as pd

NEEDED = ("t", "src", "dst", "summary", "kind")
REASON = "a ladder is drawn from a flow like lab.flow; this table has no column"
PAUSE = 0.4
"""Seconds without a message that become a gap; just under T1 (RFC 3261 §17.1.1.1), so that retransmissions show."""
LONG_RUN = 8
"""Loops and repeats in a row that are drawn one by one; a longer run is folded."""
NAMES_EVERY = 40
"""Arrows from one row of lane names to the next."""
TALL = 20
"""A ladder of more arrows than this has its lane names at the bottom too."""
NOTE = 0.5
"""Of a step, below an arrow that has a note."""
LOST_AT = 0.72
"""Part of the way a lost message is drawn."""
MOST_ARROWS, MOST_LANES = 500, 16
"""What a reader can take in; a longer flow is cut, and the rest counted."""
LONGEST = 34
"""Characters of a label; the table has all of it."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """One message, or a run of like ones folded together."""

    y: float
    src: int
    dst: int
    """Lanes; the same lane twice is a loop."""
    label: str
    kind: str
    t: float
    until: float
    """Seconds: when the first and when the last of `rows` was sent."""
    rows: tuple[int, ...]
    """Rows of the trace."""
    again: bool = False
    lost: bool = False
    late: float = 0.0
    """Seconds a wire held it back."""
    note: str = ""
    """What is written below it: the media it asks for."""

    @property
    def loop(self) -> bool:
        """Sent by a party to itself."""
        return self.src == self.dst

    @property
    def caption(self) -> str:
        """What is written on it: `INVITE`, `180 Ringing (again)`, `INVITE ×434 in 1.705 s`, `ACK (0.3 s late)`."""
        parts = (
            clipped(self.label),
            "(again)" if self.again else "",
            "(lost)" if self.lost else "",
            f"({self.late:.3f} s late)" if self.late else "",
            f"×{len(self.rows)} in {self.until - self.t:.3f} s" if len(self.rows) > 1 else "",
        )
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without messages inside a call (the time until somebody dials is no gap), or what was done in it."""

    y: float
    seconds: float = 0.0
    text: str = ""

    @property
    def caption(self) -> str:
        """What is written in it: `0.500 s`, `proxy restarted`."""
        return self.text or f"{self.seconds:.3f} s"


@dataclass(frozen=True, slots=True)
class Layout:
    """A ladder ready to draw, from y 0 (the lane names) to y `height`."""

    lanes: tuple[str, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    gaps: tuple[Gap, ...] = ()
    names: tuple[float, ...] = (0.0,)
    """The y of every row of lane names."""
    height: float = 1.0
    more: int = 0
    """Messages at the end of the flow that have no place here."""

    @property
    def rest(self) -> str:
        """What is written below a ladder that was cut, else ""."""
        return f"... and {self.more} messages more; pick some of them: flow[flow.call_id == ...]" if self.more else ""


class _Mark(NamedTuple):
    """The fields of a row that a ladder needs."""

    row: int
    t: float
    src: str
    dst: str
    summary: str
    kind: str
    again: bool
    lost: bool
    late: float
    call_id: str
    media: str

    @property
    def dull(self) -> bool:
        return self.again or self.src == self.dst


@dataclass
class _Pen:
    """Where the next thing goes while a layout is being made."""

    y: float = 0.0
    last: float | None = None  # when the latest message was sent [s]
    since_names: int = 0
    calls: set[str] = field(default_factory=set)
    lanes: dict[str, int] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    names: list[float] = field(default_factory=lambda: [0.0])


def layout(flow: Flow | pd.DataFrame, *, sdp: bool = False, fold: bool = True, pause: float = PAUSE) -> Layout:
    """Place a flow's messages.

    flow: trace rows in time order; needs t [s], src, dst, summary, kind; uses repeat, lost, late [s], call_id and media
    if there.
    `flow.marks`, row → text, stand before the message of that row.
    sdp: with the media each message asks for; needs raw.
    fold: draw a run of more than LONG_RUN loops and repeats as one arrow a message; pause: seconds that make a gap.
    Raises LabError if a needed column is missing.
    """
    flow = Flow.of(flow, (*NEEDED, "raw") if sdp else NEEDED, REASON)
    pen, placed = _Pen(), 0
    done = {row: text for row, text in flow.marks.items() if len(flow) and row > flow[0].row}
    for same in _groups(_marks(flow, sdp), fold, pause):
        if not _room(pen, same[0]):
            break
        _place(pen, same, pause, [done.pop(row) for row in sorted(done) if row <= same[0].row])
        placed += len(same)
    if len(pen.arrows) > TALL and pen.since_names:
        pen.y += 1
        pen.names.append(pen.y)
    return Layout(
        tuple(pen.lanes), tuple(pen.arrows), tuple(pen.gaps), tuple(pen.names), pen.y + 1, more=len(flow) - placed
    )


def clipped(label: str) -> str:
    """A label of at most LONGEST characters; the method at its end, `(BYE)`, stays."""
    if len(label) <= LONGEST:
        return label
    method = label[label.rfind(" (") :] if label.endswith(")") and " (" in label[-LONGEST // 2 :] else ""
    return f"{label[: LONGEST - 1 - len(method)].rstrip()}…{method}"


def _marks(flow: Flow, sdp: bool) -> Iterator[_Mark]:
    notes = (media_of(one.raw) for one in flow) if sdp else flow.media
    for one, media in zip(flow, notes, strict=True):
        ends = (one.src, one.dst, one.summary, one.kind)
        yield _Mark(one.row, one.t, *ends, one.repeat, one.lost, one.late, one.call_id, media)


def _groups(marks: Iterable[_Mark], fold: bool, pause: float) -> Iterator[list[_Mark]]:
    """The messages of each arrow: one, or like ones of a long run of loops and repeats."""
    for run in _runs(marks, pause):
        yield from _alike(run) if fold and len(run) > LONG_RUN else ([mark] for mark in run)


def _runs(marks: Iterable[_Mark], pause: float) -> Iterator[list[_Mark]]:
    """Cut the flow into runs of loops and repeats, and single messages between them.

    A pause ends a run, unless it is the pause before a repeat: that one belongs to it.
    """
    run: list[_Mark] = []
    for mark in marks:
        if run and not (mark.dull and run[-1].dull and (mark.again or mark.t - run[-1].t < pause)):
            yield run
            run = []
        run.append(mark)
    if run:
        yield run


def _alike(run: list[_Mark]) -> list[list[_Mark]]:
    """The same messages of a run together, in order of first appearance."""
    kinds: dict[tuple[object, ...], list[_Mark]] = {}
    for mark in run:
        kinds.setdefault((mark.src, mark.dst, mark.summary, mark.again, mark.lost), []).append(mark)
    return list(kinds.values())


def _room(pen: _Pen, mark: _Mark) -> bool:
    return len(pen.arrows) < MOST_ARROWS and len({*pen.lanes, mark.src, mark.dst}) <= MOST_LANES


def _place(pen: _Pen, same: list[_Mark], pause: float, done: Iterable[str]) -> None:
    """One arrow for these messages, below the gaps before it and, where it is time, a row of names."""
    mark, until = same[0], same[-1].t
    for name in (mark.src, mark.dst):
        pen.lanes.setdefault(name, len(pen.lanes))
    if pen.last is not None and mark.t - pen.last >= pause and mark.call_id in pen.calls:
        pen.y += 1
        pen.gaps.append(Gap(pen.y, mark.t - pen.last))
    for text in done:
        pen.y += 1
        pen.gaps.append(Gap(pen.y, text=text))
    if pen.since_names == NAMES_EVERY:
        pen.y += 1
        pen.names.append(pen.y)
        pen.since_names = 0
    pen.y += 1
    pen.arrows.append(_arrow(same, pen.y, pen.lanes))
    pen.y += NOTE if mark.media else 0
    pen.since_names += 1
    pen.calls.add(mark.call_id)
    pen.last = until if pen.last is None else max(pen.last, until)


def _arrow(same: list[_Mark], y: float, lanes: Mapping[str, int]) -> Arrow:
    mark = same[0]
    return Arrow(
        y=y,
        src=lanes[mark.src],
        dst=lanes[mark.dst],
        label=mark.summary,
        kind=mark.kind,
        t=mark.t,
        until=same[-1].t,
        rows=tuple(m.row for m in same),
        again=mark.again,
        lost=mark.lost,
        late=mark.late if len(same) == 1 else 0.0,
        note=mark.media,
    )
