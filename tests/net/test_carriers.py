"""A transport of somebody else's: a row and a carrier, through public names alone."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import pytest

from labsip.net import sockets
from labsip.net.carrier import Ends, Enter
from labsip.net.sockets import SocketNet
from labsip.sip.errors import LabError
from labsip.sip.transport import TRANSPORTS, Address, Datagram, Transport
from labsip.sip.uri import SipUri
from tests.net.nodes import Talker


class Pigeons:
    """Carries messages within this network, and does so at once."""

    due = inf
    quiet = True

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self.held: dict[str, int] = {"pigeons": 0}

    def open(self, address: Address) -> Address:
        return address

    def listen(self, address: Address) -> None:
        pass

    def shut(self, address: Address) -> None:
        pass

    def drain(self) -> bool:
        return True

    def send(self, datagram: Datagram, enter: Enter) -> None:
        row = enter(False)
        self.held["pigeons"] += 1
        self._ends.loop.call_soon(self._ends.came, datagram, row, True)


@pytest.fixture
def _pigeons(monkeypatch: pytest.MonkeyPatch) -> None:
    carriers: dict[str, Callable[[Ends], object]] = sockets.CARRIERS
    monkeypatch.setitem(TRANSPORTS, "rfc1149", Transport(port=1149, via="RFC1149"))
    monkeypatch.setitem(carriers, "rfc1149", Pigeons)


@pytest.mark.usefixtures("_pigeons")
def test_a_transport_is_added_by_a_row_and_a_carrier(udp: SocketNet) -> None:
    one, two = (Address.parse(f"rfc1149:127.0.0.{n}") for n in (1, 2))
    assert two.port == SipUri.parse("sip:127.0.0.2;transport=rfc1149").address.port == 1149
    talker, listener = Talker(one), Talker(two)
    udp.attach(talker, "one")
    udp.attach(listener, "two")
    udp.do(talker.says(two, "coo"))
    assert udp.wait(lambda: listener.heard == ["coo"], 30)
    assert [row.proto for row in udp.trace.datagrams] == ["rfc1149"]
    assert udp.held["pigeons"] == 1


def test_what_nothing_carries_is_refused_in_plain_words(udp: SocketNet) -> None:
    with pytest.raises(LabError, match="nothing here carries sctp"):
        udp.reserve(Address("127.0.0.1", 0, "sctp"))
