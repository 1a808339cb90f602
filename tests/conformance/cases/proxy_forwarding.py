"""Forwarding a request: RFC 3261 §16.4 to §16.6."""

from __future__ import annotations

from tests.conformance.case import Scene, case, holds, same


@case("3261 §16.6 step 3", "Max-Forwards is one less when a request is forwarded.")
def one_hop_less(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Max-Forwards: 17")
    same(callee.hear("MESSAGE").all("Max-Forwards"), ["16"], "Max-Forwards")


@case("3261 §16.6 step 3", "A request without Max-Forwards is forwarded with 70.")
def hops_are_added(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Max-Forwards:")
    same(callee.hear("MESSAGE").all("Max-Forwards"), ["70"], "Max-Forwards")


@case("3261 §16.6 step 8", "The proxy's Via is on top, with a branch of its own; the Vias before it follow unchanged.")
def a_via_on_top(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent = caller.ask("MESSAGE", callee.aor)
    vias = callee.hear("MESSAGE").values("Via")
    same(len(vias), 2, "the number of Vias")
    holds(vias[0].startswith(f"SIP/2.0/UDP {scene.proxy.udp};"), "the topmost Via is not the proxy's")
    holds(";branch=z9hG4bK" in vias[0], "its branch does not begin with z9hG4bK")
    holds(sent.param("branch", "Via") in vias[1], "the caller's branch is changed")


@case("3261 §16.6 step 1", "A body is forwarded as it is, byte for byte, whatever it is.")
def the_body_is_untouched(scene: Scene) -> None:
    caller, callee = scene.phones()
    body = bytes(range(256)) + b"\r\n\r\nINVITE sip:108@lab.example SIP/2.0\r\n\r\n"
    caller.ask("MESSAGE", callee.aor, "Content-Type: application/octet-stream", body=body)
    same(callee.hear("MESSAGE").body, body, "the body")
