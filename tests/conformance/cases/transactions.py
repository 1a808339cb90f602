"""Transactions, and how a response finds its way: RFC 3261 §17 and §18.2, RFC 3581, 4320 and 6026."""

from __future__ import annotations

from tests.conformance.agent import Agent
from tests.conformance.case import Scene, case, holds, same
from tests.conformance.message import Message


@case("3261 §17.2.1", "An INVITE is answered 100 before anybody else answers it.")
def trying_at_once(scene: Scene) -> None:
    caller, callee = scene.phones()
    scene.invite(caller, callee)
    caller.hear("100")


@case("3261 §17.2.1", "An INVITE that is repeated is answered with the last response, and not forwarded again.")
def an_invite_is_repeated(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent, came = scene.invite(caller, callee)
    callee.answer(came, "180 Ringing")
    ringing = caller.hear("180")
    callee.hear_nothing()
    caller.send(sent.raw)
    caller.hear_again(ringing)
    callee.hear_not_again(came, within=0)


@case("3261 §17.2.2", "Another request that is repeated is forwarded once, and its final response sent again.")
def a_message_is_repeated(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent = caller.ask("MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    caller.send(sent.raw)
    callee.hear_nothing()
    callee.answer(came, "200 OK")
    done = caller.hear("200")
    callee.hear_nothing()
    caller.send(sent.raw)
    caller.hear_again(done)
    callee.hear_not_again(came, within=0)


@case("3261 §17.1.1.2", "An INVITE to a silent callee is sent again (Timer A), until a response comes.")
def timer_a(scene: Scene) -> None:
    caller, callee = scene.phones()
    _, came = scene.invite(caller, callee)
    callee.hear_again(came, within=3)
    callee.answer(came, "180 Ringing")
    caller.hear("180")
    callee.hear_nothing()
    callee.hear_not_again(came, within=1.5)


@case("3261 §17.1.2.2", "Another request to a silent callee is sent again, too (Timer E).")
def timer_e(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    callee.hear_again(came, within=3)
    callee.answer(came, "200 OK")
    caller.hear("200")
    callee.hear_nothing()
    callee.hear_not_again(came, within=1.5)


@case("3261 §17.2.1", "A negative final response is sent again (Timer G) until the caller acknowledges it.")
def timer_g(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent, came = scene.invite(caller, callee)
    callee.answer(came, "486 Busy Here")
    busy = caller.hear("486")
    caller.hear_again(busy, within=3)
    caller.ack(sent, busy)
    caller.hear_nothing()
    caller.hear_not_again(busy, within=1.5)


def refused(scene: Scene) -> tuple[Agent, Agent, Message, Message, Message]:
    """Caller and callee, the INVITE as sent and as it came, and the 486 the caller hears."""
    caller, callee = scene.phones()
    sent, came = scene.invite(caller, callee)
    callee.answer(came, "486 Busy Here")
    return caller, callee, sent, came, caller.hear("486")


@case(
    "3261 §17.1.1.3",
    "The proxy acknowledges a negative final response itself: an ACK like its INVITE, with the response's To.",
)
def ack_hop_by_hop(scene: Scene) -> None:
    _, callee, _, came, _ = refused(scene)
    ack = callee.hear("ACK")
    same((ack.uri, ack.values("Via")), (came.uri, came.values("Via")[:1]), "Request-URI and Via")
    same(ack.get("To"), f"{came.get('To')};tag={callee.user}t", "To")
    same([ack.get(name) for name in ("From", "Call-ID")], [came.get(name) for name in ("From", "Call-ID")], "the rest")
    same(ack.get("CSeq"), "1 ACK", "CSeq")


@case("3261 §17.1.1.2", "A repeated negative final response is acknowledged again, and passed on to the caller once.")
def a_refusal_is_repeated(scene: Scene) -> None:
    caller, callee, sent, came, busy = refused(scene)
    ack = callee.hear("ACK")
    caller.ack(sent, busy)
    caller.hear_nothing()
    callee.answer(came, "486 Busy Here")
    callee.hear_again(ack)
    caller.hear_not_again(busy, within=0)


@case("3261 §17.2.1", "The caller's ACK for a negative final response ends at the proxy.")
def ack_ends_here(scene: Scene) -> None:
    caller, callee, sent, _, busy = refused(scene)
    ack = callee.hear("ACK")
    caller.ack(sent, busy)
    caller.hear_nothing()
    caller.hear_not_again(busy, within=1)
    callee.hear_not_again(ack, within=0)


@case(
    "3261 §17.2.1",
    "An INVITE repeated after its refusal was acknowledged gets no answer any more (Confirmed).",
    kamailio="tm answers a repeat with its last response as long as it has the transaction, acknowledged or not.",
)
def confirmed(scene: Scene) -> None:
    caller, callee, sent, came, busy = refused(scene)
    callee.hear("ACK")
    callee.hear_nothing()
    caller.ack(sent, busy)
    caller.hear_nothing()
    caller.send(sent.raw)
    caller.hear_not_again(busy, within=0)
    callee.hear_not_again(came, within=0)


@case("3261 §13.3.1.4", "A 200 that the callee repeats goes to the caller again, and its ACK to the callee each time.")
def a_success_is_repeated(scene: Scene) -> None:
    caller, callee = scene.phones()
    call = scene.call(caller, callee)
    callee.answer(call.came, "200 OK")
    caller.hear_again(call.ok)
    ack = call.ask("ACK", cseq=1)
    came = callee.hear("ACK")
    caller.send(ack.raw)
    callee.hear_again(came)


@case(
    "6026 §7.1",
    "An INVITE that is repeated after its 200 is neither answered nor forwarded (Accepted).",
    kamailio="tm answers a repeat with its last response as long as it has the transaction.",
)
def accepted(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent, came = scene.invite(caller, callee)
    callee.answer(came, "200 OK")
    ok = caller.hear("200")
    callee.hear_nothing()
    caller.send(sent.raw)
    caller.hear_not_again(ok, within=0)
    callee.hear_not_again(came, within=0)


@case("3261 §17.2.3", "Requests of two senders are two, even if they have the same branch.")
def one_branch_of_two(scene: Scene) -> None:
    caller, callee = scene.phones()
    other = scene.agent("other")
    for agent in (caller, other):
        agent.ask("MESSAGE", callee.aor, f"Via: SIP/2.0/UDP {agent.at};branch=z9hG4bK{caller.user}same;rport")
        callee.answer(callee.hear("MESSAGE"), f"200 {agent.name}")
    same((caller.hear("200").first, other.hear("200").first), ("SIP/2.0 200 caller", "SIP/2.0 200 other"), "who hears")


@case("3261 §17.2.3", "If the branch lacks z9hG4bK, a repeat is recognised by its headers, as in RFC 2543.")
def an_old_branch(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent = caller.ask("INVITE", callee.aor, f"Via: SIP/2.0/UDP {caller.at};branch=1")
    came = callee.hear("INVITE")
    callee.answer(came, "486 Busy Here")
    busy = caller.hear("486")
    callee.hear("ACK")
    callee.hear_nothing()
    caller.send(sent.raw)
    caller.hear_again(busy)
    callee.hear_not_again(came, within=0)


@case("4320 §4.1", "A request other than INVITE gets no 100, nor is a callee's passed on.")
def no_trying(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    callee.answer(came, "100 Trying")
    caller.hear_nothing()
    callee.answer(came, "200 OK")
    caller.hear("200")


@case(
    "4320 §4.2",
    "A request other than INVITE that nobody answers is not answered 408: the client knows already.",
    kamailio="tm makes its own 408 for any request.",
    on="hasty",
)
def no_timeout(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    callee.hear("MESSAGE")
    caller.hear_nothing(within=4)


@case("3261 §18.2.1", "received says where a request came from, if its Via names somebody else.")
def received(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, f"Via: SIP/2.0/UDP pc.example:5060;branch=z9hG4bK{caller.user};rport")
    came = callee.hear("MESSAGE")
    holds(";received=127.0.0.1" in came.values("Via")[1], f"the caller's Via is {came.values('Via')[1]}")
    callee.answer(came, "200 OK")
    same(caller.hear("200").param("received", "Via"), "127.0.0.1", "received in the response")


@case(
    "3261 §18.2.1",
    "The sender's own received and rport are not believed.",
    kamailio="It adds a second received, and leaves the first where it is; only the rport is written over.",
)
def a_made_up_received(scene: Scene) -> None:
    caller = scene.agent("caller")
    via = f"Via: SIP/2.0/UDP 127.0.0.1:9;received=192.0.2.66;branch=z9hG4bK{caller.user};rport=99"
    caller.ask("MESSAGE", "sip:nobody@lab.example", via)
    response = caller.hear("4")
    holds("192.0.2.66" not in response.get("Via"), "the made-up received is left there")
    same(response.param("rport", "Via"), caller.at.rpartition(":")[2], "rport")


@case("3581 §4", "With rport a response goes to the port the request came from, and names it.")
def rport(scene: Scene) -> None:
    caller = scene.agent("caller")
    caller.ask("MESSAGE", "sip:nobody@lab.example", f"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{caller.user};rport")
    response = caller.hear("4")
    same(response.param("rport", "Via"), caller.at.rpartition(":")[2], "rport")
    same(response.param("received", "Via"), "127.0.0.1", "received")


@case(
    "3261 §18.2.2",
    "Without rport a response goes to the port that Via names.",
    labsip="As in Kamailio's stock configuration, responses go where the request came from (force_rport): phones "
    "behind NAT need it, and a made-up Via can't have them sent to somebody else.",
    kamailio="Its stock configuration runs force_rport() for every request.",
)
def without_rport(scene: Scene) -> None:
    caller, desk = scene.agent("caller"), scene.agent("desk")
    caller.ask("MESSAGE", "sip:nobody@lab.example", f"Via: SIP/2.0/UDP {desk.at};branch=z9hG4bK{caller.user}")
    desk.hear("4")


@case("3261 §8.2.6.2", "A response made by the proxy copies Via, From, Call-ID and CSeq, and To with a tag of its own.")
def a_response_of_its_own(scene: Scene) -> None:
    caller = scene.agent("caller")
    sent = caller.ask(
        "MESSAGE", "sip:nobody@lab.example", 'From: "A, B" <sip:a@b.example>;tag=1;x=y', "cseq:  7 MESSAGE"
    )
    response = caller.hear("4")
    for name in ("From", "Call-ID"):
        same(response.get(name), sent.get(name), name)
    same(response.get("CSeq"), "7 MESSAGE", "CSeq")
    holds(response.get("To").startswith(f"{sent.get('To')};tag="), f"To is {response.get('To')}")
    same(response.param("branch", "Via"), sent.param("branch", "Via"), "branch")
