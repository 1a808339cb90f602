"""SIP over WebSocket (RFC 7118), without a socket and over real ones; the other end is the library's client."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from labsip.net.connection import Limits
from labsip.net.sockets import SocketNet
from labsip.net.tls import Tls
from labsip.net.websocket import WebSocket
from labsip.sip.framing import MAX_HEAD, MAX_MESSAGE, PING
from labsip.sip.transport import Address
from tests.certificate import Certificate
from tests.net.nodes import Talker
from tests.net.streams import PATIENCE, attached, said, text

WS = Address("127.0.0.1", 0, "ws")


class Browser:
    """The client's end of a WebSocket, without its socket."""

    def __init__(self, *subprotocols: str) -> None:
        offered = [Subprotocol(name) for name in subprotocols]
        self.protocol = ClientProtocol(parse_uri("ws://127.0.0.1/"), subprotocols=offered or None)
        self.protocol.send_request(self.protocol.connect())

    def output(self) -> bytes:
        return b"".join(self.protocol.data_to_send())

    def take(self, data: bytes) -> list[Frame]:
        self.protocol.receive_data(data)
        return [event for event in self.protocol.events_received() if isinstance(event, Frame)]


def opened() -> tuple[WebSocket, Browser]:
    """Both ends, after the handshake."""
    server, browser = WebSocket(), Browser("sip")
    assert server.feed(browser.output()) == []
    browser.take(server.answers())
    assert browser.protocol.state is State.OPEN
    return server, browser


def closed(browser: Browser) -> int | None:
    """The status of the close it received."""
    close = browser.protocol.close_rcvd
    return close.code if close else None


def frame(opcode: Opcode, data: bytes, *, fin: bool = True, mask: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=mask)


def test_the_handshake_agrees_on_sip() -> None:
    server, browser = opened()
    assert browser.protocol.subprotocol == "sip"
    assert not server.begun
    assert server.fault is None


@pytest.mark.parametrize("offered", [(), ("chat",)])
def test_who_does_not_offer_sip_is_refused(offered: tuple[str, ...]) -> None:
    server, browser = WebSocket(), Browser(*offered)
    server.feed(browser.output())
    browser.take(server.answers())
    refused = browser.protocol.handshake_exc
    assert isinstance(refused, InvalidStatus)
    assert refused.response.status_code == 400
    assert server.fault is not None


def test_what_is_no_http_is_a_fault() -> None:
    server = WebSocket()
    assert server.feed(b"REGISTER sip:lab SIP/2.0\r\n\r\n") == []
    assert server.fault is not None


def test_a_handshake_without_end_is_a_fault() -> None:
    server = WebSocket()
    server.feed(b"GET / HTTP/1.1\r\n")
    for n in range(MAX_HEAD // 1000 + 1):
        assert server.begun or server.fault
        server.feed(b"x-%d: %s\r\n" % (n, b"a" * 1000))
    assert server.fault is not None


@given(
    st.binary(min_size=3, max_size=400).filter(lambda data: data.strip(b"\r\n")),
    st.lists(st.integers(0, 400), max_size=4),
    st.integers(1, 50),
)
def test_however_a_message_is_cut_it_comes_whole(data: bytes, cuts: list[int], piece: int) -> None:
    server, _ = opened()
    at = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parts = [data[a:b] for a, b in pairwise(at)]
    opcodes = [Opcode.BINARY] + [Opcode.CONT] * (len(parts) - 1)
    last = len(parts) - 1
    wire = b"".join(frame(o, part, fin=n == last) for n, (o, part) in enumerate(zip(opcodes, parts, strict=True)))
    whole = [one for n in range(0, len(wire), piece) for one in server.feed(wire[n : n + piece])]
    assert whole == [data]
    assert not server.begun


def test_a_ping_between_fragments_is_answered_at_once() -> None:
    server, browser = opened()
    assert server.feed(frame(Opcode.TEXT, b"MESS", fin=False) + frame(Opcode.PING, b"there?")) == []
    (pong,) = browser.take(server.answers())
    assert (pong.opcode, pong.data) == (Opcode.PONG, b"there?")
    assert server.begun
    assert server.feed(frame(Opcode.CONT, b"AGE")) == [b"MESSAGE"]


def test_a_message_goes_out_as_text_or_if_it_is_none_as_binary() -> None:
    server, browser = opened()
    (plain,) = browser.take(server.wrap("é".encode()))
    (other,) = browser.take(server.wrap(b"\xff"))
    assert (plain.opcode, other.opcode) == (Opcode.TEXT, Opcode.BINARY)


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        pytest.param(frame(Opcode.TEXT, b"hello", mask=False), 1002, id="unmasked"),
        pytest.param(frame(Opcode.TEXT, b"\xff\xfe"), 1007, id="no UTF-8"),
        pytest.param(frame(Opcode.BINARY, bytes(MAX_MESSAGE + 1)), 1009, id="too large"),
        pytest.param(b"\x89\xfe\x00\x7e" + bytes(4 + 126), 1002, id="a ping too long"),
        pytest.param(b"\xc1\x81" + bytes(5), 1002, id="compressed, which nobody agreed on"),
        pytest.param(frame(Opcode.CONT, b"more"), 1002, id="a fragment of nothing"),
    ],
)
def test_what_breaks_the_rules_ends_with_a_close_that_says_why(wire: bytes, status: int) -> None:
    server, browser = opened()
    assert server.feed(wire) == []
    assert server.fault is not None
    browser.take(server.answers())
    assert closed(browser) == status
    assert server.feed(frame(Opcode.TEXT, b"MESSAGE")) == []


def test_a_close_is_answered_and_nothing_goes_out_after_it() -> None:
    server, browser = opened()
    browser.protocol.send_close(1000)
    server.feed(browser.output())
    assert server.ended
    assert server.fault is None
    browser.take(server.answers())
    assert closed(browser) == 1000
    with pytest.raises(OSError, match="not connected"):
        server.wrap(b"late")


# --- over sockets -----------------------------------------------------------------------------------------------------


class Client(Browser):
    """A phone in a browser."""

    def __init__(self, sock: socket.socket, *subprotocols: str) -> None:
        super().__init__(*subprotocols)
        self.sock = sock
        self.frames: list[Frame] = []
        sock.settimeout(PATIENCE)
        sock.sendall(self.output())

    def receive(self) -> bytes:
        """The next message; b"" where the connection ends."""
        while not self.frames and (data := self.sock.recv(65_536)):
            self.frames += self.take(data)
        return bytes(self.frames.pop(0).data) if self.frames else b""

    def say(self, message: str) -> None:
        self.protocol.send_text(message.encode())
        self.sock.sendall(self.output())


@contextmanager
def browsing(node: Talker) -> Iterator[Client]:
    with socket.create_connection(node.addresses[0][:2]) as sock:
        client = Client(sock, "sip")
        client.take(sock.recv(65_536))
        yield client


def test_a_browser_talks_to_a_node_and_is_answered_on_its_connection(udp: SocketNet) -> None:
    node = attached(udp, "node", at=WS, echo=True)
    with browsing(node) as browser:
        browser.say(text("hello"))
        assert b"re hello" in browser.receive()
    assert said(node) == ["hello"]
    assert {row.proto for row in udp.trace.datagrams} == {"ws"}


def test_an_empty_line_keeps_the_connection_open(udp: SocketNet) -> None:
    with browsing(attached(udp, "node", at=WS)) as browser:
        browser.say(PING.decode())
        assert browser.receive() == b"\r\n"


def test_who_closes_is_told_so_and_its_connection_ends(udp: SocketNet) -> None:
    with browsing(attached(udp, "node", at=WS)) as browser:
        browser.protocol.send_close(1000)
        browser.sock.sendall(browser.output())
        while data := browser.sock.recv(65_536):
            browser.take(data)
        assert closed(browser) == 1000
    assert udp.wait(lambda: not udp.held["connections"], PATIENCE)


def test_nobody_is_called_over_websocket(udp: SocketNet) -> None:
    node = attached(udp, "node", at=WS)
    udp.do(node.says(Address("127.0.0.1", 9, "ws"), text("hello")))
    assert "over ws nobody is called" in str(udp.trace.notes)


def test_a_handshake_that_takes_too_long_ends() -> None:
    with SocketNet(limits=Limits(whole=0.1)) as network:
        node = attached(network, "node", at=WS)
        with socket.create_connection(node.addresses[0][:2]) as sock:
            sock.settimeout(PATIENCE)
            sock.sendall(b"GET / HTTP/1.1\r\n")
            assert sock.recv(100) == b""


def test_over_tls_it_is_wss(certificate: Certificate) -> None:
    tls = Tls.load(certificate.file, certificate.key)
    with SocketNet(tls=tls) as network:
        node = attached(network, "node", at=Address("127.0.0.1", 0, "wss"), echo=True)
        with (
            socket.create_connection(node.addresses[0][:2]) as bare,
            tls.client.wrap_socket(bare, server_hostname="127.0.0.1") as sock,
        ):
            browser = Client(sock, "sip")
            browser.take(sock.recv(65_536))
            browser.say(text("hello"))
            assert b"re hello" in browser.receive()
