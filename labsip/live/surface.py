"""The view in the page: the state it shows, of which only changes are sent, and an anywidget that shows it.

Without anywidget there is no page; text and a picture are left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labsip.view.palette import INK

if TYPE_CHECKING:
    from labsip.view.layout import Layout
    from labsip.view.picture import Picture


PageState = dict[str, Any]
"""By name: a table (rows by key, as `{"106": {...}}`), or any other value of JSON."""

TABLES = ("arrows", "phones", "commands")
"""The parts that are tables: of these only the rows that changed are sent."""


def changed(before: PageState, after: PageState) -> dict[str, Any]:
    """What the page has to be told: new values by name; for a table `{"put": rows, "gone": keys}`.

    A name that is not in `after` is as it was.
    """
    news: dict[str, Any] = {}
    for name, value in after.items():
        old = before.get(name)
        if old == value:
            continue
        if name in TABLES and old is not None:
            put = {key: row for key, row in value.items() if old.get(key) != row}
            news[name] = {"put": put, "gone": [key for key in old if key not in value]}
        else:
            news[name] = value
    return news


def ladder_state(at: Layout) -> PageState:
    """A ladder as the page draws it: lanes, arrows by the row of their first message, gaps, rows of names."""
    return {
        "lanes": list(at.lanes),
        "arrows": {
            str(arrow.rows[0]): {
                "y": arrow.y,
                "src": arrow.src,
                "dst": arrow.dst,
                "text": arrow.caption,
                "kind": arrow.kind,
                "t": f"{arrow.t:.3f}",
                "again": arrow.again,
                "lost": arrow.lost,
                "note": arrow.note,
            }
            for arrow in at.arrows
        },
        "gaps": [{"y": gap.y, "text": gap.caption} for gap in at.gaps],
        "names": list(at.names),
        "height": at.height,
        "rest": at.rest,
    }


def ink_state() -> dict[str, Any]:
    """The inks of the static ladder, as SVG takes them: dashes in units of the line's width."""
    return {
        kind: {
            "colour": ink.colour,
            "width": ink.width,
            "tail": ink.tail,
            "dashes": " ".join(f"{dash * ink.width:.1f}" for dash in ink.line[1] or ()),
        }
        for kind, ink in INK.items()
    }


PAGE = Path(__file__).with_name("page")
SCRIPTS = ("dom.js", "ladder.js", "message.js", "phone.js", "faults.js", "tables.js", "machine.js", "view.js")
"""In the order they need each other; together they are one module, so that nothing has to be fetched."""
STYLE = "live.css"
VIEW = "application/vnd.jupyter.widget-view+json"

PageEvent = Mapping[str, Any]
"""What the page says: `do` is the verb, the rest its arguments."""


class Surface:
    """What a page shows of a state. Without anywidget it is nowhere, and all of this does nothing."""

    def __init__(self, state: PageState, hear: Callable[[PageEvent], None], label: str) -> None:
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

    def show(self, state: PageState) -> None:
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
