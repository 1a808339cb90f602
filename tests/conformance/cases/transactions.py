"""Transactions: RFC 3261 §17, and RFC 6026."""

from __future__ import annotations

from tests.conformance.case import Scene, case


@case("3261 §17.2.1", "An INVITE is answered 100 before anybody else has answered it.")
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
    caller.send(sent.raw)
    caller.hear_again(ringing)
    callee.hear_nothing()
