"""README.md says what is so: its cell runs, its list is complete."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text()


def test_the_cell_of_the_readme_shows_a_call_that_is_answered() -> None:
    cell = re.search(r"```python\n(.*?)\n```", README, re.DOTALL)
    assert cell is not None
    statements, _, shown = cell[1].rpartition("\n")
    names: dict[str, object] = {}
    exec(statements, names)
    with names["lab"]:  # type: ignore[attr-defined]
        assert {"INVITE", "180 Ringing", "200 OK", "ACK"} <= set(eval(shown, names).flow.summary)


def test_the_readme_lists_every_lesson() -> None:
    lessons = sorted(path.name for path in (PROJECT / "notebooks").glob("*.ipynb"))
    assert re.findall(r"\(notebooks/(\w+\.ipynb)\)", README) == lessons
