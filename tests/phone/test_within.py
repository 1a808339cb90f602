"""What happens inside a call: the way its requests take, BYE, hold, and what does not fit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labsip.phone import CallState, PhoneCall, Softphone, ringing
from labsip.sip.build import build_response
from labsip.sip.errors import LabError
from labsip.sip.message import parse_message
from labsip.sip.transport import Address
from tests.phone.wire import PROXY, Wire, phone, step

BOB = Address("127.0.10.108")


def talking(route: str = "", **options: bool) -> tuple[Softphone, Softphone, PhoneCall, Wire]:
    """106 in a call with 108: through a proxy with this route, or directly."""
    alice, bob = phone("106", proxy=PROXY if route else BOB, **options), phone("108", **options)
    wire = Wire(alice, bob, *([step(route)] if route else []))
    if route:
        wire.do(bob.register(wire.now))
    call = wire.do(alice.call("108", wire.now))
    return alice, bob, call, wire


def only(wire: Wire, method: str) -> list[str]:
    """The arrows of one method's requests and responses."""
    arrows = zip(wire.flow, wire.passed, strict=True)
    return [arrow for arrow, (_, _, message) in arrows if message.cseq.method == method]


# --- which way ----------------------------------------------------------------------------------------------------


def test_with_record_route_ack_and_bye_go_through_the_proxy() -> None:
    _, bob, call, wire = talking("cancel")
    wire.do(bob.hang_up(bob.calls[0], wire.now))
    assert only(wire, "ACK") == ["106 -> P: ACK", "P -> 108: ACK"]
    assert only(wire, "BYE") == ["108 -> P: BYE", "P -> 106: BYE", "106 -> P: 200 OK (BYE)", "P -> 108: 200 OK (BYE)"]
    bye = wire.find("108 -> P: BYE")
    assert bye.uri == "sip:106@127.0.10.106:5060"
    assert bye.get_all("Route") == bob.calls[0].server.request.get_all("Record-Route")
    assert (call.state, call.ended_by) == ("ended", "108")


def test_without_record_route_ack_and_bye_go_straight_to_the_other_phone() -> None:
    alice, _, call, wire = talking("first-call")
    wire.do(alice.hang_up(call, wire.now))
    assert only(wire, "ACK") == ["106 -> 108: ACK"]
    assert only(wire, "BYE") == ["106 -> 108: BYE", "108 -> 106: 200 OK (BYE)"]


def test_a_phone_with_an_outbound_proxy_pushes_them_through_it_although_there_is_no_route() -> None:
    alice, bob, call, wire = talking("first-call", outbound=True)
    wire.run(5)
    assert wire.times("106 -> P: ACK") == [0, 0.5, 1.5, 3.5]
    assert "P -> 108: ACK" not in wire.flow
    wire.do(alice.hang_up(call, wire.now))
    assert only(wire, "BYE") == ["106 -> P: BYE", "P -> 106: 501 Not Implemented (BYE)"]
    assert wire.find("106 -> P: BYE").uri == "sip:108@127.0.10.108:5060"
    assert wire.find("106 -> P: BYE").routes == []
    assert repr(call) == "<call 106 → 108: ended, 501 Not Implemented>"
    assert bob.calls[0].state == "answered"


def test_a_phone_with_an_outbound_proxy_follows_the_route_set_where_there_is_one() -> None:
    alice, bob, call, wire = talking("cancel", outbound=True)
    wire.do(alice.hang_up(call, wire.now))
    assert len(wire.find("106 -> P: BYE").routes) == 1
    assert bob.calls[0].state == "ended"


def test_a_route_set_that_leads_elsewhere_goes_before_the_outbound_proxy() -> None:
    alice = phone("106", outbound=True)
    wire = Wire(alice)
    call = wire.do(alice.call("108", wire.now))
    headers = [("Record-Route", "<sip:127.0.10.2;lr>"), ("Contact", "<sip:108@127.0.10.108:5060>")]
    ok = build_response(wire.find("106 -> P: INVITE"), 200, "OK", to_tag="b", headers=headers)
    wire.send(ok.raw, PROXY, alice.address)
    wire.do(alice.hang_up(call, wire.now))
    assert {datagram.dst.host for _, datagram, message in wire.passed if message.cseq.method == "BYE"} == {"127.0.10.2"}


def test_a_request_inside_a_call_that_comes_by_two_ways_is_no_merged_one() -> None:
    alice, _, call, wire = talking()
    for _ in range(2):
        call.dialog.local_cseq = 6
        info = call.dialog.build_request("INFO", alice.layer.new_via())
        wire.send(info.raw, alice.address, BOB)
    assert wire.flow[-4:] == ["106 -> 108: INFO", "108 -> 106: 200 OK (INFO)"] * 2


def test_a_strict_router_in_the_path_gets_itself_as_request_uri() -> None:
    alice = phone("106")
    wire = Wire(alice)
    call = wire.do(alice.call("108", wire.now))
    headers = [("Record-Route", "<sip:127.0.10.1>"), ("Contact", "<sip:108@127.0.10.108:5060>")]
    ok = build_response(wire.find("106 -> P: INVITE"), 200, "OK", to_tag="b", headers=headers)
    wire.send(ok.raw, PROXY, alice.address)
    wire.do(alice.hang_up(call, wire.now))
    for arrow in ("106 -> P: ACK", "106 -> P: BYE"):
        request = wire.find(arrow)
        assert request.uri == "sip:127.0.10.1"
        assert request.get_all("Route") == ["<sip:108@127.0.10.108:5060>"]


# --- BYE ----------------------------------------------------------------------------------------------------------


def test_a_bye_outside_any_dialog_is_answered_481() -> None:
    alice, _, call, wire = talking()
    stray = call.dialog.build_request("BYE", alice.layer.new_via())
    wire.do(alice.hang_up(call, wire.now))
    wire.send(stray.raw, alice.address, BOB)
    assert wire.flow[-1] == "108 -> 106: 481 Call/Transaction Does Not Exist (BYE)"


def test_a_lost_bye_is_sent_again_and_its_repeat_answered_again() -> None:
    alice, _, call, wire = talking()
    wire.lose("108 -> 106: 200 OK (BYE)")
    wire.do(alice.hang_up(call, wire.now))
    wire.run(3)
    assert wire.times("108 -> 106: 200 OK (BYE)") == [0, 0.5]


def test_both_may_hang_up_at_once() -> None:
    alice, bob, call, wire = talking()
    wire.do([*alice.hang_up(call, wire.now), *bob.hang_up(bob.calls[0], wire.now)])
    assert only(wire, "BYE")[2:] == ["108 -> 106: 200 OK (BYE)", "106 -> 108: 200 OK (BYE)"]
    assert (call.ended_by, bob.calls[0].ended_by) == ("106", "108")
    assert not alice.dialogs
    assert not bob.dialogs


def test_a_bye_nobody_answers_ends_the_call_all_the_same() -> None:
    alice, _, call, wire = talking()
    del wire.nodes[BOB]
    wire.do(alice.hang_up(call, wire.now))
    assert call.state == "ended"
    wire.run(60)
    assert (call.status, alice.dialogs, alice.next_wake()) == (408, {}, None)


def test_of_a_call_that_is_over_nothing_is_left_when_its_transactions_are() -> None:
    alice, bob, call, wire = talking()
    wire.do(alice.hang_up(call, wire.now))
    wire.run(40)
    for each in (alice, bob):
        assert (each.clients, each.servers, each.dialogs, each.next_wake()) == ({}, {}, {}, None)


def test_a_200_that_comes_again_after_the_bye_still_gets_its_ack() -> None:
    alice, _, call, wire = talking()
    ok = bytes(wire.find("108 -> 106: 200 OK"))
    wire.do(alice.hang_up(call, wire.now))
    wire.send(ok, BOB, alice.address)
    assert wire.flow[-1] == "106 -> 108: ACK"


def test_a_caller_may_end_an_early_dialog_with_bye() -> None:
    alice, bob = phone("106", proxy=BOB), phone("108")
    bob.behaviour = ringing()
    wire = Wire(alice, bob)
    call = wire.do(alice.call("108", wire.now))
    [dialog] = call.early.values()
    wire.send(dialog.build_request("BYE", alice.layer.new_via()).raw, alice.address, BOB)
    assert wire.flow[-3:] == ["108 -> 106: 200 OK (BYE)", "108 -> 106: 487 Request Terminated", "106 -> 108: ACK"]
    assert repr(bob.calls[0]) == "<call 106 → 108: cancelled>"
    assert wire.find("108 -> 106: 487 Request Terminated").to.tag == dialog.remote.tag


def test_what_comes_out_of_order_is_answered_500() -> None:
    alice, _, call, wire = talking()
    early, late = (call.dialog.build_request("INFO", alice.layer.new_via()) for _ in range(2))
    wire.send(late.raw, alice.address, BOB)
    wire.send(early.raw, alice.address, BOB)
    assert only(wire, "INFO")[1::2] == ["108 -> 106: 200 OK (INFO)", "108 -> 106: 500 Server Internal Error (INFO)"]


# --- hold and other changes ---------------------------------------------------------------------------------------


def test_a_hold_is_seen_at_both_ends_and_taken_back() -> None:
    alice, bob, call, wire = talking("cancel")
    theirs = bob.calls[0]
    assert (call.media, theirs.media) == ("sendrecv", "sendrecv")
    wire.do(alice.hold(call, wire.now))
    assert (call.media, theirs.media) == ("sendonly", "recvonly")
    assert [repr(call), repr(theirs)] == ["<call 106 → 108: answered, on hold>"] * 2
    wire.do(alice.resume(call, wire.now))
    assert (call.media, theirs.media) == ("sendrecv", "sendrecv")
    assert repr(call) == "<call 106 → 108: answered>"
    assert wire.flow.count("P -> 108: INVITE") == 3
    assert wire.flow.count("P -> 108: ACK") == 3


def test_each_end_holds_for_itself() -> None:
    alice, bob, call, wire = talking()
    theirs = bob.calls[0]
    steps = []
    for verb, of in ((alice.hold, call), (bob.hold, theirs), (alice.resume, call), (bob.resume, theirs)):
        wire.do(verb(of, wire.now))
        steps.append((call.media, theirs.media))
    assert steps == [
        ("sendonly", "recvonly"),
        ("inactive", "inactive"),
        ("recvonly", "sendonly"),
        ("sendrecv", "sendrecv"),
    ]


def test_a_call_whose_other_end_does_not_answer_a_hold_is_hung_up() -> None:
    alice, _, call, wire = talking()
    del wire.nodes[BOB]
    wire.do(alice.hold(call, wire.now))
    wire.run(33)
    assert only(wire, "BYE")[:1] == ["106 -> 108: BYE"]
    assert call.over


def test_holding_twice_says_nothing_new() -> None:
    alice, _, call, wire = talking()
    wire.do(alice.hold(call, wire.now))
    assert alice.hold(call, wire.now) == []
    wire.do(alice.resume(call, wire.now))
    assert alice.resume(call, wire.now) == []


def test_the_version_of_the_description_goes_up_with_each_change() -> None:
    alice, _, call, wire = talking()
    wire.do(alice.hold(call, wire.now))
    wire.do(alice.resume(call, wire.now))
    offers = [m.body for _, _, m in wire.passed if m.summary == "INVITE"]
    assert [body.split()[3] for body in offers] == [b"1", b"2", b"3"]
    assert len({len(body) for body in offers}) == 1


def test_a_reinvite_moves_the_target_of_later_requests() -> None:
    alice, bob, call, wire = talking()
    alice.address = Address("127.0.10.106", 5070)
    wire.nodes[alice.address] = alice
    wire.do(alice.hold(call, wire.now))
    wire.do(bob.hang_up(bob.calls[0], wire.now))
    assert wire.find("108 -> 106: BYE").uri == "sip:106@127.0.10.106:5070"


TARGET = "sip:106@127.0.10.106:5060;method=MESSAGE;x=1?Subject=a"


def test_headers_and_method_of_a_contact_do_not_come_into_a_request_uri() -> None:
    alice, bob = phone("106", proxy=BOB), phone("108")
    wire = Wire(alice, bob)
    wire.lose("106 -> 108: INVITE")
    call = wire.do(alice.call("108", wire.now))
    invite = bytes(wire.find("106 -> 108: INVITE"))
    wire.send(invite.replace(b"sip:106@127.0.10.106:5060", TARGET.encode()), alice.address, bob.address)
    wire.do(bob.hang_up(bob.calls[0], wire.now))
    assert wire.find("108 -> 106: BYE").uri == "sip:106@127.0.10.106:5060;x=1"
    assert call.state is CallState.ENDED


def test_nor_do_those_of_a_uri_that_is_called() -> None:
    alice, _, _, wire = talking()
    wire.do(alice.options("sip:108@127.0.10.108;method=INVITE?Body=x", wire.now))
    options = wire.find("106 -> 108: OPTIONS")
    assert (options.uri, options.to.uri) == ("sip:108@127.0.10.108",) * 2


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        ("<sip:108@127.0.10.108:5070;method=BYE?Subject=a>", "sip:108@127.0.10.108:5070"),
        ("<sip:108@127.0.10.108:5070>, <sip:x@y:5060transport=udp>", "sip:108@127.0.10.108:5070"),
        ("<sip:108@127.0.10.108:5060transport=udp>", "sip:108@127.0.10.1"),
    ],
)
def test_an_answer_is_acknowledged_whatever_its_contact_is(contact: str, uri: str) -> None:
    alice = phone("106")
    wire = Wire(alice)
    wire.do(alice.call("108", wire.now))
    lines = [("Contact", contact), ("Record-Route", "<sip:127.0.10.1;lr>, <sip:x:y;lr>")]
    ok = build_response(wire.find("106 -> P: INVITE"), 200, "OK", to_tag="b", headers=lines)
    wire.send(ok.raw, PROXY, alice.address)
    ack = wire.find("106 -> P: ACK")
    assert (ack.uri, ack.values("Route")) == (uri, ["<sip:127.0.10.1;lr>"])


def test_the_200_of_a_reinvite_moves_it_too() -> None:
    alice, bob, call, wire = talking()
    bob.address = Address("127.0.10.108", 5070)
    wire.nodes[bob.address] = bob
    wire.do(alice.hold(call, wire.now))
    wire.do(alice.hang_up(call, wire.now))
    assert wire.find("106 -> 108: BYE").uri == "sip:108@127.0.10.108:5070"


def test_the_200_of_a_reinvite_is_repeated_until_its_ack_too() -> None:
    alice, bob, call, wire = talking()
    wire.lose("106 -> 108: ACK")
    wire.do(alice.hold(call, wire.now))
    wire.run(5)
    assert wire.times("108 -> 106: 200 OK") == [0, 0, 0.5]
    assert bob.calls[0].unacked is None


def test_two_reinvites_that_meet_are_both_answered_491_and_nothing_changes() -> None:
    alice, bob, call, wire = talking()
    wire.do([*alice.hold(call, wire.now), *bob.hold(bob.calls[0], wire.now)])
    assert wire.flow.count("108 -> 106: 491 Request Pending") == 1
    assert wire.flow.count("106 -> 108: 491 Request Pending") == 1
    assert [(c.holding, c.media) for c in (call, bob.calls[0])] == [(False, "sendrecv")] * 2


def test_a_reinvite_for_a_dialog_the_other_end_has_lost_ends_the_call() -> None:
    alice, bob, call, wire = talking()
    bob.dialogs.clear()
    wire.do(alice.hold(call, wire.now))
    assert only(wire, "BYE")[0] == "106 -> 108: BYE"
    assert call.state is CallState.ENDED


@pytest.mark.parametrize("trying_first", [True, False])
def test_a_reinvite_that_has_no_answer_when_its_call_is_hung_up_is_not_waited_for_for_ever(trying_first: bool) -> None:
    alice, _, call, wire = talking("cancel")
    invite = alice.hold(call, wire.now)[0]
    trying = build_response(parse_message(invite.data), 100, "Trying").raw
    if trying_first:
        wire.send(trying, PROXY, alice.address)
    wire.do(alice.hang_up(call, wire.now))
    if not trying_first:
        wire.send(trying, PROXY, alice.address)
    wire.run(33)
    assert (alice.clients, alice.next_wake()) == ({}, None)


def test_a_refused_reinvite_leaves_the_call_as_it_was() -> None:
    alice, _, call, wire = talking()
    wire.lose("106 -> 108: INVITE")
    wire.do(alice.hold(call, wire.now))
    refused = build_response(wire.passed[-1][2], 488, "Not Acceptable Here")
    wire.send(refused.raw, BOB, alice.address)
    assert repr(call) == "<call 106 → 108: answered, 488 Not Acceptable Here>"
    assert (call.holding, call.media) == (False, "sendrecv")


def test_only_an_answered_and_settled_call_can_be_put_on_hold() -> None:
    alice, bob = phone("106", proxy=BOB), phone("108")
    bob.behaviour = ringing()
    wire = Wire(alice, bob)
    call = wire.do(alice.call("108", wire.now))
    for verb in (alice.hold, alice.resume):
        with pytest.raises(LabError, match="only an answered call"):
            verb(call, wire.now)
    wire.lose("106 -> 108: ACK")
    wire.do(bob.answer(bob.calls[0], wire.now))
    with pytest.raises(LabError, match="not settled yet"):
        bob.hold(bob.calls[0], wire.now)


def within(method: str, body: bytes = b"") -> Callable[[Softphone, PhoneCall], bytes]:
    headers = [("Content-Type", "application/sdp")] if body else []

    def build(ua: Softphone, call: PhoneCall) -> bytes:
        dialog = next(iter(call.early.values())) if call.answered is None else call.dialog
        return dialog.build_request(method, ua.layer.new_via(), contact=ua.contact, headers=headers, body=body).raw

    return build


def test_an_update_is_answered_like_a_reinvite_without_ack() -> None:
    alice, bob, call, wire = talking()
    body = bytes(call.described or b"").replace(b"sendrecv", b"sendonly")
    wire.send(within("UPDATE", body)(alice, call), alice.address, BOB)
    assert b"a=recvonly" in wire.find("108 -> 106: 200 OK (UPDATE)").body
    assert (bob.calls[0].held, bob.calls[0].unacked) == (True, None)


def test_an_update_without_offer_refreshes_the_target_only() -> None:
    alice, bob, call, wire = talking()
    wire.send(within("UPDATE")(alice, call).replace(b"106:5060>", b"106:5070>"), alice.address, BOB)
    assert wire.find("108 -> 106: 200 OK (UPDATE)").body == b""
    assert bob.calls[0].dialog.remote_target == "sip:106@127.0.10.106:5070"


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
def test_an_offer_before_the_first_one_is_answered_has_to_wait(method: str) -> None:
    alice, bob = phone("106", proxy=BOB), phone("108")
    bob.behaviour = ringing()
    wire = Wire(alice, bob)
    call = wire.do(alice.call("108", wire.now))
    wire.send(within(method, bytes(call.described or b""))(alice, call), alice.address, BOB)
    refused = next(message for _, _, message in wire.passed if message.summary.startswith("500"))
    assert refused.get("Retry-After") == "1"
    assert bob.calls[0].state == "ringing"


@pytest.mark.parametrize("method", ["INFO", "OPTIONS", "MESSAGE"])
def test_other_requests_within_a_call_are_answered_200(method: str) -> None:
    alice, _, call, wire = talking()
    wire.send(within(method)(alice, call), alice.address, BOB)
    assert wire.flow[-1] == f"108 -> 106: 200 OK ({method})"
