"""One source must not take everything: whoever sends without end, others call, hold and hang up."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from labsip.modules.tm import Tm
from labsip.modules.tm.ledger import LEAST, WITHIN_ONE
from labsip.proxy.settings import MiB
from labsip.sip import digest
from labsip.sip.message import Request, Response
from labsip.steps import STEPS
from tests.ends import Bench, End, told

Flood = Callable[[Bench, int], None]
USERS = {"106": "secret106", "108": "secret108", "66": "secret66", "77": "secret77"}
SMALL = {"shares": True, "max_pending": 40, "shm_bytes": MiB}
TRYING = "100 trying -- your call is important to us"


def bench(**settings: object) -> Bench:
    return Bench(STEPS["full"], **{**SMALL, **settings})


def proven(end: End, method: str, uri: str = "sip:108@127.0.10.1", **options: object) -> Request:
    """A request with its sender's password."""
    lines = [("Contact", f"<sip:{end.name}@{end.address}>")]
    end.send(end.request(method, uri, headers=lines, **options))  # type: ignore[arg-type]
    status, name = (401, "WWW-Authenticate") if method == "REGISTER" else (407, "Proxy-Authenticate")
    challenge = digest.Challenge.parse(end.response(status).get(name) or "")
    answer = str(digest.answer(challenge, end.name, f"secret{end.name}", method, uri, cnonce="c"))
    header = "Authorization" if method == "REGISTER" else "Proxy-Authorization"
    request = end.request(method, uri, headers=[*lines, (header, answer)], **options)  # type: ignore[arg-type]
    end.send(request)
    return request


def registers(bench_: Bench, number: int) -> None:
    """REGISTERs without a password, of one address."""
    attacker = bench_.end("66")
    for _ in range(number):
        attacker.register()


def large_registers(bench_: Bench, number: int) -> None:
    """The same, each as large as a datagram may be."""
    attacker = bench_.end("66")
    for _ in range(number):
        attacker.register(body=b"x" * 60_000)


def invites(bench_: Bench, number: int) -> None:
    """Calls to a phone that answers nothing, of one address."""
    attacker = bench_.end("66")
    bench_.end("77").register()
    for _ in range(number):
        attacker.invite("sip:77@127.0.10.1")


def forged_invites(bench_: Bench, number: int) -> None:
    """The same, each of another address."""
    bench_.end("77").register()
    for host in range(number):
        sender = bench_.end(f"x{host}", f"10.0.{host // 250}.{host % 250 + 1}")
        sender.invite("sip:77@127.0.10.1")


def attackers_call(bench_: Bench) -> tuple[End, Request]:
    attacker, friend = bench_.end("66"), bench_.end("77")
    friend.register()
    invite = attacker.invite("sip:77@127.0.10.1")
    friend.answer(friend.hears("INVITE"), 200)
    return attacker, invite


def within_a_call(bench_: Bench, number: int) -> None:
    """Requests inside a call of the attacker's, which nobody answers."""
    attacker, invite = attackers_call(bench_)
    for cseq in range(2, number + 2):
        attacker.within("INFO", invite, cseq=cseq)


def within_many_calls(bench_: Bench, number: int) -> None:
    """The same, in ten calls."""
    up = [attackers_call(bench_) for _ in range(10)]
    for cseq in range(2, number // 10 + 2):
        for attacker, invite in up:
            attacker.within("INFO", invite, cseq=cseq)


FLOODS = {
    "REGISTERs": registers,
    "REGISTERs of 60 kB": large_registers,
    "INVITEs nobody answers": invites,
    "INVITEs of made-up addresses": forged_invites,
    "requests inside one call": within_a_call,
    "requests inside many calls": within_many_calls,
}


def goes_on_and_ends(alice: End, bob: End, invite: Request) -> None:
    """Whether a call that is up can be held, and hung up."""
    alice.within("INVITE", invite)
    bob.answer(bob.hears("INVITE"), 200)
    assert alice.response(200).cseq.number == invite.cseq.number + 1
    alice.within("BYE", invite, cseq=3)
    assert bob.summaries[-1] == "BYE"
    bob.answer(bob.hears("BYE"), 200)
    assert alice.summaries[-1] == "200 OK (BYE)"


def parties(bench_: Bench) -> tuple[End, End, Request]:
    """106 and 108 in a call."""
    alice, bob = bench_.end("106"), bench_.end("108")
    alice.register()
    bob.register()
    invite = alice.invite()
    bob.answer(bob.hears("INVITE"), 200)
    alice.within("ACK", invite)
    return alice, bob, invite


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_whatever_is_sent_without_end_a_call_that_is_up_is_held_and_hung_up(flood: Flood) -> None:
    bench_ = bench()
    alice, bob, invite = parties(bench_)
    flood(bench_, 700)
    goes_on_and_ends(alice, bob, invite)


@pytest.mark.parametrize("flood", [flood for flood in FLOODS.values() if flood is not forged_invites])
def test_whatever_one_source_sends_others_register_and_call(flood: Flood) -> None:
    bench_ = bench()
    alice, bob = bench_.end("106"), bench_.end("108")
    flood(bench_, 700)
    assert bob.register() == ["200 OK (REGISTER)"]
    invite = alice.invite()
    assert alice.summaries == [TRYING]
    bob.answer(bob.hears("INVITE"), 200)
    goes_on_and_ends(alice, bob, invite)


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_what_is_held_never_exceeds_the_room_and_all_is_given_back(flood: Flood) -> None:
    bench_ = bench()
    flood(bench_, 700)
    tm = bench_.proxy.module(Tm)
    assert tm.pending <= 40
    assert tm.size <= 1.1 * MiB  # what its branches and answers take comes on top of the last one
    bench_.wait(4000)
    assert set(bench_.proxy.held.values()) == {0}
    for accounts in (tm.taken.begun, tm.taken.within):
        assert not any(account.bytes or account.number for account in accounts._by_source.values())
    assert not tm.taken._calls


def test_nothing_is_stored_for_whoever_has_shown_no_password() -> None:
    bench_ = bench(users=USERS)
    attacker = bench_.end("66")
    for method in ("REGISTER", "INVITE", "MESSAGE", "OPTIONS", "BYE"):
        for to in ("", "<sip:108@127.0.10.1>;tag=x"):
            attacker.send(attacker.request(method, to=to))
    assert (bench_.proxy.held["transactions"], bench_.proxy.held["transaction bytes"]) == (0, 0)
    assert {told(message)[:3] for message in attacker.heard} == {"401", "407"}


def test_where_users_have_passwords_each_has_a_share_also_behind_one_address() -> None:
    bench_ = bench(users=USERS)
    alice, attacker, bob = bench_.end("106"), bench_.end("66", "127.0.10.99"), bench_.end("108")
    alice.address = attacker.address  # behind one NAT
    proven(bob, "REGISTER", "sip:127.0.10.1", to="<sip:108@127.0.10.1>")
    for _ in range(60):
        proven(attacker, "INVITE")
    assert attacker.summaries[-1] == "503 Service Unavailable"
    bench_._ends[alice.address] = alice
    proven(alice, "INVITE")
    assert alice.summaries[-1] == TRYING


def test_a_refusal_says_when_to_try_again_and_is_counted() -> None:
    bench_ = bench()
    invites(bench_, 60)
    (attacker,) = [end for end in bench_._ends.values() if end.name == "66"]
    refusal = attacker.heard[-1]
    assert isinstance(refusal, Response)
    assert (refusal.status, refusal.get("Retry-After")) == (503, "5")
    assert bench_.proxy.stats["overload"] == 40


def test_a_source_alone_has_half_the_room_and_with_others_its_share_or_eight_at_least() -> None:
    bench_ = bench()
    invites(bench_, 60)
    tm = bench_.proxy.module(Tm)
    assert tm.pending == 20
    other = bench_.end("67")
    for _ in range(60):
        other.invite("sip:77@127.0.10.1")
    assert tm.pending == 20 + LEAST  # its share would be less: the phone has registered, so there are three
    bench_.wait(64)
    for number in range(3):
        busy = bench_.end(f"busy{number}", f"127.0.11.{number + 1}")
        for _ in range(LEAST):
            busy.invite("sip:77@127.0.10.1")
            assert busy.summaries[-1] == TRYING


def test_inside_one_call_so_many_wait_at_most_and_more_go_on_without_a_transaction() -> None:
    bench_ = bench()
    attacker, invite = attackers_call(bench_)
    friend = next(end for end in bench_._ends.values() if end.name == "77")
    for cseq in range(2, 32):
        attacker.within("INFO", invite, cseq=cseq)
    assert bench_.proxy.module(Tm).pending == WITHIN_ONE
    assert friend.summaries.count("INFO") == 30
    friend.answer(friend.hears("INFO"), 200)
    assert attacker.summaries[-1] == "200 OK (INFO)"


def test_a_cancel_needs_no_room() -> None:
    bench_ = bench(shm_bytes=8_000)
    alice, bob = bench_.end("106"), bench_.end("108")
    bob.register()
    bench_.wait(60)
    invite = alice.invite()
    bob.answer(bob.hears("INVITE"), 180, "Ringing")
    assert alice.cancel(invite) == ["200 canceling (CANCEL)"]
    assert bob.summaries[-1] == "CANCEL"
    assert alice.cancel(invite) == ["200 ok -- no more pending branches (CANCEL)"]
    bob.answer(bob.hears("INVITE"), 487, "Request Terminated")
    assert alice.summaries[-1] == "487 Request Terminated"


def test_a_request_whose_transaction_finds_no_room_is_answered_whatever_the_script_forgets() -> None:
    """The lessons' steps stay as Kamailio is: there it vanishes."""
    for shares, heard in ((True, ["503 Service Unavailable (MESSAGE)"]), (False, [])):
        bench_ = Bench(lambda ksr: ksr.t_relay(), shares=shares, shm_bytes=1000)
        alice = bench_.end("106")
        assert alice.send(alice.request("MESSAGE")) == heard
        assert alice.send(alice.request("ACK")) == []


def test_what_a_transaction_holds_when_it_is_answered_is_little_more_than_the_answer() -> None:
    bench_ = bench()
    alice, tm = bench_.end("106"), bench_.proxy.module(Tm)
    request = alice.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", body=b"x" * 10_000)
    first = alice.send(request)
    assert tm.size < 3_000
    assert alice.send(request) == first == ["200 OK (REGISTER)"]


def test_a_repeat_of_a_register_that_had_no_room_for_its_transaction_is_served_as_it_comes() -> None:
    bench_ = bench(shm_bytes=4_000)
    alice = bench_.end("106")
    numbers = count(1)
    assert [alice.register(cseq=next(numbers)) for _ in range(3)] == [["200 OK (REGISTER)"]] * 3
