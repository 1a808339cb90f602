"""Phones that are asked who they are (RFC 3261 §22, RFC 7616)."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from labsip.phone import CallState, answering
from labsip.phone.softphone import Softphone
from labsip.sip.build import build_response
from labsip.sip.digest import Challenge, Credentials, ha1
from labsip.sip.message import Message, Request, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy, settings_of
from tests.phone.wire import PROXY, Wire, phone

SHA, OLD = "SHA-256", ""


@dataclass(eq=False)
class Doorman:
    """A server that asks what it is told to ask, then says yes; it keeps what it was shown."""

    asks: list[list[tuple[int, Challenge | str]]]
    """A status and a challenge for each header of each refusal, one refusal a request."""
    shown: list[Request] = field(default_factory=list)
    addresses: tuple[Address, ...] = (PROXY,)

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:  # noqa: ARG002
        request = parse_message(datagram.data)
        assert isinstance(request, Request)
        self.shown.append(request)
        if request.method == "ACK":
            return []
        asked = self.asks.pop(0) if self.asks else []
        names = {401: "WWW-Authenticate", 407: "Proxy-Authenticate"}
        lines = [(names[status], str(challenge)) for status, challenge in asked]
        contacts = [("Contact", value) for value in request.get_all("Contact")]
        response = build_response(request, asked[0][0] if asked else 200, "So", to_tag="d", headers=[*lines, *contacts])
        return [Datagram(response.raw, PROXY, datagram.src)]

    def wake(self, now: float) -> list[Datagram]:  # noqa: ARG002
        return []

    def next_wake(self) -> float | None:
        return None

    def credentials(self, name: str = "Authorization") -> list[Credentials]:
        return [Credentials.parse(text) for request in self.shown for text in request.get_all(name)]


def before(*asks: list[tuple[int, Challenge | str]], password: str = "secret") -> tuple[Wire, Softphone, Doorman]:
    doorman, alice = Doorman(list(asks)), phone("106", password=password)
    return Wire(alice, doorman), alice, doorman


def www(
    nonce: str = "n", realm: str = "lab", algorithm: str = OLD, qop: str = "", *, stale: bool = False
) -> tuple[int, Challenge | str]:
    return 401, Challenge(realm, nonce, algorithm, qop, stale)


def proxy(realm: str, nonce: str = "n") -> tuple[int, Challenge | str]:
    return 407, Challenge(realm, nonce)


@pytest.mark.parametrize("algorithm", [OLD, "MD5", SHA, "SHA-512-256"])
@pytest.mark.parametrize("qop", ["", "auth", "auth,auth-int"])
def test_a_challenged_register_is_sent_again_with_proof_of_the_password(algorithm: str, qop: str) -> None:
    wire, alice, doorman = before([www(algorithm=algorithm, qop=qop)])
    wire.do(alice.register(wire.now))
    assert alice.registered
    (given,) = doorman.credentials()
    assert (given.username, given.realm, given.nonce, given.uri) == ("106", "lab", "n", "sip:127.0.10.1")
    assert (given.qop, given.nc, bool(given.cnonce)) == (("auth", "00000001", True) if qop else ("", "", False))
    assert given.proves(ha1("106", "lab", "secret", algorithm or "MD5"), "REGISTER")


def test_the_second_request_is_the_first_with_a_branch_and_a_cseq_of_its_own() -> None:
    wire, alice, doorman = before([www()])
    wire.do(alice.register(wire.now, 600, q=0.5))
    first, second = doorman.shown
    assert (first.call_id, first.from_, first.uri) == (second.call_id, second.from_, second.uri)
    assert [first.cseq.number, second.cseq.number] == [1, 2]
    assert first.branch != second.branch
    assert lines(first, "Via", "CSeq") == lines(second, "Via", "CSeq", "Authorization")


def lines(request: Request, *but: str) -> list[tuple[str, str]]:
    return [(line.name, line.value) for line in request.lines if line.name not in but]


def test_a_phone_without_a_password_hears_the_challenge_itself() -> None:
    wire, alice, doorman = before([www()], password="")
    wire.do(alice.register(wire.now))
    assert (alice.registration.status, len(doorman.shown)) == (401, 1)


def test_a_challenge_once_more_means_that_the_password_is_wrong() -> None:
    wire, alice, doorman = before([www("a")], [www("b")])
    wire.do(alice.register(wire.now))
    assert (alice.registration.status, alice.registered, len(doorman.shown)) == (401, False, 2)


def test_a_nonce_that_is_too_old_is_replaced_by_the_new_one() -> None:
    wire, alice, doorman = before([www("a", qop="auth")], [www("b", qop="auth", stale=True)])
    wire.do(alice.register(wire.now))
    assert alice.registered
    assert [(given.nonce, given.nc) for given in doorman.credentials()] == [("a", "00000001"), ("b", "00000001")]


def test_a_server_to_whom_every_nonce_is_too_old_is_not_asked_for_ever() -> None:
    wire, alice, doorman = before(*([www(str(number), stale=True)] for number in range(9)))
    wire.do(alice.register(wire.now))
    assert (alice.registration.status, len(doorman.shown)) == (401, 3)


def test_each_use_of_a_nonce_is_counted() -> None:
    wire, alice, doorman = before(*([www("n", qop="auth")], []) * 3)
    for _ in range(3):
        wire.do(alice.register(wire.now))
    assert [given.nc for given in doorman.credentials()] == ["00000001", "00000002", "00000003"]
    assert len({given.cnonce for given in doorman.credentials()}) == 3


def test_a_new_nonce_is_counted_from_one() -> None:
    wire, alice, doorman = before([www("a", qop="auth")], [], [www("b", qop="auth")], [])
    wire.do(alice.register(wire.now))
    wire.do(alice.register(wire.now))
    assert [given.nc for given in doorman.credentials()] == ["00000001", "00000001"]


def test_a_refresh_is_challenged_and_answered_as_the_first_was() -> None:
    wire, alice, doorman = before([www("a")], [], [www("b")], [])
    wire.do(alice.register(wire.now, 600))
    wire.run(541)
    assert [request.cseq.number for request in doorman.shown] == [1, 2, 3, 4]
    assert alice.registration.until == 540 + 600


def test_of_several_algorithms_the_first_it_knows_is_taken() -> None:
    wire, alice, doorman = before([www(algorithm="ROT-13"), www(algorithm=SHA), www(algorithm="MD5")])
    wire.do(alice.register(wire.now))
    assert [given.algorithm for given in doorman.credentials()] == [SHA]


@pytest.mark.parametrize("asked", ["Basic realm=lab", 'Digest realm="lab"', 'Digest realm="lab", nonce="n", qop="odd"'])
def test_what_it_cannot_answer_it_does_not_answer(asked: str) -> None:
    wire, alice, doorman = before([(401, asked)])
    wire.do(alice.register(wire.now))
    assert (alice.registration.status, len(doorman.shown)) == (401, 1)


def test_two_proxies_in_a_row_both_get_their_credentials() -> None:
    wire, alice, doorman = before([proxy("near")], [proxy("far", "f")])
    sent = wire.do(alice.message("108", "hi", wire.now))
    assert sent.status == 200
    last = [Credentials.parse(text).realm for text in doorman.shown[-1].get_all("Proxy-Authorization")]
    assert last == ["near", "far"]


def test_two_realms_in_one_response_are_answered_at_once() -> None:
    wire, alice, doorman = before([proxy("near"), proxy("far"), www(realm="end")])
    assert wire.do(alice.message("108", "hi", wire.now)).status == 200
    assert len(doorman.shown) == 2
    assert [given.realm for given in doorman.credentials("Proxy-Authorization")] == ["near", "far"]
    assert [given.realm for given in doorman.credentials()] == ["end"]


def test_a_message_keeps_its_text() -> None:
    wire, alice, doorman = before([proxy("lab")])
    wire.do(alice.message("108", "hello", wire.now))
    assert [request.body for request in doorman.shown] == [b"hello", b"hello"]


# --- calls --------------------------------------------------------------------------------------------------------


class Gate(Doorman):
    """A doorman between two phones: after his questions he lets everything pass to 127.0.10.108 and back."""

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:
        message: Message = parse_message(datagram.data)
        if isinstance(message, Request) and message.method != "CANCEL" and self.asks:
            return super().receive(datagram, now)
        if isinstance(message, Request):
            self.shown.append(message)
        if isinstance(message, Request) and message.method == "ACK" and message.to.tag == "d":
            return []
        to = "106" if datagram.src.host.endswith("108") else "108"
        return [Datagram(datagram.data, PROXY, Address(f"127.0.10.{to}"))]


def calling(*asks: list[tuple[int, Challenge | str]]) -> tuple[Wire, Softphone, Softphone, Gate]:
    alice, bob, gate = phone("106", password="secret", outbound=True), phone("108", outbound=True), Gate(list(asks))
    bob.behaviour = answering(ring=0, after=2)
    return Wire(alice, bob, gate), alice, bob, gate


def test_a_challenged_call_is_acknowledged_and_made_again() -> None:
    wire, alice, bob, gate = calling([proxy("lab")])
    call = wire.do(alice.call("108", wire.now))
    wire.run(3)
    assert (call.state, call.status) == (CallState.ANSWERED, 200)
    assert len(bob.calls) == 1
    assert wire.flow[:4] == ["106 -> P: INVITE", "P -> 106: 407 So", "106 -> P: ACK", "106 -> P: INVITE"]
    first, ack, second = gate.shown[:3]
    assert (ack.branch, ack.cseq.number) == (first.branch, 1)
    assert (second.cseq.number, second.to.tag, second.call_id) == (2, None, first.call_id)
    assert second.body == first.body


def test_the_ack_of_the_answer_brings_the_credentials_of_its_invite() -> None:
    wire, alice, _, gate = calling([proxy("lab")])
    wire.do(alice.call("108", wire.now))
    wire.run(3)
    invite, ack = gate.shown[2], gate.shown[-1]
    assert (ack.method, ack.cseq.number) == ("ACK", 2)
    assert ack.get("Proxy-Authorization") == invite.get("Proxy-Authorization")


def test_a_call_with_a_wrong_password_fails() -> None:
    wire, alice, bob, _ = calling([proxy("lab")], [proxy("lab")])
    call = wire.do(alice.call("108", wire.now))
    assert (call.state, call.status, bob.calls) == (CallState.FAILED, 407, [])
    assert wire.flow == ["106 -> P: INVITE", "P -> 106: 407 So", "106 -> P: ACK"] * 2


def test_a_cancel_is_for_the_invite_that_was_sent_again() -> None:
    wire, alice, _, gate = calling([proxy("lab")])
    call = wire.do(alice.call("108", wire.now))
    wire.run(1)
    wire.do(alice.cancel(call, wire.now))
    invite = gate.shown[2]
    cancel = next(request for request in gate.shown if request.method == "CANCEL")
    assert (cancel.branch, cancel.cseq.number) == (invite.branch, 2)
    assert call.state is CallState.CANCELLED


def test_a_call_given_up_before_the_challenge_came_is_not_made_again() -> None:
    alice = phone("106", password="secret")
    wire, doorman = Wire(alice), Doorman([[proxy("lab")]])
    call = wire.do(alice.call("108", wire.now))
    wire.do(alice.cancel(call, wire.now))
    wire.nodes[PROXY] = doorman
    wire.run(1)
    assert call.state is CallState.CANCELLED
    assert [request.method for request in doorman.shown] == ["INVITE", "ACK"]


def test_hanging_up_and_holding_answer_challenges_too() -> None:
    wire, alice, bob, gate = calling()
    call = wire.do(alice.call("108", wire.now))
    wire.run(3)
    gate.asks = [[proxy("lab")]]
    wire.do(alice.hold(call, wire.now))
    assert (call.holding, call.media, bob.calls[0].held) == (True, "sendonly", True)
    gate.asks = [[proxy("lab")]]
    wire.do(alice.hang_up(call, wire.now))
    assert bob.calls[0].state is CallState.ENDED
    byes = [request for request in gate.shown if request.method == "BYE"]
    assert [bool(bye.get("Proxy-Authorization")) for bye in byes] == [False, True]
    assert byes[1].cseq.number == byes[0].cseq.number + 1


# --- a proxy with users -------------------------------------------------------------------------------------------


def users_of(step: str, **settings: Any) -> tuple[Wire, Softphone, Softphone]:
    """106 and 108, who know their passwords, at a proxy that runs that step."""
    users = {"106": "secret106", "108": "secret108"}
    made = build_proxy(STEPS[step], [PROXY], ids=Random(1), settings=settings_of(None, users=users, **settings))
    alice, bob = (phone(name, password=password) for name, password in users.items())
    bob.behaviour = answering()
    return Wire(alice, bob, made), alice, bob


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("step", ["auth", "full"])
def test_users_register_call_and_write_with_their_passwords(step: str, algorithm: str) -> None:
    wire, alice, bob = users_of(step, auth_algorithm=algorithm)
    for one in (alice, bob):
        wire.do(one.register(wire.now))
    assert (alice.registered, bob.registered) == (True, True)
    call = wire.do(alice.call("108", wire.now))
    wire.run(1)
    assert call.state is CallState.ANSWERED
    seen = [message for _, datagram, message in wire.passed if datagram.dst == bob.address]
    assert not any(request.get("Proxy-Authorization") for request in seen if request.summary != "ACK")
    wire.do(alice.hang_up(call, wire.now))
    assert bob.calls[0].state is CallState.ENDED
    assert wire.do(alice.message("108", "hi", wire.now)).status == 200
    assert [text.text for text in bob.inbox] == ["hi"]


@pytest.mark.parametrize("step", ["auth", "full"])
def test_two_phones_of_one_user_do_not_use_up_each_others_nonces(step: str) -> None:
    wire, alice, _ = users_of(step)
    other = phone("106", 116, password="secret106")
    wire.nodes[other.address] = other
    for one in (alice, other):
        wire.do(one.register(wire.now))
    assert (alice.registered, other.registered) == (True, True)


@pytest.mark.parametrize("step", ["auth", "full"])
def test_a_stranger_gets_nowhere(step: str) -> None:
    wire, _, bob = users_of(step)
    wire.do(bob.register(wire.now))
    stranger = phone("66", password="guess")
    wire.nodes[stranger.address] = stranger
    wire.do(stranger.register(wire.now))
    call = wire.do(stranger.call("108", wire.now))
    assert (stranger.registration.status, call.status, bob.calls) == (401, 407, [])


def test_a_lost_answer_to_a_register_costs_no_second_challenge() -> None:
    wire, alice, _ = users_of("full")
    wire.lose("P -> 106: 200 OK (REGISTER)")
    wire.do(alice.register(wire.now))
    wire.run(1)
    assert alice.registered
    assert wire.flow.count("P -> 106: 401 Unauthorized (REGISTER)") == 1
