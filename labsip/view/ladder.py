"""The ladder: a flow as a learner sees it, in a notebook, a terminal, a file, a Markdown page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labsip.flow.rows import Flow
from labsip.proxy.arguments import checked_seconds
from labsip.view import page, text
from labsip.view.layout import NEEDED, PAUSE, REASON, layout
from labsip.view.picture import Picture

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


class Ladder(Picture):
    """A flow as a sequence plot: text, drawing, Mermaid and page of one layout.

    flow: trace rows in time order, or a lab or a call, which have them; needs t [s], src, dst, summary, kind; uses
    repeat, lost, call_id if there.
    times: seconds in the left margin. fold: long runs of loops and repeats as one arrow. pause: seconds without a
    message that show as a gap. sdp: below an arrow, where its sender wants the media and which way they go; needs raw.
    Raises LabError if a needed column is missing.
    """

    def __init__(
        self,
        flow: Flow | pd.DataFrame,
        *,
        times: bool = True,
        fold: bool = True,
        pause: float = PAUSE,
        sdp: bool = False,
    ) -> None:
        self.messages = Flow.of(flow, NEEDED, REASON)
        self.times = times
        seconds = checked_seconds(pause, "pause")
        self.layout = layout(self.messages, sdp=sdp, fold=fold, pause=seconds)

    @property
    def flow(self) -> pd.DataFrame:
        """The flow that is drawn, as a table."""
        return self.messages.table()

    def text(self) -> str:
        """The ladder in characters; a line for each message."""
        return text.write(self.layout, times=self.times)

    def mermaid(self) -> str:
        """The ladder as a Mermaid sequence diagram, for a Markdown page."""
        return text.write_mermaid(self.layout)

    def _size(self) -> tuple[float, float]:
        from labsip.view.drawing import LadderSheet

        sheet = LadderSheet(self.layout, times=self.times)
        return sheet.width, sheet.height

    def _draw(self, ax: Axes) -> None:
        from labsip.view import drawing

        drawing.draw(drawing.LadderSheet(self.layout, times=self.times), ax)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        return super()._repr_png_() if self.layout.arrows else None

    def html(self, title: str = "SIP ladder") -> str:
        """The ladder as a page of its own, each arrow with its message folded behind it; the flow needs raw."""
        return page.write(self.layout, self.messages, title)

    def _writings(self) -> dict[str, Callable[[], str]]:
        return {".txt": self.text, ".mmd": self.mermaid, ".html": self.html}
