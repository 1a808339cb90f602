"""Requests that belong to no call, and those a phone refuses."""

from __future__ import annotations

import pytest

from labsip.phone import Softphone, answering, ringing
from labsip.sip.message import Request
from labsip.sip.sdp import build_offer
from labsip.sip.transport import Address, Datagram
from tests.phone.wire import Wire, phone, step

BOB = Address("127.0.10.108")
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, INFO, UPDATE"


def pair() -> tuple[Softphone, Softphone, Wire]:
    alice, bob = phone("106", proxy=BOB), phone("108")
    return alice, bob, Wire(alice, bob)


def request(ua: Softphone, method: str, *headers: tuple[str, str], body: bytes = b"") -> Request:
    dialog = ua.agent.new_dialog("sip:108@127.0.10.1")
    return dialog.build_request(method, ua.layer.new_via(), contact=ua.contact, headers=headers, body=body)


def answer_to(wire: Wire, data: bytes) -> str:
    wire.passed.clear()
    wire.send(data, Address("127.0.10.106"), BOB)
    return wire.flow[1].removeprefix("108 -> 106: ") if len(wire.flow) > 1 else ""


# --- MESSAGE and OPTIONS ------------------------------------------------------------------------------------------


def test_a_message_arrives_in_the_inbox() -> None:
    alice, bob, wire = pair()
    wire.run(2)
    sent = wire.do(alice.message("108", "Grüße", wire.now))
    assert repr(sent) == "<MESSAGE 106 → 108: 200 OK>"
    assert [(text.t, text.sender, text.text) for text in bob.inbox] == [(2, "106", "Grüße")]


def test_a_message_has_a_text_and_no_contact() -> None:
    alice, _, wire = pair()
    wire.do(alice.message("108", "hi", wire.now))
    message = wire.find("106 -> 108: MESSAGE")
    assert (message.get("Content-Type"), message.get("Contact")) == ("text/plain", None)


def test_a_message_whose_answer_is_lost_arrives_once() -> None:
    alice, bob, wire = pair()
    wire.lose("108 -> 106: 200 OK (MESSAGE)")
    sent = wire.do(alice.message("108", "hi", wire.now))
    assert repr(sent) == "<MESSAGE 106 → 108: no answer yet>"
    wire.run(1)
    assert (sent.status, len(bob.inbox)) == (200, 1)


def test_a_message_nobody_answers_has_failed_after_32_seconds() -> None:
    alice, _, wire = pair()
    del wire.nodes[BOB]
    sent = wire.do(alice.message("108", "hi", wire.now))
    wire.run(40)
    assert (sent.status, sent.reason) == (408, "No answer in 32 s")


def test_options_tell_what_a_phone_can_do() -> None:
    alice, _, wire = pair()
    sent = wire.do(alice.options("108", wire.now))
    assert (sent.status, sent.response.get("Allow")) == (200, ALLOW)
    assert sent.response.get("Accept") == "application/sdp, text/plain"
    assert len(sent.response.to.tag) == 8


def test_options_are_answered_as_an_invite_would_be() -> None:
    alice, _, wire = pair()
    wire.do(alice.call("108", wire.now))
    assert wire.do(alice.options("108", wire.now)).status == 486


def test_options_may_go_to_the_proxy_itself() -> None:
    alice = phone("106")
    wire = Wire(alice, step("full"))
    assert repr(wire.do(alice.options("sip:127.0.10.1", wire.now))) == "<OPTIONS 106 → 127.0.10.1: 200 Keepalive>"


def test_messages_and_options_reach_a_user_through_the_proxy() -> None:
    alice, bob = phone("106"), phone("108")
    wire = Wire(alice, bob, step("full"))
    wire.do(bob.register(wire.now))
    assert wire.do(alice.message("108", "hi", wire.now)).status == 200
    assert wire.do(alice.options("108", wire.now)).status == 200
    assert [text.sender for text in bob.inbox] == ["106"]


# --- refused ------------------------------------------------------------------------------------------------------


def test_an_unknown_method_is_answered_405_with_what_is_allowed() -> None:
    alice, _, wire = pair()
    assert answer_to(wire, request(alice, "FOOBAR").raw) == "405 Method Not Allowed (FOOBAR)"
    assert wire.passed[1][2].get("Allow") == ALLOW


@pytest.mark.parametrize("method", ["BYE", "INFO", "UPDATE"])
def test_what_only_makes_sense_in_a_call_is_answered_481_outside(method: str) -> None:
    alice, _, wire = pair()
    assert answer_to(wire, request(alice, method).raw) == f"481 Call/Transaction Does Not Exist ({method})"


def test_a_required_extension_is_answered_420_with_its_name() -> None:
    alice, bob, wire = pair()
    data = request(alice, "INVITE", ("Require", "100rel, teleport")).raw
    assert answer_to(wire, data) == "420 Bad Extension"
    assert wire.passed[1][2].get("Unsupported") == "100rel, teleport"
    assert bob.calls == []


@pytest.mark.parametrize(
    ("method", "content", "accept"),
    [
        ("INVITE", "multipart/mixed", "application/sdp"),
        ("MESSAGE", "text/html", "text/plain"),
        ("MESSAGE", "", "text/plain"),
    ],
)
def test_a_body_it_cannot_read_is_answered_415_with_what_it_can(method: str, content: str, accept: str) -> None:
    alice, _, wire = pair()
    headers = [("Content-Type", content)] if content else []
    assert answer_to(wire, request(alice, method, *headers, body=b"?").raw).startswith("415")
    assert wire.passed[1][2].get("Accept") == accept


GZIP = ("e", "GZip, identity")
ISUP, SDP = ("c", "application/isup"), ("Content-Type", "application/SDP;x=1")
REFUSED, TAKEN, READS = "415 Unsupported Media Type", "180 Ringing", "application/sdp"
NONE, OPTIONAL = [None, None], ("Content-Disposition", "x;handling=optional")
OFFER = bytes(build_offer("127.0.10.106", 4000, "sendonly"))


@pytest.mark.parametrize(
    ("method", "headers", "body", "said", "accept"),
    [
        ("INVITE", [SDP, GZIP], OFFER, REFUSED, [None, "identity"]),
        ("INVITE", [ISUP, GZIP], b"?", REFUSED, [READS, "identity"]),
        ("INVITE", [ISUP, ("Content-Disposition", "signal")], b"?", REFUSED, [READS, None]),
        ("INVITE", [ISUP, ("Content-Disposition", "signal;handling=required")], b"?", REFUSED, [READS, None]),
        ("INVITE", [ISUP, ("content-disposition", "signal ; x=1; Handling = OPTIONAL")], b"?", TAKEN, NONE),
        ("INVITE", [SDP, GZIP, ("Content-Disposition", "session;handling=optional")], OFFER, TAKEN, NONE),
        ("INVITE", [SDP, ("e", "identity")], OFFER, TAKEN, NONE),
        ("INVITE", [SDP, ("Content-Encoding", "")], OFFER, TAKEN, NONE),
        ("MESSAGE", [("c", "text/plain"), GZIP], b"?", "415 Unsupported Media Type (MESSAGE)", [None, "identity"]),
        ("MESSAGE", [("c", "text/html"), OPTIONAL], b"?", "200 OK (MESSAGE)", NONE),
        ("OPTIONS", [ISUP, GZIP], b"?", "200 OK (OPTIONS)", ["application/sdp, text/plain", None]),
    ],
)  # fmt: skip
def test_a_body_may_be_left_unread_where_its_sender_says_so(
    method: str, headers: list[tuple[str, str]], body: bytes, said: str, accept: list[str | None]
) -> None:
    alice, _, wire = pair()
    assert answer_to(wire, request(alice, method, *headers, body=body).raw) == said
    answer = wire.passed[1][2]
    assert [answer.get("Accept"), answer.get("Accept-Encoding")] == accept


def test_what_is_left_unread_is_neither_an_offer_nor_a_text() -> None:
    alice, bob, wire = pair()
    answer_to(wire, request(alice, "INVITE", SDP, GZIP, OPTIONAL, body=OFFER).raw)
    assert b"a=sendrecv" in wire.find("108 -> 106: 200 OK").body
    assert bob.calls[0].media == ""
    answer_to(wire, request(alice, "MESSAGE", ("c", "text/html"), OPTIONAL, body=b"<p>").raw)
    assert bob.inbox[-1].text == ""


def test_an_offer_it_reads_is_answered() -> None:
    alice, bob, wire = pair()
    answer_to(wire, request(alice, "INVITE", SDP, ("Content-Disposition", "session;handling=optional"), body=OFFER).raw)
    assert bob.calls[0].media == "recvonly"


def test_the_same_request_by_another_way_is_answered_482() -> None:
    alice, bob, wire = pair()
    bob.behaviour = ringing()
    data = request(alice, "INVITE").raw
    assert answer_to(wire, data) == "180 Ringing"
    assert answer_to(wire, data.replace(b"branch=z9hG4bK", b"branch=z9hG4bKother")) == "482 Loop Detected"
    assert len(bob.calls) == 1


@pytest.mark.parametrize(
    ("method", "old", "new", "said"),
    [
        ("OPTIONS", b"CSeq: 1 OPTIONS", b"CSeq: 1 BYE", "400 Bad Request (BYE)"),
        ("OPTIONS", b"Call-ID", b"X-Call", "400 Bad Request (OPTIONS)"),
        ("OPTIONS", b"Via", b"X-Via", ""),
        ("INVITE", b"Contact: <sip:106@", b"Contact: <sip:106 @", "400 Bad Request"),
        ("OPTIONS", b"Contact:", b"no header\r\nContact:", "400 Bad Request (OPTIONS)"),
        ("OPTIONS", b"\r\n\r\n", b"\r\n", "400 Bad Request (OPTIONS)"),
        ("OPTIONS", b"From: ", b"From: <sip:x@y>;tag=z, ", "400 Bad Request (OPTIONS)"),
        ("OPTIONS", b"Contact:", b"To: <sip:x@y>\r\nContact:", "400 Bad Request (OPTIONS)"),
        ("OPTIONS", b"Via: SIP/2.0/UDP", b"Via: sip/2.0/udp", "200 OK (OPTIONS)"),
        ("OPTIONS", b"Via: ", b"Via: ,", "200 OK (OPTIONS)"),
        ("OPTIONS", b"Contact:", b"Require: ,\r\nrequire:\r\nSupported:\r\nContact:", "200 OK (OPTIONS)"),
    ],
)
def test_what_cannot_be_read_is_answered_400_if_anybody_can_be_answered(
    method: str, old: bytes, new: bytes, said: str
) -> None:
    alice, _, wire = pair()
    assert answer_to(wire, request(alice, method).raw.replace(old, new)) == said


@pytest.mark.parametrize("data", [b"\r\n\r\n", b"\0", b"nonsense\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n"])
def test_what_is_no_request_is_no_matter(data: bytes) -> None:
    bob = phone("108")
    assert bob.receive(Datagram(data, Address("127.0.10.106"), BOB), 0.0) == []


def test_an_ack_that_fits_nothing_is_dropped() -> None:
    alice, bob, wire = pair()
    assert answer_to(wire, request(alice, "ACK").raw) == ""
    assert answer_to(wire, request(alice, "ACK").raw.replace(b"CSeq: 1 ACK", b"CSeq: x")) == ""
    assert bob.servers == {}


def test_a_response_to_a_request_the_phone_never_sent_is_dropped() -> None:
    alice, _, wire = pair()
    wire.do(alice.call("108", wire.now))
    stray = bytes(wire.find("108 -> 106: 180 Ringing")).replace(b"branch=z9hG4bK", b"branch=z9hG4bKother")
    wire.passed.clear()
    wire.send(stray, BOB, alice.address)
    assert len(wire.passed) == 1


def test_any_user_reaches_the_phone() -> None:
    alice, bob, wire = pair()
    bob.behaviour = answering()
    assert wire.do(alice.call("0612345678", wire.now)).state == "answered"


def test_a_response_goes_where_the_request_came_from_if_its_via_asks_for_rport() -> None:
    alice, bob, _ = pair()
    data = request(alice, "OPTIONS").raw
    source = Address("127.0.10.99", 6000)
    [out] = bob.receive(Datagram(data, source, BOB), 0.0)
    assert out.dst == source
    assert b";rport=6000;" in out.data
    assert b";received=127.0.10.99" in out.data
    data = request(alice, "OPTIONS").raw.replace(b";rport", b"")
    [out] = bob.receive(Datagram(data, source, BOB), 0.0)
    assert out.dst == Address("127.0.10.99", 5060)
