"""HEP packets: what Kamailio's siptrace writes is read, and anything else is refused in words."""

from __future__ import annotations

from contextlib import suppress
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.pcap.hep import BadHep, HepPacket, parse_hep
from labsip.sip.transport import Address

V4 = bytes.fromhex("48455033 0060 0000 0001 0007 02 0000 0002 0007 11 0000 0003 000a 7f000a6a 0000 0004 000a 7f000a01")
REST = bytes.fromhex("0000 0007 0008 13c4 0000 0008 0008 13c5 0000 0009 000a 6b0c2001 0000 000a 000a 0007a120")


def chunk(number: int, value: bytes, vendor: int = 0) -> bytes:
    return pack(">HHH", vendor, number, 6 + len(value)) + value


def packet(*chunks: bytes) -> bytes:
    body = b"".join(chunks)
    return b"HEP3" + pack(">H", 6 + len(body)) + body


GOOD = packet(V4[6:], REST, chunk(15, b"OPTIONS"))


def test_a_packet_says_from_where_to_where_when_and_what() -> None:
    src, dst = Address("127.0.10.106", 5060), Address("127.0.10.1", 5061)
    assert parse_hep(GOOD) == HepPacket(0x6B0C2001 + 0.5, src, dst, b"OPTIONS")


def test_tcp_and_ipv6_are_told_apart() -> None:
    here = bytes(15) + b"\1"
    raw = packet(chunk(2, b"\x06"), chunk(5, here), chunk(6, here), REST, chunk(15, b""))
    assert parse_hep(raw).src == Address("::1", 5060, "tcp")


def test_chunks_of_other_vendors_and_unknown_types_are_left_alone() -> None:
    raw = packet(chunk(15, b"no", vendor=7), V4[6:], REST, chunk(99, b"?"), chunk(15, b"yes"))
    assert parse_hep(raw).data == b"yes"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "does not begin with HEP3"),
        (b"HEP3", "does not begin with HEP3"),
        (GOOD[:-1], "ends after"),
        (packet(V4[6:], REST), "has no message"),
        (packet(V4[6:], chunk(15, b"x")), "chunk 7 is missing"),
        (packet(REST, chunk(15, b"x")), "lacks an address"),
        (packet(chunk(3, b"x"), REST), "chunk 3 has 1 bytes, not 4"),
        (packet(b"\0\0\0"), "its last chunk has 3 bytes"),
        (packet(pack(">HHH", 0, 15, 3)), "chunk 15 says it has 3 bytes"),
        (packet(pack(">HHH", 0, 15, 99)), "chunk 15 says it has 99 bytes"),
    ],
)
def test_what_is_no_packet_is_refused_with_why(raw: bytes, told: str) -> None:
    with pytest.raises(BadHep, match=told):
        parse_hep(raw)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda body: packet(body)))
def test_any_bytes_are_a_packet_or_refused(raw: bytes) -> None:
    with suppress(BadHep):
        parse_hep(raw)


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=4))
def test_a_packet_with_damage_is_a_packet_or_refused(damage: list[tuple[int, int]]) -> None:
    raw = bytearray(GOOD)
    for place, value in damage:
        raw[place] = value
    with suppress(BadHep):
        parse_hep(bytes(raw))
