"""Giving up a call: RFC 3261 §9 and §16.10."""

from __future__ import annotations

from tests.conformance.agent import Agent
from tests.conformance.case import Scene, case, same
from tests.conformance.message import Message


def ringing(scene: Scene) -> tuple[Agent, Agent, Message, Message]:
    """Caller and callee, and the INVITE as sent and as it came, when the callee rings."""
    caller, callee = scene.phones()
    sent, came = scene.invite(caller, callee)
    callee.answer(came, "180 Ringing")
    caller.hear("180")
    return caller, callee, sent, came


@case("3261 §9.2", "A CANCEL is answered 200 at once, and goes to the callee who rings; its 487 goes to the caller.")
def a_call_is_given_up(scene: Scene) -> None:
    caller, callee, sent, came = ringing(scene)
    caller.cancel(sent)
    caller.hear("200")
    callee.answer(callee.hear("CANCEL"), "200 OK")
    callee.answer(came, "487 Request Terminated")
    callee.hear("ACK")
    caller.hear("487")


@case("3261 §9.1", "The CANCEL that goes out belongs to its INVITE: Request-URI, Call-ID, From, To, CSeq number, Via.")
def a_cancel_is_like_its_invite(scene: Scene) -> None:
    caller, callee, sent, came = ringing(scene)
    caller.cancel(sent)
    cancel = callee.hear("CANCEL")
    same(cancel.uri, came.uri, "Request-URI")
    same(cancel.values("Via"), came.values("Via")[:1], "Via")
    for name in ("Call-ID", "From", "To"):
        same(cancel.get(name), came.get(name), name)
    same(cancel.get("CSeq"), "1 CANCEL", "CSeq")


@case("3261 §9.1", "A CANCEL is held back until the callee has responded.")
def a_cancel_is_held_back(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent, came = scene.invite(caller, callee)
    caller.cancel(sent)
    caller.hear("200")
    callee.hear_nothing()
    callee.answer(came, "180 Ringing")
    callee.hear("CANCEL")


@case("3261 §16.10", "A CANCEL goes to all phones that ring, and not to one that has refused.")
def all_who_ring_are_cancelled(scene: Scene) -> None:
    caller, callee, other = scene.fork()
    busy = scene.phone("busy", user=callee.user)
    sent, first, second, third = scene.invite(caller, callee, other, busy)
    callee.answer(first, "180 Ringing")
    other.answer(second, "183 Session Progress")
    busy.answer(third, "486 Busy Here")
    busy.hear("ACK")
    caller.cancel(sent)
    callee.hear("CANCEL")
    other.hear("CANCEL")
    busy.hear_nothing()


@case("3261 §9.2", "A CANCEL that comes after the final response is answered 200, and changes nothing.")
def too_late(scene: Scene) -> None:
    caller, callee, sent, came = ringing(scene)
    callee.answer(came, "486 Busy Here")
    callee.hear("ACK")
    caller.hear("486")
    caller.cancel(sent)
    caller.hear("200")
    callee.hear_nothing()


@case("3261 §9.2", "A CANCEL that is repeated is answered again, and does not go to the callee again.")
def a_cancel_is_repeated(scene: Scene) -> None:
    caller, callee, sent, _ = ringing(scene)
    cancel = caller.cancel(sent)
    done = caller.hear("200")
    came = callee.hear("CANCEL")
    callee.answer(came, "200 OK")
    callee.hear_nothing()
    caller.send(cancel.raw)
    caller.hear_again(done)
    callee.hear_not_again(came, within=0)


@case("3261 §9.1", "When the callee answers while the CANCEL is on its way, the caller hears its 200.")
def the_answer_crosses_the_cancel(scene: Scene) -> None:
    caller, callee, sent, came = ringing(scene)
    caller.cancel(sent)
    caller.hear("200")
    cancel = callee.hear("CANCEL")
    callee.answer(came, "200 OK")
    same(caller.hear("200").get("CSeq"), "1 INVITE", "CSeq")
    callee.answer(cancel, "200 OK")
    caller.hear_nothing()


@case(
    "3261 §9.1",
    "A callee that does not answer the CANCEL is given up in the end: the caller hears a final response.",
    on="hasty",
)
def nobody_answers_the_cancel(scene: Scene) -> None:
    caller, callee, sent, _ = ringing(scene)
    caller.cancel(sent)
    caller.hear("200")
    callee.hear("CANCEL")
    caller.hear("4", within=10)


@case(
    "3261 §16.10",
    "A CANCEL for an unknown INVITE is forwarded statelessly, and its answer comes back.",
    kamailio="Its stock configuration drops a CANCEL that t_check_trans() does not know.",
)
def a_stray_cancel(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("CANCEL", callee.aor, "Contact:")
    callee.answer(callee.hear("CANCEL"), "481 Call/Transaction Does Not Exist")
    caller.hear("481")


@case(
    "3261 §9.2",
    "A CANCEL of a request other than INVITE is answered 200 as well, and changes nothing.",
    labsip="Only an INVITE is looked for; a CANCEL of something else, which nobody should send (§9.1), is passed "
    "on as one for no INVITE that is known.",
)
def a_message_is_not_cancelled(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent = caller.ask("MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    caller.cancel(sent)
    same(caller.hear("200").method, "CANCEL", "what is answered")
    callee.hear_nothing()
    callee.answer(came, "200 OK")
    same(caller.hear("200").method, "MESSAGE", "what is answered then")


@case("3261 §16.10", "A call that the caller gives up is not offered to the next phone.")
def no_next_phone(scene: Scene) -> None:
    caller, desk = scene.agent("caller"), scene.agent("desk")
    desk.register(f"Contact: <{desk.contact}>;q=0.9")
    mobile = scene.agent("mobile", user=desk.user)
    mobile.register(f"Contact: <{mobile.contact}>;q=0.1")
    sent, came = scene.invite(caller, desk)
    desk.answer(came, "180 Ringing")
    caller.hear("180")
    caller.cancel(sent)
    caller.hear("200")
    desk.hear("CANCEL")
    desk.answer(came, "487 Request Terminated")
    caller.hear("487")
    mobile.hear_nothing()
