"""What waits in connections: for how long it may, how much of it there may be, and for whom."""

from __future__ import annotations

import socket
import time

import pytest

from labsip.net.connection import Limits
from labsip.net.sockets import SocketNet
from labsip.sip.framing import PING
from labsip.sip.transport import Address, Datagram
from tests.net.nodes import Talker
from tests.net.streams import PATIENCE, Client, attached, calling, text

OTHER = "127.0.0.2"
MUCH = text("x" * 60_000)


def address(client: Client) -> Address:
    """Where a client is."""
    return Address(*client.sock.getsockname(), "tcp")


def flood(net: SocketNet, node: Talker, client: Client, much: int) -> None:
    """Have the node say so much to a client that something waits."""
    assert net.wait(lambda: len(net.carrier("tcp")) > 0, PATIENCE)
    net.do(node.says(address(client), *[MUCH] * (much // len(MUCH))))


# --- for how long -----------------------------------------------------------------------------------------------


def test_a_peer_that_takes_nothing_is_given_up_however_much_it_talks(stack):
    udp = stack.enter_context(SocketNet(limits=Limits(whole=0.2)))
    node = attached(udp, "node")
    client = stack.enter_context(calling(node, buffer=4096))
    flood(udp, node, client, 600_000)
    failed: list[Datagram] = []
    node.send_failed = lambda datagram, _: failed.append(datagram) or []
    deadline = time.monotonic() + PATIENCE
    while len(udp.carrier("tcp")) and time.monotonic() < deadline:
        try:
            client.sock.sendall(PING)
        except ConnectionError:
            break
        udp.advance(0.01)
    assert udp.wait(lambda: bool(failed), PATIENCE)
    assert any("nothing taken in 0.2 s" in note for _, note in udp.trace.notes)


def test_a_peer_that_reads_a_little_now_and_then_is_given_up_too(stack):
    udp = stack.enter_context(SocketNet(limits=Limits(leave=1.0)))
    node = attached(udp, "node")
    client = stack.enter_context(calling(node, buffer=4096))
    flood(udp, node, client, 900_000)
    deadline = time.monotonic() + PATIENCE
    while len(udp.carrier("tcp")) and time.monotonic() < deadline:
        client.sock.recv(4096)
        udp.advance(0.02)
    notes = [note for _, note in udp.trace.notes]
    assert any("too slow: something sent 1 s ago is not taken yet" in note for note in notes), notes


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system does not tell what it has sent")
def test_a_peer_that_takes_nothing_of_what_the_system_keeps_for_it_is_given_up(stack):
    udp = stack.enter_context(SocketNet(limits=Limits(leave=0.3)))
    node = attached(udp, "node")
    client = stack.enter_context(calling(node, buffer=4096))
    client.send(text("hello"))
    assert udp.wait(lambda: bool(node.heard), PATIENCE)
    udp.do(node.says(address(client), text("x" * 20_000)))
    assert all(not connection.queue for connection in udp.carrier("tcp").connections)
    assert udp.wait(lambda: not len(udp.carrier("tcp")), PATIENCE)


def test_whoever_connects_and_says_nothing_is_given_up(stack):
    udp = stack.enter_context(SocketNet(limits=Limits(whole=0.1)))
    node = attached(udp, "node", echo=True)
    silent = stack.enter_context(calling(node))
    phone = stack.enter_context(calling(node))
    phone.send(text("hello"))
    assert silent.ended()
    assert phone.hear() == "re hello"
    assert phone.alive()


def test_a_refused_peer_that_does_not_close_is_given_up(stack):
    udp = stack.enter_context(SocketNet(limits=Limits(whole=0.1)))
    client = stack.enter_context(calling(attached(udp, "node")))
    client.send("no SIP\r\n")
    assert client.ended()  # what we send; it stays open at its own side
    assert udp.wait(lambda: not len(udp.carrier("tcp")), PATIENCE)


@pytest.mark.parametrize("uvloop", [False, True])
def test_what_came_while_the_loop_was_held_up_is_read_before_its_time_is_over(stack, uvloop):
    udp = stack.enter_context(SocketNet(limits=Limits(whole=0.2), uvloop=uvloop))
    node = attached(udp, "node", echo=True)
    client = stack.enter_context(calling(node))
    client.send(text("hello")[:-3])
    assert udp.wait(lambda: any(one.begun for one in udp.carrier("tcp").connections), PATIENCE)

    def stall(_: float) -> list[Datagram]:
        time.sleep(0.5)
        client.send(text("hello")[-3:])
        return []

    udp.do(stall)
    assert client.hear() == "re hello"


# --- how much ---------------------------------------------------------------------------------------------------


def test_keepalives_of_a_peer_that_reads_nothing_are_not_answered(stack):
    udp = stack.enter_context(SocketNet())
    node = attached(udp, "node")
    client = stack.enter_context(calling(node, buffer=4096))
    flood(udp, node, client, 600_000)
    (connection,) = udp.carrier("tcp").connections
    waiting = len(connection.queue)
    assert waiting
    for _ in range(20):
        client.sock.sendall(PING)
        client.send(text("hello"))
    assert udp.wait(lambda: len(node.heard) == 20, PATIENCE)
    assert len(connection.queue) == waiting


def test_bytes_that_wait_are_shared_by_source(stack):
    room = 1_000_000
    udp = stack.enter_context(SocketNet(limits=Limits(bytes=room)))
    node = attached(udp, "node")
    failed: list[Address] = []
    node.send_failed = lambda datagram, _: failed.append(datagram.dst) or []
    bytes_ = udp.carrier("tcp").connections.bytes
    crowd = [stack.enter_context(calling(node, buffer=4096, host=OTHER)) for _ in range(4)]
    assert udp.wait(lambda: len(udp.carrier("tcp")) == 4, PATIENCE)
    for client in crowd:
        flood(udp, node, client, 500_000)
        udp.settle()
        assert bytes_.total <= room
    assert {at.host for at in failed} == {OTHER}
    assert bytes_.total > room / 2
    before = len(failed)
    phone = stack.enter_context(calling(node, buffer=4096))
    phone.send(text("hello"))
    assert udp.wait(lambda: bool(node.heard), PATIENCE)
    flood(udp, node, phone, 500_000)
    assert udp.wait(lambda: len(failed) > before, PATIENCE)
    assert bytes_.total <= room
    assert {at.host for at in failed} == {OTHER}
    assert bytes_.taken("127.0.0.1")
    assert phone.hear() == "x" * 60_000


def test_bytes_of_messages_that_are_not_whole_are_shared_by_source(stack):
    udp = stack.enter_context(SocketNet(limits=Limits(bytes=500_000)))
    node = attached(udp, "node", echo=True)
    held = udp.carrier("tcp").connections
    largest = text("x" * 65_000)[:-1]  # one byte is still to come
    fit = 500_000 // len(largest)
    crowd = [stack.enter_context(calling(node, host=OTHER)) for _ in range(20)]
    for client in crowd:
        client.send(largest)
    # a source that is alone may fill it, and then its own connections end
    assert udp.wait(lambda: sum("bytes wait there" in note for _, note in udp.trace.notes) == 20 - fit, PATIENCE)
    assert len(held) == fit
    assert udp.wait(lambda: held.bytes.total == fit * len(largest), PATIENCE)
    phone = stack.enter_context(calling(node))
    phone.send(largest)
    assert udp.wait(lambda: held.bytes.taken("127.0.0.1") == len(largest), PATIENCE)
    assert held.bytes.total <= 500_000
    phone.send("x")
    assert phone.hear() == "re " + "x" * 65_000
    for client in crowd:
        client.sock.close()
    phone.sock.close()
    assert udp.wait(lambda: not len(held), PATIENCE)
    assert held.bytes.total == held.places.total == 0
