"""A transaction machine as the RFC draws it: states as boxes, an arrow for each change, made from the rows that run.

The layout knows lines of type, not pixels. States stand below each other in the order the rows name them. What leads
to the next one down is an arrow; all that leads further shares one rail to its target, on the right; what stays is a
loop on the left.
"""

from __future__ import annotations

from dataclasses import dataclass

from labsip.sip.machines import Machine, Row, State

KINDS = {"1xx": "provisional", "2xx": "success", "3xx-6xx": "failure", "timer": "other", "error": "other"}
"""The kind of an event, which gives its ink, by a word in its name; all others are requests."""
PAD = 0.5  # lines above and below what is written in or beside a box


@dataclass(frozen=True, slots=True)
class Label:
    """What is written on an arrow: `1xx / pass up, start timer C`."""

    text: str
    kind: str
    """Its ink."""


@dataclass(frozen=True, slots=True)
class Leave:
    """An arrow to a state that is not the next one down."""

    y: float
    target: int
    """Place of that state."""
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A state, from line `top` to line `foot`."""

    state: State
    top: float
    foot: float
    loop: tuple[Label, ...]
    """Events that don't leave it."""
    down: tuple[Label, ...]
    """Events that lead to the next state below."""
    exits: tuple[Leave, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A machine ready to draw, `height` lines high. The place of a state is its index in `boxes`."""

    boxes: tuple[Box, ...]
    begin: str
    """Timers that run from the beginning: `start timers A B`."""
    height: float

    @property
    def rails(self) -> tuple[int, ...]:
        """Places that are reached by a rail, nearest rail first."""
        return tuple(sorted({leave.target for box in self.boxes for leave in box.exits}))


def chart(machine: Machine) -> Chart:
    """Place a machine's states and arrows."""
    order = list(dict.fromkeys([machine.first, *(r.state for r in machine.rows), *(r.next for r in machine.rows)]))
    arrows: dict[tuple[int, int], list[Label]] = {}
    for row in machine.rows:
        arrows.setdefault((order.index(row.state), order.index(row.next)), []).append(_label(row))
    reached = {dst for src, dst in arrows if dst not in (src, src + 1)}
    boxes, top = [], 2.0
    for place, state in enumerate(order):
        box = _box(place, state, top, arrows, place in reached)
        boxes.append(box)
        top = box.foot + len(box.down) + 2 * PAD if box.down else box.foot + 2 * PAD
    return Chart(tuple(boxes), _start(machine.start), boxes[-1].foot + PAD)


def _box(place: int, state: State, top: float, arrows: dict[tuple[int, int], list[Label]], reached: bool) -> Box:
    """Exits from the furthest target down; the first line is left for the rail that ends here."""
    exits, line = [], top + PAD + reached
    targets = sorted((dst for src, dst in arrows if src == place and dst not in (place, place + 1)), reverse=True)
    for target in targets:
        labels = tuple(arrows[place, target])
        line += len(labels)
        exits.append(Leave(line, target, labels))
        line += PAD
    loop = tuple(arrows.get((place, place), ()))
    foot = max(line, top + PAD + len(loop), top + 1) + PAD
    return Box(state, top, foot, loop, tuple(arrows.get((place, place + 1), ())), tuple(exits))


def _label(row: Row) -> Label:
    done = effects(row)
    kind = next((kind for word, kind in KINDS.items() if word in row.event.split()), "request")
    return Label(f"{row.event} / {done}" if done else row.event, kind)


def effects(row: Row) -> str:
    """What is done when a row fires, and the timers that start."""
    return ", ".join(part for part in (*row.do, _start(row.start)) if part)


def _start(timers: str) -> str:
    return "" if not timers else f"start timer{'s' if ' ' in timers else ''} {timers}"
