"""What all views share: they begin to move when they are shown, keep a pace, and rest when nobody is looking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labsip.live.surface import PageEvent, PageState, Surface, still
from labsip.net.clock import Ticker
from labsip.sip.errors import LabError
from labsip.testbed import Testbed

if TYPE_CHECKING:
    from labsip.view.picture import Picture

UNHEARD = 8
"""Ticks from one time to the next that everything is told to a page that has not said it is there."""


class View:
    """A view of a testbed, or with None of something that does not change. A subclass says what it shows.

    While the testbed is open, it looks up to `rate` times a second whether something changed, in a thread of its own,
    and tells the page what did. A closed view stops updating; one that is opened again goes on.
    """

    rate = 10.0
    label = ""
    """What a screen reader calls it."""

    def __init__(self, testbed: Testbed | None) -> None:
        self._testbed = testbed
        self._views = 0
        self._unheard = 0
        self._ticker: Ticker | None = None
        self._due = False
        self._whole = False
        self._still: Any = None
        self._moving: Any = None
        self._surface = Surface(self._state(), self._heard, self.label)

    def __repr__(self) -> str:
        return self.text()

    def text(self) -> str:
        """What it shows, in characters."""
        raise NotImplementedError

    def picture(self) -> Picture | None:
        """What it shows, as it stands."""
        raise NotImplementedError

    def _state(self) -> PageState:
        """Everything the page shows."""
        raise NotImplementedError

    def _changed(self) -> bool:
        """Whether it is worth asking for the state again; cheap, and asked often."""
        raise NotImplementedError

    def _do(self, said: PageEvent) -> None:
        """Something was pressed."""
        raise NotImplementedError

    # --- in the page ------------------------------------------------------------------------------------------

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        return still(self.text(), self.picture())

    def _ipython_display_(self) -> None:
        """The picture, and below it the living view, which hides it for as long as it lives (`page/view.js`).

        In one output the picture would be of no use: JupyterLab shows nothing but an error where a view has no kernel.
        """
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        self._still = display(data, raw=True, metadata=metadata, display_id=True)  # type: ignore[no-untyped-call]
        if self._surface.mime:
            self._begin()
            self._moving = display(self._surface.mime, raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def _heard(self, said: PageEvent) -> None:
        do = said.get("do")
        if do == "here":
            self._views += 1
            self._whole = True
            self._begin()
        elif do == "gone":
            self._views -= 1
            if self._views <= 0:
                self._rest()
            return
        else:
            self._do(said)
            self._surface.send({"heard": do})
        self._refresh()

    # --- the pace ---------------------------------------------------------------------------------------------

    @property
    def _moves(self) -> bool:
        return self._ticker is not None and self._ticker.alive

    def _begin(self) -> None:
        if self._testbed is not None and not self._testbed.closed and not self._moves:
            self._ticker = Ticker(self._tick, self.rate)

    def _rest(self) -> None:
        if self._ticker is not None:
            self._ticker.stop()

    def _refresh(self) -> None:
        """Show what is new: with the next tick, or at once if there is none, so that only one thread ever sends it."""
        self._due = True
        if not self._moves:
            self._send()

    def _tick(self) -> bool:
        if self._testbed is None or self._testbed.closed:
            return False
        try:
            if self._due or self._changed():
                self._send()
            if not self._views:  # what is told before its script listens is lost, and while a cell runs it can't ask
                self._unheard += 1
                if self._unheard % UNHEARD == 0:
                    self._surface.show_all()
        except LabError:  # the lab was closed meanwhile, or is stuck: that is the next cell's news, not ours
            pass
        return True

    def _send(self) -> None:
        self._due = False
        self._surface.show(self._state())
        if self._whole:
            self._whole = False
            self._surface.show_all()
