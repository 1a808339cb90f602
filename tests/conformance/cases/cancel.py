"""CANCEL: RFC 3261 §9 and §16.10."""

from __future__ import annotations

from tests.conformance.case import Scene, case


@case("3261 §9.2", "A CANCEL is answered 200, and goes to the callee who rings; its 487 goes to the caller.")
def a_call_is_given_up(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent, came = scene.invite(caller, callee)
    callee.answer(came, "180 Ringing")
    caller.hear("180")
    caller.cancel(sent)
    caller.hear("200")
    callee.answer(callee.hear("CANCEL"), "200 OK")
    callee.answer(came, "487 Request Terminated")
    callee.hear("ACK")
    caller.hear("487")


@case("3261 §9.1", "A CANCEL is held back from a callee who has not said anything yet.")
def a_cancel_is_held_back(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent, came = scene.invite(caller, callee)
    caller.cancel(sent)
    caller.hear("200")
    callee.hear_nothing()
    callee.answer(came, "180 Ringing")
    callee.hear("CANCEL")
