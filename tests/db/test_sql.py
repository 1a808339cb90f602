"""A file routes may ask: what a query brings, and how far it may go."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from labsip.db import SqlFile, quoted
from labsip.db.sql import ROWS
from labsip.modules.databases import Result
from labsip.sip.errors import LabError

RUNAWAY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[SqlFile]:
    made = SqlFile(tmp_path / "lab.db")
    made.query("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, photo BLOB, share REAL)")
    yield made
    made.close()


def refused(file: SqlFile, query: str) -> str:
    with pytest.raises(LabError) as error:
        file.query(query)
    return str(error.value)


def test_rows_come_as_text_numbers_and_nothing(file: SqlFile) -> None:
    assert file.query("INSERT INTO users VALUES (5000000000, 'alice', x'6100', 0.5), (2, NULL, NULL, NULL)") == Result()
    assert file.query("SELECT * FROM users ORDER BY id DESC") == Result(
        ["id", "name", "photo", "share"], [(5000000000, "alice", "a\0", "0.5"), (2, None, None, None)]
    )
    assert file.query("SELECT * FROM users WHERE id = 3") == Result()


@pytest.mark.parametrize("value", ["o'neil", "x'; DROP TABLE users; --", "", "ü", 7, None])
def test_a_quoted_value_comes_back_as_it_was(file: SqlFile, value: object) -> None:
    assert file.query(f"SELECT {quoted(value)}").rows == [(value,)]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("", "there is no query"),
        ("SELECT 1; SELECT 2", "You can only execute one statement at a time."),
        (RUNAWAY, "it takes too long, given up"),
        (f"SELECT '{'x' * 70_000}'", "query string is too large"),
        ("SELECT '\udcff'", "surrogates not allowed"),
        ("SELECT 'a\0b'", "null character"),
    ],
)
def test_what_can_t_be_run_is_told(file: SqlFile, query: str, problem: str) -> None:
    assert problem in refused(file, query)
    assert file.query("SELECT 1").rows == [(1,)]


def test_a_query_said_many_times_is_not_taken_for_a_long_one(file: SqlFile) -> None:
    for number in range(3_000):
        file.query(f"INSERT INTO users (name) VALUES ('{number % 7}')")
    for _ in range(3_000):
        assert file.query("SELECT name FROM users WHERE id = 8").rows == [("0",)]


def test_a_change_that_takes_too_long_is_not_made(file: SqlFile) -> None:
    long = f"INSERT INTO users (id) {RUNAWAY.replace('SELECT max(i) FROM n', 'SELECT i FROM n')}"
    assert "too long" in refused(file, long)
    assert file.query("SELECT count(*) FROM users").rows == [(0,)]


def test_a_result_has_no_more_rows_than_are_kept(file: SqlFile) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i FROM n"
    assert len(file.query(numbers.format(ROWS)).rows) == ROWS
    assert refused(file, numbers.format(ROWS + 1)) == f"it has more than {ROWS} rows; write LIMIT"


def test_who_else_writes_to_the_file_is_not_waited_for_long(file: SqlFile, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "lab.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert refused(file, "INSERT INTO users (name) VALUES ('x')") == "database is locked"
    assert file.query("SELECT count(*) FROM users").rows == [(0,)]
    other.close()


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all, but long enough to be taken for one" * 20)
    with pytest.raises(LabError, match="is no database"):
        SqlFile(tmp_path / "text")


def test_a_file_that_nobody_has_any_more_is_closed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    closed = []

    class Connection(sqlite3.Connection):
        def close(self) -> None:
            closed.append(True)
            super().close()

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Connection))
    made = SqlFile(tmp_path / "left.db")
    made.query("SELECT 1")
    assert not closed
    del made
    gc.collect()
    assert closed
