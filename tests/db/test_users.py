"""Passwords from a text, a file and a table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from labsip.db.users import Subscribers, read_users
from labsip.sip.digest import Ha1, ha1
from labsip.sip.errors import LabError


def written(folder: Path, text: str) -> str:
    path = folder / "users"
    path.write_text(text)
    return str(path)


def test_pairs_are_separated_by_commas() -> None:
    assert read_users("106:secret106, 108:a:b") == {"106": "secret106", "108": "a:b"}


def test_a_file_has_a_pair_a_line_and_remarks(tmp_path: Path) -> None:
    text = "# phones\n106:secret106\n\n  108:pass#command   # Bob\n\t# nobody:else\nalice:two commands\r\n"
    assert read_users(written(tmp_path, text)) == {"106": "secret106", "108": "pass#command", "alice": "two commands"}


@pytest.mark.parametrize("line", ["106", "106:", ":secret", "106 secret"])
def test_a_line_that_is_no_pair_is_named_by_its_number_and_not_quoted(tmp_path: Path, line: str) -> None:
    source = written(tmp_path, f"# one\n105:x\n{line}\n")
    with pytest.raises(LabError) as told:
        read_users(source)
    assert str(told.value) == f"{source}, line 3 is no NAME:PASSWORD, as in 106:secret"


def test_a_user_has_one_password(tmp_path: Path) -> None:
    source = written(tmp_path, "106:a\n106:b\n")
    with pytest.raises(LabError, match="line 2: 106 has a password already"):
        read_users(source)
    with pytest.raises(LabError, match="pair 2: 106 has"):
        read_users("106:a,106:b")


def test_a_file_without_users_is_a_mistake_and_not_an_open_door(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="nobody is in it"):
        read_users(written(tmp_path, "# later\n"))


@pytest.mark.parametrize("source", ["nowhere.txt", "x" * 5000, "a\0b"])
def test_what_is_neither_file_nor_pairs_is_told_so(source: str) -> None:
    with pytest.raises(LabError, match="there is no such file"):
        read_users(source)


# --- a table ------------------------------------------------------------------------------------------------------


@pytest.fixture
def table(tmp_path: Path) -> Iterator[tuple[str, sqlite3.Connection]]:
    path = tmp_path / "kamailio.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE subscriber (id INTEGER PRIMARY KEY, username, domain, password, ha1, ha1b)")
        yield str(path), db


def add(db: sqlite3.Connection, username: str, password: str | None, hashed: str | None = "") -> None:
    db.execute(
        "INSERT INTO subscriber (username, domain, password, ha1) VALUES (?, 'h', ?, ?)", (username, password, hashed)
    )


def opened(source: str) -> Subscribers:
    users = read_users(source)
    assert isinstance(users, Subscribers)
    return users


def test_the_table_subscriber_is_read(table: tuple[str, sqlite3.Connection]) -> None:
    source, db = table
    add(db, "106", "secret106")
    with closing(opened(source)) as users:
        assert dict(users) == {"106": "secret106"}
        assert users.get("107") is None
        assert users.get("\udcff") is None


def test_a_row_that_was_added_later_counts(table: tuple[str, sqlite3.Connection]) -> None:
    source, db = table
    with closing(opened(source)) as users:
        assert (len(users), bool(users)) == (0, True)
        add(db, "106", "secret106")
        assert users["106"] == "secret106"


def test_a_row_without_password_has_its_hash(table: tuple[str, sqlite3.Connection]) -> None:
    source, db = table
    add(db, "106", "", ha1("106", "lab", "x"))
    with closing(opened(source)) as users:
        assert isinstance(users["106"], Ha1)
        assert users["106"] == ha1("106", "lab", "x")


@pytest.mark.parametrize(
    ("password", "hashed"), [("", ""), (None, None), ("", "None"), (None, "0" * 31), ("", "x" * 32)]
)
def test_a_row_with_neither_is_nobody_s(
    table: tuple[str, sqlite3.Connection], password: str | None, hashed: str | None
) -> None:
    source, db = table
    add(db, "106", password, hashed)
    with closing(opened(source)) as users:
        assert users.get("106") is None
        assert (list(users), len(users)) == ([], 0)


def test_a_row_has_the_hash_for_a_name_with_its_realm_too(table: tuple[str, sqlite3.Connection]) -> None:
    source, db = table
    add(db, "106", "secret106")
    add(db, "108", "", ha1("108", "lab", "x"))
    db.execute("UPDATE subscriber SET ha1b = ? WHERE username = '108'", (ha1("108@lab", "lab", "x"),))
    add(db, "109", "", ha1("109", "lab", "x"))
    with closing(opened(source)) as users:
        assert users["106"] == "secret106"
        hashes = [users["108"], users["109"]]
        assert [known.with_realm for known in hashes if isinstance(known, Ha1)] == [ha1("108@lab", "lab", "x"), ""]
        assert users.get("106@lab") is None  # auth knows what that means


def test_rows_nobody_can_log_in_with_are_told(table: tuple[str, sqlite3.Connection]) -> None:
    source, db = table
    with closing(opened(source)) as users:
        add(db, "106", "secret106")
        add(db, "107", "", ha1("107", "h", "x"))
        assert users.warnings(["h"]) == []
        add(db, "108", None, None)
        assert users.warnings(["h"]) == [
            "1 of 3 rows of subscriber have neither a password nor an ha1: nobody can log in with them"
        ]
        (_, realm) = users.warnings(["lab.example", "127.0.0.1"])
        assert realm == (
            "1 of 3 rows of subscriber have an ha1 for another realm (h) than lab.example, 127.0.0.1: "
            "nobody can log in with them; give --domain or --realm"
        )


def test_while_another_program_has_the_table_locked_whoever_was_known_still_is(
    table: tuple[str, sqlite3.Connection],
) -> None:
    source, db = table
    add(db, "106", "secret106")
    add(db, "108", "secret108")
    with closing(opened(source)) as users:
        assert users["106"] == "secret106"
        db.execute("BEGIN EXCLUSIVE")
        assert users["106"] == "secret106"
        with pytest.raises(LabError, match="the table subscriber can't be read: database is locked"):
            _ = users["108"]
        db.execute("DELETE FROM subscriber")
        db.execute("COMMIT")
        assert users.get("106") is None
        db.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LabError):
            _ = users["106"]


def test_a_database_without_that_table_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE subscriber (username)")
    with pytest.raises(LabError, match="no table subscriber with ha1, password"):
        read_users(str(path))
