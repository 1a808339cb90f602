"""Pages of docs/ whose cells run."""

from __future__ import annotations

import re

from tests.conftest import PROJECT


def read(name: str) -> str:
    """The text of a page."""
    return (PROJECT / "docs" / name).read_text(encoding="utf-8")


def cells(page: str) -> list[str]:
    """Its cells."""
    return re.findall(r"```python\n(.*?)```", page, re.DOTALL)


def run(page: str) -> None:
    """Run its cells, one after the other, as a notebook would."""
    names: dict[str, object] = {}
    for cell in cells(page):
        exec(cell, names)
