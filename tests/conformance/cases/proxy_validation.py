"""Request validation: RFC 3261 §16.3."""

from __future__ import annotations

from tests.conformance.agent import Agent
from tests.conformance.case import Scene, case, same


def refused(scene: Scene, status: str, *lines: str) -> None:
    """A MESSAGE with these lines is answered so, and does not come to the callee."""
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, *lines)
    caller.hear(status)
    callee.hear_nothing()


@case(
    "3261 §16.3 step 1",
    "A request without Call-ID is answered 400.",
    labsip="A response would need the missing Call-ID (§8.2.6.2); the request is dropped and counted.",
    kamailio="The core drops a request without Call-ID before a script sees it.",
)
def no_call_id(scene: Scene) -> None:
    refused(scene, "400", "Call-ID:")


@case("3261 §8.1.1.5", "A request whose CSeq names another method is answered 400.")
def another_method_in_cseq(scene: Scene) -> None:
    refused(scene, "400", "CSeq: 1 INVITE")


@case(
    "3261 §8.1.1.5",
    "A CSeq that does not fit in 32 bits is answered 400.",
    kamailio="The core's parser refuses the number, and drops the request before a script sees it.",
)
def a_huge_cseq(scene: Scene) -> None:
    refused(scene, "400", "CSeq: 4294967296 MESSAGE")


@case(
    "3261 §16.3 step 1",
    "A request line with an extra space is answered 400.",
    kamailio="A request that the core's parser can't read is dropped before a script sees it.",
)
def a_space_too_many(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.send(caller.request("MESSAGE", callee.aor).replace(b" SIP/2.0", b"  SIP/2.0", 1))
    caller.hear("400")
    callee.hear_nothing()


@case(
    "3261 §21.5.6",
    "A request of another version of SIP is answered 505.",
    kamailio="To the core's parser a first line with another version is not SIP; it is dropped.",
)
def another_version(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.send(caller.request("MESSAGE", callee.aor).replace(b" SIP/2.0", b" SIP/7.0", 1))
    caller.hear("505")
    callee.hear_nothing()


@case("3261 §16.3 step 1", "An unknown method is forwarded like any other, and its answer comes back.")
def an_unknown_method(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("FROBNICATE", callee.aor)
    callee.answer(callee.hear("FROBNICATE"), "200 OK")
    caller.hear("200")


@case("3261 §16.3 step 1", "A malformed header that no proxy has to understand is passed on as it is.")
def a_malformed_header_of_others(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Date: the day after tomorrow", "Subject:  ;;,,<")
    came = callee.hear("MESSAGE")
    same((came.get("Date"), came.get("Subject")), ("the day after tomorrow", ";;,,<"), "what comes")


@case(
    "3261 §16.3 step 2",
    "A Request-URI with an unknown scheme is answered 416.",
    kamailio="sanity_check reads the Request-URI as a SIP URI first, and answers 400 if it is none.",
)
def unknown_scheme(scene: Scene) -> None:
    caller = scene.agent("caller")
    caller.ask("MESSAGE", "soap:106@lab.example", "To: <sip:106@lab.example>")
    caller.hear("416")


@case("3261 §16.3 step 3", "A request that may make no more hops is answered 483 and goes nowhere.")
def no_hops_left(scene: Scene) -> None:
    refused(scene, "483", "Max-Forwards: 0")


@case("3261 §16.3 step 3", "A request that may make one more hop makes it.")
def one_hop_left(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Max-Forwards: 1")
    same(callee.hear("MESSAGE").get("Max-Forwards"), "0", "Max-Forwards")


@case(
    "3261 §16.3 step 1",
    "A Max-Forwards that is not a number is answered 400.",
    kamailio="mf_process_maxfwd_header() says -2 for it, which stock scripts take for no hops left.",
)
def hops_that_are_no_number(scene: Scene) -> None:
    refused(scene, "400", "Max-Forwards: plenty")


@case("3261 §17", "An ACK is never answered, not even one that can't go on.")
def an_ack_is_never_answered(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("ACK", callee.aor, "Max-Forwards: 0", f"To: <{callee.aor}>;tag=gone")
    caller.hear_nothing()
    caller.ask("MESSAGE", callee.aor, "Max-Forwards: 0", f"To: <{callee.aor}>;tag=gone")
    caller.hear("483")


@case(
    "3261 §16.3 step 4",
    "A request that comes back unchanged has looped, and is answered 482.",
    kamailio="tm does not look for loops; Max-Forwards ends them, 70 hops later.",
)
def a_loop(scene: Scene) -> None:
    caller, mirror = scene.agent("caller"), scene.phone("mirror")
    caller.ask("MESSAGE", mirror.aor)
    came = mirror.hear("MESSAGE")
    mirror.send(came.raw.replace(came.uri.encode(), mirror.aor.encode(), 1).replace(b"\r\n", via(mirror, "loop"), 1))
    mirror.hear("482")


@case("5393 §4.2", "A request that comes back for somebody else is a spiral, not a loop, and goes on.")
def a_spiral(scene: Scene) -> None:
    caller, callee = scene.phones()
    mirror = scene.phone("mirror")
    caller.ask("MESSAGE", mirror.aor)
    came = mirror.hear("MESSAGE")
    mirror.send(came.raw.replace(came.uri.encode(), callee.aor.encode(), 1).replace(b"\r\n", via(mirror, "spiral"), 1))
    callee.answer(callee.hear("MESSAGE"), "200 OK")
    mirror.hear("200")


def via(agent: Agent, branch: str) -> bytes:
    """The end of the first line, and another Via below it."""
    return f"\r\nVia: SIP/2.0/UDP {agent.at};branch=z9hG4bK{agent.user}{branch}\r\n".encode()


@case(
    "3261 §16.3 step 5",
    "An extension in Proxy-Require that is unknown is answered 420, and named in Unsupported.",
    kamailio="sanity_check names the first extension it does not know.",
)
def unknown_extension(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Proxy-Require: teleport, timewarp")
    same(caller.hear("420").values("Unsupported"), ["teleport", "timewarp"], "Unsupported")
    callee.hear_nothing()


@case("3261 §16.3 step 5", "An unknown extension in Require is the callee's matter: the request is forwarded with it.")
def an_extension_of_the_callee(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Require: teleport")
    came = callee.hear("MESSAGE")
    same(came.get("Require"), "teleport", "Require")
    callee.answer(came, "420 Bad Extension", "Unsupported: teleport")
    same(caller.hear("420").get("Unsupported"), "teleport", "Unsupported")


@case("3261 §16.3 step 6", "Strangers can't relay to elsewhere: 403, and nothing goes there.")
def no_relay_for_strangers(scene: Scene) -> None:
    stranger, victim = scene.agent("stranger"), scene.agent("victim")
    stranger.ask("MESSAGE", f"sip:somebody@{victim.at}")
    stranger.hear("403")
    victim.hear_nothing()
