"""Calls as the called phone takes them: 106 calls 108 directly, nobody between."""

from __future__ import annotations

import pytest

from labsip.phone import (
    Behaviour,
    PhoneCall,
    Softphone,
    answering,
    busy_here,
    ignoring,
    rejecting,
    ringing,
    trying,
)
from labsip.sip.build import build_request
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from tests.phone.wire import Wire, phone

BOB = Address("127.0.10.108")


def pair(behaviour: Behaviour | None = None) -> tuple[Softphone, Softphone, Wire]:
    alice, bob = phone("106", proxy=BOB), phone("108")
    bob.behaviour = behaviour or bob.behaviour
    return alice, bob, Wire(alice, bob)


def called(behaviour: Behaviour) -> tuple[PhoneCall, PhoneCall, Wire]:
    """A call to a phone that behaves so: as the caller and as the called phone see it."""
    alice, bob, wire = pair(behaviour)
    call = wire.do(alice.call("108", wire.now))
    return call, bob.calls[0], wire


def said(wire: Wire) -> list[tuple[float, str]]:
    """What 108 said to the INVITE, and when."""
    return [(t, m.summary) for t, d, m in wire.passed if d.src == BOB and m.cseq.method == "INVITE"]


# --- what it does by itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (answering(), [(0, "180 Ringing"), (0, "200 OK")]),
        (answering(2), [(0, "180 Ringing"), (2, "200 OK")]),
        (answering(2, ring=0.1), [(0.1, "180 Ringing"), (2.1, "200 OK")]),
        (answering(2, ring=1), [(0, "100 Trying"), (1, "180 Ringing"), (3, "200 OK")]),
        (ringing(), [(0, "180 Ringing")]),
        (ringing(ring=3), [(0, "100 Trying"), (3, "180 Ringing")]),
        (busy_here(), [(0, "486 Busy Here")]),
        (rejecting(603, after=4, ring=0), [(0, "180 Ringing"), (4, "603 Decline")]),
        (rejecting(480, "Asleep", after=1), [(0, "100 Trying"), (1, "480 Asleep")]),
        (rejecting(300), [(0, "300 Multiple Choices")]),
        (trying(), [(0, "100 Trying")]),
        (ignoring(), []),
    ],
)
def test_a_phone_does_what_it_was_told_to_do(behaviour: Behaviour, expected: list[tuple[float, str]]) -> None:
    _, _, wire = called(behaviour)
    wire.run(10)
    assert said(wire) == expected


def test_what_makes_a_dialog_is_in_the_180_and_the_200_and_not_in_the_100() -> None:
    alice, bob, wire = pair(answering(2, ring=1))
    routes = [("Record-Route", "<sip:127.0.10.2;lr>, <sip:127.0.10.3;lr>"), ("Record-Route", "<sip:127.0.10.1;lr>")]
    invite = alice.agent.new_dialog("sip:108@127.0.10.1").build_request(
        "INVITE", alice.layer.new_via(), contact=alice.contact, headers=routes
    )
    wire.send(invite.raw, alice.address, bob.address)
    wire.run(5)
    for said, kept in (("100 Trying", []), ("180 Ringing", routes), ("200 OK", routes)):
        response = wire.find(f"108 -> 106: {said}")
        assert response.get_all("Record-Route") == [value for _, value in kept]
        assert response.get("Contact") == ("<sip:108@127.0.10.108:5060>" if kept else None)
        assert response.to.tag == (bob.calls[0].dialog.local.tag if kept else None)


def test_a_behaviour_says_what_it_does() -> None:
    assert repr(answering(2, ring=1)) == "<on a call: 100 Trying, 180 Ringing after 1 s, 200 OK after 2 s>"
    assert repr(rejecting(480, "Asleep")) == "<on a call: 480 Asleep>"
    assert repr(ignoring()) == "<on a call: nothing>"


@pytest.mark.parametrize("status", [0, 180, 200, 299, 700])
def test_a_call_can_only_be_refused_with_a_status_that_refuses(status: int) -> None:
    with pytest.raises(LabError, match="486"):
        rejecting(status)
    _, bob, wire = pair(ringing())
    wire.do(phone("106", proxy=BOB).call("108", wire.now))
    with pytest.raises(LabError, match="486"):
        bob.reject(bob.calls[0], wire.now, status)


def test_a_phone_is_busy_while_it_has_something_to_do_at_a_known_time() -> None:
    _, bob, wire = pair(answering(2))
    wire.do(phone("106", proxy=BOB).call("108", wire.now))
    assert bob.busy
    wire.run(3)
    assert not bob.busy


def test_repeating_an_answer_is_nothing_to_wait_for() -> None:
    alice, bob, wire = pair()
    wire.lose(*["106 -> 108: ACK"] * 3)
    wire.do(alice.call("108", wire.now))
    assert (bob.busy, bob.next_wake()) == (False, 0.5)


def test_a_cancelled_call_leaves_nothing_to_do() -> None:
    alice, bob, wire = pair(answering(20))
    call = wire.do(alice.call("108", wire.now))
    wire.do(alice.cancel(call, wire.now))
    assert not bob.busy
    wire.run(100)
    assert said(wire)[-1] == (0, "487 Request Terminated")


def test_a_slow_phone_thinks_before_each_thing_it_says() -> None:
    alice, bob, wire = pair()
    bob.slow = 1.0
    call = wire.do(alice.call("108", wire.now))
    assert bob.busy
    wire.run(2)
    wire.do(alice.hang_up(call, wire.now))
    wire.run(2)
    assert said(wire) == [(1, "180 Ringing"), (1, "200 OK")]
    assert wire.times("106 -> 108: INVITE") == [0, 0.5]
    assert wire.times("108 -> 106: 200 OK (BYE)") == [3]


# --- what it is told ----------------------------------------------------------------------------------------------


def test_a_ringing_phone_can_be_picked_up() -> None:
    alice, bob, wire = pair(ringing())
    call = wire.do(alice.call("108", wire.now))
    wire.run(5)
    assert repr(bob) == "<phone 108: not registered, called by 106>"
    wire.do(bob.answer(bob.calls[0], wire.now))
    assert (call.state, call.answered) == ("answered", 5)


def test_picking_up_comes_before_what_the_phone_would_have_done() -> None:
    alice, bob, wire = pair(rejecting(603, after=10, ring=0))
    call = wire.do(alice.call("108", wire.now))
    wire.do(bob.answer(bob.calls[0], wire.now))
    assert not bob.busy
    wire.run(20)
    assert (call.state, bob.calls[0].state) == ("answered", "answered")


@pytest.mark.parametrize(
    ("status", "reason", "said"), [(300, "", "300 Multiple Choices"), (486, "", "486 Busy Here"), (699, "No", "699 No")]
)
def test_a_ringing_call_can_be_refused(status: int, reason: str, said: str) -> None:
    alice, bob, wire = pair(ringing())
    call = wire.do(alice.call("108", wire.now))
    wire.do(bob.reject(bob.calls[0], wire.now, status, reason))
    assert repr(call) == f"<call 106 → 108: failed, {said}>"
    assert not bob.dialogs


def test_the_called_phone_hangs_up_on_a_ringing_call_with_603() -> None:
    alice, bob, wire = pair(ringing())
    call = wire.do(alice.call("108", wire.now))
    wire.do(bob.hang_up(bob.calls[0], wire.now))
    assert repr(call) == "<call 106 → 108: failed, 603 Decline>"


def test_what_does_not_wait_for_an_answer_can_be_neither_answered_nor_refused() -> None:
    alice, bob, wire = pair()
    call = wire.do(alice.call("108", wire.now))
    for verb in (bob.answer, bob.reject):
        with pytest.raises(LabError, match="does not wait for an answer of 108"):
            verb(bob.calls[0], wire.now)
    with pytest.raises(LabError, match="does not wait for an answer of 106"):
        alice.answer(call, wire.now)


def test_who_is_called_cannot_cancel() -> None:
    alice, bob, wire = pair(ringing())
    wire.do(alice.call("108", wire.now))
    with pytest.raises(LabError, match="only the caller can cancel"):
        bob.cancel(bob.calls[0], wire.now)


# --- one line -----------------------------------------------------------------------------------------------------


def test_a_phone_in_a_call_is_busy_for_the_next_caller() -> None:
    alice, bob, wire = pair()
    wire.do(alice.call("108", wire.now))
    second = phone("107", proxy=BOB)
    wire.nodes[second.address] = second
    call = wire.do(second.call("108", wire.now))
    assert repr(call) == "<call 107 → 108: failed, 486 Busy Here>"
    assert repr(bob.calls[1]) == "<call 107 → 108: failed, 486 Busy Here>"


def test_a_phone_with_two_lines_takes_a_second_call() -> None:
    alice, bob, wire = pair()
    bob.lines = 2
    second = phone("107", proxy=BOB)
    wire.nodes[second.address] = second
    calls = [wire.do(alice.call("108", wire.now)), wire.do(second.call("108", wire.now))]
    assert [call.state for call in calls] == ["answered", "answered"]
    assert repr(bob) == "<phone 108: not registered, in a call with 106, in a call with 107>"


@pytest.mark.parametrize("behaviour", [answering(), rejecting(603), ignoring()])
def test_the_line_is_free_again_after_a_call_and_after_one_that_was_ignored(behaviour: Behaviour) -> None:
    alice, bob, wire = pair(behaviour)
    wire.do(alice.hang_up(wire.do(alice.call("108", wire.now)), wire.now))
    bob.behaviour = answering()
    assert wire.do(alice.call("108", wire.now)).state == "answered"


def test_who_calls_himself_is_busy() -> None:
    alice = phone("106", proxy=Address("127.0.10.106"))
    wire = Wire(alice)
    call = wire.do(alice.call("106", wire.now))
    assert repr(call) == "<call 106 → 106: failed, 486 Busy Here>"


# --- CANCEL -------------------------------------------------------------------------------------------------------


def test_a_cancel_is_answered_200_and_its_invite_487_with_one_tag() -> None:
    alice, bob, wire = pair(ringing())
    wire.do(alice.cancel(wire.do(alice.call("108", wire.now)), wire.now))
    assert not bob.dialogs
    arrows = ("180 Ringing", "200 OK (CANCEL)", "487 Request Terminated")
    assert len({wire.find(f"108 -> 106: {said}").to.tag for said in arrows}) == 1


def test_a_cancel_that_fits_nothing_is_answered_481() -> None:
    alice, bob, wire = pair(ringing())
    wire.do(alice.call("108", wire.now))
    wire.do(alice.cancel(alice.calls[0], wire.now))
    stray = bytes(wire.find("106 -> 108: CANCEL")).replace(b"branch=z9hG4bK", b"branch=z9hG4bKother")
    wire.send(stray, alice.address, bob.address)
    assert wire.flow[-1] == "108 -> 106: 481 Call/Transaction Does Not Exist (CANCEL)"


def test_a_cancel_after_the_answer_changes_nothing() -> None:
    alice, bob, wire = pair(ringing())
    call = wire.do(alice.call("108", wire.now))
    late = alice.cancel(call, wire.now)
    wire.lose("108 -> 106: 200 OK")
    wire.do(bob.answer(bob.calls[0], wire.now))
    wire.do(late)
    assert wire.flow[-1] == "108 -> 106: 200 OK (CANCEL)"
    assert bob.calls[0].state == "answered"


def test_a_repeated_cancel_gets_the_same_answer_once_more_and_no_second_487() -> None:
    alice, _, wire = pair(ringing())
    call = wire.do(alice.call("108", wire.now))
    wire.lose("108 -> 106: 200 OK (CANCEL)")
    wire.do(alice.cancel(call, wire.now))
    wire.run(1)
    assert wire.times("108 -> 106: 200 OK (CANCEL)") == [0, 0.5]
    assert wire.times("108 -> 106: 487 Request Terminated") == [0]


# --- 2xx until ACK ------------------------------------------------------------------------------------------------


def test_a_200_is_repeated_until_its_ack_comes() -> None:
    alice, bob, wire = pair()
    wire.lose("106 -> 108: ACK", "106 -> 108: ACK", "106 -> 108: ACK")
    wire.do(alice.call("108", wire.now))
    wire.run(40)
    assert wire.times("108 -> 106: 200 OK") == [0, 0.5, 1.5, 3.5]
    assert len({bytes(m) for _, _, m in wire.passed if m.summary == "200 OK"}) == 1
    acks = [bytes(m) for _, _, m in wire.passed if m.summary == "ACK"]
    assert (len(acks), len(set(acks))) == (4, 1)
    assert bob.calls[0].state == "answered"


def test_a_200_that_is_lost_comes_again() -> None:
    alice, _, wire = pair()
    wire.lose("108 -> 106: 200 OK", "108 -> 106: 200 OK")
    call = wire.do(alice.call("108", wire.now))
    assert call.state == "ringing"
    wire.run(10)
    assert wire.times("108 -> 106: 200 OK") == [0, 0.5, 1.5]
    assert (call.state, call.answered) == ("answered", 1.5)


def test_a_200_without_any_ack_is_given_up_after_32_seconds_with_bye() -> None:
    alice, bob, wire = pair()
    wire.lose(*["106 -> 108: ACK"] * 20)
    call = wire.do(alice.call("108", wire.now))
    wire.run(60)
    assert wire.times("108 -> 106: 200 OK") == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert wire.times("108 -> 106: BYE") == [32]
    assert [repr(call), repr(bob.calls[0])] == ["<call 106 → 108: ended>"] * 2
    assert call.ended_by == "108"


def test_a_repeated_invite_is_answered_with_the_last_response_and_makes_no_second_call() -> None:
    alice, bob, wire = pair(ringing())
    wire.do(alice.call("108", wire.now))
    wire.send(bytes(wire.find("106 -> 108: INVITE")), alice.address, bob.address)
    assert wire.flow.count("108 -> 106: 180 Ringing") == 2
    assert len(bob.calls) == 1


def test_the_called_phone_says_bye_only_after_the_ack() -> None:
    alice, bob, wire = pair()
    wire.lose("106 -> 108: ACK")
    call = wire.do(alice.call("108", wire.now))
    wire.do(bob.hang_up(bob.calls[0], wire.now))
    assert "108 -> 106: BYE" not in wire.flow
    wire.run(1)
    assert wire.flow[-4:] == ["108 -> 106: 200 OK", "106 -> 108: ACK", "108 -> 106: BYE", "106 -> 108: 200 OK (BYE)"]
    assert (call.state, call.ended_by) == ("ended", "108")


def test_an_ack_with_another_number_acknowledges_nothing() -> None:
    alice, bob, wire = pair()
    wire.lose("106 -> 108: ACK")
    wire.do(alice.call("108", wire.now))
    ack = bytes(wire.find("106 -> 108: ACK"))
    wire.send(ack.replace(b"CSeq: 1", b"CSeq: 7"), alice.address, bob.address)
    assert bob.calls[0].unacked is not None
    wire.send(ack, alice.address, bob.address)
    assert bob.calls[0].unacked is None


def test_an_old_peer_whose_branches_mean_nothing_acknowledges_all_the_same() -> None:
    alice, bob, wire = pair()
    invite = alice.agent.new_dialog("sip:108@127.0.10.1").build_request("INVITE", "SIP/2.0/UDP 127.0.10.106:5060")
    wire.send(invite.raw, alice.address, bob.address)
    to = wire.find("108 -> 106: 200 OK").get("To")
    headers = [(line.name, line.value) for line in invite.lines if line.name != "Content-Length"]
    known = dict(headers) | {"To": to, "CSeq": "1 ACK"}
    wire.send(build_request("ACK", invite.uri, known.items()).raw, alice.address, bob.address)
    assert bob.calls[0].unacked is None


# --- descriptions -------------------------------------------------------------------------------------------------


def test_an_offer_nobody_can_take_is_answered_488() -> None:
    alice, bob, wire = pair()
    wire.lose("106 -> 108: INVITE")
    wire.do(alice.call("108", wire.now))
    video = bytes(wire.find("106 -> 108: INVITE")).replace(b"m=audio", b"m=video")
    wire.send(video, alice.address, bob.address)
    assert wire.flow[-2] == "108 -> 106: 488 Not Acceptable Here"
    assert repr(bob.calls[0]) == "<call 106 → 108: failed, 488 Not Acceptable Here>"


def test_an_invite_without_an_offer_gets_one_in_the_200_and_brings_the_answer_in_its_ack() -> None:
    alice, bob, wire = pair()
    dialog = alice.agent.new_dialog("sip:108@127.0.10.1")
    invite = dialog.build_request("INVITE", alice.layer.new_via(), contact=alice.contact)
    wire.send(invite.raw, alice.address, bob.address)
    offer = wire.find("108 -> 106: 200 OK")
    assert b"m=audio 40000 RTP/AVP 0 8 101" in offer.body
    ack = dialog.answered(offer).build_ack(1, alice.layer.new_via())
    body = offer.body.replace(b"a=sendrecv", b"a=recvonly")
    headers = [(line.name, line.value) for line in ack.lines if line.name != "Content-Length"]
    headers.append(("Content-Type", "application/sdp"))
    wire.send(build_request("ACK", ack.uri, headers, body).raw, alice.address, bob.address)
    assert (bob.calls[0].media, bob.calls[0].unacked) == ("sendonly", None)
