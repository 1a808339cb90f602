"""Where a lab finds its addresses."""

from __future__ import annotations

import pytest

from labsip.net import addresses
from labsip.net.address import NoSuchAddress, PortInUse
from labsip.net.addresses import Addresses
from labsip.net.memory import Ether, MemoryNet
from labsip.net.sockets import SocketNet
from labsip.sip.errors import LabError
from labsip.sip.transport import Address


def test_a_lab_in_memory_is_always_at_the_same_place(memory):
    lab = Addresses(memory)
    assert str(lab.proxy) == "127.0.10.1:5060"
    assert str(lab.phone("106")) == "127.0.10.106:5060"


def test_phones_whose_name_is_no_host_get_the_next_free_one(memory):
    lab = Addresses(memory)
    names = ("alice", "bob", "12", "13", "1", "251", "108", "108")
    assert [int(lab.phone(name).host.split(".")[-1]) for name in names] == [11, 12, 13, 14, 15, 16, 108, 17]


def test_a_full_lab_says_so(memory, monkeypatch):
    monkeypatch.setattr(addresses, "HOSTS", range(2, 13))
    lab = Addresses(memory)
    assert [lab.phone(name).host for name in ("alice", "bob")] == ["127.0.10.11", "127.0.10.12"]
    with pytest.raises(LabError, match=r"no address is left for carol in 127.0.10.x"):
        lab.phone("carol")


def test_two_labs_side_by_side_have_places_of_their_own(udp):
    with SocketNet() as second:
        first, other = Addresses(udp), Addresses(second)
        assert first.proxy != other.proxy
        assert first.phone("106") != other.phone("106")


def test_no_other_lab_comes_between_while_the_port_of_the_proxy_changes_hands(udp):
    with SocketNet() as second:
        first = Addresses(udp)
        udp.release(first.proxy)
        other = Addresses(second)
        assert udp.reserve(first.proxy) == first.proxy != other.proxy


@pytest.mark.parametrize("reason", [NoSuchAddress, PortInUse])
def test_where_only_localhost_is_left_the_system_picks_ports(reason, monkeypatch):
    opened = Ether.open

    def open_(self: Ether, address: Address, public: bool) -> Address:
        if address.host != "127.0.0.1":
            raise reason("not here")
        return opened(self, address, public)

    monkeypatch.setattr(Ether, "open", open_)
    lab = Addresses(MemoryNet())
    addresses = {lab.proxy, lab.phone("106"), lab.phone("alice")}
    assert {address.host for address in addresses} == {"127.0.0.1"}
    assert len(addresses) == 3
    assert 0 not in {address.port for address in addresses}
