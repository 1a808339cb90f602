"""The messages of a flow one by one: a ladder whose arrows open, with the route's lines beside them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from labsip.live.living import Living, look
from labsip.live.state import State, ink_state, ladder_state
from labsip.live.surface import Said
from labsip.live.told import message_told
from labsip.trace import RING
from labsip.view.before_after import before_after
from labsip.view.ladder import Ladder
from labsip.view.layout import layout

if TYPE_CHECKING:
    import pandas as pd

    from labsip.lab.exchange import Record
    from labsip.lab.lab import Lab

FILTERS = ("party", "method", "call")


class Explorer(Living):
    """A flow to walk through. Its `repr` is the text ladder, and its picture the static one.

    An arrow, clicked or chosen with the arrow keys, opens its message: every line of it with what each header is for,
    what the proxy changed, the lines of the route that ran, each with its commands and their results, and the proxy's
    tables before and after. What is shown can be narrowed down to a party, a method, a call.
    """

    rate = 5.0
    label = "Messages, one by one"

    def __init__(self, flow: pd.DataFrame | None = None, *, lab: Lab | None = None, of: Record | None = None) -> None:
        self._flow = flow
        self._of = of
        self._only: dict[str, str] = {}
        self._seen = -1
        super().__init__(lab)

    def text(self) -> str:
        """The ladder in characters."""
        return self._ladder().text()

    def picture(self) -> Ladder:
        """The static ladder."""
        return self._ladder()

    def _ladder(self) -> Ladder:
        return Ladder(self._read())

    def _read(self) -> pd.DataFrame:
        """All of the flow, the first message at 0 s."""
        flow = self._flow
        if self._lab is not None:
            flow = flow_of(self._lab)
            flow = flow if self._of is None else flow[self._of._belongs(flow)]
        assert flow is not None
        return flow.assign(t=flow["t"] - flow["t"].min()) if len(flow) else flow

    def _state(self) -> State:
        flow = shown = self._read()
        for name, wanted in self._only.items():
            shown = shown[_fits(shown, name, wanted)]
        return {
            "parts": ["filter", "ladder"],
            "ink": ink_state(),
            "filters": {
                "party": sorted({*flow["src"], *flow["dst"]}),
                "method": sorted({method for method in flow["method"] if method}),
                "call": [call for call in dict.fromkeys(flow["call_id"]) if call],
            },
            **ladder_state(layout(shown, fold=False)),
        }

    def _changed(self) -> bool:
        before, self._seen = self._seen, self._lab._net.trace.next_datagram if self._lab else -1
        return before != self._seen

    def _do(self, said: Said) -> None:
        if said.get("do") == "message":
            told = told_of(self._read(), int(said["row"]), self._lab)
            self._surface.send({"message": told})
        elif said.get("do") == "filter":
            self._only = {name: str(said[name]) for name in FILTERS if said.get(name)}


def watch(record: Record) -> Explorer:
    """A call, or one request, to walk through; messages that come later are added."""
    return Explorer(lab=record.lab, of=record)


def explore(flow: pd.DataFrame) -> Explorer:
    """A flow from anywhere, a capture for example, to walk through; of a route nothing is known then.

    flow: as `lab.flow`.
    """
    return Explorer(flow)


def flow_of(lab: Lab, last: int = RING) -> pd.DataFrame:
    """The last messages of `lab.flow`, of a closed lab too."""
    from labsip.flow.tables import flow_table

    trace = lab._net.trace
    passed = look(lab, lambda _: list(islice(reversed(trace.datagrams), last)))
    return flow_table(reversed(passed), trace.names, trace.marks)


def told_of(flow: pd.DataFrame, row: int, lab: Lab | None) -> dict[str, Any] | None:
    """What is told of the message in that row, None if it is no longer there."""
    from labsip.flow.tables import steps_table

    if row not in flow.index:
        return None
    if lab is None:
        return message_told(flow, row)
    trace = lab._net.trace
    commands, tables = look(lab, lambda _: (list(trace.commands), before_after(trace, row)))
    return message_told(flow, row, steps_table(commands), lab._proxy.source, tables)


def _fits(flow: pd.DataFrame, name: str, wanted: str) -> pd.Series[bool]:
    if name == "party":
        return (flow["src"] == wanted) | (flow["dst"] == wanted)
    return flow["method" if name == "method" else "call_id"] == wanted
