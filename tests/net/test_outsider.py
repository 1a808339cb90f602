"""A party in a process of its own: somebody else records what it sends, and our wires are on its way."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from labsip.net.sockets import SocketNet
from labsip.sip.transport import Address, Datagram


@dataclass
class Phone:
    """Keeps what comes."""

    addresses: tuple[Address, ...]
    heard: list[bytes] = field(default_factory=list)

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:  # noqa: ARG002
        self.heard.append(datagram.data)
        return []

    def wake(self, now: float) -> list[Datagram]:  # noqa: ARG002
        return []

    def next_wake(self) -> float | None:
        return None


class Stranger:
    """A socket, and what the network is told of it."""

    def __init__(self, net: SocketNet, address: Address) -> None:
        self.net, self.address, self.quiet = net, address, True
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(address[:2])

    def row(self, datagram: Datagram, now: float) -> int | None:
        return self.net.trace.datagram(datagram, now)


@dataclass
class Stage:
    net: SocketNet
    phone: Phone
    stranger: Stranger

    def says(self, raw: bytes) -> None:
        self.stranger.socket.sendto(raw, self.phone.addresses[0][:2])

    def hears(self, count: int) -> bool:
        return self.net.wait(lambda: len(self.phone.heard) == count, 10)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with SocketNet() as net:
        here, there = (net.reserve(Address("127.0.0.1", 0)) for _ in range(2))
        net.release(there)
        phone, stranger = Phone((here,)), Stranger(net, there)
        net.attach(phone, "phone")
        net.welcome(stranger, "proxy")
        yield Stage(net, phone, stranger)
        net.dismiss(stranger)
        stranger.socket.close()


def test_its_message_has_the_row_that_it_is_given(stage: Stage) -> None:
    stage.says(b"hello")
    assert stage.hears(1)
    assert [(stage.net.trace.names[row.src], row.raw) for row in stage.net.trace.datagrams] == [("proxy", b"hello")]


def test_a_wire_loses_what_it_sends_and_says_so(stage: Stage) -> None:
    stage.net.wire("proxy", "phone").drop(None)
    stage.says(b"first")
    stage.says(b"second")
    assert stage.hears(1)
    assert stage.phone.heard == [b"second"]
    assert [row.lost for row in stage.net.trace.datagrams] == [True, False]


def test_a_wire_delays_and_doubles_what_it_sends(stage: Stage) -> None:
    stage.net.wire("proxy", "phone").set(delay=0.05, duplicate=1)
    stage.says(b"hello")
    assert stage.hears(2)
    assert [row.late for row in stage.net.trace.datagrams] == [0.05, 0.05]


def test_the_network_is_at_rest_when_it_is(stage: Stage) -> None:
    stage.stranger.quiet = False
    assert not stage.net.settle(timeout=0.05)
    stage.stranger.quiet = True
    assert stage.net.settle(timeout=10)


def test_a_file_is_attended_to_until_it_is_left(stage: Stage) -> None:
    read, write = os.pipe()
    heard: list[bytes] = []
    stage.net.attend(read, lambda: heard.append(os.read(read, 100)))
    os.write(write, b"one")
    assert stage.net.wait(lambda: heard == [b"one"], 10)
    stage.net.leave(read)
    os.write(write, b"two")
    stage.net.advance(0.05)
    assert heard == [b"one"]
    os.close(read)
    os.close(write)
