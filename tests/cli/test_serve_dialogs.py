"""Calls that are up while `labsip serve` ends and begins again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from labsip.sip.build import build_request, build_response
from labsip.sip.message import Request, Response
from labsip.sip.transport import Address
from tests.cli.phone import Socket
from tests.processes import Serve, free_address


def heard(phone: Socket, summary: str) -> Request | Response:
    """The next message of that kind."""
    while (message := phone.hear()).summary != summary:
        pass
    return message


def call(alice: Socket, bob: Socket) -> Response:
    """108 registers, 106 calls, 108 answers; the 200 as 106 hears it."""
    bob.register()
    alice.ask("INVITE", "sip:108@lab.example")
    invite = heard(bob, "INVITE")
    assert isinstance(invite, Request)
    path = [("Record-Route", value) for value in invite.values("Record-Route")]
    contact = ("Contact", f"<sip:108@{bob.at}>")
    bob.send(build_response(invite, 200, "OK", to_tag="108t", headers=[*path, contact]).raw)
    ok = heard(alice, "200 OK")
    assert isinstance(ok, Response)
    return ok


def bye(alice: Socket, ok: Response) -> None:
    """106 hangs up, along the route the call has."""
    lines = [
        ("Via", f"SIP/2.0/UDP {alice.at};branch=z9hG4bKbye"),
        *(("Route", value) for value in ok.values("Record-Route")),
        ("From", str(ok.from_)),
        ("To", str(ok.to)),
        ("Call-ID", ok.call_id),
        ("CSeq", "2 BYE"),
        ("Max-Forwards", "70"),
    ]
    alice.send(build_request("BYE", ok.contacts[0].uri, lines).raw)


@pytest.mark.parametrize("kept", [True, False], ids=["with --db", "without"])
def test_a_call_outlives_a_restart_if_there_is_a_file_to_keep_the_secret(kept: bool, tmp_path: Path) -> None:
    at: Address = free_address()
    options = ["--domain=lab.example", *([f"--db={tmp_path / 'location.db'}"] if kept else [])]
    with Socket("106", at) as alice, Socket("108", at) as bob:
        with Serve(*options, listen=(f"udp:{at}",)) as serve:
            ok = call(alice, bob)
            assert serve.end() == 0
        with Serve(*options, listen=(f"udp:{at}",)):
            bye(alice, ok)
            if kept:
                heard(bob, "BYE")
            else:
                heard(alice, "403 Forbidden")


def test_rows_nobody_can_log_in_with_are_told_at_the_start(tmp_path: Path) -> None:

    path = tmp_path / "users.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE subscriber (username, domain, password, ha1)")
        db.execute(
            "INSERT INTO subscriber VALUES ('106', 'lab.example', '', ''), ('107', 'old.example', '', ?)", ["0" * 32]
        )
    with Serve(f"--users={path}", "--domain=lab.example") as serve:
        serve.wait_until("warnings", lambda: serve.err.count("\n") == 2)
        assert serve.err == (
            "WARNING: labsip: 1 of 2 rows of subscriber have neither a password nor an ha1: "
            "nobody can log in with them\n"
            "WARNING: labsip: 1 of 2 rows of subscriber have an ha1 for another realm (old.example) than lab.example, "
            "127.0.0.1: nobody can log in with them; give --domain or --realm\n"
        )
    with Serve(f"--users={path}", "--realm=old.example") as serve:
        serve.wait_until("warnings", lambda: serve.err.count("\n") == 1)
