"""baresip phones register with `labsip serve` and call each other through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.peers.baresip import Baresip
from tests.processes import Serve


@pytest.fixture(params=["cancel", "full"])
def proxy(request: pytest.FixtureRequest, need: Callable[[str], str]) -> Iterator[Serve]:
    """The proxy; it ends cleanly and without a complaint."""
    need("baresip")
    with Serve(f"--step={request.param}") as serve:
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
