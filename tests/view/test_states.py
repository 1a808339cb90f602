"""The transaction machines as figures and in words."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.image import imread

from labsip.sip.machines import MACHINES, Machine, Row, State
from labsip.view.chart import chart
from labsip.view.states import StateDiagram

every_machine = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)


@every_machine
def test_every_row_is_on_exactly_one_arrow(machine: Machine) -> None:
    at = chart(machine)
    drawn = []
    for place, box in enumerate(at.boxes):
        drawn += [(box.state, label.text.split(" / ")[0], box.state) for label in box.loop]
        drawn += [(box.state, label.text.split(" / ")[0], at.boxes[place + 1].state) for label in box.down]
        for leave in box.exits:
            target = at.boxes[leave.target].state
            drawn += [(box.state, label.text.split(" / ")[0], target) for label in leave.labels]
    assert sorted(drawn) == sorted((row.state, row.event, row.next) for row in machine.rows)


@every_machine
def test_nothing_stands_on_anything_else(machine: Machine) -> None:
    boxes = chart(machine).boxes
    for upper, lower in pairwise(boxes):
        assert lower.top - upper.foot >= max(1, len(upper.down))
    for place, box in enumerate(boxes):
        lines = [box.top + 0.5] if place in chart(machine).rails else [box.top]
        for leave in box.exits:
            assert leave.y - len(leave.labels) >= lines[-1]
            lines.append(leave.y)
        assert box.foot > lines[-1]
        assert box.foot - box.top > len(box.loop)


@every_machine
def test_it_begins_where_the_machine_begins_and_ends_in_terminated(machine: Machine) -> None:
    boxes = chart(machine).boxes
    assert boxes[0].state is machine.first
    assert boxes[-1].state is State.TERMINATED


@every_machine
def test_the_figure_is_drawn(machine: Machine, tmp_path: Path) -> None:
    image = imread(StateDiagram(machine).save(tmp_path / "a.png"))
    assert 0.05 < (image[..., 3] > 0).mean() < 0.6


def test_its_text_gives_each_state_with_the_events_it_knows() -> None:
    rows = (
        Row(State.TRYING, "request", State.TRYING),
        Row(State.TRYING, "send 2xx", State.COMPLETED, start="J"),
        Row(State.COMPLETED, "timer J", State.TERMINATED),
    )
    machine = Machine("small", rows, State.TRYING, "E F")
    assert repr(StateDiagram(machine)).splitlines() == [
        "small transaction",
        "           -> Trying       start timers E F",
        "Trying",
        "  request  -> Trying",
        "  send 2xx -> Completed    start timer J",
        "Completed",
        "  timer J  -> Terminated",
        "Terminated",
    ]
