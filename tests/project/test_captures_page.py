"""The cells of docs/captures.md run, and its tables are those of the code."""

from __future__ import annotations

import re

from labsip.findings import RULES
from labsip.flow.calls import CALLS
from labsip.flow.legs import LEG_RULES
from tests.project import pages

PAGE = pages.read("captures.md")


def test_its_cells_run() -> None:
    pages.run(PAGE)


def test_it_has_every_column_and_every_rule_by_which_legs_are_joined() -> None:
    told = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE))))
    assert told == set(CALLS)
    assert re.findall(r"^\| (\w+) \| ", PAGE.partition("LEG_RULES")[2], re.MULTILINE)[1:] == [
        one.name for one in LEG_RULES
    ]
    assert "silence" in {rule.name for rule in RULES}
