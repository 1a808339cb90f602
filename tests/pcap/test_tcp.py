"""Messages in TCP streams: any cut, any order, repeated or overlapping; gaps, and connections joined midway."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.pcap import Capture
from labsip.pcap.scan import MAX_HEAD, MAX_MESSAGE
from tests.pcap import wire

MESSAGES = [
    wire.message(call_id="a"),
    wire.message(b"INVITE sip:in@the.body SIP/2.0\r\n\r\nno message", call_id="b"),
    b"SIP/2.0 200 OK\r\nl: 3\r\nCall-ID: c\r\n\r\nabc",
    wire.message(b"x" * 2000, call_id="d"),
    wire.message(method="FOOBAR", call_id="e"),
]
STREAM = b"\r\n\r\n".join(MESSAGES) + b"\r\n\r\n"
"""With the keep-alives of RFC 5626 in between."""
SYN = 0x02


def read(packets: list[bytes], t: int = 1_700_000_000) -> tuple[list[bytes], list[str]]:
    """The messages, and what was left out."""
    capture = Capture(BytesIO(wire.pcap(map(wire.ether, packets), t=t)))
    return [row.raw for row in capture], capture.left_out.lines()


def cut(start: int, places: list[int], stream: bytes = STREAM) -> list[bytes]:
    """The stream in segments that end at those places; its first byte has the number `start`."""
    edges = sorted({0, len(stream), *places})
    return [wire.tcp(start + a, stream[a:b]) for a, b in pairwise(edges)]


places = st.lists(st.integers(1, len(STREAM) - 1), max_size=40)


@given(places, st.integers(0, 2**32 - 1), st.randoms(), st.booleans())
def test_segments_of_any_size_in_any_order_make_the_messages(cuts: list[int], start: int, random, repeat: bool) -> None:
    segments = cut(start, cuts) * (1 + repeat)
    random.shuffle(segments)
    assert read([wire.tcp(start - 1, flags=SYN), *segments]) == (MESSAGES, [])


@given(places, places)
def test_segments_sent_again_in_another_cut_change_nothing(cuts: list[int], others: list[int]) -> None:
    segments = [part for pair in zip(cut(5, cuts), cut(5, others), strict=False) for part in pair]
    rest = cut(5, cuts)[len(segments) // 2 :]
    assert read([wire.tcp(4, flags=SYN), *segments, *rest]) == (MESSAGES, [])


@given(places, st.data())
def test_what_is_lost_loses_no_more_than_the_messages_it_is_of(cuts: list[int], data: st.DataObject) -> None:
    segments = cut(5, cuts)
    lost = data.draw(st.integers(0, len(segments) - 1))
    found, _ = read([wire.tcp(4, flags=SYN), *segments[:lost], *segments[lost + 1 :]])
    edges = sorted({0, len(STREAM), *cuts})
    whole = [each for each in MESSAGES if not _touches(each, edges[lost], edges[lost + 1])]
    assert [each for each in found if each in MESSAGES] == whole


def _touches(message: bytes, low: int, high: int) -> bool:
    start = STREAM.index(message)
    return start < high and low < start + len(message)


def test_a_byte_a_segment_makes_the_messages() -> None:
    assert read([wire.tcp(4, flags=SYN), *cut(5, list(range(len(STREAM))))]) == (MESSAGES, [])


def test_a_gap_is_said_with_packet_numbers_and_passed() -> None:
    first, _, *others = cut(5, [50, 100, len(MESSAGES[0])])
    found, left_out = read([wire.tcp(4, flags=SYN), first, *others])
    assert found == MESSAGES[1:]
    assert left_out[0] == "packet 2: a SIP message in a TCP stream, not all of it in the capture"


def test_behind_a_gap_in_a_body_no_line_of_the_body_begins_a_message() -> None:
    body = b"lost" * 100 + b"\r\nINVITE sip:in@the.body SIP/2.0\r\n\r\n"
    stream = MESSAGES[0] + wire.message(body) + MESSAGES[2]
    at = stream.index(b"lost")
    segments = cut(5, [at + 100, at + 200], stream)
    assert read([wire.tcp(4, flags=SYN), segments[0], segments[2]])[0] == [MESSAGES[0], MESSAGES[2]]


def test_behind_a_gap_messages_have_the_time_they_came_at() -> None:
    frames = [wire.tcp(4, flags=SYN), wire.tcp(5, MESSAGES[0][:50]), *(wire.tcp(5000, MESSAGES[0]) for _ in range(2))]
    (row,) = Capture(BytesIO(wire.pcap(map(wire.ether, frames))))
    assert row.t == 0.002


def test_a_segment_that_fills_a_gap_brings_what_waited_behind_it() -> None:
    whole = MESSAGES[0]
    frames = [
        wire.tcp(4, flags=SYN),
        wire.tcp(5 + 60, whole[60:]),
        wire.tcp(5 + 60, whole[60:]),
        wire.tcp(5, whole[:60]),
    ]
    (row,) = Capture(BytesIO(wire.pcap(map(wire.ether, frames))))
    assert (row.raw, row.t) == (whole, 0.003)


def test_a_long_capture_does_not_wait_for_ever_behind_a_gap() -> None:
    first = [wire.ether(wire.tcp(4, flags=SYN)), wire.ether(wire.tcp(5000, MESSAGES[0]))]
    later = [wire.ether(wire.tcp(5000 + len(MESSAGES[0]), MESSAGES[1])), wire.ether(wire.udp(MESSAGES[2]))]
    rows = iter(Capture(BytesIO(wire.pcap(first) + wire.pcap(later, t=1_700_000_061)[24:])))
    assert [next(rows).raw for _ in range(3)] == MESSAGES[:3], "before the end of the file has been seen"


@given(places, st.integers(0, len(STREAM) - 1))
def test_a_connection_begun_before_the_capture_is_joined_at_the_next_message(cuts: list[int], begun: int) -> None:
    found, _ = read(cut(5, [place - begun for place in cuts if place > begun], STREAM[begun:]))
    starts = [STREAM.index(each) for each in MESSAGES]
    in_one = (n for n, start in enumerate(starts) if start >= begun and not any(start < c < start + 40 for c in cuts))
    expected = MESSAGES[next(in_one, len(MESSAGES)) :]
    assert [each for each in found if each in expected] == expected, "from the first whose line is in one segment"


def test_joining_in_the_midst_of_a_message_is_said() -> None:
    assert read([wire.tcp(5, MESSAGES[0][40:] + MESSAGES[1])]) == (
        [MESSAGES[1]],
        ["packet 1: the end of a SIP message in a TCP stream begun before the capture"],
    )


def test_both_directions_and_a_port_used_again_are_streams_of_their_own() -> None:
    back = {"src": wire.DST, "dst": wire.SRC}
    packets = [
        wire.tcp(4, flags=SYN),
        wire.tcp(5, MESSAGES[0][:50]),
        wire.tcp(5, MESSAGES[2], **back),
        wire.tcp(900_000, flags=SYN),
        wire.tcp(900_001, MESSAGES[1]),
        wire.tcp(3_000_000_000, MESSAGES[4][:30]),
        wire.tcp(3_000_000_030, MESSAGES[4][30:]),
    ]
    found, left_out = read(packets)
    assert found == [MESSAGES[2], MESSAGES[1]] + ([MESSAGES[4]] if len(found) == 3 else [])
    assert left_out[0] == "packet 2: a SIP message in a TCP stream that does not end in the capture"


def test_other_protocols_are_no_messages_and_nothing_is_said_of_them() -> None:
    http = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + b"text of INVITE sip:a@b SIP/2.0\r\n" * 3
    tls = b"\x16\x03\x01\x02\x00" + bytes(600)
    for other in (http, tls, b"\0" * 3000, b"command" * 30_000):
        assert read([wire.tcp(4, flags=SYN), *cut(5, list(range(0, len(other), 1000)), other)]) == ([], [])


@pytest.mark.parametrize(
    "broken",
    [
        b"INVITE sip:a@b SIP/2.0\r\nContent-Length: " + str(MAX_MESSAGE).encode() + b"\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\n" + b"X: y\r\n" * (MAX_HEAD // 3),
        b"rubbish\r\nrubbish\r\n",
        b"\xff" * 10_000,
    ],
    ids=["a length of a megabyte", "headers without end", "lines", "bytes"],
)
def test_after_what_is_no_message_reading_goes_on_at_the_next(broken: bytes) -> None:
    stream = MESSAGES[0] + broken + b"\r\n" + MESSAGES[2] + MESSAGES[3]
    found, left_out = read([wire.tcp(4, flags=SYN), *cut(5, list(range(0, len(stream), 1000)), stream)])
    assert found == [MESSAGES[0], MESSAGES[2], MESSAGES[3]]
    assert any("bytes of a TCP stream that belong to no whole SIP message" in line for line in left_out)


def test_a_message_the_capture_ends_in_is_said() -> None:
    found, left_out = read([wire.tcp(4, flags=SYN), wire.tcp(5, MESSAGES[0] + MESSAGES[1][:100])])
    assert found == MESSAGES[:1]
    assert left_out == ["packet 2: a SIP message in a TCP stream that does not end in the capture"]
