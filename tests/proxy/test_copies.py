"""How much is sent to somebody who has not shown yet to be there."""

from __future__ import annotations

from labsip.proxy.limits import ANSWERED, KNOWN, WINDOW, Copies
from labsip.sip.message import Request
from labsip.sip.transport import Address
from labsip.steps import STEPS
from tests.ends import Bench, End

PHONE, VICTIM = Address("127.0.10.108"), Address("127.0.10.200")


def sent(copies: Copies, to: Address, now: float = 0.0, tries: int = 50) -> int:
    return sum(copies.allow(to, now) for _ in range(tries))


def test_a_silent_host_gets_so_many_in_a_window_whatever_its_ports() -> None:
    copies = Copies(5)
    assert sent(copies, VICTIM) == 5
    assert sent(copies, VICTIM._replace(port=7000), WINDOW - 1) == 0
    assert sent(copies, VICTIM, WINDOW) == 5


def test_whoever_registered_or_answered_gets_all() -> None:
    copies = Copies(5)
    copies.registered(PHONE.host, 100.0)
    assert sent(copies, PHONE, 99.0) == 50
    assert sent(copies, PHONE, 101.0) == 5
    copies.answered(PHONE.host, 102.0)
    assert sent(copies, PHONE, 103.0) == 50
    assert sent(copies, PHONE, 102.0 + ANSWERED) == 5


def test_an_answer_does_not_make_a_registration_shorter() -> None:
    copies = Copies(5)
    copies.registered(PHONE.host, 100_000.0)
    copies.answered(PHONE.host, 1.0)
    copies.registered(PHONE.host, 50.0)
    assert sent(copies, PHONE, 99_999.0) == 50


def test_a_connection_is_proof_enough_and_without_a_limit_nothing_is_kept() -> None:
    assert sent(Copies(5), VICTIM._replace(proto="tcp")) == 50
    free = Copies(0)
    free.registered(PHONE.host, 10.0)
    assert sent(free, VICTIM) == 50
    assert not free._known
    assert not free._sent


def test_made_up_hosts_do_not_fill_the_memory() -> None:
    copies = Copies(5)
    for number in range(KNOWN + 10):
        copies.registered(f"a{number}", 100.0)
        copies.allow(Address(f"b{number}"), 0.0)
    assert len(copies._known) == len(copies._sent) == KNOWN


def parties() -> tuple[Bench, End, End]:
    """A proxy that sends a silent host 16 datagrams, a caller, and a victim; 12 contacts of 108 lead to that."""
    bench = Bench(STEPS["full"], max_unanswered=16)
    attacker, victim = bench.end("66"), bench.end("200")
    contacts = ", ".join(f"<sip:x{number}@{victim.address}>" for number in range(12))
    assert attacker.register(contacts, to="<sip:108@127.0.10.1>") == ["200 OK (REGISTER)"]
    return bench, attacker, victim


def copies_of(end: End, method: str) -> int:
    return sum(isinstance(message, Request) and message.method == method for message in end.heard)


def test_contacts_somewhere_else_get_few_copies_of_a_call_and_not_84() -> None:
    bench, attacker, victim = parties()
    attacker.invite()
    bench.wait(40)
    assert copies_of(victim, "INVITE") == 16
    assert bench.proxy.stats["unanswered"] == 84 - 16
    assert attacker.summaries[-1] == "408 Request Timeout"


def test_however_many_calls_are_made_a_silent_host_gets_no_more() -> None:
    bench, attacker, victim = parties()
    for _ in range(50):
        attacker.invite()
        attacker.send(attacker.request("MESSAGE"))
    bench.wait(31)
    assert len(victim.heard) == 16


def test_a_contact_somewhere_else_that_answers_gets_all_from_then_on() -> None:
    bench, attacker, victim = parties()
    attacker.invite()
    victim.answer(victim.hears("INVITE"), 486, "Busy Here")
    victim.heard.clear()
    for _ in range(3):
        attacker.invite()
    bench.wait(31)
    assert (
        copies_of(victim, "INVITE") == 3 * 12 * 6 + 11 * 5
    )  # in 31 s six of each, and five more where the first call still rings
    assert bench.proxy.stats["unanswered"] == 0


def test_a_phone_that_registered_from_its_own_address_gets_every_copy() -> None:
    bench = Bench(STEPS["full"], max_unanswered=16)
    alice, bob = bench.end("106"), bench.end("108")
    bob.register()
    for _ in range(5):
        alice.invite()
    alice.send(alice.request("MESSAGE"))
    bench.wait(40)
    assert (copies_of(bob, "INVITE"), copies_of(bob, "MESSAGE")) == (5 * 7, 11)


def test_one_call_to_one_contact_somewhere_else_gets_every_copy() -> None:
    bench = Bench(STEPS["full"], max_unanswered=16)
    alice, bob, gateway = bench.end("106"), bench.end("108"), bench.end("200")
    bob.register(f"<sip:108@{gateway.address}>")
    alice.invite()
    bench.wait(40)
    assert copies_of(gateway, "INVITE") == 7
