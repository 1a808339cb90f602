"""CANCEL, hop by hop (RFC 3261 §9, §16.10), and who is told what when nobody answers."""

from __future__ import annotations

import pytest

from labsip.proxy.script import Routes
from labsip.sip.build import build_cancel
from labsip.sip.message import Request
from labsip.steps import STEPS
from labsip.vocabulary import Ksr
from tests.ends import Bench, End, tag_of

TRYING = "100 trying -- your call is important to us"


def calling(**settings: float) -> tuple[Bench, End, End, Request]:
    """106's INVITE has reached 108."""
    bench = Bench(STEPS["cancel"], **settings)
    caller, callee = bench.end("106"), bench.end("108")
    callee.register()
    invite = caller.invite()
    bench.passed.clear()
    return bench, caller, callee, invite


def test_a_cancel_goes_on_and_is_answered_here() -> None:
    bench, caller, callee, invite = calling()
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    caller.cancel(invite)
    callee.answer(callee.hears("CANCEL"), 200)
    callee.answer(callee.hears("INVITE"), 487, "Request Terminated")
    caller.ack(invite, 487)
    assert bench.flow == [
        "108 -> proxy  180 Ringing",
        "proxy -> 106  180 Ringing",
        "106 -> proxy  CANCEL",
        "proxy -> 108  CANCEL",
        "proxy -> 106  200 canceling (CANCEL)",
        "108 -> proxy  200 OK (CANCEL)",
        "108 -> proxy  487 Request Terminated",
        "proxy -> 108  ACK",
        "proxy -> 106  487 Request Terminated",
        "106 -> proxy  ACK",
    ]


def test_a_cancel_is_held_back_until_the_first_provisional() -> None:
    bench, caller, callee, invite = calling()
    assert caller.cancel(invite) == ["200 canceling (CANCEL)"]
    bench.wait(0.6)
    assert callee.summaries[-2:] == ["INVITE", "INVITE"]  # it goes on trying to reach the callee
    callee.answer(callee.hears("INVITE"), 100, "Trying")
    assert callee.summaries[-1] == "CANCEL"
    assert "180 Ringing" not in caller.summaries


def test_the_record_says_which_command_sent_a_cancel_on() -> None:
    bench, caller, callee, invite = calling()
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    onward = bench.deliver(bytes(build_cancel(invite)), caller.address)[0]
    assert onward.data.startswith(b"CANCEL ")
    (said,) = [row.name for row in bench.proxy.trace.commands if row.row == onward.command]
    assert said == "t_relay"


@pytest.mark.parametrize("rings_first", [True, False])
def test_all_reasons_of_a_cancel_travel_on(rings_first: bool) -> None:
    reasons = ['SIP;cause=200;text="Call completed, elsewhere"', "Q.850;cause=26, X;cause=1"]
    _, caller, callee, invite = calling()
    if rings_first:
        callee.answer(callee.hears("INVITE"), 180, "Ringing")
    caller.cancel(invite, reasons=reasons)
    if not rings_first:
        callee.answer(callee.hears("INVITE"), 180, "Ringing")
    assert callee.hears("CANCEL").get_all("Reason") == reasons


def test_a_cancel_is_repeated_until_it_is_answered_and_its_repeat_answered_from_memory() -> None:
    bench, caller, callee, invite = calling()
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    caller.cancel(invite)
    assert caller.cancel(invite) == ["200 canceling (CANCEL)"]
    bench.wait(1.6)
    assert callee.summaries[-3:] == ["CANCEL"] * 3
    callee.answer(callee.hears("CANCEL"), 200)
    bench.wait(10)
    assert callee.summaries.count("CANCEL") == 3


def test_a_cancel_after_the_200_changes_nothing() -> None:
    bench, caller, callee, invite = calling()
    callee.answer(callee.hears("INVITE"), 200)
    assert caller.cancel(invite) == ["200 ok -- no more pending branches (CANCEL)"]
    assert "CANCEL" not in callee.summaries
    assert bench.flow[-1] == "proxy -> 106  200 ok -- no more pending branches (CANCEL)"


def test_a_cancelled_callee_that_says_nothing_more_leaves_a_487() -> None:
    bench, caller, callee, invite = calling(fr_timer=3)
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    caller.cancel(invite)
    bench.wait(2.9)
    assert "487" not in caller.summaries[-1]
    bench.wait(0.2)
    assert caller.summaries[-1] == "487 Request Terminated"
    assert "-" in tag_of(caller.heard[-1])


def test_a_cancelled_call_that_times_out_is_487_even_where_one_branch_had_timed_out_before() -> None:
    bench = Bench(STEPS["cancel"], fr_timer=3, fr_inv_timer=10)
    caller, a, b = bench.end("106"), bench.end("108a", "127.0.10.111"), bench.end("108b", "127.0.10.112")
    for phone in (a, b):
        phone.register(to="<sip:108@127.0.10.1>")
    invite = caller.invite()
    b.answer(b.hears("INVITE"), 180, "Ringing")
    bench.wait(4)  # a is given up
    caller.cancel(invite)
    b.answer(b.hears("INVITE"), 487, "Request Terminated")
    assert caller.summaries[-1] == "487 Request Terminated"


def test_ringing_too_long_is_408_to_the_caller_and_then_a_cancel() -> None:
    bench, caller, callee, _ = calling(fr_inv_timer=3)
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    bench.wait(3.1)
    assert bench.flow[-2:] == ["proxy -> 106  408 Request Timeout", "proxy -> 108  CANCEL"]
    assert callee.hears("CANCEL").get("Reason") is None
    callee.answer(callee.hears("CANCEL"), 200)
    callee.answer(callee.hears("INVITE"), 487, "Request Terminated")
    assert bench.flow[-1] == "proxy -> 108  ACK"
    assert caller.summaries.count("408 Request Timeout") == 1


def test_each_provisional_starts_the_waiting_for_a_final_again() -> None:
    """RFC 3261 §16.7 step 2: Timer C."""
    bench, caller, callee, _ = calling(fr_inv_timer=3)
    for _ in range(3):
        callee.answer(callee.hears("INVITE"), 180, "Ringing")
        bench.wait(2)
    assert caller.summaries[-1] == "180 Ringing"


def test_a_callee_never_heard_of_is_408_without_a_cancel() -> None:
    bench, caller, callee, _ = calling(fr_timer=4)
    bench.wait(4.1)
    assert callee.summaries[-4:] == ["INVITE"] * 4
    assert caller.summaries[-1] == "408 Request Timeout"
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    assert callee.summaries[-1] == "INVITE"


@pytest.mark.parametrize("method", ["CANCEL", "BYE"])
def test_a_cancel_for_nothing_we_know_is_dropped_by_the_script_and_forwarded_by_t_relay(method: str) -> None:
    """RFC 3261 §16.10: without a context it is forwarded statelessly."""
    bench = Bench(Ksr.t_relay)
    caller, callee = bench.end("106"), bench.end("108")
    request = caller.request(method, "sip:108@127.0.10.108")
    caller.send(request)
    caller.send(request)
    branches = [message.branch for message in callee.heard if isinstance(message, Request)]
    assert len(branches) == (2 if method == "CANCEL" else 1)
    assert len(set(branches)) == 1
    callee.answer(callee.heard[0], 200)  # type: ignore[arg-type]
    assert caller.summaries == [f"200 OK ({method})"]


def test_a_call_nobody_was_asked_for_yet_is_cancelled_here() -> None:
    def route(ksr: Ksr) -> None:
        if ksr.is_method("CANCEL"):
            ksr.t_relay()
        else:
            ksr.t_newtran()

    bench = Bench(route)
    caller = bench.end("106")
    invite = caller.invite()
    assert caller.cancel(invite) == ["487 Request canceled", "200 ok -- no more pending branches (CANCEL)"]


def test_a_cancel_awaits_the_branches_that_a_6xx_has_cancelled_before() -> None:
    bench = Bench(STEPS["cancel"])
    caller, first, second = bench.end("106"), bench.end("108a", "127.0.10.110"), bench.end("108b", "127.0.10.111")
    for phone in (first, second):
        phone.register(f"<sip:{phone.name}@{phone.address}>", to="<sip:108@127.0.10.1>")
    invite = caller.invite()
    second.answer(second.hears("INVITE"), 180, "Ringing")
    first.answer(first.hears("INVITE"), 603, "Decline")
    assert second.summaries[-1] == "CANCEL"
    assert caller.cancel(invite) == ["200 ok -- no more pending branches (CANCEL)"]
    second.answer(second.hears("INVITE"), 200)  # it had answered before the CANCEL came
    assert caller.summaries[-1] == "200 OK"


def test_a_failure_route_knows_that_the_caller_gave_up_and_relays_nowhere() -> None:
    seen: list[object] = []

    def failure(ksr: Ksr) -> None:
        seen.append((ksr["$T_reply_code"], bool(ksr.t_is_canceled())))
        ksr["$ru"] = "sip:voicemail@127.0.10.150"
        seen.append(int(ksr.t_relay()))

    def route(ksr: Ksr) -> None:
        if ksr.is_method("INVITE"):
            ksr.t_on_failure("MISSED")
        ksr.t_relay()

    bench = Bench(Routes(route, failure_routes={"MISSED": failure}))
    caller, callee, voicemail = bench.end("106"), bench.end("108"), bench.end("150")
    invite = caller.invite("sip:108@127.0.10.108")
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    caller.cancel(invite)
    callee.answer(callee.hears("INVITE"), 487, "Request Terminated")
    assert seen == [(487, True), -1]
    assert caller.summaries[-1] == "487 Request Terminated"
    assert voicemail.heard == []


def test_a_cancel_that_can_not_be_sent_takes_nothing_from_what_its_branch_came_to() -> None:
    """112 rang too long, which is a 408; that a CANCEL more could not be sent makes it no 477, which counts less."""
    bench = Bench(STEPS["cancel"], fr_inv_timer=120)
    caller, slow, busy = bench.end("106"), bench.end("112"), bench.end("113")
    for phone in (slow, busy):
        phone.register(f"<sip:108@{phone.address}>", to="<sip:108@127.0.10.1>")
    caller.invite()
    slow.answer(slow.hears("INVITE"), 180, "Ringing")
    bench.wait(20)
    busy.answer(busy.hears("INVITE"), 180, "Ringing")
    bench.wait(101)
    slow.answer(slow.hears("INVITE"), 487, "Request Terminated")
    bench.fail(bytes(slow.hears("CANCEL")), slow.address)
    busy.answer(busy.hears("INVITE"), 486, "Busy Here")
    assert caller.summaries[-1] == "408 Request Timeout"
