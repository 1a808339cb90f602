from __future__ import annotations

import pytest

from labsip.sip.errors import BadMessage
from labsip.sip.sdp import SessionDescription, agreed, build_answer, build_offer

BARESIP = b"""v=0
o=- 3889148351 1220666327 IN IP4 127.0.10.106
s=-
c=IN IP4 127.0.10.106
t=0 0
a=tool:baresip 1.0.0
m=audio 20032 RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=sendrecv
a=label:1
x=what nobody knows
a=ptime:20
""".replace(b"\n", b"\r\n")


def offered(*media: str, session: str = "t=0 0") -> SessionDescription:
    text = f"v=0\no=- 1 1 IN IP4 127.0.10.106\ns=-\nc=IN IP4 127.0.10.106\n{session}\n" + "\n".join(media) + "\n"
    return SessionDescription.parse(text.encode())


def test_what_is_printed_is_what_was_read() -> None:
    assert bytes(SessionDescription.parse(BARESIP)) == BARESIP


def test_only_line_ends_end_a_line() -> None:
    odd = BARESIP.replace(b"s=-", "s=a\u2028b\x85c\x0bd".encode())
    assert bytes(SessionDescription.parse(odd)) == odd
    assert bytes(SessionDescription.parse(odd.replace(b"\r\n", b"\n"))) == odd


def test_a_stream_tells_its_port_its_formats_and_its_codecs() -> None:
    [stream] = SessionDescription.parse(BARESIP).media
    assert (stream.kind, stream.port, stream.proto, stream.formats) == ("audio", 20032, "RTP/AVP", ["0", "101"])
    assert stream.codecs == {"0": "PCMU/8000", "101": "telephone-event/8000"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"o=- 1 1 IN IP4 1.2.3.4\n",
        b"v=0\nx\n",
        b"v=0\nxy=1\n",
        b"v=0\nm=audio\n",
        b"v=0\nm=audio x RTP/AVP 0\n",
    ],
)
def test_what_is_no_session_description_is_answered_400(body: bytes) -> None:
    with pytest.raises(BadMessage) as caught:
        SessionDescription.parse(body)
    assert caught.value.status == 400


def test_blank_lines_behind_a_description_are_let_pass() -> None:
    assert bytes(SessionDescription.parse(BARESIP + b"\r\n")) == BARESIP


def test_our_offer_is_the_same_text_every_time() -> None:
    lines = bytes(build_offer("127.0.10.106", 40000)).decode().split("\r\n")
    assert lines[1] == "o=- 1 1 IN IP4 127.0.10.106"
    assert lines[5] == "m=audio 40000 RTP/AVP 0 8 101"
    assert lines[-2:] == ["a=sendrecv", ""]


def test_an_ipv6_address_is_said_to_be_one() -> None:
    assert b"c=IN IP6 ::1\r\n" in bytes(build_offer("::1", 40000))


def test_an_answer_has_the_common_codecs_in_the_offers_order() -> None:
    offer = offered("m=audio 9 RTP/AVP 8 3 96 0", "a=rtpmap:3 GSM/8000", "a=rtpmap:96 TELEPHONE-EVENT/8000")
    [stream] = build_answer(offer, "127.0.10.108", 40000).media
    assert stream.formats == ["8", "96", "0"]
    assert ("a", "fmtp:96 0-15") in stream.lines


def test_only_an_attribute_explains_a_number() -> None:
    [stream] = offered("m=audio 9 RTP/AVP 0 97", "i=rtpmap:97 PCMA/8000", "a=ptime:20").media
    assert stream.codecs == {"0": "PCMU/8000"}


def test_a_codec_is_known_by_its_name_under_any_number() -> None:
    offer = offered("m=audio 9 RTP/AVP 97", "a=rtpmap:97 pcma/8000/1")
    assert build_answer(offer, "127.0.10.108", 40000).media[0].codecs == {"97": "pcma/8000"}


@pytest.mark.parametrize(
    "media",
    [
        ("m=audio 9 RTP/AVP 3", "a=rtpmap:3 GSM/8000"),
        ("m=audio 9 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"),
        ("m=audio 9 RTP/SAVP 0",),
        ("m=audio 0 RTP/AVP 0",),
        ("m=video 9 RTP/AVP 31",),
        (),
    ],
)
def test_nothing_in_common_is_answered_488(media: tuple[str, ...]) -> None:
    with pytest.raises(BadMessage) as caught:
        build_answer(offered(*media), "127.0.10.108", 40000)
    assert caught.value.status == 488


def test_one_voice_stream_is_taken_and_every_other_stream_refused_in_its_place() -> None:
    offer = offered("m=video 9 RTP/AVP 31", "m=audio 9 RTP/AVP 0", "m=audio 11 RTP/AVP 8")
    streams = build_answer(offer, "127.0.10.108", 40000).media
    assert [(s.kind, s.port) for s in streams] == [("video", 0), ("audio", 40000), ("audio", 0)]


def test_an_answer_repeats_the_times_of_the_offer() -> None:
    answer = build_answer(offered("m=audio 9 RTP/AVP 0", session="t=2873397496 2873404696"), "127.0.10.108", 40000)
    assert ("t", "2873397496 2873404696") in answer.lines


@pytest.mark.parametrize(
    ("theirs", "ours", "result"),
    [
        ("sendrecv", "sendrecv", "sendrecv"),
        ("sendonly", "sendrecv", "recvonly"),
        ("recvonly", "sendrecv", "sendonly"),
        ("inactive", "sendrecv", "inactive"),
        ("sendrecv", "sendonly", "sendonly"),
        ("sendonly", "sendonly", "inactive"),
    ],
)
def test_each_direction_is_mirrored(theirs: str, ours: str, result: str) -> None:
    assert agreed(theirs, ours) == result
    answer = build_answer(offered("m=audio 9 RTP/AVP 0", f"a={theirs}"), "127.0.10.108", 40000, ours)
    assert answer.direction == result


def test_a_direction_of_the_session_holds_for_streams_without_their_own() -> None:
    offer = offered("m=audio 9 RTP/AVP 0", "m=audio 11 RTP/AVP 0", "a=inactive", session="t=0 0\na=sendonly")
    assert [offer.direction_of(stream) for stream in offer.media] == ["sendonly", "inactive"]


@pytest.mark.parametrize(
    ("media", "direction"),
    [
        (("m=video 9 RTP/AVP 31", "a=sendonly", "m=audio 9 RTP/AVP 0", "a=recvonly"), "recvonly"),
        (("m=audio 0 RTP/AVP 0", "a=sendrecv"), "inactive"),
        (("m=video 9 RTP/AVP 31", "a=sendonly"), "inactive"),
    ],
)
def test_the_direction_of_a_description_is_that_of_its_voice(media: tuple[str, ...], direction: str) -> None:
    assert offered(*media).direction == direction


def test_the_address_0_0_0_0_is_the_old_way_to_hold() -> None:
    assert offered("m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0").direction == "sendonly"
    assert offered("m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=recvonly").direction == "inactive"


def test_with_ice_the_address_0_0_0_0_is_only_not_known_yet() -> None:
    assert offered("m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=ice-ufrag:06qX").direction == "sendrecv"
    assert offered("a=ice-ufrag:06qX", "m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0").direction == "sendrecv"


def test_the_version_goes_up_when_something_changes_and_only_then() -> None:
    first = build_offer("127.0.10.106", 40000)
    same = build_offer("127.0.10.106", 40000).after(first)
    hold = build_offer("127.0.10.106", 40000, "sendonly").after(first)
    assert (same, same.version, hold.version) == (first, 1, 2)
    assert build_offer("127.0.10.106", 40000).after(hold).version == 3


@pytest.mark.parametrize("origin", ["", "o=- 1\n", "o=- 1 x IN IP4 127.0.10.106\n"])
def test_a_version_that_cannot_be_read_is_0(origin: str) -> None:
    assert SessionDescription.parse(f"v=0\n{origin}s=-\n".encode()).version == 0


def test_a_stream_is_wanted_at_an_address_without_its_ttl() -> None:
    offer = offered("m=audio 4000 RTP/AVP 0", "c=IN IP4 224.2.1.1/127/3")
    assert offer.host_of(offer.media[0]) == "224.2.1.1"


def test_what_the_description_says_of_a_payload_type_goes_before_what_is_known_of_it() -> None:
    [stream] = offered("m=audio 4000 RTP/AVP 0 8", "a=rtpmap:0 PCMA/8000").media
    assert stream.codecs == {"0": "PCMA/8000", "8": "PCMA/8000"}
