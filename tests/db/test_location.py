"""The location table on disk: it is there again after any end of the process."""

from __future__ import annotations

import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from labsip.db.location import COLUMNS, LocationFile
from labsip.modules.usrloc import UsrLoc
from labsip.sip.errors import LabError
from labsip.sip.message import parse_message
from labsip.steps import STEPS
from labsip.vocabulary import location
from tests.cli.phone import Socket
from tests.ends import Bench
from tests.processes import Serve

BEGAN = 1_800_000_000.0
"""What the clock on the wall says when a bench's is 0."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "location.db"


@pytest.fixture
def store(path: Path) -> Iterator[LocationFile]:
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


def unread(phone: Socket) -> Iterator[bytes]:
    """What had been sent to a phone when the process was killed."""
    phone._socket.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            with suppress(ConnectionError):  # somebody is gone: that is known
                yield phone._socket.recv(65535)


def test_no_answered_register_is_lost_or_half_there_when_the_process_is_killed(path: Path) -> None:
    three = [("Contact", f"<sip:{way}@127.0.0.1>") for way in range(3)]
    chance, answered = Random(1), set[str]()
    for round_ in range(4):
        with Serve("--step=cancel", f"--db={path}") as serve, Socket("106", serve.address) as phone:
            for number in range(30):
                aor = f"u{round_}x{number}"
                phone.ask("REGISTER", "sip:lab.example", *three, to=f"<sip:{aor}@lab.example>")
            for _ in range(chance.randrange(1, 30)):
                answered.add(phone.hear().to.sip_uri.user or "")
            serve.end(signal.SIGKILL)
            answered |= {parse_message(data).to.sip_uri.user or "" for data in unread(phone)}
        there = Counter(str(username) for (username,) in rows(path, "username"))
        assert there.keys() >= answered
        assert set(there.values()) == {4}  # the phone's own address, and those three
    with Serve("--step=cancel", f"--db={path}") as serve, Socket("106", serve.address) as phone:
        for aor in sorted(answered)[::10]:
            phone.ask("REGISTER", "sip:lab.example", to=f"<sip:{aor}@lab.example>")
            assert phone.hear().summary == "200 OK"
