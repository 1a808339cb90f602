"""The calls of RFC 3665 that a registrar and one proxy take part in; where the RFC has two proxies, here is one.

A line is a message. Registrations the RFC protects by digest are shown without it (the route of lesson 05 has none).
"""

from __future__ import annotations

from labsip.check.notation import Hop, parse_flow
from labsip.steps import STEPS
from labsip.vocabulary import location
from tests.ends import Bench, End

OFFER = b"v=0\r\no=alice 1 1 IN IP4 127.0.10.106\r\ns=-\r\nc=IN IP4 127.0.10.106\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
ANSWER = OFFER.replace(b"alice", b"carol")
SDP = [("Content-Type", "application/sdp")]


def between(*, registered: bool = True, **settings: float) -> tuple[Bench, End, End]:
    """Alice is 106, Bob is 108."""
    bench = Bench(STEPS["cancel"], **settings)
    alice, bob = bench.end("106"), bench.end("108")
    if registered:
        alice.register()
        bob.register()
        bench.passed.clear()
    return bench, alice, bob


def happened(bench: Bench) -> list[Hop]:
    """What went over the wire."""
    return parse_flow("\n".join(bench.flow))


# --- §2 Registration --------------------------------------------------------------------------------------


def test_2_1_successful_new_registration() -> None:
    bench, _, bob = between(registered=False)
    bob.register()
    assert happened(bench) == parse_flow("""
        108   -> proxy  REGISTER
        proxy -> 108    200 OK (REGISTER)
    """)
    assert [row["Address"] for row in location(bench.proxy, 0.0)] == ["sip:108@127.0.10.108:5060"]


def test_2_2_update_of_contact_list() -> None:
    bench, _, bob = between(registered=False)
    bob.register()
    bob.register("<mailto:108@biloxi.example>")
    assert happened(bench) == parse_flow("""
        108   -> proxy  REGISTER
        proxy -> 108    200 OK (REGISTER)
        108   -> proxy  REGISTER
        proxy -> 108    200 OK (REGISTER)
    """)
    assert bob.heard[-1].get("Contact") == (
        "<sip:108@127.0.10.108:5060>;expires=3600, <mailto:108@biloxi.example>;expires=3600"
    )


def test_2_3_request_for_current_contact_list() -> None:
    bench, _, bob = between()
    bob.register("-")
    assert happened(bench) == parse_flow("""
        108   -> proxy  REGISTER
        proxy -> 108    200 OK (REGISTER)
    """)
    assert bob.heard[-1].get("Contact") == "<sip:108@127.0.10.108:5060>;expires=3600"


def test_2_4_cancellation_of_registration() -> None:
    bench, _, bob = between()
    bob.register("*", expires=0)
    assert happened(bench) == parse_flow("""
        108   -> proxy  REGISTER
        proxy -> 108    200 OK (REGISTER)
    """)
    assert bob.heard[-1].get("Contact") is None
    assert [row["AoR"] for row in location(bench.proxy, 0.0)] == ["106"]


def test_2_5_unsuccessful_registration() -> None:
    """The RFC's has a wrong password; ours removes all contacts without saying Expires: 0."""
    bench, _, bob = between()
    bob.register("*")
    assert happened(bench) == parse_flow("""
        108   -> proxy  REGISTER
        proxy -> 108    400 Bad Request (REGISTER)
    """)
    assert len(location(bench.proxy, 0.0)) == 2


# --- §3 Session establishment -----------------------------------------------------------------------------


def test_3_1_and_3_2_successful_session_establishment_through_a_proxy() -> None:
    bench, alice, bob = between()
    invite = alice.invite(headers=SDP, body=OFFER)
    bob.answer(bob.hears("INVITE"), 180, "Ringing")
    bob.answer(bob.hears("INVITE"), 200)
    alice.within("ACK", invite)
    bob.within("BYE", bob.hears("INVITE"))
    alice.answer(alice.hears("BYE"), 200)
    assert happened(bench) == parse_flow("""
        106   -> proxy  INVITE
        proxy -> 106    100 trying -- your call is important to us
        proxy -> 108    INVITE
        108   -> proxy  180 Ringing
        proxy -> 106    180 Ringing
        108   -> proxy  200 OK
        proxy -> 106    200 OK
        106   -> proxy  ACK
        proxy -> 108    ACK
        108   -> proxy  BYE
        proxy -> 106    BYE
        106   -> proxy  200 OK (BYE)
        proxy -> 108    200 OK (BYE)
    """)
    assert bob.hears("INVITE").body == OFFER
    assert bob.hears("ACK").uri == "sip:108@127.0.10.108:5060"
    assert bob.hears("ACK").get("Route") is None


def test_3_3_session_establishment_with_authentication() -> None:
    """The proxy of lesson 05 asks for no password, so Bob does: the challenge and the second INVITE pass through."""
    bench, alice, bob = between()
    first = alice.invite(call="auth", cseq=1)
    bob.answer(bob.hears("INVITE"), 401, "Unauthorized", headers=[("WWW-Authenticate", 'Digest realm="b", nonce="n"')])
    alice.ack(first, 401)
    credentials = [("Authorization", 'Digest username="106", realm="b", nonce="n", uri="sip:108@b", response="0"')]
    second = alice.invite(call="auth", cseq=2, headers=credentials)
    bob.answer(bob.hears("INVITE"), 200)
    alice.within("ACK", second)
    assert happened(bench) == parse_flow("""
        106   -> proxy  INVITE
        proxy -> 106    100 trying -- your call is important to us
        proxy -> 108    INVITE
        108   -> proxy  401 Unauthorized
        proxy -> 108    ACK
        proxy -> 106    401 Unauthorized
        106   -> proxy  ACK
        106   -> proxy  INVITE
        proxy -> 106    100 trying -- your call is important to us
        proxy -> 108    INVITE
        108   -> proxy  200 OK
        proxy -> 106    200 OK
        106   -> proxy  ACK
        proxy -> 108    ACK
    """)
    assert alice.response(401).get("WWW-Authenticate") == 'Digest realm="b", nonce="n"'
    assert bob.hears("INVITE").get("Authorization") == credentials[0][1]


def test_3_6_session_via_redirect_with_sdp_in_ack() -> None:
    bench, alice, bob = between()
    carol = bench.end("109")
    carol.register()
    bench.passed.clear()
    first = alice.invite()
    bob.answer(bob.hears("INVITE"), 302, "Moved Temporarily")
    alice.ack(first, 302)
    second = alice.invite("sip:109@127.0.10.1")
    carol.answer(carol.hears("INVITE"), 200, body=OFFER)
    alice.within("ACK", second, body=ANSWER)
    assert happened(bench) == parse_flow("""
        106   -> proxy  INVITE
        proxy -> 106    100 trying -- your call is important to us
        proxy -> 108    INVITE
        108   -> proxy  302 Moved Temporarily
        proxy -> 108    ACK
        proxy -> 106    302 Moved Temporarily
        106   -> proxy  ACK
        106   -> proxy  INVITE
        proxy -> 106    100 trying -- your call is important to us
        proxy -> 109    INVITE
        109   -> proxy  200 OK
        proxy -> 106    200 OK
        106   -> proxy  ACK
        proxy -> 109    ACK
    """)
    assert (carol.hears("INVITE").body, alice.response(200).body, carol.hears("ACK").body) == (b"", OFFER, ANSWER)


def test_3_7_session_with_re_invite() -> None:
    bench, alice, bob = between()
    invite = alice.invite()
    bob.answer(bob.hears("INVITE"), 200)
    alice.within("ACK", invite)
    bench.passed.clear()
    again = alice.within("INVITE", invite)
    bob.answer(bob.hears("INVITE"), 200)
    alice.within("ACK", invite, cseq=again.cseq.number)
    assert happened(bench) == parse_flow("""
        106   -> proxy  INVITE
        proxy -> 106    100 trying -- your call is important to us
        proxy -> 108    INVITE
        108   -> proxy  200 OK
        proxy -> 106    200 OK
        106   -> proxy  ACK
        proxy -> 108    ACK
    """)
    assert again.to.tag == "108t"
    assert bob.hears("INVITE").get("Record-Route") is None


def test_3_8_unsuccessful_no_answer() -> None:
    bench, alice, bob = between()
    invite = alice.invite()
    bob.answer(bob.hears("INVITE"), 180, "Ringing")
    bench.wait(20)
    alice.cancel(invite)
    bob.answer(bob.hears("CANCEL"), 200)
    bob.answer(bob.hears("INVITE"), 487, "Request Terminated")
    alice.ack(invite, 487)
    assert happened(bench) == parse_flow("""
        106   -> proxy  INVITE
        proxy -> 106    100 trying -- your call is important to us
        proxy -> 108    INVITE
        108   -> proxy  180 Ringing
        proxy -> 106    180 Ringing
        106   -> proxy  CANCEL
        proxy -> 108    CANCEL
        proxy -> 106    200 canceling (CANCEL)
        108   -> proxy  200 OK (CANCEL)
        108   -> proxy  487 Request Terminated
        proxy -> 108    ACK
        proxy -> 106    487 Request Terminated
        106   -> proxy  ACK
    """)


def test_3_9_unsuccessful_busy() -> None:
    bench, alice, bob = between()
    invite = alice.invite()
    bob.answer(bob.hears("INVITE"), 486, "Busy Here")
    alice.ack(invite, 486)
    assert happened(bench) == parse_flow("""
        106   -> proxy  INVITE
        proxy -> 106    100 trying -- your call is important to us
        proxy -> 108    INVITE
        108   -> proxy  486 Busy Here
        proxy -> 108    ACK
        proxy -> 106    486 Busy Here
        106   -> proxy  ACK
    """)


def test_3_10_unsuccessful_no_response_from_user_agent() -> None:
    bench, alice, _ = between()
    invite = alice.invite()
    bench.wait(30)
    alice.ack(invite, 408)
    assert happened(bench) == parse_flow("""
        106   -> proxy  INVITE
        proxy -> 106    100 trying -- your call is important to us
        proxy -> 108    INVITE
        proxy -> 108    INVITE
        proxy -> 108    INVITE
        proxy -> 108    INVITE
        proxy -> 108    INVITE
        proxy -> 108    INVITE
        proxy -> 108    INVITE
        proxy -> 108    INVITE
        proxy -> 108    INVITE
        proxy -> 108    INVITE
        proxy -> 106    408 Request Timeout
        106   -> proxy  ACK
    """)


def test_3_11_unsuccessful_temporarily_unavailable() -> None:
    bench, alice, bob = between()
    invite = alice.invite()
    bob.answer(bob.hears("INVITE"), 480, "Temporarily Unavailable")
    alice.ack(invite, 480)
    assert happened(bench) == parse_flow("""
        106   -> proxy  INVITE
        proxy -> 106    100 trying -- your call is important to us
        proxy -> 108    INVITE
        108   -> proxy  480 Temporarily Unavailable
        proxy -> 108    ACK
        proxy -> 106    480 Temporarily Unavailable
        106   -> proxy  ACK
    """)
