"""What kamcmd speaks, as bytes: those of a real Kamailio 5.6.3, and any others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.modules.ctl import REPLY, REQUEST, PacketReader, answer_packet, binrpc
from labsip.modules.ctl.binrpc import FAULT, MAGIC, Misread, Packet
from labsip.proxy.rpc import Named, RpcFault
from tests.ends import Bench

COOKIE = b"\1\2\3\4"
ASKED = b"\xa1\x07\x00\x0f\x01\x02\x03\x04\x91\x0dcore.version\x00"
REPLIED = b"\xa1\x13!\x01\x02\x03\x04\x91\x1fkamailio 5.6.3 (x86_64/linux) \x00"
REFUSED = b"\xa13\x1e\x01\x02\x03\x04 \x01\xf4\x91\x19command nosuch not found\x00"
BRIEF = (
    b"\x03\x95\x08Domains\x00\x03uDomain\x00\x03uDomain\x00\x91\tlocation\x00USize\x00 \x04\x00UAoRs\x00\x03EAoR\x00"
    b"A106\x00EAoR\x00A108\x00\x83eStats\x00\x03\x95\x08Records\x00\x10\x02\x95\nMax-Slots\x00\x10\x01\x83\x83\x83\x83"
)
VALUE = {
    "Domains": [
        Named(
            "Domain",
            {
                "Domain": "location",
                "Size": 1024,
                "AoRs": [Named("AoR", "106"), Named("AoR", "108")],
                "Stats": {"Records": 2, "Max-Slots": 1},
            },
        )
    ]
}
BENCH = Bench(lambda ksr: None)  # noqa: ARG005


def answered(data: bytes) -> tuple[bytes, bool]:
    (asked,) = PacketReader().feed(data, REQUEST)
    return answer_packet(BENCH.proxy, 0.0, asked, who="me", writes=True)


def test_values_are_the_bytes_that_kamailio_writes() -> None:
    assert binrpc.reply(["kamailio 5.6.3 (x86_64/linux) "], COOKIE) == REPLIED
    assert binrpc.refusal(RpcFault(500, "command nosuch not found"), COOKIE) == REFUSED
    assert binrpc.encoded([VALUE]) == BRIEF
    numbers = [5, 256, 0, -1, -2, 0.5, -1.0, 3.0, 4294967295, None]
    assert binrpc.encoded(numbers) == (
        b"\x10\x05\x20\x01\x00\x00\x40\xff\xff\xff\xff\x40\xff\xff\xff\xfe\x22\x01\xf4"
        b"\x82\xff\xff\xff\xff\xff\xff\xfc\x18\x22\x0b\xb8\x40\xff\xff\xff\xff\x91\x0e<null string>\x00"
    )
    assert binrpc.encoded(["x" * 300])[:3] == b"\xa1\x01\x2d"


def test_bytes_are_the_values_that_were_written() -> None:
    assert binrpc.decoded(BRIEF) == [
        {"Domains": {"Domain": VALUE["Domains"][0].value}}  # one name alone is a structure
    ]
    assert binrpc.decoded(binrpc.encoded([5, 256, 0, -1, 0.5, -1.0, "", "é", {}])) == [
        5,
        256,
        0,
        -1,
        0.5,
        -1.0,
        "",
        "é",
        [],
    ]


def test_packets_come_in_pieces_of_any_size() -> None:
    reader, stream = PacketReader(), ASKED * 3
    found = [packet for place in range(len(stream)) for packet in reader.feed(stream[place : place + 1], REQUEST)]
    assert [binrpc.name_of(packet.body) for packet in found] == ["core.version"] * 3
    assert not reader.begun


@pytest.mark.parametrize(
    ("data", "cookie"),
    [
        (b"\r\n\r\n", b"\0"),
        (b"GET / HTTP/1.1\r\n\r\n", b"\0"),
        (b"\xa2" + ASKED[1:], b"\0"),
        (b"\xa1\x17" + ASKED[2:], COOKIE),  # a reply
        (b"\xa1\x0f\x7f\xff\xff\xff" + COOKIE, COOKIE),  # two gigabytes
        (b"\xa1\x0f\0\1\0\1" + COOKIE, COOKIE),
    ],
)
def test_what_is_no_request_ends_the_stream(data: bytes, cookie: bytes) -> None:
    reader = PacketReader()
    assert reader.feed(data, REQUEST) == []
    assert (reader.fault, reader.cookie) == (True, cookie)
    assert reader.feed(ASKED, REQUEST) == []


def test_a_request_is_answered() -> None:
    data, goes_on = answered(binrpc.request("core.echo", ["a", 5], COOKIE))
    assert (data, goes_on) == (binrpc.reply(["a", "5"], COOKIE), True)


def test_what_is_refused_is_no_end() -> None:
    assert answered(binrpc.request("nosuch", [], COOKIE)) == (REFUSED, True)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "end of packet encountered"),
        (b"\x10\x05", "record doesn't match type"),
        (b"\x91\x0dcore", "more data needed"),
        (b"\x83", "record doesn't match type"),
        (b"\x17a", "record doesn't match type"),
    ],
)
def test_a_request_that_names_no_command_is_the_end(body: bytes, why: str) -> None:
    data, goes_on = answered(binrpc.packet(REQUEST, COOKIE, body))
    assert data == binrpc.refusal(RpcFault(400, f"bad request method: {why}"), COOKIE)
    assert not goes_on
    with pytest.raises(Misread):
        binrpc.name_of(body)


def test_structures_within_each_other_are_read_to_a_depth() -> None:
    assert binrpc.decoded(b"\x03" * 10_000 + b"\x83" * 10_000) == []


@given(st.binary(max_size=300))
def test_any_bytes_are_packets_or_a_fault(data: bytes) -> None:
    reader = PacketReader()
    for packet in reader.feed(data, REQUEST, REPLY, FAULT):
        answer_packet(BENCH.proxy, 0.0, packet, who="me", writes=True)
    assert reader.fault or data[:1] in (b"", bytes((MAGIC,)))


@given(st.binary(max_size=300), st.sampled_from(["ul.add", "core.echo", "htable.sets", "cfg.set_now_int", "pv.shvSet"]))
def test_any_arguments_are_answered(data: bytes, name: str) -> None:
    body = binrpc.encoded([name]) + data
    answer, goes_on = answer_packet(BENCH.proxy, 0.0, Packet(REQUEST, COOKIE, body), who="me", writes=True)
    assert goes_on
    (packet,) = PacketReader().feed(answer, REPLY, FAULT)
    assert packet.cookie == COOKIE


texts = st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)))
plain = st.integers(-(2**31), 2**31 - 1) | texts
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, min_size=1, max_size=4)
)


@given(st.lists(values, max_size=4))
def test_what_is_written_is_read(written: list[object]) -> None:
    assert binrpc.decoded(binrpc.encoded(written)) == written
