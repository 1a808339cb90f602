"""The location table on disk while `labsip serve` runs, is killed, ends, or has to wait for somebody else."""

from __future__ import annotations

import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from labsip.sip.message import parse_message
from tests.cli.phone import Socket
from tests.processes import Serve


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "location.db"


def rows(path: Path, columns: str = "username, contact") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT {columns} FROM location ORDER BY id").fetchall()


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
    for round_ in range(6):
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


def test_a_refresh_or_a_removal_that_was_answered_is_not_undone_when_the_process_is_killed(path: Path) -> None:
    """The phone's second and third REGISTER, each sent before the one before was answered."""
    chance, kept, gone = Random(2), dict[str, int](), set[str]()
    for round_ in range(4):
        with Serve("--step=cancel", f"--db={path}") as serve, Socket("106", serve.address) as phone:
            users = [f"u{round_}x{number}" for number in range(20)]
            for expires in ("600", "1200", "0" if round_ % 2 else "1800"):
                for aor in users:
                    phone.ask("REGISTER", "sip:lab.example", ("Expires", expires), to=f"<sip:{aor}@lab.example>")
            heard = [phone.hear() for _ in range(chance.randrange(1, 60))]
            serve.end(signal.SIGKILL)
            for answer in heard + [parse_message(data) for data in unread(phone)]:
                aor = answer.to.sip_uri.user or ""
                kept[aor] = max(kept.get(aor, 0), answer.cseq.number)
                if not answer.contacts:
                    gone.add(aor)
    there = {str(aor): int(str(cseq)) for aor, cseq in rows(path, "username, cseq")}
    assert not gone & there.keys()
    for aor in kept.keys() - gone:
        assert there.get(aor, 10**6) >= kept[aor]  # if it is gone, that was written and not answered any more


def test_what_has_been_asked_is_written_when_the_process_is_told_to_end(path: Path) -> None:
    with Serve("--step=cancel", f"--db={path}") as serve, Socket("106", serve.address) as phone:
        for number in range(30):
            phone.ask("REGISTER", "sip:lab.example", to=f"<sip:u{number}@lab.example>")
        first = phone.hear()
        assert serve.end() == 0
        answered = {answer.to.sip_uri.user for answer in (first, *map(parse_message, unread(phone)))}
    assert {username for (username,) in rows(path, "username")} >= answered


def test_who_writes_to_the_file_holds_up_a_register_and_nobody_else(path: Path) -> None:
    with Serve(f"--db={path}") as serve, Socket("106", serve.address) as phone:
        assert phone.register().summary == "200 OK"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            phone.ask("REGISTER", "sip:lab.example", to="<sip:107@lab.example>")
            phone.ask("OPTIONS", f"sip:{serve.address}")
            assert phone.hear().summary == "200 Keepalive"
            other.execute("COMMIT")
        assert phone.hear().summary in ("200 OK", "500 Server Internal Error")  # the latter on a very slow machine
        assert phone.register().summary == "200 OK"


def test_a_lock_that_lasts_is_500_with_a_time_to_come_again(path: Path) -> None:
    with Serve(f"--db={path}") as serve, Socket("106", serve.address) as phone:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = phone.register()
            assert (refused.summary, refused.get("Retry-After")) == ("500 Server Internal Error", "5")
        assert phone.register().summary == "200 OK"
        serve.wait_until("command of the lock", lambda: "can't be written: database is locked" in serve.err)


def test_an_operator_is_warned_of_a_file_that_is_open_to_others(path: Path) -> None:
    with Serve(f"--db={path}") as serve:
        assert "WARNING" not in serve.err
    path.chmod(0o644)
    with Serve(f"--db={path}") as serve:
        serve.wait_until("a warning", lambda: f"WARNING: labsip: {path} keeps a secret" in serve.err)
