"""The exercises of lesson 06, answered in plain Python: as they stand they are not solved, and they can be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import PROJECT

FAR, CIRCLE = "for {seconds} s", '"circle" in explain(lab.flow)'
GUARD = """        if not ksr.lookup("location"):
            ksr.sl_reply(404, "User not Registered")
            return
"""


def cells(**instead: str) -> Iterator[str]:
    """The lesson's code cells, with a text of each put in the place of another."""
    notebook = json.loads((PROJECT / "notebooks" / "06_captures.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            for old, new in instead.items():
                source = source.replace(old, new)
            yield source


def answers(**instead: str) -> dict[str, Any]:
    """What the checking cells show."""
    names: dict[str, Any] = {}
    shown = {}
    for source in cells(**instead):
        *before, last = source.splitlines()
        checking = FAR in last or CIRCLE in last
        exec("\n".join(before if checking else [*before, last]), names)
        if checking:
            shown[last] = eval(last, names)
    return shown


def test_the_stubs_are_not_solved() -> None:
    assert list(answers().values()) == [False, False]


@pytest.mark.filterwarnings("default")
def test_a_solution_is_taken() -> None:
    solved = answers(**{"seconds = 0 ": "seconds = 2 ", GUARD: '        ksr.lookup("location")\n'})
    assert list(solved.values()) == [True, True]
