"""The messages of a flow one by one: a ladder whose arrows open, with the route's lines beside them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labsip.flow.rows import Flow, FlowRow
from labsip.live.details import details_of
from labsip.live.surface import PageEvent, PageState, ink_state, ladder_state
from labsip.live.view import View
from labsip.testbed import Testbed, Trail
from labsip.view.ladder import Ladder
from labsip.view.layout import layout

if TYPE_CHECKING:
    import pandas as pd

FILTERS = ("party", "method", "call")


class Explorer(View):
    """A flow to walk through. Its `repr` is the text ladder, and its picture the static one.

    An arrow, clicked or chosen with the arrow keys, opens its message: every line of it with what each header is for,
    what the proxy changed, the lines of the route that ran, each with its commands and their results, and the proxy's
    tables before and after. What is shown can be narrowed down to a party, a method, a call.
    """

    rate = 5.0
    label = "Messages, one by one"

    def __init__(self, flow: Flow | Testbed, trail: Trail | None = None) -> None:
        self._source = flow
        self._trail = trail
        self._only: dict[str, str] = {}
        self._seen = -1
        super().__init__(flow if isinstance(flow, Testbed) else None)

    def text(self) -> str:
        """The ladder in characters."""
        return self._ladder().text()

    def picture(self) -> Ladder:
        """The static ladder."""
        return self._ladder()

    def _ladder(self) -> Ladder:
        return Ladder(self._read())

    def _read(self) -> Flow:
        """All of the flow, the first message at 0 s."""
        flow = self._source.flow() if isinstance(self._source, Testbed) else self._source
        return (flow if self._trail is None else self._trail.in_flow(flow)).from_zero()

    def _state(self) -> PageState:
        flow = shown = self._read()
        for name, wanted in self._only.items():
            shown = shown.where(partial(_fits, name, wanted))
        return {
            "parts": ["filter", "ladder"],
            "ink": ink_state(),
            "filters": {
                "party": sorted(flow.parties),
                "method": sorted({one.method for one in flow if one.method}),
                "call": [call for call in dict.fromkeys(one.call_id for one in flow) if call],
            },
            **ladder_state(layout(shown, fold=False)),
        }

    def _changed(self) -> bool:
        before, self._seen = self._seen, self._testbed.trace.next_datagram if self._testbed else -1
        return before != self._seen

    def _do(self, said: PageEvent) -> None:
        if said.get("do") == "message":
            self._surface.send({"message": details_of(self._read(), int(said["row"]), self._testbed)})
        elif said.get("do") == "filter":
            self._only = {name: str(said[name]) for name in FILTERS if said.get(name)}


def watch(testbed: Testbed, trail: Trail) -> Explorer:
    """A call, or one request, to walk through; messages that come later are added."""
    return Explorer(testbed, trail)


def explore(flow: Flow | pd.DataFrame) -> Explorer:
    """A flow from anywhere, a capture for example, to walk through; of a route nothing is known then.

    flow: as `lab.flow`. Raises LabError if it is none.
    """
    return Explorer(Flow.of(flow))


def _fits(name: str, wanted: str, one: FlowRow) -> bool:
    if name == "party":
        return wanted in (one.src, one.dst)
    return wanted == (one.method if name == "method" else one.call_id)
