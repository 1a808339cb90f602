"""Every link type, both versions of IP, in fragments and not, UDP and TCP: what tshark finds is found."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from labsip.pcap import Capture
from tests.pcap import judges, wire

SMALL = wire.message(b"v=0\r\n")
LARGE = wire.message(b"x" * 4000, call_id="large")
QUOTED = wire.message(call_id="quoted")
STREAM = SMALL + LARGE + SMALL
PACKETS = [
    wire.udp(SMALL),
    *wire.fragments(wire.udp(LARGE), 1480),
    wire.ip(1, b"\x03\x03\0\0\0\0\0\0" + wire.udp(QUOTED)),
    wire.udp(SMALL, wire.SRC6, wire.DST6),
    *wire.fragments(wire.udp(LARGE, wire.SRC6, wire.DST6), 1448),
    wire.ip(58, b"\x01\x04\0\0\0\0\0\0" + wire.udp(QUOTED, wire.SRC6, wire.DST6), wire.SRC6[0], wire.DST6[0]),
    wire.tcp(99, flags=0x02),
    *(wire.tcp(100 + at, STREAM[at : at + 700]) for at in range(0, len(STREAM), 700)),
]
FOUND = [SMALL, LARGE, SMALL, LARGE, SMALL, LARGE, SMALL]


@pytest.mark.parametrize("name", wire.LINKS)
def test_all_messages_of_a_link_type_are_found(name: str) -> None:
    link, frame = wire.LINKS[name]
    capture = Capture(BytesIO(wire.pcap(map(frame, PACKETS), link)))
    assert [row.raw for row in capture] == FOUND
    assert not capture.left_out


@pytest.mark.parametrize(
    "name", [name for name in wire.LINKS if name != "raw of old"]
)  # 12 is none in a file, tshark says
def test_tshark_finds_the_same_messages(name: str, tmp_path: Path, need: Callable[[str], str]) -> None:
    need("tshark")
    link, frame = wire.LINKS[name]
    path = tmp_path / "link.pcap"
    path.write_bytes(wire.pcap(map(frame, PACKETS), link))
    assert judges.messages(path) == FOUND


def test_what_an_icmp_error_quotes_is_no_message() -> None:
    rows = list(Capture(BytesIO(wire.pcap(map(wire.ether, PACKETS)))))
    assert QUOTED not in [row.raw for row in rows]


def test_an_unknown_link_type_is_said_with_packet_numbers() -> None:
    capture = Capture(BytesIO(wire.pcap([b"?"] * 3, link=147)))
    assert list(capture) == []
    assert capture.left_out.lines() == ["packets 1-3: link type 147 is not among those read"]


def test_frames_without_ip_are_passed_over() -> None:
    arp = bytes(12) + b"\x08\x06" + bytes(28)
    capture = Capture(
        BytesIO(wire.pcap([arp, b"", b"\1", wire.ether(wire.udp(SMALL)[:19]), wire.ether(wire.udp(SMALL))]))
    )
    assert [row.raw for row in capture] == [SMALL]
    assert not capture.left_out


def test_what_the_card_was_to_cut_and_padding_behind_a_packet_do_not_matter() -> None:
    packet = wire.udp(SMALL)
    uncut = packet[:2] + b"\0\0" + packet[4:]
    padded = wire.ether(packet) + b"padding"
    rows = Capture(BytesIO(wire.pcap([wire.ether(uncut), padded])))
    assert [row.raw for row in rows] == [SMALL, SMALL]


def test_ipv6_extension_headers_are_stepped_over() -> None:
    inner = wire.udp(SMALL, wire.SRC6, wire.DST6)[40:]
    hop_by_hop = bytes((60, 1)) + bytes(14)
    destination = bytes((17, 0)) + bytes(6)
    packet = wire.ip(0, hop_by_hop + destination + inner, wire.SRC6[0], wire.DST6[0])
    assert [row.raw for row in Capture(BytesIO(wire.pcap([wire.ether(packet)])))] == [SMALL]


def test_rows_say_when_between_whom_and_over_what() -> None:
    stream = [wire.tcp(0, flags=0x02, src=wire.SRC6, dst=wire.DST6), wire.tcp(1, SMALL, src=wire.SRC6, dst=wire.DST6)]
    first, second = Capture(BytesIO(wire.pcap(map(wire.ether, [b"\x45", wire.udp(SMALL), *stream]))))
    assert (first.row, first.t, first.proto) == (0, 0.001, "udp")
    assert (str(first.src), str(first.dst)) == ("10.0.0.1:5060", "10.0.0.2:5080")
    assert (second.row, second.t, second.proto) == (1, 0.003, "tcp")
    assert (str(second.src), str(second.dst)) == ("[2001:db8::1]:5060", "[2001:db8::2]:5080")
