"""UDP and TCP: RFC 3261 §18, RFC 5626 and 5923."""

from __future__ import annotations

from tests.conformance.agent import Agent
from tests.conformance.case import Scene, case, holds, same

LARGE = "x" * 1400
"""A body with which a request is too large for a datagram (§18.1.1)."""


def tcp(scene: Scene) -> tuple[Agent, Agent]:
    """A caller by TCP, not registered, and a registered callee by UDP."""
    return scene.agent("caller", tcp=True), scene.phone("callee")


@case("3261 §18.3", "Over TCP a message may come byte by byte; it goes on when its last byte has arrived, not before.")
def byte_by_byte(scene: Scene) -> None:
    caller, callee = tcp(scene)
    raw = caller.request("MESSAGE", callee.aor, body="hello\r\n\r\n")
    for at in range(len(raw) - 1):
        caller.send(raw[at : at + 1])
    callee.hear_nothing()
    caller.send(raw[-1:])
    same(callee.hear("MESSAGE").body, b"hello\r\n\r\n", "the body")


@case("3261 §18.3", "Several messages may come in one segment, with the beginning of the next: none is lost.")
def in_one_segment(scene: Scene) -> None:
    caller, callee = tcp(scene)
    one, two, three = (caller.request("MESSAGE", callee.aor, body=f"{number}\n") for number in range(3))
    caller.send(one + two + three[:100])
    bodies = [callee.hear("MESSAGE").body for _ in range(2)]
    callee.hear_nothing()
    caller.send(three[100:])
    same([*bodies, callee.hear("MESSAGE").body], [b"0\n", b"1\n", b"2\n"], "the bodies")


@case("3261 §7.5", "Line ends before a message don't matter.")
def line_ends_before(scene: Scene) -> None:
    caller, callee = tcp(scene)
    caller.send(b"\r\n" + caller.request("MESSAGE", callee.aor))
    callee.hear("MESSAGE")


@case(
    "3261 §18.3",
    "A request over TCP without Content-Length is answered 400: nobody knows where it ends.",
    kamailio="A stream in which messages can't be told apart is closed without an answer.",
)
def no_length(scene: Scene) -> None:
    caller, callee = tcp(scene)
    caller.ask("MESSAGE", callee.aor, "Content-Length:", body="hello")
    caller.hear("400")


@case("3261 §18.3", "If it is unclear where the next message begins, the connection is closed.")
def no_message(scene: Scene) -> None:
    caller, callee = tcp(scene)
    caller.ask("MESSAGE", callee.aor)
    callee.answer(callee.hear("MESSAGE"), "200 OK")
    caller.hear("200")
    caller.send(b"what follows is no message at all\r\n\r\n")
    caller.hear_end()


@case(
    "3261 §18.3",
    "In a datagram, bytes beyond Content-Length are discarded.",
    kamailio="sanity_check answers 400 to a length that does not fit, larger or smaller.",
)
def a_small_length(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Content-Length: 5", body="hello, world")
    same(callee.hear("MESSAGE").body, b"hello", "the body")


@case("3261 §18.3", "A datagram that ends before its body does is answered 400.")
def a_large_length(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Content-Length: 50", body="hello, world")
    caller.hear("400")
    callee.hear_nothing()


@case("3261 §18.3", "The body of a datagram without Content-Length extends to its end.")
def no_length_in_a_datagram(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Content-Length:", body="hello, world")
    same(callee.hear("MESSAGE").body, b"hello, world", "the body")


@case("3261 §18.1.1", "A message may be as large as a datagram: 60,000 bytes are accepted.")
def sixty_thousand(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.phone("callee", tcp=True)
    caller.ask("MESSAGE", callee.aor, body="x" * 60_000)
    same(len(callee.hear("MESSAGE").body), 60_000, "the length of the body")


@case("5626 §4.4.1", "Two line ends over TCP ask whether anybody is there, and are answered with one.")
def keepalive(scene: Scene) -> None:
    caller, callee = tcp(scene)
    caller.send(b"\r\n\r\n")
    caller.hear_bytes(b"\r\n")
    caller.ask("MESSAGE", callee.aor)
    callee.hear("MESSAGE")


@case("3261 §18.2.2", "A response goes back on the connection of its request, whatever Via says.")
def back_on_its_connection(scene: Scene) -> None:
    caller, callee = tcp(scene)
    caller.ask("MESSAGE", callee.aor, f"Via: SIP/2.0/TCP pc.example:5060;branch=z9hG4bK{caller.user}")
    callee.answer(callee.hear("MESSAGE"), "200 OK")
    same(caller.hear("200").param("received", "Via"), "127.0.0.1", "received")


@case(
    "3261 §18.2.2",
    "When its connection is gone, a response goes to the port in Via, over a new one.",
    kamailio="force_rport() counts over TCP, too: it connects to the port the request came from, where nobody listens.",
)
def the_connection_is_gone(scene: Scene) -> None:
    caller, callee, door = *tcp(scene), scene.door()
    caller.ask("MESSAGE", callee.aor, f"Via: SIP/2.0/TCP {door.at};branch=z9hG4bK{caller.user}")
    came = callee.hear("MESSAGE")
    caller.sock.close()
    callee.hear_nothing()
    callee.answer(came, "200 OK")
    scene.called("desk", door).hear("200")


@case("3261 §18.2.2", "A request for a phone that has called over TCP goes over its connection.")
def by_its_own_connection(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.phone("callee", tcp=True)
    caller.ask("MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    holds(came.get("Via").startswith(f"SIP/2.0/TCP {scene.proxy.tcp};"), f"the topmost Via is {came.get('Via')}")
    callee.answer(came, "200 OK")
    caller.hear("200")


@case("3261 §18.1.1", "A request for a Contact with transport=tcp goes over a new connection, if there is none.")
def a_new_connection(scene: Scene) -> None:
    caller, phone, door = scene.agent("caller"), scene.agent("phone"), scene.door()
    phone.register(f"Contact: <sip:{phone.user}@{door.at};transport=tcp>")
    caller.ask("MESSAGE", phone.aor)
    callee = scene.called("callee", door)
    came = callee.hear("MESSAGE")
    callee.answer(came, "200 OK")
    caller.hear("200")
    caller.ask("MESSAGE", phone.aor)
    callee.hear("MESSAGE")


@case("3261 §18.1.1", "When its connection is gone, a phone that listens is called over a new one.")
def it_listens(scene: Scene) -> None:
    caller, phone, door = scene.agent("caller"), scene.agent("phone", tcp=True), scene.door()
    phone.register(f"Contact: <sip:{phone.user}@{door.at};transport=tcp>")
    phone.sock.close()
    caller.ask("MESSAGE", phone.aor)
    scene.called("callee", door).hear("MESSAGE")


@case("5923 §5", "With alias in Via, the connection stands for the port that Via names: requests come over it.")
def an_alias(scene: Scene) -> None:
    caller, callee, door = scene.agent("caller"), scene.agent("callee", tcp=True), scene.door()
    via = f"Via: SIP/2.0/TCP {door.at};branch=z9hG4bK{callee.user};alias"
    callee.register(via, f"Contact: <sip:{callee.user}@{door.at};transport=tcp>")
    caller.ask("MESSAGE", callee.aor)
    callee.hear("MESSAGE")


@case("3261 §17.1", "What is sent over TCP is not sent again: neither INVITE nor another request.")
def nothing_is_repeated(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.phone("callee", tcp=True)
    caller.ask("MESSAGE", callee.aor)
    callee.hear("MESSAGE")
    caller.ask("INVITE", callee.aor)
    callee.hear_not_again(callee.hear("INVITE"), within=1.5)


@case("3261 §17.2.1", "A negative final response over TCP is not sent again (Timer G is for UDP).")
def no_refusal_is_repeated(scene: Scene) -> None:
    caller, callee = tcp(scene)
    _, came = scene.invite(caller, callee)
    callee.answer(came, "486 Busy Here")
    caller.hear_not_again(caller.hear("486"), within=1.5)


@case("3261 §18.1.1", "A request of more than 1300 bytes goes to a phone over TCP, even if it has registered over UDP.")
def a_large_request(scene: Scene) -> None:
    caller, door = scene.agent("caller"), scene.door()
    desk = scene.agent("desk", beside=door)
    desk.register()
    caller.ask("MESSAGE", desk.aor, body=LARGE)
    callee = scene.called("callee", door)
    came = callee.hear("MESSAGE")
    holds(came.get("Via").startswith("SIP/2.0/TCP "), f"the topmost Via is {came.get('Via')}")
    callee.answer(came, "200 OK")
    caller.hear("200")


@case(
    "3261 §18.1.1",
    "A large request goes over UDP all the same if the phone accepts no connection.",
    kamailio="A request that udp_mtu_try_proto sends over TCP does not fall back to UDP; the caller hears 500.",
)
def no_connection_for_it(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, body=LARGE)
    came = callee.hear("MESSAGE")
    holds(came.get("Via").startswith("SIP/2.0/UDP "), f"the topmost Via is {came.get('Via')}")


def goes_both_ways(scene: Scene, caller: Agent, callee: Agent) -> None:
    """A call in which each side sends a request that the other answers."""
    call = scene.call(caller, callee)
    call.ask_back("INFO")
    caller.answer(caller.hear("INFO"), "200 OK")
    callee.hear("200")
    call.ask("BYE")
    callee.answer(callee.hear("BYE"), "200 OK")
    caller.hear("200")


@case("5658 §5", "A call between UDP and TCP: both sides get a Record-Route that they can follow.")
def from_udp_to_tcp(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.phone("callee", tcp=True)
    goes_both_ways(scene, caller, callee)


@case("5658 §5", "A call between IPv6 and IPv4: the same.")
def from_ipv6_to_ipv4(scene: Scene) -> None:
    caller, callee = scene.agent("caller", ipv6=True), scene.phone("callee")
    goes_both_ways(scene, caller, callee)


@case("3261 §18.1.1", "An IPv6 phone is registered and called; its address is in brackets, and so is the proxy's.")
def ipv6(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.agent("callee", ipv6=True)
    callee.register()
    caller.ask("MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    same(came.uri, callee.contact, "Request-URI")
    holds(came.get("Via").startswith(f"SIP/2.0/UDP {scene.proxy.udp6};"), f"the topmost Via is {came.get('Via')}")
    callee.answer(came, "200 OK")
    caller.hear("200")


@case("3261 §18.2.1", "received has an IPv6 address without brackets, where Via names somebody else.")
def received_from_ipv6(scene: Scene) -> None:
    caller = scene.agent("caller", ipv6=True)
    caller.ask("MESSAGE", "sip:nobody@lab.example", f"Via: SIP/2.0/UDP pc.example;branch=z9hG4bK{caller.user};rport")
    response = caller.hear("4")
    same(response.param("received", "Via"), "::1", "received")
    same(response.param("rport", "Via"), caller.at.rpartition(":")[2], "rport")
