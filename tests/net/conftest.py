"""Networks, closed after the test, and who listens outside."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from labsip.net.memory import MemoryNet
from labsip.net.network import Network
from labsip.net.sockets import SocketNet
from labsip.sip.transport import Address
from tests.net.streams import PATIENCE


@pytest.fixture(params=[SocketNet, MemoryNet])
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    """One after the other, both kinds."""
    with request.param() as network:
        yield network


@pytest.fixture
def udp() -> Iterator[SocketNet]:
    with SocketNet() as network:
        yield network


@pytest.fixture
def memory() -> Iterator[MemoryNet]:
    with MemoryNet() as network:
        yield network


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is closed after the test, the last first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def listening() -> Iterator[tuple[socket.socket, Address]]:
    """A program outside that waits for connections, and where."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.settimeout(PATIENCE)
        yield sock, Address(*sock.getsockname(), "tcp")
