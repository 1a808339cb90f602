"""The cells of docs/real-kamailio.md run."""

from __future__ import annotations

from collections.abc import Callable

from tests.project import pages


def test_its_cells_run(need: Callable[[str], str]) -> None:
    need("kamailio")
    pages.run(pages.read("real-kamailio.md"))
