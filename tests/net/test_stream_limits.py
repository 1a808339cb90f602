"""What connections may not do: what ends them, and how many there may be."""

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest

from labsip.net.connection import Limits
from labsip.net.sockets import SocketNet
from labsip.sip.transport import Address, Datagram
from tests.net.nodes import Talker
from tests.net.streams import ANY, PATIENCE, attached, calling, said, text


def test_a_request_without_content_length_is_answered_400_and_the_connection_ends(udp):
    node = attached(udp, "node")
    with calling(node) as client:
        client.send(text("first"), text("").replace("Content-Length: 0\r\n", ""), text("never read"))
        answer = b""
        while data := client.sock.recv(65536):
            answer += data
        assert answer.startswith(b"SIP/2.0 400 Content-Length is missing\r\n")
    assert said(node) == ["first"]
    assert udp.wait(lambda: not len(udp.carrier("tcp")), PATIENCE)


def test_what_is_no_sip_ends_the_connection_and_is_noted(udp):
    node = attached(udp, "node")
    with calling(node) as client:
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.ended()
    assert "sent over tcp: This is no SIP; its connection ends" in udp.trace.notes[-1][1]


def test_there_are_only_so_many_connections():
    with SocketNet(limits=Limits(connections=1)) as udp:
        echo = attached(udp, "echo", echo=True)
        with calling(echo) as first, calling(echo) as second:
            assert second.ended()
            first.send(text("one"))
            assert first.hear() == "re one"
            assert "refused a connection of 127.0.0.1: 1 are open already" in udp.trace.notes[-1][1]


@pytest.mark.parametrize(
    ("limits", "begins"),
    [(Limits(idle=0.05), ""), (Limits(whole=0.05), "MESSAGE sip:c@d SIP/2.0\r\nTo: ")],
    ids=["idle", "half a message"],
)
def test_a_connection_that_holds_others_up_ends(limits, begins):
    with SocketNet(limits=limits) as udp, calling(attached(udp, "node")) as client:
        client.send(begins)
        assert client.ended()


def test_who_takes_nothing_is_given_up_and_the_node_is_told():
    with SocketNet(limits=Limits(queued=200_000)) as udp:
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
    monkeypatch.setattr("labsip.net.listeners.PAUSE", 0.01)
    address = udp.reserve(ANY)
    udp.carrier("tcp").listeners.sockets[address] = Full(udp.carrier("tcp").listeners.sockets[address])
    echo = Talker(address, answer=lambda _: text("re"))
    udp.attach(echo, "echo")
    with calling(echo) as client:
        client.send(text("hello"))
        assert client.hear() == "re"
    assert any("could not accept a connection: Too many open files" in note for _, note in udp.trace.notes)


class Web(Talker):
    """A node that takes HTTP."""

    takes_http = True

    def receive(self, datagram: Datagram, _: float) -> list[Datagram]:
        """Each request is answered, and the connection ends."""
        return [Datagram(b"HTTP/1.1 200 OK\r\n\r\nhello", datagram.dst, datagram.src, closes=True)]


def test_a_node_may_take_http_and_end_the_connection_behind_its_answer(udp):
    node = Web(udp.reserve(ANY))
    udp.attach(node, "web")
    with calling(node) as client:
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        heard = b""
        while data := client.sock.recv(65536):
            heard += data
    assert heard.endswith(b"hello")
