"""Request validation: RFC 3261 §16.3."""

from __future__ import annotations

from tests.conformance.case import Scene, case, same


@case("3261 §16.3 step 3", "A request that may make no more hops is answered 483 and goes nowhere.")
def no_hops_left(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Max-Forwards: 0")
    caller.hear("483")
    callee.hear_nothing()


@case(
    "3261 §16.3 step 2",
    "A Request-URI of a scheme nobody knows is answered 416.",
    kamailio="sanity_check reads every Request-URI as a SIP URI first, and answers 400 to one that is none.",
)
def unknown_scheme(scene: Scene) -> None:
    caller = scene.agent("caller")
    caller.ask("MESSAGE", "soap:106@lab.example", "To: <sip:106@lab.example>")
    caller.hear("416")


@case("3261 §16.3 step 5", "An extension in Proxy-Require that is unknown is answered 420, and named in Unsupported.")
def unknown_extension(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Proxy-Require: teleport")
    same(caller.hear("420").values("Unsupported"), ["teleport"], "Unsupported")
    callee.hear_nothing()
