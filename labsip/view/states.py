"""A transaction machine as text and as the RFC's figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labsip.sip.machines import Machine
from labsip.view.chart import chart, effects
from labsip.view.picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class StateDiagram(Picture):
    """A transaction machine (RFC 3261 figures 5 to 8, with RFC 6026): text, and the figure."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.chart = chart(machine)

    def text(self) -> str:
        """Each state with the events it knows: `event -> next state   what is done`."""
        wide = max(len(row.event) for row in self.machine.rows)
        lines = [f"{self.machine.name} transaction", f"{'':{wide + 2}} -> {self.machine.first:12} {self.chart.begin}"]
        for box in self.chart.boxes:
            lines.append(box.state)
            rows = [row for row in self.machine.rows if row.state is box.state]
            lines += [f"  {row.event:{wide}} -> {row.next:12} {effects(row)}" for row in rows]
        return "\n".join(line.rstrip() for line in lines)

    def _size(self) -> tuple[float, float]:
        from labsip.view.states_drawing import ChartSheet

        sheet = ChartSheet(self.chart)
        return sheet.width, sheet.height

    def _draw(self, ax: Axes) -> None:
        from labsip.view import states_drawing

        states_drawing.draw(states_drawing.ChartSheet(self.chart), ax)
