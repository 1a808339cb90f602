"""The ladder as a Mermaid sequence diagram: JupyterLab, GitHub and many wikis draw it from the text."""

from __future__ import annotations

from labsip.view.layout import Arrow, Layout

SENT = {"request": "->>", "provisional": "--)", "other": "-)"}
"""Arrows by kind; a final response is `-->>`."""
ENTITIES = str.maketrans({"#": "#35;", ";": "#59;"})
"""`#` begins an entity and `;` ends a statement there."""


def write(at: Layout) -> str:
    """The diagram's source."""
    lines = ["sequenceDiagram"]
    lines += [f"    participant p{place} as {_escaped(name)}" for place, name in enumerate(at.lanes)]
    across = f"    Note over p0,p{len(at.lanes) - 1}: "
    rows = [(gap.y, f"{across}{gap.caption}") for gap in at.gaps]
    rows += [(arrow.y, f"    p{arrow.src}{_arrow(arrow)}p{arrow.dst}: {_label(arrow)}") for arrow in at.arrows]
    lines += [line for _, line in sorted(rows)]
    return "\n".join([*lines, across + _escaped(at.rest)] if at.rest else lines)


def _arrow(arrow: Arrow) -> str:
    if arrow.lost:
        return "-x" if arrow.kind == "request" else "--x"
    return SENT.get(arrow.kind, "-->>")


def _label(arrow: Arrow) -> str:
    return "<br/>".join(_escaped(text) for text in (arrow.caption, arrow.note) if text)


def _escaped(text: str) -> str:
    return text.translate(ENTITIES)
