"""Messages out of a byte stream, however it was cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.sip.build import build_request, build_response
from labsip.sip.framing import MAX_HEAD, MAX_LINE, MAX_MESSAGE, PING, Framing, refusal
from labsip.sip.message import Response, parse_message

LINES = [
    ("Via", "SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK1"),
    ("From", "<sip:a@b>;tag=1"),
    ("To", "<sip:c@d>"),
    ("Call-ID", "1"),
    ("CSeq", "1 MESSAGE"),
]
EMPTY = build_request("MESSAGE", "sip:c@d", LINES).raw
TEXT = build_request("MESSAGE", "sip:c@d", LINES, b"a\r\n\r\nb: SIP/2.0\n\n").raw
ANSWER = build_response(build_request("MESSAGE", "sip:c@d", LINES), 200, "OK").raw
COMPACT = EMPTY.replace(b"Content-Length: 0", b"l :\r\n 0")
BARE = build_request("MESSAGE", "sip:c@d", LINES, b"a\n\nb\n").raw.replace(b"\r\n", b"\n")  # sloppy, but clear

PIECES = st.sampled_from([EMPTY, TEXT, ANSWER, COMPACT, BARE, PING])


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    """The stream in pieces, cut at these places."""
    at = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:stop] for start, stop in pairwise(at)]


def read(framing: Framing, pieces: list[bytes]) -> list[bytes]:
    """All that comes out."""
    return [whole for piece in pieces for whole in framing.feed(piece)]


@given(st.lists(PIECES), st.lists(st.integers(min_value=0)))
def test_any_cut_gives_the_same_messages(said: list[bytes], places: list[int]) -> None:
    framing = Framing()
    assert read(framing, cut(b"".join(said), places)) == said
    assert framing.fault is None
    assert not framing.begun


@given(st.lists(PIECES, max_size=3), st.binary(), st.lists(st.integers(min_value=0)))
def test_any_cut_gives_the_same_fault(said: list[bytes], junk: bytes, places: list[int]) -> None:
    stream = b"".join(said) + junk + EMPTY
    whole, pieces = Framing(), Framing()
    assert read(pieces, cut(stream, places)) == read(whole, [stream])
    assert str(pieces.fault) == str(whole.fault)
    assert pieces.refused == whole.refused


def test_byte_by_byte_is_a_cut_too() -> None:
    stream = EMPTY + PING + TEXT + COMPACT
    assert read(Framing(), [bytes([byte]) for byte in stream]) == [EMPTY, PING, TEXT, COMPACT]


def test_single_line_ends_mean_nothing_and_double_ones_are_pings() -> None:
    framing = Framing()
    assert framing.feed(b"\r\n" + EMPTY + b"\r\n") == [EMPTY]
    assert not framing.begun
    assert framing.feed(b"\r\n") == [PING]
    assert framing.feed(EMPTY[:10]) == []
    assert framing.begun


@pytest.mark.parametrize(
    ("stream", "says"),
    [
        (EMPTY.replace(b"Content-Length: 0\r\n", b""), "400 Content-Length is missing"),
        (EMPTY.replace(b"Content-Length: 0", b"Content-Length: -1"), "400 Content-Length is no number"),
        (EMPTY.replace(b"Content-Length: 0", b"Content-Length: "), "400 Content-Length is no number"),
        (EMPTY.replace(b"Content-Length: 0", b"Content-Length: 1\r\nl: 2"), "400 Content-Length is no number"),
        (EMPTY.replace(b": 0", b": 1" + b"0" * 4000), "400 Content-Length is no number"),
        (EMPTY.replace(b": 0", b": %d" % MAX_MESSAGE), f"513 Message is longer than {MAX_MESSAGE} bytes"),
    ],
)
def test_a_request_whose_end_nobody_knows_ends_the_stream_with_an_answer(stream: bytes, says: str) -> None:
    framing = Framing()
    assert framing.feed(EMPTY + stream + EMPTY) == [EMPTY]
    assert framing.fault is not None
    answer = parse_message(refusal(framing.refused, framing.fault) or b"")
    assert isinstance(answer, Response)
    assert answer.summary == says
    assert answer.to.tag
    assert framing.feed(EMPTY) == []


@pytest.mark.parametrize(
    "stream",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n",
        b"\n",
        b"x" * (MAX_LINE + 1),
        b"a: b SIP\r\n",
        EMPTY + b"more than Content-Length says\r\n" + EMPTY,
    ],
)
def test_what_is_no_sip_ends_the_stream(stream: bytes) -> None:
    framing = Framing()
    framing.feed(stream)
    assert str(framing.fault) == "This is no SIP"
    assert framing.fault is not None
    assert framing.fault.__traceback__ is None  # it would hold the framing, and what that holds
    assert refusal(framing.refused, framing.fault) is None


def test_headers_that_never_end_end_the_stream() -> None:
    framing = Framing()
    for _ in range(1 + MAX_HEAD // 1000):
        framing.feed((EMPTY[:-2] if not framing.begun else b"") + b"X: " + b"y" * 1000 + b"\r\n")
    assert str(framing.fault) == "Headers are too long"


@pytest.mark.parametrize("head", [ANSWER, EMPTY.replace(b"MESSAGE", b"ACK"), EMPTY.replace(b"Via", b"X"), b""])
def test_nobody_is_answered_who_does_not_wait_for_it(head: bytes) -> None:
    fault = Framing()
    fault.feed(b"\n")
    assert fault.fault is not None
    assert refusal(head, fault.fault) is None


@pytest.mark.parametrize("more", [0, 1])
def test_a_message_may_be_as_long_as_the_limits_say_and_no_longer(more: int) -> None:
    head = EMPTY.replace(b": 0\r\n\r\n", b": %d\r\n\r\n")
    size = MAX_MESSAGE - len(head % 100_000) + more
    assert len(Framing().feed(head % size + b"x" * size)) == 1 - more
    line = b"X: " + b"y" * (MAX_HEAD - len(EMPTY) - 5 + more) + b"\r\n"
    assert len(Framing().feed(EMPTY[:-2] + line + b"\r\n")) == 1 - more


HTTP = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def test_requests_of_http_may_stand_among_messages() -> None:
    framing, post = Framing(http=True), b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
    stream = HTTP + EMPTY + post
    found = [message for place in range(len(stream)) for message in framing.feed(stream[place : place + 1])]
    assert found == [HTTP, EMPTY, post]
    assert framing.fault is None


@pytest.mark.parametrize("line", [b"Transfer-Encoding: chunked", b"Content-Length: x", b"Content-Length: 999999"])
def test_a_body_of_http_without_a_known_end_ends_the_stream(line: bytes) -> None:
    framing = Framing(http=True)
    assert framing.feed(HTTP[:-2] + line + b"\r\n\r\n") == []
    assert framing.fault is not None
    assert refusal(framing.refused, framing.fault) is None


def test_a_message_of_sip_needs_its_content_length_beside_http_too() -> None:
    framing = Framing(http=True)
    framing.feed(EMPTY.replace(b"Content-Length: 0\r\n", b""))
    assert str(framing.fault) == "Content-Length is missing"
