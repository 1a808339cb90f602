"""A request too large for UDP goes over TCP, and by UDP all the same where nobody takes it there (RFC 3261 §18.1.1)."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from labsip.proxy.receive import Proxy
from labsip.sip.build import build_request, build_response
from labsip.sip.message import Message, Request, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy, settings_of

UDP, TCP = Address("127.0.10.1"), Address("127.0.10.1", proto="tcp")
CALLER, CALLEE = Address("127.0.10.106"), Address("127.0.10.108", 5070)
SMALL, LARGE = b"x" * 300, b"x" * 2000


def proxy(step: str = "full", listen: tuple[Address, ...] = (UDP, TCP), **settings: Any) -> Proxy:
    """A proxy that knows where 108 is."""
    made = build_proxy(STEPS[step], listen, ids=Random(1), settings=settings_of(STEPS[step], **settings))
    made.receive(Datagram(request("REGISTER", "sip:127.0.10.1", "108", CALLEE).raw, CALLEE, listen[0]), 0.0)
    return made


def request(method: str, uri: str, user: str, at: Address, body: bytes = b"", to: str = "") -> Request:
    lines = [
        ("Via", f"SIP/2.0/UDP {at};branch=z9hG4bK{method}{user}"),
        ("Max-Forwards", "70"),
        ("From", f"<sip:{user}@127.0.10.1>;tag={user}"),
        ("To", to or f"<sip:{'108' if user == '106' else user}@127.0.10.1>"),
        ("Call-ID", user),
        ("CSeq", f"1 {method}"),
        ("Contact", f"<sip:{user}@{at}>"),
    ]
    return build_request(method, uri, lines, body)


def calls(made: Proxy, body: bytes = LARGE, method: str = "INVITE") -> Datagram:
    """What goes to 108 when 106 sends that."""
    data = request(method, "sip:108@127.0.10.1", "106", CALLER, body).raw
    return made.receive(Datagram(data, CALLER, UDP), 1.0)[-1]


def answered(made: Proxy, out: Datagram, status: int, body: bytes = b"") -> list[Datagram]:
    """What the proxy sends when 108 answers a request it got."""
    heard = parse_message(out.data)
    assert isinstance(heard, Request)
    answer = build_response(heard, status, "So", to_tag="108", headers=[("Contact", "<sip:108@1.2.3.4>")], body=body)
    return made.receive(Datagram(answer.raw, out.dst, out.src), 2.0)


def without_via(data: bytes) -> list[str]:
    message: Message = parse_message(data)
    return [line.value for line in message.lines if line.name != "Via"]


def test_a_large_request_goes_over_tcp_and_only_its_via_tells() -> None:
    out = calls(proxy())
    assert (out.src, out.dst) == (TCP, CALLEE._replace(proto="tcp"))
    assert str(parse_message(out.data).via).startswith("SIP/2.0/TCP 127.0.10.1;branch=")
    assert without_via(out.data) == without_via(calls(proxy(listen=(UDP,))).data)


@pytest.mark.parametrize(
    ("body", "settings"),
    [
        (SMALL, {}),
        (LARGE, {"listen": (UDP,)}),
        (LARGE, {"listen": (UDP, Address("::1", proto="tcp"))}),
        (LARGE, {"step": "cancel"}),
        (LARGE, {"step": "cancel", "udp_mtu": 1300}),
    ],
    ids=["small", "no TCP here", "no TCP over this IP", "a lesson", "no other transport named"],
)
def test_else_udp_it_is(body: bytes, settings: dict[str, Any]) -> None:
    out = calls(proxy(**settings), body)
    assert (out.src, out.dst) == (UDP, CALLEE)
    assert parse_message(out.data).via.transport == "UDP"


def test_what_counts_is_the_size_it_leaves_with() -> None:
    size = len(calls(proxy(listen=(UDP,)), SMALL).data)
    assert calls(proxy(udp_mtu=size), SMALL).dst.proto == "udp"
    assert calls(proxy(udp_mtu=size - 1), SMALL).dst.proto == "tcp"


def test_a_response_is_never_too_large() -> None:
    made = proxy()
    (back,) = answered(made, calls(made, SMALL), 200, LARGE)
    assert (back.src, back.dst) == (UDP, CALLER)


def test_the_cancel_goes_the_way_its_invite_went() -> None:
    made = proxy()
    out = calls(made)
    answered(made, out, 180)
    cancel = request("CANCEL", "sip:108@127.0.10.1", "106", CALLER).raw.replace(b"bKCANCEL", b"bKINVITE")
    sent = made.receive(Datagram(cancel, CALLER, UDP), 3.0)
    assert [(d.src, d.dst) for d in sent if d.data.startswith(b"CANCEL")] == [(TCP, out.dst)]


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE"])
def test_a_refused_connection_is_no_end_it_goes_by_udp(method: str) -> None:
    made = proxy()
    refused = calls(made, method=method)
    (out,) = made.send_failed(refused, 1.5)
    assert (out.src, out.dst) == (UDP, CALLEE)
    assert out.data == refused.data.replace(b"SIP/2.0/TCP 127.0.10.1;", b"SIP/2.0/UDP 127.0.10.1;")
    (back,) = answered(made, out, 200)
    assert back.dst == CALLER
    assert parse_message(back.data).start_line == "SIP/2.0 200 So"


def test_by_udp_it_is_repeated_and_given_up_in_its_time() -> None:
    made = proxy()
    (out,) = made.send_failed(calls(made), 2.0)
    assert made.wake(2.5) == [out._replace(command=None)]
    assert not any(d.dst == CALLER for d in made.wake(33.9))
    assert [d.data[8:11] for d in made.wake(34.1) if d.dst == CALLER] == [b"408"]


def test_udp_fails_too() -> None:
    made = proxy()
    (out,) = made.send_failed(calls(made), 1.5)
    (back,) = made.send_failed(out, 1.5)
    assert parse_message(back.data).start_line.startswith("SIP/2.0 500")


def test_who_gave_up_meanwhile_rings_nobody() -> None:
    made = proxy()
    refused = calls(made)
    cancel = request("CANCEL", "sip:108@127.0.10.1", "106", CALLER).raw.replace(b"bKCANCEL", b"bKINVITE")
    made.receive(Datagram(cancel, CALLER, UDP), 1.2)
    assert [out.dst for out in made.send_failed(refused, 1.5)] == [CALLER]


def test_kamailio_does_not_try_again() -> None:
    made = proxy("cancel", udp_mtu=1300, udp_mtu_try_proto="tcp")
    refused = calls(made)
    assert refused.dst.proto == "tcp"
    (back,) = made.send_failed(refused, 1.5)
    assert parse_message(back.data).start_line.startswith("SIP/2.0 477")
