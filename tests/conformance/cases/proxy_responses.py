"""Response processing: RFC 3261 §16.7."""

from __future__ import annotations

from tests.conformance.case import Scene, case, same


@case("3261 §16.7 step 3", "The proxy's Via is taken off a response, and nothing else is changed in it.")
def the_via_is_taken_off(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent = caller.ask("MESSAGE", callee.aor)
    callee.answer(callee.hear("MESSAGE"), "299 Seen", "X-Mood: fine", body="hello")
    response = caller.hear("299")
    same(len(response.values("Via")), 1, "the number of Vias")
    same(response.param("branch", "Via"), sent.param("branch", "Via"), "the branch of the Via left")
    same((response.first, response.get("X-Mood"), response.body), ("SIP/2.0 299 Seen", "fine", b"hello"), "the rest")


@case("3261 §16.7 step 6", "Of several final responses, a 6xx is the best.")
def a_6xx_is_best(scene: Scene) -> None:
    caller, callee = scene.phones()
    other = scene.phone("other", user=callee.user)
    _, first = scene.invite(caller, callee)
    second = other.hear("INVITE")
    callee.answer(first, "404 Not Found")
    other.answer(second, "603 Decline")
    caller.hear("603")


@case("3261 §16.7 step 6", "A 503 is not passed on as such: it is the neighbour that is overloaded, not the proxy.")
def a_503_becomes_a_500(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    callee.answer(callee.hear("MESSAGE"), "503 Service Unavailable", "Retry-After: 10")
    caller.hear("500")
