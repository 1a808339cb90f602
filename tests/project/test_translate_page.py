"""The cells of docs/translate.md run."""

from __future__ import annotations

import linecache
from pathlib import Path

import pytest

from tests.project import pages


def test_its_cells_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each as a file of its own, for a route is read where it stands."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for number, cell in enumerate(pages.cells(pages.read("translate.md"))):
        file = f"<cell {number}>"
        linecache.cache[file] = len(cell), None, cell.splitlines(keepends=True), file
        exec(compile(cell, file, "exec"), names)
