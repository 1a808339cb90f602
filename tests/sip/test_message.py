"""Messages as values: the bytes that arrived, and what they say (RFC 3261 §7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.sip.build import build_request, build_response
from labsip.sip.errors import BadMessage
from labsip.sip.head import MAX_HEADERS
from labsip.sip.headers import Via
from labsip.sip.message import Request, Response, parse_message
from tests.sip import texts

INVITE = (
    b"INVITE sip:bob@biloxi.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds, SIP/2.0/UDP inner;branch=z9hG4bKi\r\n"
    b"v: SIP/2.0/UDP first;branch=z9hG4bKf\r\n"
    b"Max-Forwards: 70\r\n"
    b"t: Bob <sip:bob@biloxi.com>\r\n"
    b"From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
    b"CALL-ID: a84b4c76e66710\r\n"
    b"CSeq:  314159 INVITE \r\n"
    b"Subject: I know you're there,\r\n pick up\r\n\t the phone\r\n"
    b"X-Own: one\r\n"
    b"x-own:\r\n"
    b"Contact: <sip:alice@pc33.atlanta.com>, *\r\n"
    b"Content-Length: 4\r\n"
    b"\r\n"
    b"bodyrest"
)


def invite() -> Request:
    message = parse_message(INVITE)
    assert isinstance(message, Request)
    return message


@given(texts.tokens, texts.uris.map(str), texts.header_lines, texts.bodies)
def test_a_message_reads_as_it_was_written(method: str, uri: str, headers: list[tuple[str, str]], body: bytes) -> None:
    headers = [(name, value) for name, value in headers if name.lower() not in ("content-length", "l")]
    written = build_request(method, uri, headers, body)
    read = parse_message(bytes(written))
    assert isinstance(read, Request)
    assert (read.method, read.uri, read.body) == (method, uri, body)
    assert [(line.name, line.value) for line in read.lines] == [*headers, ("Content-Length", str(len(body)))]
    assert bytes(read) == bytes(written)


@given(st.binary(max_size=200) | texts.messy.map(lambda text: f"INVITE sip:a@b SIP/2.0\r\n{text}\r\n\r\n".encode()))
def test_any_bytes_are_a_message_or_bad(data: bytes) -> None:
    try:
        message = parse_message(data)
        _ = message.lines, message.body, message.via, message.from_, message.to, message.cseq, message.call_id
        _ = message.contacts, message.routes, message.record_routes, message.vias, message.max_forwards, message.expires
    except BadMessage:
        return
    assert bytes(message) == data.lstrip(b"\r\n")


@given(st.integers(0, len(INVITE)))
def test_a_message_cut_anywhere_is_a_message_or_bad(cut: int) -> None:
    try:
        message = parse_message(INVITE[:cut])
        _ = message.lines, message.body
    except BadMessage:
        return
    assert cut >= INVITE.index(b"\r\n\r\n") + 4


def test_headers_are_found_in_any_spelling_and_kept_as_spelled() -> None:
    message = invite()
    assert [line.name for line in message.lines][:3] == ["Via", "v", "Max-Forwards"]
    assert message.get("To") == "Bob <sip:bob@biloxi.com>"
    assert message.get("call-id") == message.call_id == "a84b4c76e66710"
    assert message.get_all("X-OWN") == ["one", ""]
    assert message.get("Route") is None
    assert message.count("via") == 2
    assert message.line_count == len(message.lines) == 12


@pytest.mark.parametrize("head", [b" To: <sip:a@b>\r\n", b"To\r\n : <sip:a@b>\r\n", b": x\r\n", b"To\r\n"])
def test_a_header_line_begins_with_its_name_and_a_colon(head: bytes) -> None:
    with pytest.raises(BadMessage, match="no header"):
        _ = parse_message(b"OPTIONS sip:a@b SIP/2.0\r\n" + head + b"\r\n").to


def test_a_folded_line_is_one_value() -> None:
    assert invite().get("Subject") == "I know you're there, pick up the phone"


def test_lines_lie_where_they_say() -> None:
    message = invite()
    assert (
        b"".join(message.raw[line.start : line.stop] for line in message.lines)
        == INVITE[message.head_start : message.head_end]
    )


def test_several_headers_are_found_in_their_own_order() -> None:
    assert [line.name for line in invite().find("CSeq", "Via", "To")] == ["Via", "v", "t", "CSeq"]
    assert invite().first("Via").value.startswith("SIP/2.0/UDP pc33")
    with pytest.raises(BadMessage, match="Route header is missing"):
        invite().first("Route")


def test_values_come_typed_when_asked_for() -> None:
    message = invite()
    assert message.via == Via.parse("SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds")
    assert [via.branch for via in message.vias] == ["z9hG4bK776asdhds", "z9hG4bKi", "z9hG4bKf"]
    assert (message.from_.tag, message.to.tag) == ("1928301774", None)
    assert (message.cseq.number, message.cseq.method, message.max_forwards) == (314159, "INVITE", 70)
    assert [contact.uri for contact in message.contacts] == ["sip:alice@pc33.atlanta.com"]
    assert message.expires is None


def test_the_body_ends_where_content_length_says() -> None:
    assert invite().body == b"body"
    assert parse_message(b"A a:b SIP/2.0\r\n\r\nall of it").body == b"all of it"


def test_line_ends_before_a_message_are_skipped_and_bare_ones_taken() -> None:
    message = parse_message(b"\r\n\r\nOPTIONS sip:a SIP/2.0\nTo: <sip:a@b>\n\nx")
    assert isinstance(message, Request)
    assert (message.get("To"), message.body) == ("<sip:a@b>", b"x")


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"INVITE sip:a@b SIP/3.0", 505),
        (b"INVITE  sip:a@b SIP/2.0", 400),
        (b"INVITE sip:a@b", 400),
        (b"IN(VITE sip:a@b SIP/2.0", 400),
        (b"SIP/2.0 99 Low", 400),
        (b"SIP/2.0 099 Low", 400),
        (b"SIP/2.0 700 High", 400),
        (b"SIP/2.0 2OO OK", 400),
        (b"\xff\xfe", 400),
    ],
)
def test_what_is_no_first_line_is_bad(line: bytes, status: int) -> None:
    with pytest.raises(BadMessage) as bad:
        parse_message(line + b"\r\n\r\n")
    assert bad.value.status == status


def test_a_status_line_has_a_status_and_a_reason() -> None:
    response = parse_message(b"SIP/2.0 200 OK, fine\r\n\r\n")
    assert isinstance(response, Response)
    assert (response.status, response.reason, response.summary) == (200, "OK, fine", "200 OK, fine")
    empty = parse_message(b"SIP/2.0 200\r\n\r\n")
    assert empty.summary == "200"  # type: ignore[union-attr]


def test_the_version_may_be_in_small_letters() -> None:
    """RFC 3261 §7.1."""
    assert isinstance(parse_message(b"sip/2.0 200 OK\r\n\r\n"), Response)
    assert isinstance(parse_message(b"INVITE sip:b@b sip/2.0\r\n\r\n"), Request)


@pytest.mark.parametrize(
    "head", [b"To <sip:a@b>\r\n\r\n", b": x\r\n\r\n", b"To: x\r\n", b"To: x", b"X: y\r\n" * (MAX_HEADERS + 1) + b"\r\n"]
)
def test_what_are_no_headers_is_bad_when_it_is_looked_at(head: bytes) -> None:
    message = parse_message(b"A a:b SIP/2.0\r\n" + head)
    with pytest.raises(BadMessage):
        message.get("To")


def test_a_response_takes_over_what_it_must() -> None:
    """RFC 3261 §8.2.6."""
    response = build_response(invite(), 486, "Busy Here", to_tag="t1", headers=[("Server", "x")])
    assert [line.name for line in response.lines] == [
        "Via",
        "v",
        "t",
        "From",
        "CALL-ID",
        "CSeq",
        "Server",
        "Content-Length",
    ]
    assert response.get("To") == "Bob <sip:bob@biloxi.com>;tag=t1"
    assert response.get_all("Via") == invite().get_all("Via")


def test_a_response_keeps_a_tag_that_is_there_and_puts_the_via_it_is_given() -> None:
    tagged = build_request("BYE", "sip:a@b", [("Via", "SIP/2.0/UDP a, SIP/2.0/UDP b"), ("To", "<sip:a@b>;tag=0")])
    response = build_response(tagged, 200, "OK", to_tag="t1", via=Via.parse("SIP/2.0/UDP c"), body=b"x")
    assert (response.get("Via"), response.get("To")) == ("SIP/2.0/UDP c, SIP/2.0/UDP b", "<sip:a@b>;tag=0")
    assert response.body == b"x"


def test_messages_with_the_same_bytes_are_the_same() -> None:
    assert invite() == invite()
    assert hash(invite()) == hash(invite())
    assert invite() != build_request("A", "b:c", [])
    assert repr(invite()) == "<INVITE sip:bob@biloxi.com SIP/2.0>"
    assert str(invite()).encode() == INVITE


def test_what_is_looked_for_before_all_else_may_be_folded_too() -> None:
    def read(lines: bytes) -> Request:
        message = parse_message(b"MESSAGE sip:a@b SIP/2.0\r\n" + lines + b"\r\nbody")
        assert isinstance(message, Request)
        return message

    message = read(b"Via: SIP/2.0/UDP h\r\n ;branch=b\r\nTo: <sip:a@b>\r\n")
    assert (message.branch, message.top.stop) == ("b", message.first("To").start)
    assert str(read(b"CSeq: 7\r\n\tMESSAGE\r\n").cseq) == "7 MESSAGE"
    assert read(b"Content-Length:\r\n 3\r\n").content_length == 3


def lined(count: int, line: bytes = b"X: y") -> Request:
    """A request with so many lines."""
    message = parse_message(b"MESSAGE sip:a@b SIP/2.0\r\n" + (line + b"\r\n") * count + b"\r\n")
    assert isinstance(message, Request)
    return message


def test_as_many_lines_are_read_as_a_message_may_have() -> None:
    assert lined(MAX_HEADERS).line_count == MAX_HEADERS
    with pytest.raises(BadMessage, match="more than 2000 header lines"):
        _ = lined(MAX_HEADERS + 1).line_count
    assert lined(MAX_HEADERS + 9).legible().line_count == MAX_HEADERS


def test_what_is_legible_of_a_message_are_its_header_lines() -> None:
    raw = (
        b"MESSAGE sip:a@b SIP/2.0\r\n\tfolded onto nothing\r\nVia : 1\r\n 2\r\n\t3\r\nno header\r\n 4\r\n\tX: 5\r\n"
        b": 6\r\nTo: 7\nbody\x00: 8\r\nCSeq: 9"
    )
    message = parse_message(raw)
    assert isinstance(message, Request)
    legible = message.legible()
    assert [(line.name, line.value) for line in legible.lines] == [("Via", "1 2 3"), ("To", "7"), ("CSeq", "9")]
    assert legible.raw.endswith(b"\r\nVia : 1\r\n 2\r\n\t3\r\nTo: 7\r\nCSeq: 9\r\n\r\n")
    assert (legible.method, legible.uri, legible.body) == ("MESSAGE", "sip:a@b", b"")


def test_addresses_are_those_that_can_be_read() -> None:
    message = lined(2, b'Contact: <sip:a@b>, <sip:c@d:5060transport=udp>, x, "e" <tel:1>')
    assert [address.uri for address in message.addresses("m")] == ["sip:a@b", "tel:1"] * 2
    assert lined(2, b"k: a,, B ,").tokens("Supported") == ["a", "B"] * 2
    assert lined(2, b"k: ").tokens("Supported") == lined(1, b"k: , ").tokens("Supported") == []
