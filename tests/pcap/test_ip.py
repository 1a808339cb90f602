"""Fragments: any cut, any order, repeated or missing; and how much of them is kept."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.pcap import Capture, ip
from tests.pcap import wire

BIG = wire.message(b"y" * 3000, call_id="big")


def read(packets: list[bytes]) -> tuple[list[bytes], list[str]]:
    """The messages, and what was left out."""
    capture = Capture(BytesIO(wire.pcap(map(wire.ether, packets))))
    return [row.raw for row in capture], capture.left_out.lines()


@given(st.data())
@pytest.mark.parametrize("ends", [(wire.SRC, wire.DST), (wire.SRC6, wire.DST6)], ids=["IPv4", "IPv6"])
def test_fragments_of_any_size_in_any_order_make_the_message(
    ends: tuple[wire.Host, wire.Host], data: st.DataObject
) -> None:
    packets = wire.fragments(wire.udp(BIG, *ends), 8 * data.draw(st.integers(5, 200)))
    repeated = data.draw(st.sampled_from(packets))
    assert read(data.draw(st.permutations([*packets, repeated])))[0] == [BIG]


def test_fragments_that_overlap_make_the_message() -> None:
    packet = wire.udp(BIG)
    assert read([*wire.fragments(packet, 1600)[:1], *wire.fragments(packet, 800)[1:]])[0] == [BIG]


def test_fragments_that_miss_others_are_said_with_packet_numbers() -> None:
    packets = wire.fragments(wire.udp(BIG), 1000)
    found, left_out = read([wire.udp(BIG), packets[0], packets[2], packets[3]])
    assert found == [BIG]
    assert left_out == ["packets 2-4: fragments of an IP packet; the others are missing"]


def test_fragments_wait_a_minute_of_the_captures_time() -> None:
    first, *others = map(wire.ether, wire.fragments(wire.udp(BIG), 2000))
    late = wire.pcap([first]) + wire.pcap(others, t=1_700_000_061)[24:]
    in_time = wire.pcap([first]) + wire.pcap(others, t=1_700_000_059)[24:]
    assert [row.raw for row in Capture(BytesIO(in_time))] == [BIG]
    assert list(Capture(BytesIO(late))) == []


def test_no_more_fragments_are_kept_than_the_limit() -> None:
    held = ip.Ip(left_out := Capture(BytesIO(wire.pcap([]))).left_out)
    for ident in range(1, 5000):
        held.take(wire.ip(17, bytes(1400), ident=ident, place=0x2000), 0, ident, 0.0)
    assert held._taken <= ip.FRAGMENT_BYTES + 2000
    assert left_out.lines()[0].startswith("packets 1-"), "the oldest went first"


def test_one_fragment_for_ever_repeated_takes_no_more_room_than_the_limit() -> None:
    held = ip.Ip(Capture(BytesIO(wire.pcap([]))).left_out)
    for number in range(30_000):
        held.take(wire.ip(17, bytes(100), place=0x2000), 0, number, 0.0)
    assert held._taken <= ip.FRAGMENT_BYTES + 2000


@pytest.mark.parametrize("place", [0x1FFF, 0x3FFF])
def test_a_fragment_beyond_the_end_of_all_packets_is_no_fragment(place: int) -> None:
    assert read([wire.ip(17, bytes(1000), place=place)]) == ([], [])
