"""Where a db_url leads."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from labsip.db import SqlFile, databases, read_db_url
from labsip.db.schema import TABLES
from labsip.db.urls import open_file
from labsip.sip.errors import LabError


def test_a_new_file_gets_kamailios_tables(tmp_path: Path) -> None:
    file = open_file(f"{tmp_path}/k.db")
    names = {row[0] for row in file.query("SELECT name FROM sqlite_master WHERE type = 'table'").rows}
    assert set(TABLES) <= names


def test_a_file_with_tables_is_left_as_it_is(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "k.db")) as db:
        db.execute("CREATE TABLE own (a)")
    file = open_file(str(tmp_path / "k.db"))
    assert file.query("SELECT count(*) FROM sqlite_master").rows == [(1,)]


def test_a_scheme_leads_to_a_file_and_sqlite_to_whichever_it_names(tmp_path: Path) -> None:
    own = SqlFile(":memory:")
    urls: dict[str, Any] = databases({"mysql": f"sqlite://{tmp_path}/k.db", "postgres": own})
    assert urls["mysql"].path == tmp_path / "k.db"
    assert urls["postgres"] is own
    assert urls["sqlite"](f"{tmp_path}/other.db").path == tmp_path / "other.db"


def test_three_strokes_may_mean_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    for name in ("k.db", "sub/k.db"):
        open_file(f"/{name}")
        assert (tmp_path / name).exists()
    assert open_file("/:memory:").query("SELECT 1").rows == [(1,)]


def test_what_leads_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="there is no folder"):
        open_file(f"{tmp_path}/nope/k.db")
    with pytest.raises(LabError, match="names no file"):
        open_file("")
    (tmp_path / "text").write_text("hello, this is a text and no database at all" * 100)
    with pytest.raises(LabError, match="is no database"):
        open_file(str(tmp_path / "text"))
    with pytest.raises(LabError, match="leads to 7, which is no database"):
        databases({"mysql": 7})


def test_an_option_maps_a_scheme_or_a_whole_url() -> None:
    assert read_db_url("mysql=sqlite:///k.db") == ("mysql", "sqlite:///k.db")
    assert read_db_url("mysql://u:p@h/db=sqlite:////x/k.db") == ("mysql://u:p@h/db", "sqlite:////x/k.db")
    for wrong in ("mysql", "mysql=", "=sqlite:///k.db", "mysql=sqlite://", "mysql=k.db"):
        with pytest.raises(LabError, match="maps no db_url; write it as in"):
            read_db_url(wrong)
