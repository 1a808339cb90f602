"""The cells of docs/modules.md run, and it names all that modules beyond the lessons' have."""

from __future__ import annotations

import re

from labsip.modules import dispatcher, htable, nathelper, permissions, pike, sqlops
from labsip.modules.tm import branches
from labsip.vocabulary import WORDS
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "modules.md").read_text(encoding="utf-8")


def test_its_cells_run() -> None:
    names: dict[str, object] = {}
    for cell in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(cell, names)


def test_it_names_their_words() -> None:
    modules = (dispatcher, htable, nathelper, permissions, pike, sqlops, branches)
    there = {name for module in modules for name in vars(module) if name in WORDS}
    assert there == {
        word for line in PAGE.splitlines() if line.startswith("| ") for word in re.findall(r"`(\w+)`", line)
    }
