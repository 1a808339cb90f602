"""Connections: messages over TCP between nodes here and programs outside."""

from __future__ import annotations

import fcntl
import socket
import struct
import termios

import pytest

from labsip.net.address import NoSuchAddress, PortInUse
from labsip.net.sockets import SocketNet
from labsip.sip.framing import PING, PONG
from labsip.sip.transport import Address, Datagram
from tests.net.streams import ANY, PATIENCE, Client, aliased, attached, calling, said, seen, text

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
    assert len(udp.trace.datagrams) == 2


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
    assert udp.trace.datagrams[-1].src == there


def test_who_asks_to_be_known_by_another_port_is_reached_by_its_connection(udp):
    """RFC 5923; a phone that has no listening socket, say."""
    node = attached(udp, "proxy")
    with calling(node) as first, calling(node) as second:
        first.send(aliased("1", "127.0.0.1:5098"))
        second.send(aliased("2", "127.0.0.1:5099"))
        assert udp.wait(lambda: len(node.heard) == 2, PATIENCE)
        for client, port in ((first, 5098), (second, 5099)):
            udp.do(node.says(Address("127.0.0.1", port, "tcp"), text(f"to {port}")))
            assert client.hear() == f"to {port}"


def test_nobody_takes_the_alias_of_a_connection_that_is_up_but_it_is_theirs_when_that_ends(udp):
    node = attached(udp, "proxy")
    there = Address("127.0.0.1", 5099, "tcp")
    with calling(node) as first, calling(node) as second, calling(node) as third:
        for n, client in enumerate((first, third, second)):
            client.send(aliased(f"{n}", str(there)))
            assert udp.wait(lambda n=n: len(node.heard) == n + 1, PATIENCE)
        udp.do(node.says(there, text("to first")))
        assert first.hear() == "to first"
        first.sock.close()
        assert udp.wait(lambda: len(udp.carrier("tcp")) == 2, PATIENCE)
        udp.do(node.says(there, text("to whoever asked last")))
        assert second.hear() == "to whoever asked last"


def test_an_alias_whose_connection_has_long_been_silent_goes_to_whoever_asks(udp, monkeypatch):
    """A phone, say, whose old connection a NAT has forgotten: nobody closed it."""
    monkeypatch.setattr("labsip.net.connections.FRESH", -1.0)
    node = attached(udp, "proxy")
    there = Address("127.0.0.1", 5099, "tcp")
    with calling(node) as old, calling(node) as new:
        for n, client in enumerate((old, new)):
            client.send(aliased(f"{n}", str(there)))
            assert udp.wait(lambda n=n: len(node.heard) == n + 1, PATIENCE)
        udp.do(node.says(there, text("to the new one")))
        assert new.hear() == "to the new one"


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
        assert len(udp.carrier("tcp").directory) == 2


def test_an_alias_ends_with_its_connection(udp):
    node = attached(udp, "proxy")
    with calling(node) as client:
        client.send(aliased("1", "127.0.0.1:5098"), aliased("2", "127.0.0.1:5099"))
        udp.wait(lambda: len(node.heard) == 2, PATIENCE)
        assert len(udp.carrier("tcp").directory) == 2  # one other name is enough
    udp.wait(lambda: not udp.carrier("tcp").directory, PATIENCE)
    assert not udp.carrier("tcp").directory


def test_a_connection_that_ended_is_made_anew(udp, listening):
    sock, there = listening
    node = attached(udp, "node")
    for body in ("one", "two"):
        udp.do(node.says(there, text(body)))
        client = Client(sock.accept()[0])
        with client.sock:
            assert client.hear() == body
        assert udp.wait(lambda: not len(udp.carrier("tcp")), PATIENCE)


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
    assert not network.trace.datagrams


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="this system acknowledges when it likes")
def test_what_is_not_answered_at_once_is_acknowledged_at_once(udp):
    """A peer that obeys Nagle's algorithm sends its next small piece then, and not 40 ms later."""
    echo = attached(udp, "echo", echo=True)
    not_acknowledged: list[int] = []

    def begun() -> bool:
        if not any(connection.begun for connection in udp.carrier("tcp").connections):
            return False
        (size,) = struct.unpack("i", fcntl.ioctl(client.sock, termios.TIOCOUTQ, bytes(4)))
        not_acknowledged.append(size)
        return True

    with calling(echo) as client:
        for n in range(20):  # a new connection is acknowledged at once anyway
            client.send(text(f"{n}"))
            assert client.hear() == f"re {n}"
        client.send(text("half")[:-1])
        assert udp.wait(begun, PATIENCE)
        assert not_acknowledged[0] == 0


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
    assert [p.cause for p in network.trace.datagrams] == [None, None, 0, 1]


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
    with SocketNet(record=False) as udp:
        alice, bob = attached(udp, "alice"), attached(udp, "bob", echo=True)
        udp.do(alice.says(bob.addresses[0], text("one")))
        assert udp.settle()
        assert said(alice) == ["re one"]
        assert not udp.trace.datagrams


# --- addresses --------------------------------------------------------------------------------------------------


def test_udp_and_tcp_share_a_port_but_two_nodes_do_not(udp):
    address = udp.reserve(ANY)
    assert udp.reserve(address._replace(proto="udp")) == address._replace(proto="udp")
    with pytest.raises(PortInUse):
        udp.reserve(address)
    with SocketNet() as other, pytest.raises(PortInUse):
        other.reserve(address)


def test_after_a_network_is_closed_its_addresses_are_free_for_tcp_too():
    with SocketNet() as first:
        node = attached(first, "node", echo=True)
        client = Client(socket.create_connection(node.addresses[0][:2], PATIENCE))
        client.send(text("hello"))
        assert client.hear() == "re hello"
    with client.sock, SocketNet() as second:
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
