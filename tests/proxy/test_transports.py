"""One proxy between ends of different transports and IP versions: Via, Record-Route, and where messages go."""

from __future__ import annotations

import re
from collections.abc import Iterable
from random import Random

import pytest

from labsip.proxy.receive import Proxy
from labsip.proxy.script import Routes
from labsip.sip.build import build_request, build_response
from labsip.sip.message import Request, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.sip.uri import SipUri
from labsip.steps import STEPS
from labsip.vocabulary import Ksr, build_proxy

UDP, TCP, TLS = (Address("127.0.10.1", port, proto) for proto, port in (("udp", 5060), ("tcp", 5060), ("tls", 5061)))
V6 = Address("::1")
CALLER = Address("127.0.10.106")
CALLED = {
    UDP: Address("127.0.10.108"),
    TCP: Address("127.0.10.108", 40108, "tcp"),
    TLS: Address("127.0.10.108", 40108, "tls"),
    V6: Address("::1", 5070),
}


@pytest.fixture
def proxy() -> Proxy:
    return build_proxy(STEPS["full"], [UDP, TCP, TLS, V6], ids=Random(1))


def contact(user: str, at: Address) -> str:
    """A phone's Contact."""
    return f"<{SipUri.of(user, at)}>"


def request(
    method: str, uri: str, user: str, at: Address, *, to: str = "", call: str = "", routes: Iterable[str] = ()
) -> Request:
    """As a phone writes it that has this address."""
    lines = [
        ("Via", f"SIP/2.0/{at.proto.upper()} {at};branch=z9hG4bK{method}{user}"),
        ("From", f"<sip:{user}@127.0.10.1>;tag={user}"),
        ("To", to or f"<{uri}>"),
        ("Call-ID", call or f"{user}-{method}"),
        ("CSeq", f"1 {method}"),
        ("Contact", contact(user, at)),
        *(("Route", route) for route in routes),
    ]
    return build_request(method, uri, lines)


def relayed(proxy: Proxy, ours: Address) -> Datagram:
    """The INVITE of a phone on UDP to one that has registered at that address of ours."""
    there = CALLED[ours]
    register = request("REGISTER", "sip:127.0.10.1", "108", there, to="<sip:108@127.0.10.1>")
    (answer,) = proxy.receive(Datagram(register.raw, there, ours), 0.0)
    assert (answer.src, answer.dst) == (ours, there)
    invite = request("INVITE", "sip:108@127.0.10.1", "106", CALLER)
    return proxy.receive(Datagram(invite.raw, CALLER, UDP), 1.0)[-1]


@pytest.mark.parametrize(
    ("ours", "via", "record_routes"),
    [
        (UDP, "SIP/2.0/UDP 127.0.10.1", ["<sip:127.0.10.1;lr;ftag=106>"]),
        (TCP, "SIP/2.0/TCP 127.0.10.1",
         ["<sip:127.0.10.1;transport=tcp;r2=on;lr;ftag=106>", "<sip:127.0.10.1;r2=on;lr;ftag=106>"]),
        (TLS, "SIP/2.0/TLS 127.0.10.1:5061",
         ["<sip:127.0.10.1:5061;transport=tls;r2=on;lr;ftag=106>", "<sip:127.0.10.1;r2=on;lr;ftag=106>"]),
        (V6, "SIP/2.0/UDP [::1]", ["<sip:[::1];r2=on;lr;ftag=106>", "<sip:127.0.10.1;r2=on;lr;ftag=106>"]),
    ],
    ids=["udp", "tcp", "tls", "ipv6"],
)  # fmt: skip
def test_each_side_gets_the_address_it_can_reach(
    proxy: Proxy, ours: Address, via: str, record_routes: list[str]
) -> None:
    out = relayed(proxy, ours)
    assert (out.src, out.dst) == (ours, CALLED[ours])
    invite = parse_message(out.data)
    assert str(invite.via).startswith(f"{via};branch=z9hG4bK")
    assert [
        re.sub(";mark=[0-9a-f]+[.][0-9a-f]{16}", "", value) for value in invite.values("Record-Route")
    ] == record_routes


@pytest.mark.parametrize("ours", CALLED, ids=["udp", "tcp", "tls", "ipv6"])
def test_responses_and_requests_within_the_call_find_their_way_both_ways(proxy: Proxy, ours: Address) -> None:
    out = relayed(proxy, ours)
    invite = parse_message(out.data)
    assert isinstance(invite, Request)
    routes = invite.values("Record-Route")
    answer = build_response(invite, 200, "OK", to_tag="108", headers=[("Contact", contact("108", out.dst))])
    (back,) = proxy.receive(Datagram(answer.raw, out.dst, ours), 2.0)
    assert (back.src, back.dst) == (UDP, CALLER)

    for user, at, near, other, there, far, way in (
        ("106", CALLER, UDP, "108", out.dst, ours, routes[::-1]),
        ("108", out.dst, ours, "106", CALLER, UDP, routes),
    ):
        target = contact(other, there).strip("<>")
        to = f"<sip:{other}@127.0.10.1>;tag={other}"
        bye = request("BYE", target, user, at, to=to, call=invite.call_id, routes=way)
        (sent,) = proxy.receive(Datagram(bye.raw, at, near), 3.0)
        assert (sent.src, sent.dst) == (far, there)
        assert not parse_message(sent.data).routes


@pytest.mark.parametrize(("near", "far"), [(UDP, TCP), (TCP, UDP), (UDP, UDP)])
def test_what_goes_over_a_stream_tells_where_it_ends(proxy: Proxy, near: Address, far: Address) -> None:
    """RFC 3261 §16.6 step 9, §18.3: a request as well as a response; over UDP nothing is added."""
    caller, callee = CALLED[near], CALLED[far]._replace(host="127.0.10.109")
    registered = request("REGISTER", "sip:127.0.10.1", "109", callee, to="<sip:109@127.0.10.1>")
    proxy.receive(Datagram(registered.raw, callee, far), 0.0)
    options = _without_length(request("OPTIONS", "sip:109@127.0.10.1", "106", caller).raw)
    (sent,) = proxy.receive(Datagram(options, caller, near), 1.0)
    answer = _without_length(build_response(_read(sent), 200, "OK", to_tag="109").raw)
    (back,) = proxy.receive(Datagram(answer, callee, far), 2.0)
    lengths = [parse_message(out.data).number("Content-Length") for out in (sent, back)]
    assert lengths == [0 if at.reliable else None for at in (far, near)]


def _without_length(raw: bytes) -> bytes:
    return re.sub(rb"Content-Length: \d+\r\n", b"", raw)


def _read(datagram: Datagram) -> Request:
    message = parse_message(datagram.data)
    assert isinstance(message, Request)
    return message


def test_a_response_goes_back_on_the_connection_its_request_came_by(proxy: Proxy) -> None:
    """RFC 3261 §18.2.2: whatever port the Via names."""
    src = Address("127.0.10.106", 40000, "tcp")
    options = request("OPTIONS", "sip:127.0.10.1", "106", Address("127.0.10.106", 5060, "tcp"))
    (answer,) = proxy.receive(Datagram(options.raw, src, TCP), 0.0)
    assert (answer.src, answer.dst) == (TCP, src)


def test_a_response_whose_connection_is_gone_goes_to_the_port_in_its_via(proxy: Proxy) -> None:
    """RFC 3261 §18.2.2; and nowhere if nobody is there either."""
    src = Address("127.0.10.106", 40000, "tcp")
    options = request("OPTIONS", "sip:127.0.10.1", "106", Address("127.0.10.106", 5070, "tcp"))
    (answer,) = proxy.receive(Datagram(options.raw, src, TCP), 0.0)
    (again,) = proxy.send_failed(answer, 1.0)
    assert again == answer._replace(dst=Address("127.0.10.106", 5070, "tcp"))
    assert proxy.send_failed(again, 2.0) == []


def test_a_request_that_could_not_be_sent_is_given_up(proxy: Proxy) -> None:
    out = relayed(proxy, TCP)
    (answer,) = proxy.send_failed(out, 2.0)
    assert answer.dst == CALLER
    assert parse_message(answer.data).start_line.startswith("SIP/2.0 500")


@pytest.mark.parametrize(
    "uri", ["sip:1@127.0.10.9;transport=sctp", "sip:1@127.0.10.9;transport=tcp", "sips:1@127.0.10.9"]
)
def test_what_the_proxy_has_no_socket_for_leads_nowhere(uri: str) -> None:
    def route(ksr: Ksr) -> None:
        ksr.t_relay()

    proxy = build_proxy(Routes(route), [UDP], ids=Random(1))
    out = proxy.receive(Datagram(request("MESSAGE", uri, "106", CALLER).raw, CALLER, UDP), 0.0)
    assert [parse_message(sent.data).start_line for sent in out] == ["SIP/2.0 478 Unresolvable destination (478/TM)"]


def test_nothing_is_repeated_over_tcp(proxy: Proxy) -> None:
    relayed(proxy, TCP)
    until = 20.0
    while (due := proxy.next_wake()) is not None and due < until:
        assert not proxy.wake(due)
