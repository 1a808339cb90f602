"""The cells of docs/kamcmd.md run, and it names all commands."""

from __future__ import annotations

import re

from labsip.vocabulary import EXPORTS
from tests.project import pages

PAGE = pages.read("kamcmd.md")


def test_its_cells_run() -> None:
    pages.run(PAGE)


def test_it_names_all_commands() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    assert {name for row in rows for name in re.findall(r"`(\w+\.\w+)`", row)} == set(EXPORTS.rpcs)
