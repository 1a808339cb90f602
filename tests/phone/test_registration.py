from __future__ import annotations

import pytest

from labsip.sip.build import build_response
from labsip.sip.errors import LabError
from labsip.sip.transport import Datagram
from labsip.vocabulary import location
from tests.phone.wire import PROXY, Wire, phone, step

HEADERS = ["Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Contact", "User-Agent", "Expires", "Content-Length"]


def test_a_phone_registers_and_knows_until_when() -> None:
    alice, proxy = phone("106"), step("register")
    wire = Wire(alice, proxy)
    wire.do(alice.register(wire.now, 600))
    assert (alice.registered, alice.registration.until, alice.registration.status) == (True, 600, 200)
    assert repr(alice) == "<phone 106: registered>"
    assert [row["Address"] for row in location(proxy, 0)] == ["sip:106@127.0.10.106:5060"]


def test_its_register_looks_like_that_of_the_recorded_phones() -> None:
    alice = phone("106")
    wire = Wire(alice, step("register"))
    wire.do(alice.register(wire.now))
    request = wire.find("106 -> P: REGISTER")
    assert request.uri == "sip:127.0.10.1"
    assert [line.name for line in request.lines] == HEADERS
    assert request.get("Contact") == "<sip:106@127.0.10.106:5060>"
    assert request.get("To") == "<sip:106@127.0.10.1>"


def test_its_preference_goes_into_the_contact() -> None:
    alice, proxy = phone("106"), step("register")
    wire = Wire(alice, proxy)
    wire.do(alice.register(wire.now, q=0.25))
    assert [row["Q"] for row in location(proxy, 0)] == [0.25]


@pytest.mark.parametrize(("expires", "q"), [(-1, None), (60, 1.5), (60, -0.1)])
def test_what_no_registrar_could_take_is_said_at_once(expires: int, q: float | None) -> None:
    with pytest.raises(LabError, match="expires is in seconds"):
        phone("106").register(0.0, expires, q)


@pytest.mark.parametrize(("expires", "q"), [(0, None), (60, 0.0), (60, 1.0)])
def test_the_ends_of_each_range_are_in_it(expires: int, q: float | None) -> None:
    assert len(phone("106").register(0.0, expires, q)) == 1


def test_a_phone_nobody_told_to_register_knows_of_no_registration() -> None:
    registration = phone("106").registration
    assert (registration.until, registration.status, registration.reason) == (None, None, "")
    assert repr(registration) == "<registration of sip:106@127.0.10.1: not registered>"


def test_registering_twice_makes_one_row_of_refreshes() -> None:
    alice = phone("106")
    wire = Wire(alice, step("register"))
    wire.do(alice.register(wire.now))
    wire.do(alice.register(wire.now))
    wire.run(3600)
    assert wire.times("106 -> P: REGISTER") == [0, 0, 3540]


@pytest.mark.parametrize(("expires", "first", "second"), [(3600, 3540, 7080), (60, 30, 60)])
def test_it_refreshes_a_minute_early_or_at_half_time(expires: int, first: float, second: float) -> None:
    alice = phone("106")
    wire = Wire(alice, step("register"))
    wire.do(alice.register(wire.now, expires))
    wire.run(second + 1)
    assert wire.times("106 -> P: REGISTER") == [0, first, second]
    sent = [message for _, datagram, message in wire.passed if datagram.dst == PROXY]
    assert len({request.call_id for request in sent}) == 1
    assert [request.cseq.number for request in sent] == [1, 2, 3]


def test_the_time_the_registrar_grants_counts_not_the_one_asked_for() -> None:
    alice = phone("106")
    wire = Wire(alice, step("register"))
    wire.do(alice.register(wire.now, 5))
    assert alice.registration.until == 60


@pytest.mark.parametrize(("granted", "until"), [("9" * 400, 2**32 - 1), ("²", 3600), ("soon", 3600), ("", 3600)])
def test_a_time_that_is_none_is_the_one_asked_for_and_one_too_long_the_longest(granted: str, until: int) -> None:
    alice = phone("106")
    wire = Wire(alice)
    wire.do(alice.register(wire.now))
    contact = ("Contact", f"<sip:106@127.0.10.106:5060>;expires={granted}")
    answer = build_response(wire.find("106 -> P: REGISTER"), 200, "OK", to_tag="t", headers=[contact])
    alice.receive(Datagram(answer.raw, PROXY, alice.addresses[0]), wire.now)
    assert alice.registration.until == until


def test_without_an_answer_to_its_refresh_it_is_registered_until_the_binding_runs_out() -> None:
    alice = phone("106")
    wire = Wire(alice, step("register"))
    wire.do(alice.register(wire.now, 600))
    del wire.nodes[PROXY]
    wire.run(599)
    assert (alice.registered, alice.registration.status) == (True, 408)
    assert alice.registration.reason == "No answer in 32 s"
    wire.run(2)
    assert not alice.registered


def test_a_refused_registration_keeps_status_and_reason() -> None:
    alice = phone("106")
    wire = Wire(alice, step("stub480"))
    wire.do(alice.register(wire.now))
    assert not alice.registered
    assert repr(alice.registration) == "<registration of sip:106@127.0.10.1: not registered, 501 Not Implemented>"
    wire.run(10_000)
    assert len(wire.times("106 -> P: REGISTER")) == 1


def test_too_short_a_time_is_asked_for_again_as_the_registrar_wants_it() -> None:
    alice = phone("106")
    wire = Wire(alice)
    wire.do(alice.register(wire.now, 30))
    brief = build_response(wire.find("106 -> P: REGISTER"), 423, "Interval Too Brief", headers=[("Min-Expires", "90")])
    wire.send(brief.raw, PROXY, alice.address)
    assert [m.get("Expires") for _, _, m in wire.passed if m.summary == "REGISTER"] == ["30", "90"]


@pytest.mark.parametrize("headers", [[("Min-Expires", "30")], []])
def test_a_423_that_asks_for_nothing_longer_is_a_refusal(headers: list[tuple[str, str]]) -> None:
    alice = phone("106")
    wire = Wire(alice)
    wire.do(alice.register(wire.now, 30))
    brief = build_response(wire.find("106 -> P: REGISTER"), 423, "Interval Too Brief", headers=headers)
    wire.send(brief.raw, PROXY, alice.address)
    assert wire.flow.count("106 -> P: REGISTER") == 1
    assert alice.registration.status == 423


def test_a_phone_that_is_not_among_the_contacts_of_the_200_is_not_registered() -> None:
    alice = phone("106")
    wire = Wire(alice)
    wire.do(alice.register(wire.now))
    ok = build_response(wire.find("106 -> P: REGISTER"), 200, "OK", headers=[("Contact", "<sip:106@127.0.10.99>")])
    wire.send(ok.raw, PROXY, alice.address)
    assert not alice.registered


@pytest.mark.parametrize(
    "other", ["<sip:106@192.0.2.5:5060transport=udp>;expires=60", "<sip:106@h>;q=9", "nonsense", "<sip:106@h"]
)
def test_what_another_phones_contact_is_says_nothing_about_its_own(other: str) -> None:
    alice = phone("106")
    wire = Wire(alice)
    wire.do(alice.register(wire.now))
    lines = [("Contact", other), ("Contact", f'"a" <tel:106>, , {alice.contact};expires=77')]
    wire.send(build_response(wire.find("106 -> P: REGISTER"), 200, "OK", headers=lines).raw, PROXY, alice.address)
    assert alice.registration.until == 77


@pytest.mark.parametrize(
    ("contact", "mine"),
    [
        ("<sip:106@127.0.10.106:5060>", True),
        ("<sip:%3106@127.0.10.106:5060;x=y>", True),
        ("<sip:106@127.0.10.106:5060;transport=udp>", False),
        ("<sip:106@127.0.10.106>", False),
    ],
)
def test_its_own_contact_is_the_one_that_means_the_same(contact: str, mine: bool) -> None:
    alice = phone("106")
    wire = Wire(alice)
    wire.do(alice.register(wire.now))
    ok = build_response(wire.find("106 -> P: REGISTER"), 200, "OK", headers=[("Contact", contact)])
    wire.send(ok.raw, PROXY, alice.address)
    assert alice.registered is mine


def test_unregistering_takes_back_this_phones_binding_only() -> None:
    alice, other, proxy = phone("106"), phone("106", 116), step("register")
    wire = Wire(alice, other, proxy)
    wire.do(alice.register(wire.now))
    wire.do(other.register(wire.now))
    wire.do(alice.unregister(wire.now))
    assert (alice.registered, other.registered) == (False, True)
    assert [row["Address"] for row in location(proxy, 0)] == ["sip:106@127.0.10.116:5060"]
    wire.run(4000)
    assert len(wire.times("106 -> P: REGISTER")) == 2


def test_unregistering_all_takes_back_every_phones_binding() -> None:
    alice, other, proxy = phone("106"), phone("106", 116), step("register")
    wire = Wire(alice, other, proxy)
    wire.do(alice.register(wire.now))
    wire.do(other.register(wire.now))
    wire.do(alice.unregister_all(wire.now))
    assert location(proxy, 0) == []


def test_an_unregister_nobody_answers_stops_the_refresh_and_lets_the_binding_run_out() -> None:
    alice = phone("106")
    wire = Wire(alice, step("register"))
    wire.do(alice.register(wire.now, 600))
    del wire.nodes[PROXY]
    wire.do(alice.unregister(wire.now))
    wire.run(590)
    assert alice.registered
    wire.run(20)
    assert not alice.registered
    assert max(wire.times("106 -> P: REGISTER")) < 33


def test_the_answer_to_a_refresh_does_not_undo_an_unregister_that_was_sent_meanwhile() -> None:
    alice = phone("106")
    wire = Wire(alice, step("register"))
    wire.do(alice.register(wire.now, 600))
    refresh = alice.register(wire.now, 600)  # on its way
    wire.do(alice.unregister(wire.now))
    wire.do(refresh)
    wire.run(60)
    assert (alice.registered, alice.next_wake()) == (False, None)


def test_a_lost_register_is_sent_again() -> None:
    alice = phone("106")
    wire = Wire(alice, step("register"))
    wire.lose("106 -> P: REGISTER", "P -> 106: 200 OK (REGISTER)")
    wire.do(alice.register(wire.now))
    wire.run(5)
    assert wire.times("106 -> P: REGISTER") == [0, 0.5, 1.5]
    assert alice.registered


def test_an_address_of_record_has_the_proxys_address_unless_a_domain_is_given() -> None:
    from random import Random

    from labsip.phone import Softphone
    from labsip.sip.transport import Address

    here = Address("127.0.0.1", 5071)
    assert Softphone("106", here, Address("127.0.0.1", 5070), ids=Random(1)).aor == "sip:106@127.0.0.1:5070"
    assert Softphone("106", here, PROXY, ids=Random(1)).aor == "sip:106@127.0.10.1"
    assert Softphone("106", here, PROXY, ids=Random(1), domain="lab.example").aor == "sip:106@lab.example"
