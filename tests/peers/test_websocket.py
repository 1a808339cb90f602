"""A phone in a browser, played by the `websockets` library, and a UDP phone call each other through step `full`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from random import Random

import pytest

from labsip.net.sockets import SocketNet
from labsip.phone import PhoneCall, Softphone, ringing
from labsip.sip.build import build_response
from labsip.sip.headers import NameAddr, split_list
from labsip.sip.message import Message, Request, Response, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy
from tests.net.streams import PATIENCE
from tests.net.test_websocket import Client

CONTACT = "<sip:107@abc.invalid;transport=ws>"


class Page(Client):
    """A page with a phone in it: it has no address, and says so."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock, "sip")
        self.take(sock.recv(65_536))
        self.inbox: list[Message] = []

    def hears(self) -> Message:
        return parse_message(self.receive())

    def until(self, status: int) -> Response:
        """The next response with that status."""
        while True:
            message = self.hears()
            if isinstance(message, Response) and message.status == status:
                return message

    def asks(self, method: str, uri: str, *lines: str, number: int = 1, to_tag: str = "", call: str = "w1") -> None:
        tag = f";tag={to_tag}" if to_tag else ""
        branch = "INVITE" if method == "CANCEL" else method  # a CANCEL has its INVITE's (RFC 3261 §9.1)
        head = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/WS abc.invalid;branch=z9hG4bK{call}{branch}{number}",
            "Max-Forwards: 70",
            "From: <sip:107@127.0.0.1>;tag=w",
            f"To: <sip:{'107' if method == 'REGISTER' else '106'}@127.0.0.1>{tag}",
            f"Call-ID: {call}",
            f"CSeq: {number} {method}",
            f"Contact: {CONTACT}",
            *lines,
            "Content-Length: 0",
        ]
        self.say("\r\n".join([*head, "", ""]))

    def answers(self, request: Request, status: int, reason: str) -> None:
        contact = [("Contact", CONTACT)] if request.method == "INVITE" else []
        self.say(str(build_response(request, status, reason, to_tag="w", headers=contact, also=["Record-Route"])))


@pytest.fixture
def net() -> Iterator[SocketNet]:
    with SocketNet() as net:
        yield net


@pytest.fixture
def phone(net: SocketNet) -> Softphone:
    """106 over UDP, registered at a proxy that listens on UDP and WebSocket; it rings and answers."""
    listen = [net.reserve(Address("127.0.0.1", 0, proto)) for proto in ("udp", "ws")]
    net.attach(build_proxy(STEPS["full"], listen, trace=net.trace), "proxy")
    phone = Softphone("106", net.reserve(Address("127.0.0.1", 0)), listen[0], ids=Random(1))
    net.attach(phone, "106")
    net.do(phone.register)
    assert net.wait(lambda: phone.registered, PATIENCE)
    return phone


@pytest.fixture
def page(net: SocketNet, phone: Softphone) -> Iterator[Page]:
    """107 in a browser, registered."""
    assert phone.registered
    at = next(address for address, name in net.trace.names.items() if name == "proxy" and address.proto == "ws")
    with socket.create_connection(at[:2]) as sock:
        page = Page(sock)
        page.asks("REGISTER", "sip:127.0.0.1", call="r1")
        page.until(200)
        yield page


def called(net: SocketNet, phone: Softphone, page: Page) -> tuple[PhoneCall, Request]:
    """106 calls 107: the call, and the INVITE that reached the page."""
    calls: list[PhoneCall] = []

    def invite(now: float) -> list[Datagram]:
        call, out = phone.call("107", now)
        calls.append(call)
        return out

    net.do(invite)
    request = page.hears()
    assert isinstance(request, Request)
    assert (request.method, request.uri) == ("INVITE", CONTACT.strip("<>"))
    return calls[0], request


def test_a_udp_phone_calls_a_browser_and_hangs_up(net: SocketNet, phone: Softphone, page: Page) -> None:
    call, invite = called(net, phone, page)
    page.answers(invite, 180, "Ringing")
    page.answers(invite, 200, "OK")
    assert net.wait(lambda: call.state == "answered", PATIENCE)
    assert page.hears().summary == "ACK"
    net.do(lambda now: phone.hang_up(call, now))
    bye = page.hears()
    assert isinstance(bye, Request)
    assert (bye.method, bye.uri) == ("BYE", CONTACT.strip("<>"))
    page.answers(bye, 200, "OK")
    assert net.wait(lambda: call.over, PATIENCE)


def test_a_udp_phone_gives_up_a_call_to_a_browser(net: SocketNet, phone: Softphone, page: Page) -> None:
    call, invite = called(net, phone, page)
    page.answers(invite, 180, "Ringing")
    assert net.wait(lambda: call.state == "ringing", PATIENCE)
    net.do(lambda now: phone.cancel(call, now))
    cancel = page.hears()
    assert isinstance(cancel, Request)
    assert cancel.method == "CANCEL"
    page.answers(cancel, 200, "OK")
    page.answers(invite, 487, "Request Terminated")
    assert page.hears().summary == "ACK"
    assert net.wait(lambda: call.over, PATIENCE)


def answered(page: Page) -> tuple[str, str, tuple[str, ...]]:
    """The page calls 106, which answers: its Contact, its tag, and the Route of what follows."""
    page.asks("INVITE", "sip:106@127.0.0.1")
    ok = page.until(200)
    contact = NameAddr.parse(ok.first("Contact").value).uri
    records = [one for line in ok.get_all("Record-Route") for one in split_list(line)]
    route = tuple(f"Route: {one.strip()}" for one in reversed(records))
    page.asks("ACK", contact, *route, to_tag=ok.to.tag or "")
    return contact, ok.to.tag or "", route


def test_a_browser_calls_a_udp_phone_and_hangs_up(net: SocketNet, phone: Softphone, page: Page) -> None:
    contact, tag, route = answered(page)
    assert net.wait(lambda: phone.calls[0].state == "answered", PATIENCE)
    page.asks("BYE", contact, *route, number=2, to_tag=tag)
    page.until(200)
    assert net.wait(lambda: phone.calls[0].over, PATIENCE)


def test_a_udp_phone_hangs_up_on_a_browser_that_called(net: SocketNet, phone: Softphone, page: Page) -> None:
    answered(page)
    assert net.wait(lambda: phone.calls[0].state == "answered", PATIENCE)
    net.do(lambda now: phone.hang_up(phone.calls[0], now))
    bye = page.hears()
    assert isinstance(bye, Request)
    assert (bye.method, bye.uri) == ("BYE", CONTACT.strip("<>"))
    page.answers(bye, 200, "OK")
    assert net.wait(lambda: phone.calls[0].over, PATIENCE)


def test_a_browser_gives_up_a_call(net: SocketNet, phone: Softphone, page: Page) -> None:
    phone.behaviour = ringing()
    page.asks("INVITE", "sip:106@127.0.0.1")
    page.until(180)
    page.asks("CANCEL", "sip:106@127.0.0.1")
    page.until(487)
    assert net.wait(lambda: phone.calls[0].over, PATIENCE)
