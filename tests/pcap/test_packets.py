"""What is packed here is what dpkt would pack, and what tshark takes for whole."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from dpkt.ethernet import Ethernet
from dpkt.ip import IP
from dpkt.udp import UDP
from hypothesis import given
from hypothesis import strategies as st

from labsip.pcap import frames, read_pcap, write_pcap
from labsip.pcap.frames import MTU, Frames
from labsip.sip.transport import Address
from labsip.trace import DatagramRow
from tests.pcap import judges, wire

Host = IPv4Address | IPv6Address
ENDS = st.sampled_from([4, 6]).flatmap(lambda v: st.tuples(st.ip_addresses(v=v), st.ip_addresses(v=v)))
PORT = st.integers(0, 0xFFFF)
RAW = st.binary(min_size=1, max_size=200)
PAIRS = [(Address("10.0.0.1"), Address("10.0.0.2", 5080)), (Address("2001:db8::1"), Address("2001:db8::2", 5080))]


def judged(frame: bytes) -> bytes:
    """The packet in it, with the lengths and checksums that dpkt gives it."""
    packet = Ethernet(frame).data
    packet.data.sum = 0
    if isinstance(packet, IP):
        packet.sum = packet.len = 0
    else:
        packet.plen = len(packet.data)
    if isinstance(packet.data, UDP):
        packet.data.ulen = len(packet.data)
        bytes(packet)
        packet.data.sum = packet.data.sum or 0xFFFF  # which dpkt forgets in IPv6 (RFC 8200 §8.1)
    return bytes(packet)


@given(ENDS, PORT, PORT, RAW)
def test_a_datagram_is_what_dpkt_makes_of_it(ends: tuple[Host, Host], sport: int, dport: int, raw: bytes) -> None:
    (frame,) = Frames().datagram(Address(str(ends[0]), sport), Address(str(ends[1]), dport), raw)
    packet = Ethernet(frame).data
    assert (packet.src, packet.dst) == tuple(end.packed for end in ends)
    assert (packet.data.sport, packet.data.dport, packet.data.data) == (sport, dport, raw)
    assert frame[14:] == judged(frame)


@given(ENDS, PORT, PORT, RAW)
def test_a_segment_is_what_dpkt_makes_of_it(ends: tuple[Host, Host], sport: int, dport: int, raw: bytes) -> None:
    frames = list(Frames().stream(Address(str(ends[0]), sport), Address(str(ends[1]), dport), raw))
    segment = Ethernet(frames[3]).data.data
    assert (segment.sport, segment.dport, segment.data) == (sport, dport, raw)
    assert [frame[14:] for frame in frames] == [judged(frame) for frame in frames]


@pytest.mark.parametrize(("src", "dst"), PAIRS)
@pytest.mark.parametrize(("proto", "expected"), [("datagram", 0xFFFF), ("stream", 0)])
def test_a_checksum_that_comes_out_as_zero_is_written_as_all_ones_in_udp(
    src: Address, dst: Address, proto: str, expected: int
) -> None:
    def longest(raw: bytes) -> bytes:
        return max(getattr(Frames(), proto)(src, dst, raw), key=len)

    lacking = Ethernet(longest(b"\0\0")).data.data.sum.to_bytes(2, "big")
    frame = longest(lacking)
    assert Ethernet(frame).data.data.sum == expected
    assert frame[14:] == judged(frame)


def test_of_more_connections_than_are_remembered_the_oldest_is_opened_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, need: Callable[[str], str]
) -> None:
    need("tshark")
    monkeypatch.setattr(frames, "CONNECTIONS", 1)
    raws = [wire.message(call_id=str(n)) for n in range(4)]
    rows = [DatagramRow(n, n / 1000, *PAIRS[n % 2], raw, None, None, proto="tcp") for n, raw in enumerate(raws)]
    file = tmp_path / "connections.pcap"
    write_pcap(file, rows)
    assert judges.messages(file) == raws
    assert list(read_pcap(file).raw) == raws


@pytest.mark.parametrize("proto", ["udp", "tcp"])
def test_around_the_mtu_and_its_multiples_each_packet_fits_and_tshark_finds_each_message(
    proto: str, tmp_path: Path, need: Callable[[str], str]
) -> None:
    need("tshark")
    sizes = [near + more for near in (1420, 1440, 1452, 1472, 2900, 2944, 4416) for more in (-9, -8, -1, 0, 1)]
    empty = len(wire.message(b" " * 1000)) - 1000
    raws = [wire.message(b"x" * (size - empty)) for size in sizes]
    rows = [
        DatagramRow(n, n / 1000, *pair, raw, None, None, proto=proto) for pair in PAIRS for n, raw in enumerate(raws)
    ]
    file = tmp_path / "sizes.pcap"
    write_pcap(file, rows)
    longest = max(int(length) for length in judges.tshark(file, "-T", "fields", "-e", "frame.len").split())
    assert MTU + 14 - 8 < longest <= MTU + 14
    assert judges.messages(file) == [*raws, *raws]
    assert judges.complaints(file) == []
