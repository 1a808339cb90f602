"""The cells of docs/kamailio-cfg.md run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import pages


def test_its_cells_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pages.run(pages.read("kamailio-cfg.md"))
