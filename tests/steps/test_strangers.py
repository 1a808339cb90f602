"""Whom `full` relays for, and that nobody makes it send to who did not ask."""

from __future__ import annotations

import pytest

from labsip.sip import digest
from labsip.sip.build import build_response
from labsip.steps import STEPS
from labsip.vocabulary import settings_of
from tests.ends import Bench, End

Parties = tuple[Bench, End, End, End]


@pytest.fixture
def parties() -> Parties:
    """A registered 106 and 108, and a stranger."""
    bench = Bench(STEPS["full"])
    alice, bob, stranger = bench.end("106"), bench.end("108"), bench.end("66")
    alice.register()
    bob.register()
    return bench, alice, bob, stranger


def test_a_stranger_calls_a_user_of_ours(parties: Parties) -> None:
    _, _, bob, stranger = parties
    stranger.invite("sip:108@127.0.10.1")
    assert bob.summaries[-1] == "INVITE"


def test_a_stranger_is_not_relayed_to_the_outside(parties: Parties) -> None:
    bench, _, _, stranger = parties
    victim = bench.end("200")
    stranger.invite("sip:anybody@127.0.10.200")
    assert stranger.summaries == ["403 Forbidden"]
    assert victim.heard == []


def test_a_user_of_ours_is(parties: Parties) -> None:
    bench, alice, _, _ = parties
    outside = bench.end("200")
    alice.invite("sip:anybody@127.0.10.200")
    assert outside.summaries == ["INVITE"]


def test_who_only_says_to_be_a_user_is_a_stranger(parties: Parties) -> None:
    bench, _, _, stranger = parties
    bench.end("200")
    stranger.invite("sip:anybody@127.0.10.200", headers=[("From", "<sip:106@127.0.10.1>;tag=false")])
    assert stranger.summaries == ["403 Forbidden"]


def test_nobody_registers_here_for_another_domain(parties: Parties) -> None:
    _, alice, _, _ = parties
    assert alice.register(to="<sip:106@127.0.10.200>") == ["404 Not Found (REGISTER)"]


def test_without_a_domain_every_name_is_ours_and_with_one_that_one_only() -> None:
    for domains, answer in (((), "200 OK (REGISTER)"), (("lab.example",), "404 Not Found (REGISTER)")):
        alice = Bench(STEPS["full"], domains=domains).end("106")
        assert alice.register(to="<sip:106@other.example>") == [answer]


def test_a_route_of_our_address_alone_does_not_lead_a_stranger_on(parties: Parties) -> None:
    bench, _, _, stranger = parties
    victim = bench.end("200")
    for route in ("<sip:127.0.10.1;lr>", "<sip:127.0.10.1;lr;ftag=66f;mark=0123456789abcdef>"):
        request = stranger.request(
            "BYE", "sip:x@127.0.10.200", to="<sip:x@127.0.10.200>;tag=made-up", headers=[("Route", route)]
        )
        assert stranger.send(request) == ["403 Forbidden (BYE)"]
    assert victim.heard == []


def test_the_mark_of_one_call_does_not_open_another(parties: Parties) -> None:
    bench, _, bob, stranger = parties
    victim = bench.end("200")
    invite = stranger.invite("sip:108@127.0.10.1")
    bob.answer(bob.hears("INVITE"), 200)
    route = stranger.response(200).values("Record-Route")[0]
    assert invite.call_id != "another"
    request = stranger.request(
        "BYE", "sip:x@127.0.10.200", call="another", to="<sip:x@127.0.10.200>;tag=t", headers=[("Route", route)]
    )
    assert stranger.send(request) == ["403 Forbidden (BYE)"]
    assert victim.heard == []


def test_both_ends_of_a_call_follow_its_route_though_neither_is_registered_any_more(parties: Parties) -> None:
    _, alice, bob, _ = parties
    invite = alice.invite()
    bob.answer(bob.hears("INVITE"), 200)
    alice.within("ACK", invite)
    assert bob.summaries[-1] == "ACK"
    alice.register(expires=0)
    bob.register(expires=0)
    bob.within("BYE", bob.hears("INVITE"))
    assert alice.summaries[-1] == "BYE"


def test_a_response_nobody_waits_for_is_sent_to_nobody(parties: Parties) -> None:
    bench, _, _, stranger = parties
    victim = bench.end("200")
    made_up = stranger.request("INVITE", via=f"SIP/2.0/UDP {victim.address};branch=z9hG4bKvictim")
    for branch in ("z9hG4bKmadeup", "z9hG4bK0000.00000000000000000000000000000000.0"):
        answer = build_response(made_up, 200, "OK").raw
        stranger.send(answer.replace(b"Via: ", f"Via: SIP/2.0/UDP 127.0.10.1;branch={branch}\r\nVia: ".encode(), 1))
    assert victim.heard == []
    assert bench.proxy.stats["stray response"] == 2


def test_a_cancel_for_nothing_we_know_goes_to_the_user_and_its_answer_comes_back(parties: Parties) -> None:
    _, alice, bob, _ = parties
    invite = alice.request("INVITE")
    assert alice.cancel(invite) == []
    cancel = bob.hears("CANCEL")
    bob.answer(cancel, 481, "Call/Transaction Does Not Exist")
    assert alice.summaries[-1] == "481 Call/Transaction Does Not Exist (CANCEL)"


@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS", "MESSAGE", "SUBSCRIBE", "CANCEL", "BYE", "EXOTIC"])
@pytest.mark.parametrize("guessed", [True, False], ids=["with a guess", "without a password"])
@pytest.mark.parametrize("tag", ["", ";tag=1"], ids=["outside a dialog", "inside a dialog"])
def test_a_scan_can_not_tell_who_is_registered_who_is_a_user_and_who_is_neither(
    method: str, guessed: bool, tag: str
) -> None:
    users: dict[str, str] = {}
    bench = Bench(STEPS["full"], users=users)
    bob, scanner = bench.end("108"), bench.end("66")
    bob.register()
    users |= {"107": "secret107", "108": "secret108"}
    answers = []
    for name in ("108", "107", "109"):
        uri = f"sip:{name}@127.0.10.1"
        lines = [("From", f"<{uri}>;tag=scan")]
        if guessed:
            scanner.send(scanner.request("REGISTER"))
            challenge = digest.Challenge.parse(scanner.response(401).get("WWW-Authenticate") or "")
            credentials = str(digest.answer(challenge, name, "guess", method, uri, cnonce="c"))
            lines.append(("Authorization" if method == "REGISTER" else "Proxy-Authorization", credentials))
        answers.append(scanner.send(scanner.request(method, uri, to=f"<{uri}>{tag}", headers=lines)))
    assert answers == [answers[0]] * 3
    assert bob.summaries == ["200 OK (REGISTER)"]


def test_a_repeat_of_what_a_user_sent_gets_the_same_answer_and_does_not_use_its_nonce_twice() -> None:
    bench = Bench(STEPS["full"], users={"106": "secret106"})
    alice, uri = bench.end("106"), "sip:109@127.0.10.1"
    alice.send(alice.request("INVITE", uri))
    challenge = digest.Challenge.parse(alice.response(407).get("Proxy-Authenticate") or "")
    credentials = str(digest.answer(challenge, "106", "secret106", "INVITE", uri, cnonce="c"))
    request = alice.request("INVITE", uri, headers=[("Proxy-Authorization", credentials)])
    assert [alice.send(request), alice.send(request)] == [["404 Not Found"], ["404 Not Found"]]


def test_who_registered_may_cancel_what_we_do_not_know_also_where_users_have_passwords() -> None:
    users: dict[str, str] = {}
    bench = Bench(STEPS["full"], users=users)
    alice, bob = bench.end("106"), bench.end("108")
    alice.register()
    bob.register()
    users |= {"106": "secret106", "108": "secret108"}
    alice.cancel(alice.request("INVITE"))
    assert bob.summaries[-1] == "CANCEL"


def test_an_ack_and_a_cancel_that_fit_nothing_are_dropped_and_counted(parties: Parties) -> None:
    bench, _, _, stranger = parties
    assert stranger.cancel(stranger.request("INVITE", "sip:nobody@127.0.10.1")) == []
    assert stranger.send(stranger.request("ACK", "sip:nobody@127.0.10.1", to="<sip:108@127.0.10.1>;tag=t")) == []
    assert (bench.proxy.stats["stray CANCEL"], bench.proxy.stats["stray ACK"]) == (1, 1)


def test_whatever_a_stranger_sends_one_answer_at_most_comes_back_at_once(parties: Parties) -> None:
    bench, _, _, stranger = parties
    for method in ("OPTIONS", "REGISTER", "SUBSCRIBE", "MESSAGE", "CANCEL", "ACK", "BYE", "EXOTIC"):
        for uri in ("sip:127.0.10.1", "sip:nobody@127.0.10.1", "sip:x@127.0.10.200", "tel:108", "http://x"):
            sent = bench.deliver(stranger.request(method, uri).raw, stranger.address)
            assert [datagram.dst for datagram in sent] in ([], [stranger.address])


def test_a_list_of_contacts_is_not_much_larger_than_the_request_for_it(parties: Parties) -> None:
    bench, _, bob, stranger = parties
    own = f"<sip:108@{bob.address}>"
    bob.register(", ".join(f"<sip:{way}{'x' * 400}@127.0.10.108>;q=1" for way in range(15)))
    ask = stranger.request("REGISTER", to="<sip:108@127.0.10.1>")
    (answer,) = bench.deliver(ask.raw, stranger.address)
    assert len(answer.data) < 3.5 * len(ask.raw)
    bob.register(own, cseq=2)
    assert f"{own};expires=3600" in bob.heard[-1].values("Contact")  # though it is the least wanted


def test_an_answer_is_not_much_larger_than_the_smallest_request(parties: Parties) -> None:
    bench, _, _, stranger = parties
    for users in ({}, {"106": "secret"}):
        bench.proxy.settings = settings_of(bench.proxy.routes, users=users)
        for method in ("OPTIONS", "REGISTER", "INVITE", "MESSAGE", "CANCEL", "BYE"):
            small = f"{method} sip:a SIP/2.0\r\nv:SIP/2.0/UDP a;branch=z9hG4bK{method}{len(users)}\r\n"
            small += f"f:<sip:a@a>;tag=1\r\nt:<sip:a@a>\r\ni:1\r\nCSeq:1 {method}\r\n\r\n"
            sent = bench.deliver(small.encode(), stranger.address)
            assert sum(len(out.data) for out in sent) < 3.5 * len(small), method


def test_an_answer_goes_to_the_address_the_request_came_from(parties: Parties) -> None:
    bench, _, _, stranger = parties
    victim = bench.end("200")
    request = stranger.request(
        "OPTIONS", "sip:127.0.10.1", via=f"SIP/2.0/UDP {victim.address};branch=z9hG4bKvictim2;received=127.0.10.200"
    )
    assert stranger.send(request) == ["200 Keepalive (OPTIONS)"]
    assert victim.heard == []
