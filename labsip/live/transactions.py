"""The transactions of a call: the RFC's figure with the way each took, and a slider over time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from labsip.flow.replay import Lengths, Replay, Timings, runs_of, timers_of
from labsip.live.surface import PageEvent, PageState, ink_state
from labsip.live.view import View
from labsip.modules.tm.cell import timing as proxy_timing
from labsip.modules.tm.snapshot import TABLE
from labsip.sip.timing import RFC, Timing
from labsip.testbed import Testbed, Trail
from labsip.trace import PROXY
from labsip.view.chart import Chart, Label, chart
from labsip.view.palette import INK
from labsip.view.states import StateDiagram

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from labsip.view.picture import Picture


class Transactions(View):
    """The runs of all transactions in a flow. Its `repr` has a line for each step of each.

    In the page one is chosen, and a slider goes through its steps: the state it is in, the arrow it took, the timers
    that run. `runs` holds the same as values, `table` as a DataFrame.
    """

    label = "Transactions, step by step"

    def __init__(self, runs: list[Replay]) -> None:
        self.runs = runs
        super().__init__(None)

    @property
    def table(self) -> pd.DataFrame:
        """A row a step: transaction, t [s], event, before, state, timers (those that run, and for how long)."""
        import pandas as pd

        rows = [
            (run.title, step.t, step.event, str(step.before or ""), str(step.state), timers_of(step))
            for run in self.runs
            for step in run.steps
        ]
        return pd.DataFrame(rows, columns=["transaction", "t", "event", "before", "state", "timers"])

    def text(self) -> str:
        """Each transaction: when what happened, and where that led."""
        told = ["\n".join([run.title, *run.lines()]) for run in self.runs]
        return "\n\n".join(told) or "no transactions"

    def picture(self) -> Picture | None:
        """The figure of the first one's machine, the states it came through outlined."""
        return RunDiagram(self.runs[0]) if self.runs else None

    def _state(self) -> PageState:
        charts = {run.machine.name: _chart(chart(run.machine)) for run in self.runs}
        return {
            "parts": ["machine"],
            "ink": ink_state(),
            "charts": charts,
            "runs": [{"title": run.title, "machine": run.machine.name, "steps": _steps(run)} for run in self.runs],
        }

    def _changed(self) -> bool:
        return False

    def _do(self, said: PageEvent) -> None:
        """Everything is in the page already."""


class RunDiagram(StateDiagram):
    """A machine's figure, with the states one run came through outlined."""

    def __init__(self, run: Replay) -> None:
        super().__init__(run.machine)
        self._seen = {step.state for step in run.steps}

    def _draw(self, ax: Axes) -> None:
        from matplotlib.patches import Rectangle

        from labsip.view.states_drawing import ChartSheet

        super()._draw(ax)
        sheet = ChartSheet(self.chart)
        for box in self.chart.boxes:
            if box.state in self._seen:
                corner, wide = (sheet.left, box.top), sheet.right - sheet.left
                ax.add_patch(
                    Rectangle(corner, wide, box.foot - box.top, fill=False, lw=3, ec=INK["request"].colour, zorder=6)
                )


def _steps(run: Replay) -> list[dict[str, Any]]:
    return [
        {
            "t": f"{step.t:.3f}",
            "event": step.event,
            "before": str(step.before or ""),
            "state": str(step.state),
            "timers": [{"name": timer, "left": round(due - step.t, 3)} for timer, due in step.timers],
        }
        for step in run.steps
    ]


def _chart(at: Chart) -> dict[str, Any]:
    """A state diagram as the page draws it, in lines of type."""
    return {
        "height": at.height,
        "begin": at.begin,
        "boxes": [
            {
                "state": str(box.state),
                "top": box.top,
                "foot": box.foot,
                "loop": _labels(box.loop),
                "down": _labels(box.down),
                "exits": [
                    {"y": leave.y, "target": leave.target, "labels": _labels(leave.labels)} for leave in box.exits
                ],
            }
            for box in at.boxes
        ],
    }


def _labels(labels: Iterable[Label]) -> list[dict[str, str]]:
    return [{"text": label.text, "event": label.text.partition(" / ")[0], "kind": label.kind} for label in labels]


def transactions(testbed: Testbed, trail: Trail) -> Transactions:
    """The transactions behind a call or a request, at every party."""
    flow = trail.in_flow(testbed.flow())
    begin = min((one.t for one in flow), default=0.0)
    now = testbed.net.peek(lambda now: now) - testbed.trace.start
    return Transactions(runs_of(flow.from_zero(), _timings_in(testbed, begin), now - begin))


def _timings_in(testbed: Testbed, begin: float) -> Timings:
    """As the route set them at the proxy, which its table of transactions tells; phones keep to the RFC."""
    tables = testbed.trace.tables
    changes = testbed.net.peek(lambda _: list(tables.changes)) if tables is not None else []
    known: dict[tuple[str, ...], list[tuple[float, Timing]]] = {}
    for change in changes:
        if change.table == TABLE and change.after is not None:
            lengths = known.setdefault((change.after.side, change.after.branch, change.after.method), [])
            if not lengths or lengths[-1][1] != change.after.timing:
                lengths.append((change.t - begin, change.after.timing))

    def timings(party: str, *which: str) -> Lengths:
        if party != PROXY:
            return [(0.0, RFC)]
        return known.get(which) or [(0.0, proxy_timing(testbed.engine.settings))]

    return timings
