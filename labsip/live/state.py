"""What a view shows, as plain values, and what of it changed: only that is sent to the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labsip.view.palette import INK

if TYPE_CHECKING:
    from labsip.view.layout import Layout

State = dict[str, Any]
"""By name: a table (rows by key, as `{"106": {...}}`), or any other value of JSON."""

TABLES = ("arrows", "phones", "commands")
"""The parts that are tables: of these only the rows that changed are sent."""


def changed(before: State, after: State) -> dict[str, Any]:
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


def ladder_state(at: Layout) -> State:
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
