"""TLS: the same connections, behind a handshake."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from labsip.net.connection import Limits
from labsip.net.sockets import SocketNet
from labsip.net.tls import Tls
from labsip.sip.errors import LabError
from labsip.sip.framing import PING, PONG
from labsip.sip.transport import Address, Datagram
from tests.certificate import Certificate
from tests.net.nodes import Talker
from tests.net.streams import PATIENCE, Client, attached, said, seen, text

ANY = Address("127.0.0.1", 0, "tls")


@pytest.fixture
def tls(certificate: Certificate) -> Iterator[SocketNet]:
    """A network that has a certificate, and believes no other."""
    with SocketNet(tls=Tls.load(certificate.file, certificate.key, ca=certificate.file)) as network:
        yield network


def calling(node: Talker, certificate: Certificate) -> Client:
    """A connection from outside to a node, whose certificate is checked."""
    context = ssl.create_default_context(cafile=str(certificate.file))
    sock = socket.create_connection(node.addresses[0][:2], PATIENCE)
    return Client(context.wrap_socket(sock, server_hostname=node.addresses[0].host))


def test_messages_come_whole_over_tls_and_answers_go_back_on_the_connection(tls, certificate):
    echo = attached(tls, "echo", at=ANY, echo=True)
    client = calling(echo, certificate)
    with client.sock:
        large = "x" * 60_000  # some TLS records
        client.send(text("one") + text(large)[:100], text(large)[100:])
        assert [client.hear(), client.hear()] == ["re one", f"re {large}"]
        client.sock.sendall(PING)
        assert client.sock.recv(100) == PONG
    assert {row[2] for row in tls.ask(lambda _: seen(tls))} == {"tls"}
    assert tls.wait(lambda: not len(tls.carrier("tls")), PATIENCE)


def test_nodes_talk_over_tls_and_each_message_is_recorded_once(tls):
    alice, bob = attached(tls, "alice", at=ANY), attached(tls, "bob", at=ANY, echo=True)
    tls.do(alice.says(bob.addresses[0], text("one"), text("two")))
    assert tls.settle()
    assert (said(bob), said(alice)) == (["one", "two"], ["re one", "re two"])
    assert len(tls.trace.datagrams) == 4


def test_a_certificate_nobody_believes_ends_the_handshake_and_the_node_is_told(tls, tmp_path):
    stranger = Certificate.make(tmp_path)
    with SocketNet(tls=Tls.load(stranger.file, stranger.key)) as other:
        there = attached(other, "stranger", at=ANY)
        node = attached(tls, "node", at=ANY)
        failed: list[Datagram] = []
        node.send_failed = lambda datagram, _: failed.append(datagram) or []
        tls.do(node.says(there.addresses[0], text("hello")))
        assert tls.wait(lambda: len(failed) == 1, PATIENCE)
        assert not there.heard
        assert any(note.startswith(f"no TLS with {there.addresses[0]}: ") for _, note in tls.trace.notes)


def test_who_does_not_speak_tls_is_noted_and_nobody_else_is_disturbed(tls, certificate):
    echo = attached(tls, "echo", at=ANY, echo=True)
    with socket.create_connection(echo.addresses[0][:2], PATIENCE) as plain:
        plain.sendall(text("hello").encode())
        assert Client(plain).ended()
    assert any(note.startswith("no TLS with 127.0.0.1:") for _, note in tls.trace.notes)
    client = calling(echo, certificate)
    with client.sock:
        client.send(text("still there"))
        assert client.hear() == "re still there"


def test_a_handshake_that_is_never_finished_ends(certificate):
    limits = Limits(whole=0.05)
    with SocketNet(tls=Tls.load(certificate.file, certificate.key), limits=limits) as network:
        node = attached(network, "node", at=ANY)
        with socket.create_connection(node.addresses[0][:2], PATIENCE) as silent:
            assert Client(silent).ended()


def test_without_a_certificate_there_is_no_tls(udp):
    with pytest.raises(LabError, match=r"tls:127\.0\.0\.1:0 needs a certificate and its key"):
        udp.reserve(ANY)


def test_files_that_are_no_certificate_are_named(certificate: Certificate, tmp_path: Path):
    other = Certificate.make(tmp_path)
    for file, key in (
        (certificate.key, certificate.file),
        (certificate.file, other.key),
        (tmp_path / "none", other.key),
    ):
        with pytest.raises(LabError, match=r"has no CERTIFICATE|is not that of the certificate"):
            Tls.load(file, key)
