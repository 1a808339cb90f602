"""baresip phones register with `labsip serve` and call each other through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.peers.baresip import Baresip
from tests.processes import Serve

USERS = "--users=106:secret106,107:secret107,108:secret108"
PROXIES = {
    "cancel": (["--step=cancel"], "udp"),
    "full": ([], "udp"),
    "full, with passwords, over TCP": ([USERS], "tcp"),
}


@pytest.fixture(params=PROXIES)
def proxy(request: pytest.FixtureRequest, need: Callable[[str], str]) -> Iterator[Serve]:
    """The proxy; it ends cleanly and without a complaint."""
    need("baresip")
    options, proto = PROXIES[request.param]
    with Serve(*options, listen=(f"{proto}:127.0.0.1:0",)) as serve:
        yield serve
        assert serve.end() == 0
        assert serve.err == ""


def test_a_call_is_answered_held_and_hung_up_by_either_end(proxy: Serve, tmp_path: Path) -> None:
    with (
        Baresip(tmp_path, "106", proxy.address) as alice,
        Baresip(tmp_path, "108", proxy.address, answers=True) as bob,
    ):
        for ends, sees in ((alice, bob), (bob, alice)):
            alice.dial("108")
            alice.hears("CALL_ESTABLISHED")
            bob.hears("CALL_ESTABLISHED")
            alice.say("hold")  # a re-INVITE
            assert bob.hears("CALL_REMOTE_SDP")["param"] == "offer"
            assert alice.hears("CALL_REMOTE_SDP")["param"] == "answer"
            ends.say("hangup")
            assert sees.hears("CALL_CLOSED")["param"] == "Connection reset by peer"
            ends.hears("CALL_CLOSED")


def test_a_call_that_rings_is_cancelled(proxy: Serve, tmp_path: Path) -> None:
    with Baresip(tmp_path, "106", proxy.address) as alice, Baresip(tmp_path, "108", proxy.address) as bob:
        alice.dial("108")
        alice.hears("CALL_RINGING")
        bob.hears("CALL_INCOMING")
        alice.say("hangup")
        assert bob.hears("CALL_CLOSED")["param"] == "Connection reset by peer"


def test_a_third_caller_hears_that_the_callee_is_in_a_call(proxy: Serve, tmp_path: Path) -> None:
    with (
        Baresip(tmp_path, "106", proxy.address) as alice,
        Baresip(tmp_path, "108", proxy.address, answers=True) as bob,
        Baresip(tmp_path, "107", proxy.address) as carol,
    ):
        alice.dial("108")
        bob.hears("CALL_ESTABLISHED")
        carol.dial("108")
        assert carol.hears("CALL_CLOSED")["param"] == "486 Max Calls"


def test_a_call_is_declined(proxy: Serve, tmp_path: Path) -> None:
    with Baresip(tmp_path, "106", proxy.address) as alice, Baresip(tmp_path, "108", proxy.address) as bob:
        alice.dial("108")
        bob.hears("CALL_INCOMING")
        bob.say("hangup")
        assert alice.hears("CALL_CLOSED")["param"] == "486 Rejected"


def test_a_phone_that_quits_takes_its_registration_with_it(proxy: Serve, tmp_path: Path) -> None:
    with Baresip(tmp_path, "106", proxy.address) as alice, Baresip(tmp_path, "108", proxy.address) as bob:
        bob.say("quit")
        assert bob.finish() == 0
        alice.dial("108")
        assert alice.hears("CALL_CLOSED")["param"].startswith("404 ")


def test_a_call_is_transferred_by_either_end_and_the_first_call_ends(proxy: Serve, tmp_path: Path) -> None:
    with (
        Baresip(tmp_path, "106", proxy.address, lines=2) as alice,
        Baresip(tmp_path, "108", proxy.address, lines=2, answers=True) as bob,
        Baresip(tmp_path, "107", proxy.address) as carol,
    ):
        for asks, is_asked in ((alice, bob), (bob, alice)):
            alice.dial("108")
            alice.hears("CALL_ESTABLISHED")
            bob.hears("CALL_ESTABLISHED")
            asks.transfer("107")
            is_asked.hears("TRANSFER")
            is_asked.hears("CALL_RINGING")
            carol.hears("CALL_INCOMING")
            carol.say("accept")
            carol.hears("CALL_ESTABLISHED")
            is_asked.hears("CALL_ESTABLISHED")
            assert asks.hears("CALL_CLOSED")["param"] == "Call transfered"  # so a NOTIFY told it
            assert is_asked.hears("CALL_CLOSED")["param"] == "Connection reset by peer"
            carol.say("hangup")
            is_asked.hears("CALL_CLOSED")


def test_who_transfers_a_call_hears_why_that_failed(proxy: Serve, tmp_path: Path) -> None:
    with (
        Baresip(tmp_path, "106", proxy.address) as alice,
        Baresip(tmp_path, "108", proxy.address, lines=2, answers=True) as bob,
    ):
        alice.dial("108")
        alice.hears("CALL_ESTABLISHED")
        bob.hears("CALL_ESTABLISHED")
        alice.transfer("107")
        assert alice.hears("TRANSFER_FAILED")["param"].startswith("404 ")
        for why in ("404 ", "Connection reset"):  # the call that failed; the first one, which alice hangs up then
            assert bob.hears("CALL_CLOSED")["param"].startswith(why)


def test_a_wrong_password_neither_registers_nor_calls(need: Callable[[str], str], tmp_path: Path) -> None:
    need("baresip")
    with (
        Serve(USERS) as serve,
        Baresip(tmp_path, "108", serve.address) as bob,
        Baresip(tmp_path, "106", serve.address, password="guess", refused=True) as mallory,
    ):
        mallory.dial("108")
        assert mallory.hears("CALL_CLOSED")["param"] == "407 Proxy Authentication Required"
        assert "Active calls (0)" in bob.say("listcalls")
