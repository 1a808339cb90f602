"""The ladder as a page of its own: each arrow unfolds into its message. One file, no script, nothing from outside.

The rows are `<details>`: they open with a click or a key, and a screen reader reads them as lines. Colours are those of
the drawing, readable on a light page and on a dark one; which of the two it is, the browser knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from typing import NamedTuple

from labsip.flow.rows import Flow, ranges
from labsip.sip.errors import LabError
from labsip.view.layout import Arrow, Gap, Layout
from labsip.view.listing import MessageView, changes
from labsip.view.palette import NAME, PAPER, QUIET, ink_of
from labsip.view.text import Page, rooms_for

CHAR = 7.6
"""Pixels a character of the page's fixed font is wide at most."""
ROW, BASE, NOTE = 34, 22, 14
"""Pixels: the height of a row, where in it the arrow is, and what a note adds."""

STYLE = """
:root { color-scheme: light dark; font: 13px/1.4 system-ui, sans-serif }
body { margin: 1rem; background: Canvas; color: CanvasText }
h1 { font-size: 1.2rem } svg { display: block } svg text { font: 12px ui-monospace, monospace }
main { min-width: max-content } header { position: sticky; top: 0; background: Canvas; z-index: 1 }
summary { list-style: none; cursor: pointer } summary::-webkit-details-marker { display: none }
summary:hover, summary:focus-visible { background: rgb(128 128 128 / 15%); outline: none }
.message { margin: 0 0 .5rem 4rem; padding: .2rem .8rem; border-left: 3px solid; max-width: 60rem }
.message pre { margin: .3rem 0; color: CanvasText } .message summary { text-decoration: underline; color: CanvasText }
footer { color: GrayText; margin-top: 1rem }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing is to be loaded, whatever a message says (Content Security Policy)."""


class _Entry(NamedTuple):
    """A message as the page shows it."""

    row: int
    raw: bytes
    title: str
    before: bytes | None
    """The same message as it came to its sender, None if that was not seen."""


def write(at: Layout, flow: Flow, title: str = "SIP ladder") -> str:
    """The page's HTML. flow: what the layout was made from; needs raw. Raises LabError without it."""
    if "raw" in flow.lacks:
        raise LabError("a page shows the messages too; this flow has no column raw")
    body = "\n".join(_rows(at, flow)) if at.arrows else "<p>no messages</p>"
    rest = f"<footer>{escape(at.rest)}</footer>" if at.rest else ""
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>\n'
        f"<h1>{escape(title)}</h1><main>{body}\n</main>{rest}"
        "<footer>An arrow opens with a click or Enter: its message, whole.</footer></html>"
    )


def _rows(at: Layout, flow: Flow) -> Iterator[str]:
    """The names, then messages and gaps in their order."""
    entries = {one.row: one for one in _entries(flow)}
    sheet = _Sheet(at)
    yield f"<header>{sheet.names()}</header>"
    rows = [*((gap.y, sheet.gap(gap)) for gap in at.gaps), *((one.y, sheet.row(one, entries)) for one in at.arrows)]
    yield from (text for _, text in sorted(rows))


class _Sheet:
    """Where the lanes stand, in pixels, and the rows between them."""

    def __init__(self, at: Layout) -> None:
        self.at = at
        page = Page(at.lanes, rooms_for(at.arrows, len(at.lanes)), margin=10)
        self.lanes = [CHAR * place for place in page.lanes]
        beside = [self.lanes[one.src] + CHAR * (len(one.caption) + 6) for one in at.arrows if one.loop]
        self.width = max([self.lanes[-1] + 10 * CHAR, *beside])

    def names(self) -> str:
        """The parties over their lanes."""
        plates = []
        for x, name in zip(self.lanes, self.at.lanes, strict=True):
            wide = CHAR * len(name) + 12
            box = f'x="{x - wide / 2:.0f}" y="4" width="{wide:.0f}" height="20" rx="10" fill="{NAME}"'
            text = f'x="{x:.0f}" y="18" text-anchor="middle" fill="{PAPER}"'
            plates.append(f"<rect {box}/><text {text}>{escape(name)}</text>")
        return self._svg(28, "".join(plates), "")

    def gap(self, gap: Gap) -> str:
        """Dotted lanes, and how long nothing happened."""
        x = (self.lanes[0] + self.lanes[1]) / 2 if self.lanes[1:] else self.lanes[0] + 5 * CHAR
        text = f'<text x="{x:.0f}" y="16" text-anchor="middle" fill="GrayText">{gap.caption}</text>'
        return self._svg(24, self._lifelines(24, "1 4") + text, gap.caption)

    def row(self, arrow: Arrow, entries: Mapping[int, _Entry]) -> str:
        """An arrow, and below it the message it stands for."""
        height = ROW + (NOTE if arrow.note else 0)
        drawn = self._lifelines(height, "none") + self._arrow(arrow) + "".join(self._words(arrow))
        lanes = self.at.lanes
        spoken = f"{arrow.t:.3f} s, {lanes[arrow.src]} to {lanes[arrow.dst]}: {arrow.caption} {arrow.note}".rstrip()
        more = f"<p>rows {ranges(arrow.rows)}: the first of them</p>" if arrow.rows[1:] else ""
        colour, message = ink_of(arrow.kind).colour, _message(entries[arrow.rows[0]])
        return (
            f"<details><summary>{self._svg(height, drawn, spoken)}</summary>"
            f'<div class="message" style="border-color: {colour}">{more}{message}</div></details>'
        )

    def _arrow(self, arrow: Arrow) -> str:
        from labsip.view.strokes import signs_of, strokes_of

        flat = replace(arrow, y=0.0)
        inches = tuple(x / 72 for x in self.lanes)
        parts = []
        for line in strokes_of(flat, inches, 1.0):
            points = " ".join(f"{72 * x:.1f},{BASE + ROW * y:.1f}" for x, y in line.points)
            dashes = " ".join(f"{line.width * length:.1f}" for length in line.dashes[1] or ())
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{line.colour}" stroke-width="{line.width}"'
                f' stroke-dasharray="{dashes or "none"}"/>'
            )
        for sign in signs_of(flat, inches):
            x, y = 72 * sign.x, BASE + ROW * sign.y
            steps = " ".join(_STEPS[int(code)] + _points(places, x, y) for places, code in sign.shape.iter_segments())
            fill = sign.colour if sign.filled else "none"
            parts.append(f'<path d="{steps}" fill="{fill}" stroke="{sign.colour}" stroke-width="1.3"/>')
        return "".join(parts)

    def _words(self, arrow: Arrow) -> Iterator[str]:
        """The time, the caption beside the sender, the note below it."""
        start, colour = self.lanes[arrow.src], ink_of(arrow.kind).colour
        near = arrow.src + (1 if arrow.dst > arrow.src else -1)
        x, anchor = (start + 30, "start") if arrow.loop else ((start + self.lanes[near]) / 2, "middle")
        yield f'<text x="{8 * CHAR:.0f}" y="{BASE + 4}" text-anchor="end" fill="GrayText">{arrow.t:.3f}</text>'
        at = f'x="{x:.0f}" text-anchor="{anchor}"'
        yield f'<text {at} y="{BASE + 4 if arrow.loop else BASE - 6}" fill="{colour}">{escape(arrow.caption)}</text>'
        if arrow.note:
            yield f'<text {at} y="{BASE + (18 if arrow.loop else 16)}" fill="GrayText">{escape(arrow.note)}</text>'

    def _lifelines(self, height: int, dashes: str) -> str:
        return "".join(
            f'<line x1="{x:.0f}" x2="{x:.0f}" y1="0" y2="{height}" stroke="{QUIET}" stroke-dasharray="{dashes}"/>'
            for x in self.lanes
        )

    def _svg(self, height: int, inside: str, spoken: str) -> str:
        label = f' role="img" aria-label="{escape(spoken)}"' if spoken else ""
        return f'<svg width="{self.width:.0f}" height="{height}"{label}>{inside}</svg>'


_STEPS = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
"""Of a matplotlib path, by its code, in SVG."""


def _points(places: object, x: float, y: float) -> str:
    """Places of a shape around (x, y), whose own y points up."""
    numbers = list(places)  # type: ignore[call-overload]
    return " ".join(f"{x + a:.1f} {y - b:.1f}" for a, b in zip(numbers[::2], numbers[1::2], strict=True))


def _entries(flow: Flow) -> Iterator[_Entry]:
    """The flow's messages, each with how it came to its sender: the latest of the same Call-ID, CSeq and summary."""
    came: dict[tuple[str, str, str, str], bytes] = {}
    for one in flow:
        title = f"row {one.row}, {one.t:.3f} s: {one.src} -> {one.dst}, {len(one.raw)} bytes"
        same = (one.call_id, one.cseq, one.summary)
        yield _Entry(one.row, one.raw, title, came.get((*same, one.src)))
        came[*same, one.dst] = one.raw


def _message(entry: _Entry) -> str:
    """The message, and folded what its sender changed."""
    try:
        changed = "" if entry.before is None else changes(entry.before, entry.raw)._repr_html_()
    except LabError:
        changed = ""
    folded = f"<details><summary>what was changed on the way</summary>{changed}</details>" if changed else ""
    return f"{MessageView(entry.raw, entry.title)._repr_html_()}{folded}"
