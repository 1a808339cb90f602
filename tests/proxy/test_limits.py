"""Limits that hold, load that is refused, and what is counted of it."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from labsip.proxy.limits import check_size
from labsip.sip.build import build_response
from labsip.sip.errors import BadMessage
from labsip.sip.message import Response, parse_message
from labsip.steps import STEPS
from labsip.steps.full import STRICT
from labsip.vocabulary import settings_of
from tests.ends import Bench


def bench(**settings: object) -> Bench:
    return Bench(STEPS["full"], **settings)


def test_a_request_beyond_a_limit_is_answered_513_and_counted() -> None:
    bench_ = bench(max_message=2_000, max_headers=20, max_line=1_000)
    alice = bench_.end("106")
    assert alice.send(alice.request("OPTIONS", "sip:127.0.10.1", body=b"x" * 2_000)) == [
        "513 Message Too Large (OPTIONS)"
    ]
    assert alice.send(alice.request("OPTIONS", "sip:127.0.10.1", headers=[("X", "y")] * 20)) == [
        "513 Message Too Large (OPTIONS)"
    ]
    assert alice.send(alice.request("OPTIONS", "sip:127.0.10.1", headers=[("X", "y" * 1_000)])) == [
        "513 Message Too Large (OPTIONS)"
    ]
    assert alice.send(alice.request("OPTIONS", "sip:127.0.10.1", headers=[("X", "y")])) == ["200 Keepalive (OPTIONS)"]
    assert bench_.proxy.stats == {"too large": 3}


LONGEST = b"Subject: as long as it gets\r\n"
AT_THE_LIMIT = b"OPTIONS sip:127.0.10.1 SIP/2.0\r\nA: 1\r\n" + LONGEST + b"B: 2\r\n\r\nbody"


@pytest.mark.parametrize(
    ("limit", "reached"), [("max_message", len(AT_THE_LIMIT)), ("max_headers", 3), ("max_line", len(LONGEST))]
)
def test_what_just_reaches_a_limit_is_let_in_and_no_more_than_that(limit: str, reached: int) -> None:
    message = parse_message(AT_THE_LIMIT)
    check_size(message, settings_of(None, **{limit: reached}))
    with pytest.raises(BadMessage) as refused:
        check_size(message, settings_of(None, **{limit: reached - 1}))
    assert refused.value.status == 513


def test_rubbish_and_stray_responses_are_counted_and_never_answered() -> None:
    bench_ = bench()
    alice = bench_.end("106")
    assert alice.send(b"hello\r\n\r\n") == []
    made_up = alice.request("INVITE", via="SIP/2.0/UDP 127.0.10.66;branch=z9hG4bKx")
    stray = build_response(made_up, 200, "OK").raw
    assert alice.send(stray) == []
    assert bench_.proxy.stats == {"unreadable": 1, "stray response": 1}
    assert len(bench_.notes) == 2


def test_above_so_many_pending_transactions_a_new_invite_is_refused_and_when_they_end_served_again() -> None:
    bench_ = bench(max_pending=2)
    alice, bob = bench_.end("106"), bench_.end("108")
    bob.register()
    first, second = alice.invite(), alice.invite()
    third = alice.invite()
    refusal = alice.heard[-1]
    assert isinstance(refusal, Response)
    assert (refusal.status, refusal.get("Retry-After")) == (503, "5")
    assert bench_.proxy.stats["overload"] == 1
    alice.ack(third, 503)
    for invite in [m for m in bob.heard if m.start_line.startswith("INVITE")]:
        bob.answer(invite, 200)
    assert {alice.response(200).call_id} <= {first.call_id, second.call_id}
    alice.invite()
    assert alice.summaries[-1].startswith("100")


def test_under_load_a_repeat_is_answered_and_what_ends_a_call_goes_on() -> None:
    bench_ = bench(max_pending=1)
    alice, bob = bench_.end("106"), bench_.end("108")
    bob.register()
    first = alice.invite()
    bob.answer(bob.hears("INVITE"), 200)
    waiting = alice.invite()
    assert alice.send(alice.request("MESSAGE")) == ["503 Service Unavailable (MESSAGE)"]
    assert alice.register() == ["200 OK (REGISTER)"]
    assert alice.send(alice.request("OPTIONS", "sip:127.0.10.1")) == ["200 Keepalive (OPTIONS)"]
    assert alice.send(waiting) == ["100 trying -- your call is important to us"]
    alice.within("BYE", first)
    assert bob.summaries[-1] == "BYE"


def test_nothing_waits_once_all_is_over() -> None:
    bench_ = bench()
    alice, bob = bench_.end("106"), bench_.end("108")
    bob.register()
    for _ in range(5):
        alice.invite()
    held = bench_.proxy.held
    assert held.pop("transaction bytes") > 0
    assert held == {"transactions": 6, "pending": 5, "branches": 5, "timers": 6, "contacts": 1}
    bench_.wait(3700)
    assert set(bench_.proxy.held.values()) == {0}
    assert bench_.proxy.next_wake() is None


def test_what_is_over_holds_no_circle() -> None:
    """So that memory comes back at once, and the garbage collector has nothing to stop everything for."""
    bench_ = bench()
    alice, bob = bench_.end("106"), bench_.end("108")
    bob.register()
    gc.collect()
    gc.disable()
    try:
        for status in (180, 200, 486):
            invite = alice.invite()
            bob.answer(bob.hears("INVITE"), status)
            alice.cancel(invite)
        bench_.wait(3700)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        assert gc.garbage == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize("name", [name for name in STRICT if name.startswith(("max_", "shm_"))])
def test_the_page_names_each_limit_as_it_is(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "hostile-input.md").read_text()
    assert f"| `{name}` | {STRICT[name]} " in page
