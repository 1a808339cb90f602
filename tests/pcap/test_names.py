"""Names: those given, those the file has, and what is said of who has none."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from struct import pack

import pytest

from labsip.pcap import read_pcap
from labsip.pcap.names import party_names
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from tests.pcap import wire

HOST, OTHER = "10.0.0.1", "2001:db8::1"


def test_a_host_with_one_port_is_called_by_the_host() -> None:
    ends = [Address(HOST, 5060), Address(OTHER, 5080)]
    assert list(party_names(ends).values()) == ["10.0.0.1", "2001:db8::1"]


def test_a_host_with_several_ports_is_several_parties() -> None:
    ends = [Address(HOST, 5060), Address(HOST, 5061), Address(OTHER, 1), Address(OTHER, 2)]
    assert list(party_names(ends).values()) == ["10.0.0.1:5060", "10.0.0.1:5061", "[2001:db8::1]:1", "[2001:db8::1]:2"]


def test_a_port_that_only_opened_a_tcp_connection_is_no_party_of_its_own() -> None:
    phone, caller = Address(HOST, 5060), Address(HOST, 49_152)
    assert party_names([phone, caller], callers={caller}) == {phone: HOST, caller: HOST}


def test_names_are_given_by_address_or_by_host_for_all_its_ports() -> None:
    ends = [Address(HOST, 5060), Address(HOST, 5061), Address(OTHER, 5060)]
    given = {HOST: "proxy", "10.0.0.1:5061": "bob", "[2001:db8:0::1]:5060": "carol"}
    assert list(party_names(ends, given).values()) == ["proxy", "bob", "carol"]
    assert list(party_names(ends, {Address(HOST, 5060): "alice"}).values()) == ["alice", "10.0.0.1:5061", OTHER]


def test_names_the_file_has_come_after_those_given() -> None:
    ends = [Address(HOST, 5060), Address(OTHER, 5060), Address(OTHER, 5061)]
    names = party_names(ends, {HOST: "alice"}, {HOST: "host1", OTHER: "host2"})
    assert list(names.values()) == ["alice", "host2:5060", "host2:5061"]


@pytest.mark.parametrize("key", ["proxy", "proxy:5060", "10.0.0", ""])
def test_a_name_for_no_address_says_which_way_round_they_go(key: str) -> None:
    with pytest.raises(LabError, match="names go the other way round"):
        party_names([], {key: "10.0.0.1"})


def test_a_flow_shows_the_names_and_says_what_they_stand_for() -> None:
    record = pack("<HH", 1, 8) + b"\x0a\0\0\2bob\0" + bytes(4)
    file = (
        wire.section() + wire.interface(1) + wire.packet(wire.ether(wire.udp(wire.message()))) + wire.block(4, record)
    )
    flow = read_pcap(BytesIO(file), {HOST: "alice"})
    assert (flow.src[0], flow.dst[0]) == ("alice", "bob")
    assert flow.attrs["names"] == {"10.0.0.1:5060": "alice", "10.0.0.2:5080": "bob"}


def test_a_flow_is_in_order_of_time_and_says_when_it_began_and_what_it_lacks(tmp_path: Path) -> None:
    frames = [wire.ether(wire.udp(wire.message(call_id=name))) for name in "abc"]
    file = wire.section() + wire.interface(1)
    file += b"".join(wire.packet(frame, t) for frame, t in zip(frames, (5_000_000, 7_000_000, 6_000_000), strict=True))
    path = tmp_path / "unordered.pcapng"
    path.write_bytes(file + b"\0" * 9)
    flow = read_pcap(path)
    assert list(flow.call_id) == ["a", "c", "b"]
    assert list(flow.index) == [0, 1, 2]
    assert list(flow.t) == [0, 1, 2]
    assert flow.attrs["start"] == 5
    assert flow.attrs["left_out"] == ["packet 4: the last 9 bytes of the file are no whole packet"]


def test_a_capture_without_sip_is_an_empty_flow_with_all_columns() -> None:
    flow = read_pcap(BytesIO(wire.pcap([])))
    assert len(flow) == 0
    assert {"t", "src", "dst", "summary", "raw"} <= set(flow.columns)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"there is no file .*nowhere\.pcap"):
        read_pcap(tmp_path / "nowhere.pcap")
