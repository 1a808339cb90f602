"""The view in the page: an anywidget that shows a state and tells what was pressed; text and a picture without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labsip.live.state import State, changed

if TYPE_CHECKING:
    from labsip.view.picture import Picture

PAGE = Path(__file__).with_name("page")
SCRIPTS = ("dom.js", "ladder.js", "message.js", "phone.js", "faults.js", "tables.js", "machine.js", "view.js")
"""In the order they need each other; together they are one module, so that nothing has to be fetched."""
STYLE = "live.css"
VIEW = "application/vnd.jupyter.widget-view+json"

Said = Mapping[str, Any]
"""What the page says: `do` is the verb, the rest its arguments."""


class Surface:
    """What a page shows of a state. Without anywidget it is nowhere, and all of this does nothing."""

    def __init__(self, state: State, hear: Callable[[Said], None], label: str) -> None:
        self._state = state
        self._widget = None
        if find_spec("anywidget") is not None:
            self._widget = _widget_class()(first=state, label=label)
            self._widget.on_msg(lambda _widget, said, _buffers: hear(said))

    @property
    def mime(self) -> dict[str, Any]:
        """What makes a page show it; empty without anywidget."""
        if self._widget is None:
            return {}
        return {VIEW: {"version_major": 2, "version_minor": 0, "model_id": self._widget.model_id}}

    def show(self, state: State) -> None:
        """Tell the page what changed since the last time; nothing, if nothing did."""
        news = changed(self._state, state)
        self._state = {**self._state, **state}
        if news:
            self.send({"news": news})

    def show_all(self) -> None:
        """Tell a page that has just opened everything."""
        self.send({"all": self._state})

    def send(self, message: dict[str, Any]) -> None:
        """Tell the page something that is no state: an answer to what it asked."""
        if self._widget is not None:
            self._widget.send(message)


def still(text: str, picture: Picture | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What does not move, and its metadata: the text, and the picture if there is one."""
    data: dict[str, Any] = {"text/plain": text}
    metadata: dict[str, Any] = {}
    drawn = picture and picture._repr_png_()
    if drawn:
        data["image/png"], metadata["image/png"] = drawn
    return data, metadata


@cache
def _widget_class() -> Any:
    import anywidget
    import traitlets

    class View(anywidget.AnyWidget):
        """`first` is what a page shows before it has heard anything; what follows comes as messages."""

        _esm = "\n".join((PAGE / name).read_text("utf-8") for name in SCRIPTS)
        _css = (PAGE / STYLE).read_text("utf-8")
        first = traitlets.Dict().tag(sync=True)
        label = traitlets.Unicode().tag(sync=True)

    return View
