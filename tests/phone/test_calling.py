"""Calls as the caller makes them."""

from __future__ import annotations

import pytest

from labsip.phone import Softphone, answering, busy_here, ignoring, rejecting, ringing, trying
from labsip.sip.build import build_response
from labsip.sip.errors import LabError
from labsip.sip.message import Request
from tests.phone.wire import PROXY, Wire, phone, step

CALL = [
    "106 -> P: INVITE",
    "P -> 106: 100 trying -- your call is important to us",
    "P -> 108: INVITE",
    "108 -> P: 180 Ringing",
    "108 -> P: 200 OK",
    "P -> 106: 180 Ringing",
    "P -> 106: 200 OK",
    "106 -> P: ACK",
    "P -> 108: ACK",
]


def lab(route: str = "cancel", *more: Softphone, **options: bool) -> tuple[Softphone, Softphone, Wire]:
    """106 and 108, both registered, and their proxy."""
    alice, bob = phone("106", **options), phone("108")
    wire = Wire(alice, bob, step(route), *more)
    for each in (alice, bob, *more):
        wire.do(each.register(wire.now))
    wire.passed.clear()
    return alice, bob, wire


def alone() -> tuple[Softphone, Wire]:
    """106 and a proxy that says only what the test makes it say."""
    alice = phone("106")
    return alice, Wire(alice)


def say(wire: Wire, request: Request, status: int, tag: str = "b", host: int = 108) -> None:
    """Answer a request of 106 as if a phone had."""
    contact = [("Contact", f"<sip:108@127.0.10.{host}:5060>")]
    response = build_response(request, status, "Said", to_tag=tag if status > 100 else "", headers=contact)
    wire.send(response.raw, PROXY, wire.passed[0][1].src)


# --- how a call goes ----------------------------------------------------------------------------------------------


def test_a_call_is_made_answered_and_hung_up() -> None:
    alice, bob, wire = lab()
    call = wire.do(alice.call("108", wire.now))
    assert wire.flow == CALL
    assert repr(call) == "<call 106 → 108: answered>"
    assert repr(alice) == "<phone 106: registered, in a call with 108>"
    assert repr(bob) == "<phone 108: registered, in a call with 106>"
    wire.do(alice.hang_up(call, wire.now))
    assert wire.flow[len(CALL) :] == [
        "106 -> P: BYE",
        "P -> 108: BYE",
        "108 -> P: 200 OK (BYE)",
        "P -> 106: 200 OK (BYE)",
    ]
    assert [repr(call), repr(bob.calls[0])] == ["<call 106 → 108: ended>"] * 2
    assert [call.ended_by, bob.calls[0].ended_by] == ["106", "106"]


def test_a_call_knows_when_it_rang_was_answered_and_ended() -> None:
    alice, bob, wire = lab()
    bob.behaviour = answering(2, ring=1)
    call = wire.do(alice.call("108", wire.now))
    wire.run(5)
    wire.do(alice.hang_up(call, wire.now))
    theirs = bob.calls[0]
    assert (call.started, call.rang, call.answered, call.ended) == (0, 1, 3, 5)
    assert (theirs.started, theirs.rang, theirs.answered, theirs.ended) == (0, 1, 3, 5)


def test_both_ends_know_the_status_of_an_answered_call() -> None:
    alice, bob, wire = lab()
    call = wire.do(alice.call("108", wire.now))
    assert [(c.status, c.reason) for c in (call, bob.calls[0])] == [(200, "OK")] * 2


def test_the_state_follows_what_is_heard() -> None:
    alice, wire = alone()
    call = wire.do(alice.call("108", wire.now))
    invite = wire.find("106 -> P: INVITE")
    seen = [str(call.state)]
    for status in (100, 183, 180, 200):
        say(wire, invite, status)
        seen.append(str(call.state))
    assert seen == ["calling", "trying", "trying", "ringing", "answered"]
    assert (call.status, call.reason, call.direction, call.peer) == (200, "Said", "outgoing", "108")


def test_the_invite_looks_like_that_of_the_recorded_phones() -> None:
    alice, _, wire = lab()
    wire.do(alice.call("108", wire.now))
    invite = wire.find("106 -> P: INVITE")
    assert invite.uri == "sip:108@127.0.10.1"
    assert [line.name for line in invite.lines] == [
        *("Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Contact", "User-Agent", "Content-Type"),
        "Content-Length",
    ]
    assert invite.get("CSeq") == "1 INVITE"
    assert invite.get("Contact") == "<sip:106@127.0.10.106:5060>"


@pytest.mark.parametrize(
    ("target", "uri"),
    [
        ("108", "sip:108@127.0.10.1"),
        ("bob@lab.example", "sip:bob@lab.example"),
        ("sip:108@127.0.10.108:5070", "sip:108@127.0.10.108:5070"),
        ("sip:127.0.10.1", "sip:127.0.10.1"),
    ],
)
def test_a_number_is_in_the_phones_domain_and_a_uri_stays_as_it_is(target: str, uri: str) -> None:
    alice, wire = alone()
    wire.do(alice.call(target, wire.now))
    assert wire.find("106 -> P: INVITE").uri == uri


@pytest.mark.parametrize("target", ["", "10 8", "tel:108", "sip:"])
def test_who_has_no_name_cannot_be_called(target: str) -> None:
    with pytest.raises(LabError, match='write "108"'):
        phone("106").call(target, 0.0)


def test_two_runs_with_the_same_ids_are_the_same_bytes() -> None:
    def run() -> list[bytes]:
        alice, _, wire = lab()
        call = wire.do(alice.call("108", wire.now))
        wire.do(alice.hang_up(call, wire.now))
        return [datagram.data for _, datagram, _ in wire.passed]

    assert run() == run()


def test_an_answer_that_cannot_be_read_is_a_call_without_voice() -> None:
    alice, wire = alone()
    call = wire.do(alice.call("108", wire.now))
    say(wire, wire.find("106 -> P: INVITE"), 200)
    assert (call.state, call.media) == ("answered", "")


# --- no for an answer ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "state"),
    [
        (busy_here(), "<call 106 → 108: failed, 486 Busy Here>"),
        (rejecting(603), "<call 106 → 108: failed, 603 Decline>"),
        (rejecting(480, "Asleep", ring=0), "<call 106 → 108: failed, 480 Asleep>"),
        (rejecting(300), "<call 106 → 108: failed, 300 Multiple Choices>"),
        (rejecting(302, contact="sip:109@127.0.10.1"), "<call 106 → 108: failed, 302 Moved Temporarily>"),
    ],
)
def test_a_refused_call_has_failed_with_the_status_it_got(behaviour: object, state: str) -> None:
    alice, bob, wire = lab()
    bob.behaviour = behaviour  # type: ignore[assignment]
    call = wire.do(alice.call("108", wire.now))
    assert [repr(call), repr(bob.calls[0])] == [state, state]
    assert not alice.dialogs
    wire.run(60)
    assert len(wire.times("106 -> P: ACK")) == 1


def test_a_redirected_call_is_not_followed() -> None:
    alice, bob, wire = lab()
    bob.behaviour = rejecting(302, contact="sip:109@127.0.10.1")
    wire.do(alice.call("108", wire.now))
    wire.run(60)
    assert len(wire.times("106 -> P: INVITE")) == 1
    assert wire.find("P -> 106: 302 Moved Temporarily").get("Contact") == "<sip:109@127.0.10.1>"


def test_a_call_to_nobody_repeats_its_invite_and_fails_after_32_seconds() -> None:
    alice, wire = alone()
    call = wire.do(alice.call("108", wire.now))
    wire.run(100)
    assert wire.times("106 -> P: INVITE") == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert repr(call) == "<call 106 → 108: failed, 408 No answer in 32 s>"
    assert call.ended == 32


def test_what_the_transport_cannot_send_has_failed_at_once() -> None:
    alice, wire = alone()
    call, out = alice.call("108", wire.now)
    assert alice.send_failed(out[0], wire.now) == []
    assert repr(call) == "<call 106 → 108: failed, 503 Could not be sent>"


def test_a_negative_final_that_comes_again_is_acknowledged_again() -> None:
    alice, wire = alone()
    wire.do(alice.call("108", wire.now))
    invite = wire.find("106 -> P: INVITE")
    say(wire, invite, 486)
    say(wire, invite, 486)
    assert wire.flow.count("106 -> P: ACK") == 2
    assert wire.find("106 -> P: ACK").branch == invite.branch


# --- giving up ----------------------------------------------------------------------------------------------------


def test_a_cancel_while_it_rings_ends_in_487_at_both_ends() -> None:
    alice, bob, wire = lab()
    bob.behaviour = ringing()
    call = wire.do(alice.call("108", wire.now))
    wire.passed.clear()
    wire.do(alice.cancel(call, wire.now))
    assert wire.flow == [
        "106 -> P: CANCEL",
        "P -> 108: CANCEL",
        "P -> 106: 200 canceling (CANCEL)",
        "108 -> P: 200 OK (CANCEL)",
        "108 -> P: 487 Request Terminated",
        "P -> 108: ACK",
        "P -> 106: 487 Request Terminated",
        "106 -> P: ACK",
    ]
    assert [repr(call), repr(bob.calls[0])] == ["<call 106 → 108: cancelled>"] * 2
    assert (call.status, call.ended_by, bob.calls[0].ended_by) == (487, "106", "106")


def test_a_cancel_is_held_back_until_the_first_provisional() -> None:
    alice, wire = alone()
    call = wire.do(alice.call("108", wire.now))
    wire.do(alice.cancel(call, wire.now))
    assert (wire.flow, call.state) == (["106 -> P: INVITE"], "cancelling")
    say(wire, wire.find("106 -> P: INVITE"), 100)
    assert wire.flow[-1] == "106 -> P: CANCEL"
    say(wire, wire.find("106 -> P: INVITE"), 180)
    assert wire.flow.count("106 -> P: CANCEL") == 1
    cancel, invite = wire.find("106 -> P: CANCEL"), wire.find("106 -> P: INVITE")
    assert (cancel.uri, cancel.branch, cancel.get("CSeq")) == (invite.uri, invite.branch, "1 CANCEL")


def test_a_call_given_up_before_anything_was_heard_is_cancelled_when_the_waiting_ends() -> None:
    alice, wire = alone()
    call = wire.do(alice.call("108", wire.now))
    wire.do(alice.cancel(call, wire.now))
    wire.run(40)
    assert (repr(call), call.status) == ("<call 106 → 108: cancelled>", 408)
    assert "106 -> P: CANCEL" not in wire.flow


def test_a_call_answered_although_its_cancel_was_refused_is_acknowledged_and_hung_up() -> None:
    alice, bob, wire = lab("first-call")
    bob.behaviour = answering(2)
    call = wire.do(alice.call("108", wire.now))
    wire.run(1)
    wire.do(alice.cancel(call, wire.now))
    assert repr(call) == "<call 106 → 108: cancelling, 501 Not Implemented>"
    wire.passed.clear()
    wire.run(2)
    assert wire.flow == [
        "108 -> P: 200 OK",
        "P -> 106: 200 OK",
        "106 -> 108: ACK",
        "106 -> 108: BYE",
        "108 -> 106: 200 OK (BYE)",
    ]
    assert [repr(call), repr(bob.calls[0])] == ["<call 106 → 108: ended>"] * 2


def test_a_cancel_that_meets_the_200_on_its_way_ends_in_bye() -> None:
    alice, bob, wire = lab()
    bob.behaviour = ringing()
    call = wire.do(alice.call("108", wire.now))
    on_its_way = bob.answer(bob.calls[0], wire.now)
    wire.passed.clear()
    wire.do([*alice.cancel(call, wire.now), *on_its_way])
    assert wire.flow[:2] == ["106 -> P: CANCEL", "108 -> P: 200 OK"]
    assert "108 -> P: 200 OK (CANCEL)" in wire.flow
    assert "108 -> P: 487 Request Terminated" not in wire.flow
    assert "106 -> P: BYE" in wire.flow
    assert [repr(call), repr(bob.calls[0])] == ["<call 106 → 108: ended>"] * 2


def test_cancelling_an_answered_call_hangs_up_and_a_call_that_is_over_stays_so() -> None:
    alice, _, wire = lab()
    call = wire.do(alice.call("108", wire.now))
    wire.do(alice.cancel(call, wire.now))
    assert "106 -> P: CANCEL" not in wire.flow
    assert repr(call) == "<call 106 → 108: ended>"
    assert (alice.cancel(call, wire.now), alice.hang_up(call, wire.now)) == ([], [])


def test_hanging_up_before_the_answer_cancels() -> None:
    alice, bob, wire = lab()
    bob.behaviour = trying()
    call = wire.do(alice.call("108", wire.now))
    wire.do(alice.hang_up(call, wire.now))
    assert repr(call) == "<call 106 → 108: cancelled>"


def test_a_cancel_after_which_nothing_more_is_heard_is_over_in_32_seconds() -> None:
    alice, wire = alone()
    call = wire.do(alice.call("108", wire.now))
    say(wire, wire.find("106 -> P: INVITE"), 180)
    wire.run(10)
    wire.do(alice.cancel(call, wire.now))
    wire.run(33)
    assert (repr(call), call.ended) == ("<call 106 → 108: cancelled>", 42)
    assert alice.next_wake() is None


# --- one call, several phones -------------------------------------------------------------------------------------


def test_it_has_rung_since_the_first_180_however_many_come() -> None:
    alice, wire = alone()
    call = wire.do(alice.call("108", wire.now))
    for _ in range(2):
        wire.run(2)
        say(wire, wire.find("106 -> P: INVITE"), 180)
    assert (call.started, call.rang) == (0, 2)


def test_of_two_phones_that_answer_the_first_gets_the_call_and_the_other_is_hung_up() -> None:
    other = phone("108", 118)
    alice, bob, wire = lab("cancel", other)
    call = wire.do(alice.call("108", wire.now))
    assert wire.flow.count("P -> 106: 200 OK") == 2
    assert wire.flow.count("106 -> P: ACK") == 2
    assert call.state == "answered"
    talking, hung_up = (bob, other) if call.dialog.remote_target == "sip:108@127.0.10.108:5060" else (other, bob)
    assert (talking.calls[0].state, hung_up.calls[0].state) == ("answered", "ended")
    assert wire.flow.count("106 -> P: BYE") == 1
    assert "in a call with 108" in repr(alice)


def test_a_100_makes_no_dialog_whatever_its_to_tag() -> None:
    alice, wire = alone()
    call = wire.do(alice.call("108", wire.now))
    trying_ = build_response(wire.find("106 -> P: INVITE"), 100, "Trying", to_tag="b")
    wire.send(trying_.raw, PROXY, alice.address)
    assert (call.early, call.state) == ({}, "trying")


def test_phones_that_ring_together_are_early_dialogs_of_one_call() -> None:
    alice, wire = alone()
    call = wire.do(alice.call("108", wire.now))
    invite = wire.find("106 -> P: INVITE")
    say(wire, invite, 180, "b")
    say(wire, invite, 180, "c", 118)
    assert set(call.early) == {"b", "c"}
    say(wire, invite, 200, "c", 118)
    assert (call.dialog.remote.tag, call.dialog.confirmed) == ("c", True)
    assert set(alice.dialogs) == {call.dialog.id}


def test_each_of_two_answers_gets_its_own_ack_each_time_it_comes() -> None:
    alice, wire = alone()
    wire.do(alice.call("108", wire.now))
    invite = wire.find("106 -> P: INVITE")
    for tag, host in (("b", 108), ("c", 118), ("b", 108), ("c", 118)):
        say(wire, invite, 200, tag, host)
    assert wire.flow.count("106 -> 108: ACK") == 2
    assert wire.flow.count("106 -> 118: ACK") == 2
    assert [flow for flow in wire.flow if "BYE" in flow] == ["106 -> 118: BYE"]


def test_losing_phones_of_a_fork_are_cancelled_by_the_proxy() -> None:
    other = phone("108", 118)
    alice, bob, wire = lab("cancel", other)
    bob.behaviour, other.behaviour = ringing(), answering(1)
    wire.do(alice.call("108", wire.now))
    wire.run(2)
    assert (bob.calls[0].state, other.calls[0].state) == ("cancelled", "answered")


# --- losses -------------------------------------------------------------------------------------------------------


def test_a_lost_invite_is_sent_again() -> None:
    alice, _, wire = lab()
    wire.lose("106 -> P: INVITE")
    call = wire.do(alice.call("108", wire.now))
    wire.run(1)
    assert wire.times("106 -> P: INVITE") == [0, 0.5]
    assert call.state == "answered"


def test_a_silent_callee_makes_the_proxy_say_408() -> None:
    alice, bob, wire = lab()
    bob.behaviour = ignoring()
    call = wire.do(alice.call("108", wire.now))
    wire.run(40)
    assert repr(call) == "<call 106 → 108: failed, 408 Request Timeout>"
