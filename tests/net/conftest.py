"""Networks, closed after the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labsip.net.memory import MemoryNet
from labsip.net.network import Network
from labsip.net.udp import UdpNet


@pytest.fixture(params=[UdpNet, MemoryNet])
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    """One after the other, both kinds."""
    with request.param() as network:
        yield network


@pytest.fixture
def udp() -> Iterator[UdpNet]:
    with UdpNet() as network:
        yield network


@pytest.fixture
def memory() -> Iterator[MemoryNet]:
    with MemoryNet() as network:
        yield network
