"""Messages of the size that everybody must take, 65,535 bytes (RFC 3261 §18.1.1), through the strictest proxy."""

from __future__ import annotations

import pytest

from labsip.net.network import Network
from labsip.sip.build import build_request, build_response
from labsip.sip.message import Request, Response, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.sip.uri import SipUri
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy, settings_of

SIZE = 65_535


class Phone:
    """It registers, sends one message, and answers each with so many bytes."""

    def __init__(self, user: str, address: Address, proxy: Address, *, answer: int = 0) -> None:
        self.user, self.addresses, self.proxy = user, (address,), proxy
        self.answer = answer
        self.sizes: list[int] = []
        self.heard: list[str] = []

    def request(self, method: str, user: str = "", *, size: int = 0) -> Request:
        """One for a user, of so many bytes if it can be that small."""
        at = self.addresses[0]
        lines = [
            ("Via", f"SIP/2.0/{at.proto.upper()} {at};branch=z9hG4bK{self.user}{method}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.user}@{self.proxy.host}>;tag=1"),
            ("To", f"<sip:{user or self.user}@{self.proxy.host}>"),
            ("Call-ID", f"{self.user}{method}"),
            ("CSeq", f"1 {method}"),
            ("Contact", f"<{SipUri.of(self.user, at)}>"),
        ]
        uri = f"sip:{user}@{self.proxy.host}:{self.proxy.port}" if user else f"sip:{self.proxy}"
        head = len(build_request(method, uri, lines, b"x" * 10_000).raw) - 10_000
        return build_request(method, uri, lines, b"x" * max(0, size - head))

    def says(self, request: Request) -> list[Datagram]:
        return [Datagram(request.raw, self.addresses[0], self.proxy)]

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:  # noqa: ARG002
        message = parse_message(datagram.data)
        self.sizes.append(len(datagram.data))
        self.heard.append(message.summary)
        if isinstance(message, Response):
            return []
        body = b"y" * self.answer
        return [Datagram(build_response(message, 200, "OK", to_tag="2", body=body).raw, datagram.dst, datagram.src)]

    def wake(self, now: float) -> list[Datagram]:  # noqa: ARG002
        return []

    def next_wake(self) -> float | None:
        return None


def ends(network: Network, proto: str, *, answer: int = 0) -> tuple[Phone, Phone]:
    """Two phones at a proxy over one transport, the second registered."""
    at = Address("127.0.0.1", 0, proto)
    ours = network.reserve(at)
    network.attach(build_proxy(STEPS["full"], [ours], settings=settings_of(STEPS["full"], max_message=SIZE)), "proxy")
    caller = Phone("106", network.reserve(at), ours)
    called = Phone("108", network.reserve(at), ours, answer=answer)
    for phone in (caller, called):
        network.attach(phone, phone.user)
        network.do(lambda _, phone=phone: phone.says(phone.request("REGISTER")))
        assert network.settle()
        assert phone.heard.pop() == "200 OK"
    return caller, called


@pytest.mark.parametrize("proto", ["udp", "tcp"])
def test_a_response_above_16_kib_passes(network, proto):
    caller, _ = ends(network, proto, answer=40_000)
    network.do(lambda _: caller.says(caller.request("MESSAGE", "108")))
    assert network.settle(lambda: "200 OK" not in caller.heard, 30)
    assert caller.heard == ["200 OK"]
    assert caller.sizes[-1] > 40_000


@pytest.mark.parametrize(("proto", "size"), [("udp", SIZE - 500), ("tcp", SIZE)])
def test_a_request_of_the_largest_size_passes(network, proto, size):
    """A datagram carries 65,507 bytes, and our Via comes to them."""
    caller, called = ends(network, proto)
    request = caller.request("MESSAGE", "108", size=size)
    assert len(request.raw) == size
    network.do(lambda _: caller.says(request))
    assert network.settle(lambda: "200 OK" not in caller.heard, 30)
    assert caller.heard == ["200 OK"]
    assert called.sizes[-1] > size


def test_one_that_is_a_byte_larger_does_not(network):
    caller, called = ends(network, "tcp")
    network.do(lambda _: caller.says(caller.request("MESSAGE", "108", size=SIZE + 1)))
    assert network.settle(lambda: not caller.heard, 30)
    assert caller.heard == ["513 Message Too Large"]
    assert called.heard == []


def test_what_no_datagram_can_carry_is_answered_and_noted_once(network):
    """A request that fits into one, and no more once it has our Via."""
    caller, called = ends(network, "udp")
    request = caller.request("MESSAGE", "108", size=65_500)
    network.do(lambda _: caller.says(request))
    assert network.settle(lambda: not caller.heard, 30)
    assert caller.heard == ["500 Service Unavailable"]
    (note,) = [text for _, text in network.trace.notes if "could not" in text]
    assert note.startswith("proxy could not send 65")
    assert f" bytes to {called.addresses[0]}: " in note
