"""The cells of docs/modules.md run, and it names all commands."""

from __future__ import annotations

import re

from labsip.vocabulary import COMMANDS
from tests.project import pages

PAGE = pages.read("modules.md")


def test_its_cells_run() -> None:
    pages.run(PAGE)


def test_it_names_all_commands() -> None:
    named = {command for line in PAGE.splitlines() if line.startswith("| ") for command in re.findall(r"`(\w+)`", line)}
    assert named == set(COMMANDS)
