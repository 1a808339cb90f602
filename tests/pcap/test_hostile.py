"""Nothing in a file stops the reader, and what it needs of memory has a limit."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.pcap import Capture, read_pcap
from tests.pcap import wire
from tests.pcap.test_links import PACKETS

TIMES = 50
"""What a file may need of memory, as a multiple of its size: `read_pcap` says so."""

PCAPNG = wire.section() + wire.interface(1) + b"".join(wire.packet(wire.ether(packet)) for packet in PACKETS)
FILES = [wire.pcap(map(frame, PACKETS), link) for link, frame in wire.LINKS.values()] + [PCAPNG]


def read(file: bytes) -> list[bytes]:
    capture = Capture(BytesIO(file))
    return [row.raw for row in capture]


@given(st.binary(), st.sampled_from([wire.pcap([]), wire.section() + wire.interface(1), wire.section(">")]))
def test_any_bytes_behind_a_header_are_read_to_the_end(rubbish: bytes, header: bytes) -> None:
    read(header + rubbish)


@given(st.lists(st.binary(max_size=80)), st.sampled_from([link for link, _ in wire.LINKS.values()]))
def test_any_bytes_in_packets_are_read_to_the_end(frames: list[bytes], link: int) -> None:
    read(wire.pcap(frames, link))


@given(
    st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(min_size=1, max_size=8)), max_size=6)
)
def test_a_capture_damaged_anywhere_is_read_to_the_end(file: bytes, damages: list[tuple[int, bytes]]) -> None:
    damaged = bytearray(file)
    for place, damage in damages:
        at = 4 + place % (len(file) - 4)  # behind the magic number, which says that it is a capture
        damaged[at : at + len(damage)] = damage
    assert all(b"SIP/" in raw.upper() for raw in read(bytes(damaged)))


@given(st.binary(max_size=300))
def test_a_table_can_be_made_of_whatever_is_taken_for_a_message(rest: bytes) -> None:
    raw = b"INVITE sip:a@b SIP/2.0\r\n" + rest
    flow = read_pcap(BytesIO(wire.pcap([wire.ether(wire.udp(raw))])))
    assert list(flow.raw) == [raw]


def _smallest_messages() -> bytes:
    return wire.pcap([wire.udp(b"A b SIP/2.0\n", (f"10.{n >> 8}.{n & 255}.1", n), wire.DST) for n in range(3000)], 101)


def _messages_in_streams() -> bytes:
    data = b"A b SIP/2.0\n\n" * 100
    return wire.pcap([wire.tcp(4, flags=2), *(wire.tcp(5 + n * len(data), data) for n in range(100))], 101)


def _half_a_message_in_each_stream() -> bytes:
    ends = [(f"10.0.{n >> 8}.{n & 255}", 5060) for n in range(3000)]
    packets = [
        [wire.tcp(4, flags=2, src=src), wire.tcp(5, b"I s", src=src), wire.tcp(50, b"x", src=src)] for src in ends
    ]
    return wire.pcap([packet for each in packets for packet in each], 101)


def _fragments_of_a_byte() -> bytes:
    return wire.pcap([wire.ip(17, b"x", ident=n, place=0x2000) for n in range(10_000)], 101)


def _names_and_interfaces() -> bytes:
    names = (wire.block(4, pack("<HHI", 1, 6, n) + b"a\0" + bytes(6)) for n in range(5000))
    return wire.section() + wire.interface(1) * 5000 + b"".join(names)


def _packets_of_interfaces_nobody_described() -> bytes:
    return wire.section() + b"".join(wire.packet(b"", number=n) for n in range(10_000))


def _empty_packets() -> bytes:
    return wire.pcap([b""] * 20_000, 101)


def _large_lengths() -> bytes:
    return wire.pcap([]) + pack("<IIII", 1_700_000_000, 0, 0xFFFFFFFF, 0xFFFFFFFF) * 5000


@pytest.mark.parametrize(
    "make",
    [
        _smallest_messages, _messages_in_streams, _half_a_message_in_each_stream, _fragments_of_a_byte,
        _names_and_interfaces, _packets_of_interfaces_nobody_described, _empty_packets, _large_lengths,
    ],
)  # fmt: skip
def test_what_a_file_needs_of_memory_is_a_limited_multiple_of_its_size(make) -> None:
    file = make()
    read_pcap(BytesIO(wire.pcap([wire.ether(wire.udp(b"A b SIP/2.0\n"))])))  # what is loaded once is not the file's
    tracemalloc.start()
    try:
        read_pcap(BytesIO(file))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < TIMES * len(file) + (1 << 20)


def test_a_streamed_file_needs_no_more_memory_however_long_it_is() -> None:
    frames = [wire.ether(wire.udp(wire.message(call_id=str(n)))) for n in range(10_000)]
    file = BytesIO(wire.pcap(frames))
    tracemalloc.start()
    try:
        assert sum(1 for _ in Capture(file)) == 10_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20
