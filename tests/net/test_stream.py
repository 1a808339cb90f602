"""Connections: messages over TCP between nodes here and programs outside, and what connections may not do."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from labsip.net.address import NoSuchAddress, PortInUse
from labsip.net.connection import Limits
from labsip.net.network import Network
from labsip.net.udp import UdpNet
from labsip.sip.build import build_request
from labsip.sip.framing import PING, PONG, Framing
from labsip.sip.transport import Address, Datagram
from tests.net.nodes import Talker

ANY = Address("127.0.0.1", 0, "tcp")
PATIENCE = 30.0


def text(body: str) -> str:
    """A message that says this."""
    lines = [("Via", "SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1"), ("From", "<sip:a@b>;tag=1"), ("To", "<sip:c@d>")]
    return str(build_request("MESSAGE", "sip:c@d", [*lines, ("Call-ID", "1"), ("CSeq", "1 MESSAGE")], body.encode()))


def said(node: Talker) -> list[str]:
    """What a node heard, without the headers."""
    return [message.partition("\r\n\r\n")[2] for message in node.heard]


def attached(network: Network, name: str, *, at: Address = ANY, echo: bool = False) -> Talker:
    """A node that speaks TCP; with `echo` it answers `re ...`, which it never answers itself."""

    def answer(message: str) -> str | None:
        body = message.partition("\r\n\r\n")[2]
        return text(f"re {body}") if echo and not body.startswith("re ") else None

    node = Talker(network.reserve(at), answer=answer)
    network.attach(node, name)
    return node


def seen(network: Network) -> list[tuple[str, str, str, str, bool]]:
    """Each row of the trace: from, to, transport, body, lost."""
    name = network.trace.names.get
    return [
        (name(p.src, "outside"), name(p.dst, "outside"), p.proto, p.raw.decode().partition("\r\n\r\n")[2], p.lost)
        for p in network.trace.passed
    ]


class Client:
    """A program outside, at one end of a connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(PATIENCE)
        self._framing = Framing()
        self._heard: list[bytes] = []

    def send(self, *messages: str) -> None:
        self.sock.sendall("".join(messages).encode())

    def hear(self) -> str:
        """Body of the next message; "" at the end of the connection."""
        while not self._heard:
            data = self.sock.recv(65536)
            if not data:
                return ""
            self._heard += self._framing.feed(data)
        return self._heard.pop(0).decode().partition("\r\n\r\n")[2]

    def ended(self) -> bool:
        """Wait until the other end closes it."""
        try:
            while self.sock.recv(65536):
                pass
        except ConnectionError:
            pass
        return True


@contextmanager
def calling(node: Talker, *, buffer: int = 0) -> Iterator[Client]:
    """A connection to a node."""
    at = node.addresses[0]
    with socket.socket(socket.AF_INET6 if ":" in at.host else socket.AF_INET) as sock:
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.settimeout(PATIENCE)
        sock.connect(at[:2])
        yield Client(sock)


@pytest.fixture
def listening() -> Iterator[tuple[socket.socket, Address]]:
    """A program outside that waits for connections, and where."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.settimeout(PATIENCE)
        yield sock, Address(*sock.getsockname(), "tcp")


# --- messages ---------------------------------------------------------------------------------------------------


def test_messages_come_whole_however_they_are_cut_and_answers_go_back_on_the_connection(udp):
    echo = attached(udp, "echo", echo=True)
    with calling(echo) as client:
        one, rest = text("one"), text("two") + text("three")
        for byte in one:
            client.send(byte)
        client.send(rest[:100])
        client.send(rest[100:])
        assert [client.hear() for _ in range(3)] == ["re one", "re two", "re three"]
    assert udp.ask(lambda _: sorted(seen(udp))) == sorted(
        row
        for body in ("one", "two", "three")
        for row in (("outside", "echo", "tcp", body, False), ("echo", "outside", "tcp", f"re {body}", False))
    )


def test_a_keepalive_is_answered_and_is_no_message(udp):
    echo = attached(udp, "echo", echo=True)
    with calling(echo) as client:
        client.sock.sendall(PING)
        assert client.sock.recv(100) == PONG
        client.send(text("still there"))
        assert client.hear() == "re still there"
    assert len(udp.trace.passed) == 2


def test_a_node_sends_later_on_the_connection_it_was_called_by(udp):
    node = attached(udp, "node")
    with calling(node) as client:
        client.send(text("hello"))
        assert udp.wait(lambda: said(node) == ["hello"], PATIENCE)
        udp.do(node.says(Address(*client.sock.getsockname(), "tcp"), text("later")))
        assert client.hear() == "later"


def test_a_node_connects_to_who_listens_and_keeps_the_connection(udp, listening):
    sock, there = listening
    node = attached(udp, "node")
    udp.do(node.says(there, text("one"), text("two")))
    client = Client(sock.accept()[0])
    with client.sock:
        assert (client.hear(), client.hear()) == ("one", "two")
        udp.do(node.says(there, text("three")))
        assert client.hear() == "three"
        client.send(text("answer"))
        assert udp.wait(lambda: said(node) == ["answer"], PATIENCE)
    assert udp.trace.passed[-1].src == there


def aliased(body: str, via: str) -> str:
    """A message whose sender wants what goes to the address in its Via over this connection."""
    return text(body).replace("TCP 127.0.0.1;", f"TCP {via};alias;")


def test_who_asks_to_be_known_by_another_port_is_reached_by_its_connection(udp):
    """RFC 5923; a phone that has no listening socket, say."""
    node = attached(udp, "proxy")
    with calling(node) as first, calling(node) as second:
        first.send(aliased("1", "127.0.0.1:5099"))
        udp.wait(lambda: len(node.heard) == 1, PATIENCE)
        udp.do(node.says(Address("127.0.0.1", 5099, "tcp"), text("to first")))
        assert first.hear() == "to first"
        second.send(aliased("2", "127.0.0.1:5099"))
        udp.wait(lambda: len(node.heard) == 2, PATIENCE)
        udp.do(node.says(Address("127.0.0.1", 5099, "tcp"), text("to second")))
        assert second.hear() == "to second"


def test_nobody_is_known_by_the_address_of_somebody_else(udp, listening):
    sock, there = listening
    node = attached(udp, "proxy")
    udp.do(node.says(there, text("hello")))
    with sock.accept()[0] as accepted, calling(node) as other:
        owner = Client(accepted)
        assert owner.hear() == "hello"
        other.send(aliased("mine", str(there)), aliased("theirs", "127.0.0.2:5099"))
        udp.wait(lambda: len(node.heard) == 2, PATIENCE)
        udp.do(node.says(there, text("still")))
        assert owner.hear() == "still"
        assert len(udp._streams._ways) == 2


def test_an_alias_ends_with_its_connection(udp):
    node = attached(udp, "proxy")
    with calling(node) as client:
        client.send(aliased("1", "127.0.0.1:5098"), aliased("2", "127.0.0.1:5099"))
        udp.wait(lambda: len(node.heard) == 2, PATIENCE)
        assert len(udp._streams._ways) == 2  # one other name is enough
    udp.wait(lambda: not udp._streams._ways, PATIENCE)
    assert not udp._streams._ways


def test_a_connection_that_ended_is_made_anew(udp, listening):
    sock, there = listening
    node = attached(udp, "node")
    for body in ("one", "two"):
        udp.do(node.says(there, text(body)))
        client = Client(sock.accept()[0])
        with client.sock:
            assert client.hear() == body
        assert udp.wait(lambda: not len(udp._streams), PATIENCE)


def test_a_connection_whose_end_was_not_read_yet_is_made_anew(udp, listening):
    sock, there = listening
    node = attached(udp, "node")
    udp.do(node.says(there, text("one")))
    client = Client(sock.accept()[0])
    assert client.hear() == "one"

    udp.do(lambda now: client.sock.close() or node.says(there, text("two"))(now))  # in one turn of the loop
    again = Client(sock.accept()[0])
    with again.sock:
        assert again.hear() == "two"


def test_who_does_not_listen_is_reported_to_the_node_and_what_was_sent_is_lost(udp, listening):
    sock, there = listening
    sock.close()
    node = attached(udp, "node")
    failed: list[tuple[str, Address]] = []
    node.send_failed = lambda datagram, _: failed.append((datagram.data.decode(), datagram.dst)) or []
    udp.do(node.says(there, text("one"), text("two")))
    assert udp.wait(lambda: len(failed) == 2, PATIENCE)
    assert failed == [(text("one"), there), (text("two"), there)]
    assert [row[-2:] for row in seen(udp)] == [("one", True), ("two", True)]


@pytest.mark.parametrize("host", ["localhost", "999.1.1.1", "::1", "a\0b"])
def test_what_is_no_address_is_reported_at_once(udp, host):
    node = attached(udp, "node")
    failed: list[str] = []
    node.send_failed = lambda datagram, _: failed.append(datagram.dst.host) or []
    udp.do(node.says(Address(host, 5060, "tcp"), text("hello")))
    assert failed == [host]


def test_nothing_goes_from_one_transport_to_another(network):
    node = attached(network, "node")
    failed: list[Datagram] = []
    node.send_failed = lambda datagram, _: failed.append(datagram) or []
    network.do(node.says(Address("127.0.0.1", 9), text("hello")))
    assert len(failed) == 1
    assert not network.trace.passed


# --- between nodes here -----------------------------------------------------------------------------------------


def test_nodes_talk_over_tcp_and_each_message_is_recorded_once_with_its_cause(network):
    alice, bob = attached(network, "alice"), attached(network, "bob", echo=True)
    network.do(alice.says(bob.addresses[0], text("one"), text("two")))
    assert network.settle()
    assert (said(bob), said(alice)) == (["one", "two"], ["re one", "re two"])
    assert [row[:4] for row in seen(network)] == [
        ("alice", "bob", "tcp", "one"),
        ("alice", "bob", "tcp", "two"),
        ("bob", "alice", "tcp", "re one"),
        ("bob", "alice", "tcp", "re two"),
    ]
    assert [p.cause for p in network.trace.passed] == [None, None, 0, 1]


def test_a_node_that_goes_takes_its_connections_with_it(network):
    alice, bob = attached(network, "alice"), attached(network, "bob", echo=True)
    network.do(alice.says(bob.addresses[0], text("one")))
    assert network.settle()
    failed: list[Datagram] = []
    alice.send_failed = lambda datagram, _: failed.append(datagram) or []
    network.detach(bob)
    network.do(alice.says(bob.addresses[0], text("two")))
    assert network.wait(lambda: len(failed) == 1, PATIENCE)
    assert network.settle()


def test_without_recording_messages_pass_all_the_same():
    with UdpNet(record=False) as udp:
        alice, bob = attached(udp, "alice"), attached(udp, "bob", echo=True)
        udp.do(alice.says(bob.addresses[0], text("one")))
        assert udp.settle()
        assert said(alice) == ["re one"]
        assert not udp.trace.passed


# --- what connections may not do --------------------------------------------------------------------------------


def test_a_request_without_content_length_is_answered_400_and_the_connection_ends(udp):
    node = attached(udp, "node")
    with calling(node) as client:
        client.send(text("first"), text("").replace("Content-Length: 0\r\n", ""), text("never read"))
        answer = b""
        while data := client.sock.recv(65536):
            answer += data
        assert answer.startswith(b"SIP/2.0 400 Content-Length is missing\r\n")
    assert said(node) == ["first"]
    assert udp.wait(lambda: not len(udp._streams), PATIENCE)


def test_what_is_no_sip_ends_the_connection_and_is_noted(udp):
    node = attached(udp, "node")
    with calling(node) as client:
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.ended()
    assert "sent over tcp: This is no SIP; its connection ends" in udp.trace.notes[-1][1]


def test_there_are_only_so_many_connections():
    with UdpNet(limits=Limits(connections=1)) as udp:
        echo = attached(udp, "echo", echo=True)
        with calling(echo) as first, calling(echo) as second:
            assert second.ended()
            first.send(text("one"))
            assert first.hear() == "re one"
            assert "refused a connection: 1 are open already" in udp.trace.notes[-1][1]


@pytest.mark.parametrize(
    ("limits", "begins"),
    [(Limits(idle=0.05), ""), (Limits(whole=0.05), "MESSAGE sip:c@d SIP/2.0\r\nTo: ")],
    ids=["idle", "half a message"],
)
def test_a_connection_that_holds_others_up_ends(limits, begins):
    with UdpNet(limits=limits) as udp, calling(attached(udp, "node")) as client:
        client.send(begins)
        assert client.ended()


def test_who_takes_nothing_is_given_up_and_the_node_is_told():
    with UdpNet(limits=Limits(queued=200_000)) as udp:
        node = attached(udp, "node")
        failed: list[Datagram] = []
        node.send_failed = lambda datagram, _: failed.append(datagram) or []
        with calling(node, buffer=4096) as client:
            there = Address(*client.sock.getsockname(), "tcp")
            client.send(text("hello"))
            assert udp.wait(lambda: bool(node.heard), PATIENCE)
            for _ in range(1000):
                udp.do(node.says(there, text("x" * 50_000)))
                if failed:
                    break
            assert len(failed) >= 4
            assert all(datagram.dst == there for datagram in failed)


class Full:
    """A listening socket that has no descriptor left for the first connection."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._refused = False
        self.fileno, self.close = sock.fileno, sock.close

    def accept(self) -> tuple[socket.socket, Any]:
        if not self._refused:
            self._refused = True
            raise OSError(errno.EMFILE, "Too many open files")
        return self._sock.accept()


def test_when_no_descriptor_is_left_it_waits_and_tries_again(udp, monkeypatch):
    monkeypatch.setattr("labsip.net.stream.PAUSE", 0.01)
    address = udp.reserve(ANY)
    udp._streams._listening[address] = Full(udp._streams._listening[address])
    echo = Talker(address, answer=lambda _: text("re"))
    udp.attach(echo, "echo")
    with calling(echo) as client:
        client.send(text("hello"))
        assert client.hear() == "re"
    assert any("could not accept a connection: Too many open files" in note for _, note in udp.trace.notes)


# --- addresses --------------------------------------------------------------------------------------------------


def test_udp_and_tcp_share_a_port_but_two_nodes_do_not(udp):
    address = udp.reserve(ANY)
    assert udp.reserve(address._replace(proto="udp")) == address._replace(proto="udp")
    with pytest.raises(PortInUse):
        udp.reserve(address)
    with UdpNet() as other, pytest.raises(PortInUse):
        other.reserve(address)


def test_after_a_network_is_closed_its_addresses_are_free_for_tcp_too():
    with UdpNet() as first:
        node = attached(first, "node", echo=True)
        client = Client(socket.create_connection(node.addresses[0][:2], PATIENCE))
        client.send(text("hello"))
        assert client.hear() == "re hello"
    with client.sock, UdpNet() as second:
        second.attach(node, "node")
        assert client.ended()


def test_ipv6_works_as_well(udp):
    try:
        echo = attached(udp, "echo", at=Address("::1", 0, "tcp"), echo=True)
    except NoSuchAddress:
        pytest.skip("this machine has no IPv6 loopback")
    with calling(echo) as client:
        client.send(text("hello"))
        assert client.hear() == "re hello"
    other = attached(udp, "other", at=Address("::1", 0, "tcp"))
    udp.do(other.says(echo.addresses[0], text("from here")))
    assert udp.settle()
    assert said(other) == ["re from here"]
