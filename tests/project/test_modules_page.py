"""The cells of docs/modules.md run, and it names all that modules beyond the lessons' have."""

from __future__ import annotations

import re

from labsip.modules import dispatcher, htable, nathelper, permissions, pike, sqlops
from labsip.modules.tm import branches
from labsip.vocabulary import COMMANDS
from tests.project import pages

PAGE = pages.read("modules.md")


def test_its_cells_run() -> None:
    pages.run(PAGE)


def test_it_names_their_commands() -> None:
    modules = (dispatcher, htable, nathelper, permissions, pike, sqlops, branches)
    there = {name for module in modules for name in vars(module) if name in COMMANDS}
    assert there == {
        command for line in PAGE.splitlines() if line.startswith("| ") for command in re.findall(r"`(\w+)`", line)
    }
