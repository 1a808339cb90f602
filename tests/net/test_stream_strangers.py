"""Connections of strangers: that come again from the same port, take all there are, or keep others waiting."""

from __future__ import annotations

import errno
import resource
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labsip.net.connection import READ, Limits
from labsip.net.connections import BATCH, LEAST, SPARE, Connections
from labsip.net.listeners import ACCEPTED
from labsip.net.sockets import SocketNet
from labsip.sip.transport import Address, Datagram
from tests.net.nodes import ANY as ANY_UDP
from tests.net.nodes import Talker
from tests.net.streams import ANY, PATIENCE, Client, aliased, attached, calling, said, text

OTHER = "127.0.0.2"


@pytest.fixture(autouse=True)
def _many_loopbacks() -> None:
    with socket.socket() as sock:
        try:
            sock.bind((OTHER, 0))
        except OSError:
            pytest.skip("this machine has one address on the loopback only")


@pytest.fixture
def small() -> Iterator[SocketNet]:
    """A network of eight connections at most."""
    with SocketNet(limits=Limits(connections=8)) as network:
        yield network


def open_files() -> int:
    """Descriptors of this process."""
    return len(list(Path("/dev/fd").iterdir()))


def free_port() -> int:
    """A port nobody has at the other address."""
    with socket.socket() as sock:
        sock.bind((OTHER, 0))
        return int(sock.getsockname()[1])


def held_up(net: SocketNet, act: Callable[[], object]) -> None:
    """Do something while the network's loop looks at nothing."""

    def turn(_: float) -> list[Datagram]:
        act()
        return []

    net.do(turn)


def settled(net: SocketNet, connections: int) -> bool:
    """Wait until so many are open."""
    return net.wait(lambda: len(net.carrier("tcp")) == connections, PATIENCE)


# --- the same two ends once more --------------------------------------------------------------------------------


@pytest.mark.parametrize("served", [True, False], ids=["served before", "never looked at"])
def test_a_peer_that_resets_and_comes_again_from_the_same_port_leaves_nothing_behind(udp, stack, served):
    echo = attached(udp, "echo", echo=True)
    files, port = open_files(), free_port()
    clients = []

    def come() -> None:
        clients.append(stack.enter_context(calling(echo, host=OTHER, port=port)))

    def again() -> None:
        for _ in range(5):
            if clients:
                clients[-1].reset()
            come()

    if served:
        come()
        clients[-1].send(text("one"))
        assert clients[-1].hear() == "re one"
    held_up(udp, again)
    clients[-1].send(text("two"))
    assert clients[-1].hear() == "re two"
    udp.do(echo.says(Address(OTHER, port, "tcp"), text("later")))
    assert clients[-1].hear() == "later"
    assert len(udp.carrier("tcp")) == len(udp.carrier("tcp").directory) == 1
    assert open_files() == files + 2
    clients[-1].sock.close()
    assert settled(udp, 0)
    assert open_files() == files


def test_what_waited_for_a_peer_that_came_again_is_lost_with_its_old_connection(udp, stack):
    node = attached(udp, "node")
    failed: list[Datagram] = []
    node.send_failed = lambda datagram, _: failed.append(datagram) or []
    port = free_port()
    there = Address(OTHER, port, "tcp")
    old = stack.enter_context(calling(node, buffer=4096, host=OTHER, port=port))
    assert settled(udp, 1)
    udp.do(node.says(there, *[text("x" * 60_000)] * 10))

    def again() -> None:
        old.reset()
        clients.append(stack.enter_context(calling(node, host=OTHER, port=port)))

    clients: list[Client] = []
    held_up(udp, again)
    assert udp.wait(lambda: bool(failed), PATIENCE)
    udp.do(node.says(there, text("for the new one")))
    assert clients[0].hear() == "for the new one"


def test_a_connection_that_ended_within_its_turn_is_known_by_no_alias(stack):
    with SocketNet(limits=Limits(queued=10_000)) as udp:
        node = attached(udp, "node")
        node.answer = lambda _: text("x" * 20_000)  # more than may wait: its connection ends
        client = stack.enter_context(calling(node))
        held_up(udp, lambda: client.send(aliased("1", "127.0.0.1:5098"), aliased("2", "127.0.0.1:5099")))
        assert udp.wait(lambda: len(node.heard) == 2, PATIENCE)
        assert settled(udp, 0)
        assert len(udp.carrier("tcp").directory) == 0


# --- shares -----------------------------------------------------------------------------------------------------


def test_one_source_may_have_all_until_another_comes_and_then_loses_what_was_idle_longest(small, stack):
    echo = attached(small, "echo", echo=True)
    crowd = []
    for n in range(8):
        crowd.append(stack.enter_context(calling(echo, host=OTHER)))
        assert settled(small, n + 1)
    ninth = stack.enter_context(calling(echo, host=OTHER))
    assert ninth.ended()
    crowd[0].send(text("busy"))
    assert crowd[0].hear() == "re busy"
    phones = [stack.enter_context(calling(echo)) for _ in range(LEAST)]
    assert all(phone.alive() for phone in phones)
    assert [client.alive() for client in crowd] == [True, False, False, False, False, True, True, True]
    assert stack.enter_context(calling(echo)).ended()  # its share is half of it, now that there are two
    assert len(small.carrier("tcp")) == 8


def test_a_connection_we_make_counts_for_whoever_is_called(small, stack):
    node = attached(small, "node", echo=True)
    accepted = []
    for _ in range(8):
        listening = stack.enter_context(socket.create_server((OTHER, 0)))
        small.do(node.says(Address(*listening.getsockname(), "tcp"), text("hello")))
        accepted.append(Client(stack.enter_context(listening.accept()[0])))
        assert accepted[-1].hear() == "hello"
    phone = stack.enter_context(calling(node))
    assert phone.alive()
    assert [client.alive() for client in accepted] == [False] + [True] * 7


def test_no_connection_ends_for_one_that_cannot_be_made(small, stack):
    node = attached(small, "node", echo=True)
    failed: list[str] = []
    node.send_failed = lambda datagram, _: failed.append(datagram.dst.host) or []
    crowd = [stack.enter_context(calling(node, host=OTHER)) for _ in range(8)]
    assert settled(small, 8)
    small.do(node.says(Address("localhost", 5060, "tcp"), text("hello")))
    assert failed == ["localhost"]
    assert all(client.alive() for client in crowd)


def test_connections_between_nodes_here_neither_count_nor_end_for_others(small, stack):
    alice, bob = attached(small, "alice"), attached(small, "bob", echo=True)
    small.do(alice.says(bob.addresses[0], text("one")))
    assert small.settle()
    for _ in range(12):
        stack.enter_context(calling(bob, host=OTHER))
    assert settled(small, 2 + 8)
    carol = attached(small, "carol")
    small.do(carol.says(bob.addresses[0], text("two")))
    small.do(alice.says(bob.addresses[0], text("three")))
    assert small.settle()
    assert (said(carol), said(alice)) == (["re two"], ["re one", "re three"])
    assert len(small.carrier("tcp")) == 4 + 8


def test_who_does_not_answer_a_connection_of_ours_gives_way_to_others(stack):
    small = stack.enter_context(SocketNet(limits=Limits(connections=8, whole=1000.0)))
    node = attached(small, "node")
    failed: list[Address] = []
    node.send_failed = lambda datagram, _: failed.append(datagram.dst) or []
    deaf = stack.enter_context(socket.create_server((OTHER, 0), backlog=0))
    full = [stack.enter_context(socket.socket()) for _ in range(4)]
    for sock in full:  # what the system keeps for it is full, and it answers nobody any more
        sock.setblocking(False)
        sock.connect_ex(deaf.getsockname())
    there = Address(*deaf.getsockname(), "tcp")
    small.do(node.says(there, text("never")))
    assert len(small.carrier("tcp")) == 1
    listening = stack.enter_context(socket.create_server(("127.0.0.3", 0)))
    small.do(node.says(Address(*listening.getsockname(), "tcp"), text("hello")))
    assert Client(stack.enter_context(listening.accept()[0])).hear() == "hello"
    assert small.wait(lambda: failed == [there], PATIENCE)
    assert len(small.carrier("tcp")) == 1


@pytest.mark.parametrize(
    ("descriptors", "room"),
    [(1 << 20, 2048), (1024, 1024 - SPARE), (100, 50), (resource.RLIM_INFINITY, 2048)],
)
def test_there_are_as_many_connections_as_the_process_has_descriptors_for(monkeypatch, descriptors, room):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, descriptors))
    assert Connections(Limits()).places.room == room


class Scarce:
    """A listening socket of a process that has six descriptors for connections."""

    def __init__(self, sock: socket.socket, net: SocketNet) -> None:
        self._sock = sock
        self._net = net
        self.fileno, self.close = sock.fileno, sock.close

    def accept(self) -> tuple[socket.socket, Any]:
        if len(self._net.carrier("tcp")) >= 6:
            raise OSError(errno.EMFILE, "Too many open files")
        return self._sock.accept()


def test_when_no_descriptor_is_left_whoever_has_most_connections_gives_one_back(udp, stack):
    address = udp.reserve(ANY)
    udp.carrier("tcp").listeners.sockets[address] = Scarce(udp.carrier("tcp").listeners.sockets[address], udp)
    node = Talker(address)
    udp.attach(node, "node")
    crowd = []
    for n in range(6):
        crowd.append(stack.enter_context(calling(node, host=OTHER)))
        assert settled(udp, n + 1)
    assert stack.enter_context(calling(node)).alive()
    assert crowd[0].ended()
    assert all(client.alive() for client in crowd[1:])


# --- one after the other ----------------------------------------------------------------------------------------


def test_however_many_connect_at_once_a_few_are_accepted_before_others_have_their_turn(udp, stack):
    node = attached(udp, "node")

    def rush(_: float) -> list[Datagram]:
        for _ in range(3 * ACCEPTED):
            stack.enter_context(calling(node))
        udp.carrier("tcp").listeners._accept(node.addresses[0])
        open_then.append(len(udp.carrier("tcp")))
        return []

    open_then: list[int] = []
    udp.do(rush)
    assert open_then == [ACCEPTED]
    assert settled(udp, 3 * ACCEPTED)


@pytest.mark.parametrize("sources", [1, 6])
@pytest.mark.parametrize("uvloop", [False, True])
def test_however_much_comes_at_once_each_connection_and_datagrams_have_their_turn(stack, uvloop, sources):
    udp = stack.enter_context(SocketNet(uvloop=uvloop))
    address, port = udp.reserve(ANY), udp.reserve(ANY_UDP)
    node = Talker(address, port)
    udp.attach(node, "node")
    clients = [stack.enter_context(calling(node, host=f"127.0.0.{2 + n % sources}")) for n in range(6)]
    assert settled(udp, 6)
    many = [text(f"{n}") for n in range(6)]
    each = 3 * READ // len(many[0])
    outside = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))

    def rush() -> None:
        for client, one in zip(clients, many, strict=True):
            client.send(one * each)
        outside.sendto(b"datagram", port[:2])

    held_up(udp, rush)
    assert udp.wait(lambda: len(node.heard) == 6 * each + 1, PATIENCE)
    once = 1 + READ // len(many[0])  # messages in what is read at once
    assert node.heard.index("datagram") <= 2 * (BATCH + once)
    node.heard.remove("datagram")
    assert {message[-1] for message in node.heard[: 6 * once]} == set("012345")


def test_one_message_does_not_wait_for_the_crowd_of_another_source(udp, stack):
    node = attached(udp, "node")
    crowd = [stack.enter_context(calling(node, host=OTHER)) for _ in range(12)]
    phone = stack.enter_context(calling(node))
    assert settled(udp, 13)
    one = text("crowd")
    each = READ // len(one)

    def rush() -> None:
        for client in crowd:
            client.send(one * each)
        phone.send(text("phone"))

    held_up(udp, rush)
    assert udp.wait(lambda: len(node.heard) == 12 * each + 1, PATIENCE)
    assert said(node).index("phone") <= BATCH + each
