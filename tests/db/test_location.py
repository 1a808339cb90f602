"""The location table on disk: it is there again after any end of the process."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labsip.db.location import COLUMNS, LocationFile
from labsip.modules.usrloc import Change, Contact, UsrLoc
from labsip.sip.errors import LabError
from labsip.sip.headers import NameAddr
from labsip.sip.transport import Address
from labsip.steps import STEPS
from labsip.vocabulary import location
from tests.ends import Bench

BEGAN = 1_800_000_000.0
"""What the clock on the wall says when a bench's is 0."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "location.db"


@pytest.fixture
def store(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocationFile]:
    monkeypatch.setattr("labsip.db.location.PATIENCE", 0.01)
    with closing(LocationFile(path, BEGAN)) as made:
        yield made


def bench(store: LocationFile, *, seed: int = 1, now: float = 0.0) -> Bench:
    made = Bench(STEPS["cancel"], seed=seed)
    made.now = now
    made.proxy.module(UsrLoc).keep("location", store, now)
    return made


def rows(path: Path, columns: str = "username, contact") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT {columns} FROM location ORDER BY id").fetchall()


def test_a_contact_is_a_row_in_kamailios_columns(path: Path, store: LocationFile) -> None:
    made = bench(store)
    made.end("106").register('<sip:106@127.0.10.106>;q=0.5;+sip.instance="<urn:uuid:1>";reg-id=1', 600)
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        (row,) = db.execute("SELECT * FROM location").fetchall()
    assert row.keys() == ["id", *COLUMNS]
    assert {name: row[name] for name in ("username", "contact", "q", "cseq", "instance", "reg_id", "socket")} == {
        "username": "106",
        "contact": "sip:106@127.0.10.106",
        "q": 0.5,
        "cseq": 1,
        "instance": "<urn:uuid:1>",
        "reg_id": 1,
        "socket": "udp:127.0.10.1:5060",
    }
    assert (row["last_modified"], row["expires"]) == ("2027-01-15 08:00:00", "2027-01-15 08:10:00")


def test_a_new_process_goes_on_where_the_last_one_ended(path: Path, store: LocationFile) -> None:
    before = bench(store)
    before.end("106").register('<sip:106@127.0.10.106>;q=0.5;+sip.instance="<urn:uuid:1>";reg-id=1', 600)
    before.end("108").register('<sip:108@127.0.10.108>;methods="INVITE, BYE"')
    with closing(LocationFile(path, BEGAN + 100)) as again:  # 100 s later, its own clock at 0
        after = bench(again, seed=2)
        known = location(before.proxy, 100.0)
        for row in known:
            row["Last-Modified"] = row["Last-Keepalive"] = -100
        assert location(after.proxy, 0.0) == known
        after.end("107").invite("sip:106@127.0.10.1")
        assert after.flow[-1] == "proxy -> 127.0.10.106:5060  INVITE"


def test_a_domain_has_a_column_of_its_own(path: Path, store: LocationFile) -> None:
    made = Bench(STEPS["register"], use_domain=True)
    made.proxy.module(UsrLoc).keep("location", store, 0.0)
    made.end("106").register(to="<sip:a%40b@Lab.example>")
    assert rows(path, "username, domain") == [("a@b", "lab.example")]
    assert [(contact.aor, contact.domain) for contact in store.load()] == [("a@b@lab.example", "lab.example")]


def test_a_path_is_kept_too(path: Path, store: LocationFile) -> None:
    made = Bench(STEPS["cancel"], use_path=True)
    made.proxy.module(UsrLoc).keep("location", store, 0.0)
    phone = made.end("106")
    headers = [("Contact", "<sip:106@127.0.10.106>"), ("Path", "<sip:127.0.10.50;lr>")]
    phone.send(phone.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", headers=headers))
    assert rows(path, "path") == [("<sip:127.0.10.50;lr>",)]
    assert [contact.path for contact in store.load()] == ["<sip:127.0.10.50;lr>"]


def test_where_a_register_came_from_is_kept_too(path: Path, store: LocationFile) -> None:
    made = Bench(lambda ksr: [ksr.fix_nated_register(), ksr.save("location")])
    made.proxy.module(UsrLoc).keep("location", store, 0.0)
    made.end("106").register("<sip:106@10.1.1.1>")
    assert rows(path, "contact, received") == [("sip:106@10.1.1.1", "sip:127.0.10.106:5060")]
    assert [contact.received for contact in store.load()] == ["sip:127.0.10.106:5060"]


def test_what_ran_out_meanwhile_is_gone(path: Path, store: LocationFile) -> None:
    bench(store).end("106").register(expires=60)
    with closing(LocationFile(path, BEGAN + 61)) as again:
        assert location(bench(again).proxy, 0.0) == []
    assert rows(path) == []


def test_a_refresh_changes_its_row_and_an_unregister_takes_it_out(path: Path, store: LocationFile) -> None:
    phone = bench(store).end("106")
    phone.register(call="a")
    phone.register(call="a", cseq=2)
    assert rows(path, "username, cseq") == [("106", 2)]
    phone.register(call="a", cseq=3, expires=0)
    assert rows(path) == []


def test_a_star_takes_out_all_rows_of_the_user_and_no_others(path: Path, store: LocationFile) -> None:
    made = bench(store)
    phone = made.end("106")
    phone.register("<sip:1@127.0.10.106>, <sip:2@127.0.10.106>")
    made.end("108").register()
    phone.register("*", 0)
    assert rows(path, "username") == [("108",)]


def test_the_sweep_takes_expired_rows_out(path: Path, store: LocationFile) -> None:
    made = bench(store)
    made.end("106").register(expires=60)
    made.wait(200)
    assert rows(path) == []


def test_names_that_are_no_utf_8_come_back_as_they_were(path: Path, store: LocationFile) -> None:
    made = bench(store)
    made.proxy.module(UsrLoc)
    made.end("106").register("<sip:\udcff@127.0.10.106>")
    with closing(LocationFile(path, BEGAN)) as again:
        assert [contact.uri for contact in again.load()] == ["sip:\udcff@127.0.10.106"]


def test_a_table_that_cannot_be_written_is_a_500_and_no_contact(store: LocationFile, path: Path) -> None:
    made = bench(store)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert made.end("106").register() == ["500 Server Internal Error (REGISTER)"]
    assert location(made.proxy, 0.0) == []


FULL = "the disk is full"
REFUSING = f"""CREATE TRIGGER refusing BEFORE {{}} ON location
WHEN {{}}.contact LIKE 'sip:2@%' BEGIN SELECT RAISE(ABORT, '{FULL}'); END"""


@pytest.mark.parametrize("change", ["INSERT", "UPDATE", "DELETE"])
def test_of_several_contacts_one_that_cannot_be_written_leaves_all_as_they_were(
    store: LocationFile, path: Path, change: str
) -> None:
    """RFC 3261 §10.3: the changes of a REGISTER are made as a whole."""
    made = bench(store)
    phone = made.end("106")
    two, three = "<sip:1@127.0.10.106>, <sip:2@127.0.10.106>", "<sip:3@127.0.10.106>, <sip:2@127.0.10.106>"
    phone.register("<sip:1@127.0.10.106>" if change == "INSERT" else two)
    before, known = rows(path, "contact, cseq, expires"), location(made.proxy, 0.0)
    with closing(sqlite3.connect(path)) as db:
        db.execute(REFUSING.format(change, "OLD" if change == "DELETE" else "NEW"))
    answer = phone.register("*", 0) if change == "DELETE" else phone.register(three, 120)
    assert answer == ["500 Server Internal Error (REGISTER)"]
    assert (rows(path, "contact, cseq, expires"), location(made.proxy, 0.0)) == (before, known)
    assert FULL in made.proxy.errors[0].text
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER refusing")
    assert phone.register(three, 120)[0].startswith("200 OK")


def test_a_sweep_that_cannot_be_written_is_made_up_for_by_the_next(store: LocationFile, path: Path) -> None:
    made = bench(store)
    made.end("106").register(expires=60)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        made.wait(130)
        assert "the location table can't be written: database is locked" in made.notes
        other.execute("ROLLBACK")
    assert rows(path, "username") == [("106",)]
    made.wait(60)
    assert rows(path) == []


def contacts(*uris: str) -> Change:
    return Change(kept=tuple(contact(uri) for uri in uris))


def contact(uri: str, **more: Any) -> Contact:
    made = Contact(
        "106", NameAddr(uri), None, 3600.0, "call", 1, "x", Address("127.0.10.1"), -1, uri.partition(":")[2], 0.0
    )
    return replace(made, **more)


def test_changes_that_come_together_are_written_as_one(store: LocationFile, path: Path) -> None:
    changes = [contacts(*(f"sip:{change}x{way}@h" for way in range(change))) for change in range(30)]
    statements: list[str] = []
    store._db.set_trace_callback(statements.append)
    assert store.write_all(changes) == [""] * 30
    assert (statements.count("BEGIN IMMEDIATE"), statements.count("COMMIT")) == (1, 1)
    assert rows(path, "contact") == [(c.uri,) for change in changes for c in change.kept]
    gone = [Change(gone=change.kept) for change in changes[:29]]
    assert store.write_all(gone) == [""] * 29
    assert rows(path, "contact") == [(c.uri,) for c in changes[29].kept]


def test_of_changes_that_come_together_one_that_is_refused_is_nothing_to_the_others(
    store: LocationFile, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(REFUSING.format("INSERT", "NEW"))
    changes = [contacts("sip:1@h"), contacts("sip:3@h", "sip:2@h"), contacts("sip:4@h")]
    assert store.write_all(changes) == ["", f"the location table can't be written: {FULL}", ""]
    assert rows(path, "contact") == [("sip:1@h",), ("sip:4@h",)]


def test_while_somebody_else_writes_none_of_them_is_written(store: LocationFile, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = store.write_all([contacts("sip:1@h"), contacts("sip:2@h")])
    assert refused == ["the location table can't be written: database is locked"] * 2
    assert rows(path) == []


def test_what_is_no_number_to_sqlite_is_refused_and_not_raised(store: LocationFile, path: Path) -> None:
    changes = [Change(kept=(contact("sip:1@h", cseq=2**70),)), contacts("sip:2@h")]
    refused, written = store.write_all(changes)
    assert refused.startswith("the location table can't be written: Python int too large")
    assert (written, rows(path, "contact")) == ("", [("sip:2@h",)])


def test_the_longest_times_are_dates(store: LocationFile, path: Path) -> None:
    made = Bench(STEPS["full"], max_expires=0)
    made.proxy.module(UsrLoc).keep("location", store, 0.0)
    made.end("106").register(expires=10**30, cseq=2**31 - 1)
    assert rows(path, "expires, cseq") == [("2163-02-21 14:28:15", 2**31 - 1)]
    assert [kept.expires_at for kept in store.load()] == [2.0**32 - 1]


def test_what_many_contacts_have_in_common_is_loaded_once(store: LocationFile) -> None:
    store.write(contacts("sip:1@h", "sip:2@h"))
    one, two = store.load()
    assert one.user_agent is two.user_agent
    assert one.socket is two.socket


def test_a_row_that_cannot_be_read_is_named(store: LocationFile, path: Path) -> None:
    store.write(contacts("sip:1@h"))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE location SET socket = 'nowhere:x'")
    with pytest.raises(LabError, match=r"row 1@h of the location table can't be read: 'nowhere:x' is no address"):
        list(store.load())


def test_a_secret_is_as_old_as_its_file(store: LocationFile, path: Path, tmp_path: Path) -> None:
    secret = store.secret()
    assert (len(secret), store.secret()) == (32, secret)
    with closing(LocationFile(path, BEGAN)) as again, closing(LocationFile(tmp_path / "other.db", BEGAN)) as other:
        assert again.secret() == secret
        assert other.secret() != secret


def test_a_secret_that_is_none_is_told_so(store: LocationFile, path: Path) -> None:
    store.secret()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE labsip SET value = 'guess me'")
    with pytest.raises(LabError, match="DELETE FROM labsip, and a new one is made"):
        store.secret()


def test_a_new_file_is_its_owners_alone(store: LocationFile, path: Path) -> None:
    store.write(contacts("sip:1@h"))
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == dict.fromkeys(
        ("location.db", "location.db-wal", "location.db-shm"), 384
    )
    assert not store.exposed
    path.chmod(0o640)
    assert store.exposed


def test_a_folder_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"nowhere/l.db can't keep the location table: .*No such file"):
        LocationFile(tmp_path / "nowhere" / "l.db", BEGAN)


def test_a_file_that_is_something_else_is_told_so(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("not a database, but long enough to be looked at" * 50)
    with pytest.raises(LabError, match="can't keep the location table"):
        LocationFile(other, BEGAN)


def test_a_table_of_another_shape_is_told_so(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE location (id)")
    with pytest.raises(LabError, match="no such column"):
        LocationFile(path, BEGAN)
