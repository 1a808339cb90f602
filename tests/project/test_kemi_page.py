"""The cells of docs/kemi.md run."""

from __future__ import annotations

from tests.project import pages


def test_its_cells_run() -> None:
    pages.run(pages.read("kemi.md"))
