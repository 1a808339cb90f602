"""Real sockets: what only they can do, and what can be in their way."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from labsip.net.address import NoSuchAddress, PortInUse, exposure
from labsip.net.sockets import SocketNet
from labsip.net.udp import BATCH, FAULTS
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram
from tests.net.nodes import ANY, Talker, attached, seen


@pytest.fixture
def outside() -> Iterator[socket.socket]:
    """A plain socket that knows nothing of labs."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(ANY[:2])
        sock.settimeout(30)
        yield sock


def test_who_is_outside_is_served_while_the_main_thread_computes(udp, outside):
    echo = attached(udp, "echo", answer=lambda text: f"re {text}")
    heard: list[bytes] = []

    def client() -> None:
        outside.sendto(b"hello", echo.addresses[0][:2])
        heard.append(outside.recv(100))

    talking = threading.Thread(target=client)
    talking.start()
    while talking.is_alive():
        sum(range(10_000))
    assert heard == [b"re hello"]
    assert udp.ask(lambda _: seen(udp.trace)) == [("outside", "echo", "hello"), ("echo", "outside", "re hello")]
    assert [p.cause for p in udp.trace.datagrams] == [None, 0]


def test_what_has_arrived_is_handled_before_any_timer_however_late(udp, outside):
    node = attached(udp, "node")
    node.timers.append((udp.now + 0.02, "tick", node.addresses[0]))

    texts = [f"{n}" for n in range(2 * BATCH)]

    def stall(_: float) -> list[Datagram]:
        time.sleep(0.05)
        for text in texts:
            outside.sendto(text.encode(), node.addresses[0][:2])
        return []

    udp.do(stall)
    assert udp.wait(lambda: "tick" in node.heard, 30)
    assert node.heard == [*texts, "timer tick", "tick"]


def test_a_stall_makes_no_false_retransmission_between_nodes(udp):
    """Alice repeats after 20 ms unless bob has answered; the machine stalls for longer, twice."""
    alice = attached(udp, "alice")
    bob = attached(udp, "bob", answer=lambda text: time.sleep(0.05) or f"re {text}")
    alice.answer = lambda _: alice.timers.clear()

    def ask(now: float) -> list[Datagram]:
        alice.timers.append((now + 0.02, "again", bob.addresses[0]))
        sent = [*alice.says(bob.addresses[0], "hello")(now)]
        time.sleep(0.05)
        return sent

    udp.do(ask)
    assert udp.settle()
    assert [text for _, _, text in seen(udp.trace)] == ["hello", "re hello"]


def test_what_the_system_threw_away_is_marked_lost_and_the_rest_goes_on(udp):
    alice, bob = attached(udp, "alice"), attached(udp, "bob")
    texts = [f"{n:04} {'x' * 60_000}" for n in range(200)]  # more than the buffer takes
    udp.do(alice.says(bob.addresses[0], *texts))
    assert udp.settle(timeout=30)
    lost = [p.raw.decode() for p in udp.trace.datagrams if p.lost]
    assert lost
    assert bob.heard
    assert sorted(bob.heard + lost) == texts
    udp.do(alice.says(bob.addresses[0], "still there"))
    assert udp.settle()
    assert bob.heard[-1] == "still there"


def test_what_is_in_flight_to_a_node_that_goes_is_lost(udp):
    alice, bob = attached(udp, "alice"), attached(udp, "bob", answer=lambda _: time.sleep(0.001))
    texts = [f"{n:03}" for n in range(4 * BATCH)]
    udp.do(alice.says(bob.addresses[0], *texts))
    udp.detach(bob)  # comes between two batches
    assert udp.settle()
    assert bob.heard + [p.raw.decode() for p in udp.trace.datagrams if p.lost] == texts
    assert len(bob.heard) < len(texts)


def test_after_a_network_is_closed_its_addresses_are_free(udp):
    node = attached(udp, "node")
    udp.close()
    with SocketNet() as second:
        second.attach(node, "node")
        assert second.settle()


def test_who_waits_while_the_network_is_closed_is_told(udp):
    begun = threading.Event()
    told: list[str] = []

    def wait() -> None:
        with pytest.raises(LabError) as caught:
            udp.wait(lambda: begun.set() or False, 30)  # type: ignore[func-returns-value]
        told.append(str(caught.value))

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert begun.wait(30)
    udp.close()
    waiting.join(30)
    assert told == ["the network was closed meanwhile"]


def test_a_socket_of_another_program_comes_for_an_address_that_went_away(udp):
    alice, bob = attached(udp, "alice"), attached(udp, "bob")
    there = bob.addresses[0]
    udp.detach(bob)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(there[:2])
        other.settimeout(30)
        other.sendto(b"I am bob now", alice.addresses[0][:2])
        assert udp.wait(lambda: bool(alice.heard), 30)
        udp.do(alice.says(there, "welcome"))
        assert other.recv(100) == b"welcome"
    assert seen(udp.trace)[-1] == ("alice", "bob", "welcome")


def test_who_cannot_be_reached_is_reported_to_the_node(udp):
    alice = attached(udp, "alice")
    failed: list[str] = []
    alice.send_failed = lambda datagram, _: failed.append(datagram.dst.host) or []
    for host, port in (("localhost", 5060), ("999.1.1.1", 5060), ("::1", 5060), ("127.0.0.1", 99999), ("a\0b", 5060)):
        udp.do(alice.says(Address(host, port), "hello"))
    assert failed == ["localhost", "999.1.1.1", "::1", "127.0.0.1", "a\0b"]
    assert not udp.trace.datagrams


def test_ipv6_works_as_well():
    with SocketNet() as network:
        try:
            address = network.reserve(Address("::1", 0))
        except NoSuchAddress:
            pytest.skip("this machine has no IPv6 loopback")
        echo = Talker(address)
        network.attach(echo, "echo")
        network.do(echo.says(address, "to myself"))
        assert network.settle()
        assert echo.heard == ["to myself"]
        assert len(network.trace.datagrams) == 1


class Dead:
    """A socket that says nothing but that it fails, for as long as it is."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.fileno, self.close, self.sendto, self.family = sock.fileno, sock.close, sock.sendto, sock.family
        self.asked = 0
        self.dead = True

    def recvfrom_into(self, room: memoryview) -> tuple[int, tuple[str, int]]:
        self.asked += 1
        if self.dead:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        return self._sock.recvfrom_into(room)


def test_a_socket_that_only_fails_is_left_alone_for_a_while(udp, outside, monkeypatch):
    monkeypatch.setattr("labsip.net.udp.PAUSE", 0.05)
    address = udp.reserve(ANY)
    udp.carrier("udp").sockets[address] = dead = Dead(udp.carrier("udp").sockets[address])
    echo = Talker(address, answer=lambda text: f"re {text}")
    udp.attach(echo, "echo")
    outside.sendto(b"hello", address[:2])
    assert udp.wait(lambda: dead.asked > 2 * FAULTS, 30)  # after a pause it is asked again
    assert udp.trace.notes[-1][1] == f"{address.with_proto} could not read: Cannot allocate memory"
    dead.dead = False
    assert outside.recv(100) == b"re hello"
    assert dead.asked < 1000


# --- errors that say what to do ---------------------------------------------------------------------------------------


def test_a_port_in_use_says_so(udp, outside):
    address = Address(*outside.getsockname())
    with pytest.raises(PortInUse, match=f"{address} is in use by another program; end that one"):
        udp.reserve(address)
    with pytest.raises(PortInUse):
        udp.attach(Talker(address), "late")


@pytest.mark.parametrize(
    ("address", "public", "says"),
    [
        (Address("192.0.2.1"), True, "192.0.2.1 is no address of this machine"),
        (Address("192.0.2.1"), False, "open to other machines.*public=True"),
        (Address("0.0.0.0", 0), False, "open to other machines.*public=True"),
        (Address("::", 0), False, "open to other machines.*public=True"),
        (Address("localhost"), False, "'localhost' is no IP address"),
        (Address("127.0.0.1", 70000), False, "can't be opened"),
    ],
)
def test_an_address_that_cannot_or_should_not_be_opened_says_why(udp, address, public, says):
    with pytest.raises(LabError, match=says):
        udp.reserve(address, public=public)


def test_an_address_others_can_reach_opens_when_asked_for_and_has_a_warning(udp):
    address = udp.reserve(Address("0.0.0.0", 0), public=True)
    assert exposure(address) == (
        f"{address} is open to other machines: whoever reaches this one can register here and call through it"
    )
    assert exposure(Address("127.0.10.1")) == exposure(Address("::1")) == ""
