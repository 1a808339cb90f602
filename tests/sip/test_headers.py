"""Headers as values (RFC 3261 §20)."""

from __future__ import annotations

import pytest
from hypothesis import given

from labsip.sip.errors import BadMessage
from labsip.sip.headers import CSeq, NameAddr, Via, canonical, split_list
from labsip.sip.transport import Address
from tests.sip import texts


@given(texts.vias)
def test_a_via_reads_as_it_was_written(via: Via) -> None:
    assert Via.parse(str(via)) == via


@given(texts.name_addrs)
def test_an_address_reads_as_it_was_written(address: NameAddr) -> None:
    assert NameAddr.parse(str(address)) == address


@given(texts.cseqs)
def test_a_cseq_reads_as_it_was_written(cseq: CSeq) -> None:
    assert CSeq.parse(str(cseq)) == cseq


@pytest.mark.parametrize("kind", [Via, NameAddr, CSeq])
@given(text=texts.messy)
def test_any_text_is_a_header_that_stays_the_same_or_bad(kind: type[Via | NameAddr | CSeq], text: str) -> None:
    try:
        value = kind.parse(text)
    except BadMessage:
        return
    assert kind.parse(str(value)) == value


def test_a_via_tells_where_the_response_goes() -> None:
    """RFC 3261 §18.2.2, RFC 3581 §4."""
    assert Via.parse("SIP/2.0/UDP 10.0.0.1:5070").reply_address == Address("10.0.0.1", 5070)
    assert Via.parse("SIP/2.0/UDP a.org;received=10.0.0.2").reply_address == Address("10.0.0.2", 5060)
    assert Via.parse("SIP/2.0/UDP a.org:5070;received=10.0.0.2;rport=999").reply_address == Address("10.0.0.2", 999)
    assert Via.parse("SIP/2.0/UDP a.org:5070;rport=65535").reply_address == Address("a.org", 65535)
    assert Via.parse("SIP/2.0/UDP a.org:65535;rport=65536").reply_address == Address("a.org", 65535)
    assert Via.parse("SIP/2.0/UDP [::1]:5070;maddr=10.0.0.3;rport=9").reply_address == Address("10.0.0.3", 5070)
    assert Via.parse("SIP/2.0/TCP 10.0.0.1;received=10.0.0.2").reply_address == Address("10.0.0.2", 5060, "tcp")
    assert Via.parse("SIP/2.0/TLS 10.0.0.1").reply_address == Address("10.0.0.1", 5061, "tls")


def test_white_space_within_a_via_is_allowed() -> None:
    via = Via.parse("SIP / 2.0 / udp  first.example.com : 4000 ;ttl=16 ; branch=z9hG4bKa7c6a8dlze.1")
    assert (via.transport, via.sent_by, via.branch) == ("UDP", "first.example.com:4000", "z9hG4bKa7c6a8dlze.1")


@pytest.mark.parametrize("text", ["", "SIP/2.0/UDP", "SIP/1.0/UDP host", "SIP/2.0/UDP host:65536", "SIP/2.0/UDP :5060"])
def test_what_is_no_via_is_bad(text: str) -> None:
    with pytest.raises(BadMessage):
        Via.parse(text)


@pytest.mark.parametrize(
    ("text", "uri", "display", "tag"),
    [
        ("<sip:106@host>;tag=1", "sip:106@host", "", "1"),
        ("sip:106@host;tag=1", "sip:106@host", "", "1"),
        ('"A. G. Bell" <sip:agb@host;lr>;TAG=x', "sip:agb@host;lr", '"A. G. Bell"', "x"),
        (r'"a \" quote" <sip:a@host>', "sip:a@host", r'"a \" quote"', None),
        ("Anonymous <sip:c8oqz84zk7z@host>;tag=hyh8", "sip:c8oqz84zk7z@host", "Anonymous", "hyh8"),
        ("<tel:+31201234567>", "tel:+31201234567", "", None),
    ],
)
def test_an_address_in_all_its_forms(text: str, uri: str, display: str, tag: str | None) -> None:
    address = NameAddr.parse(text)
    assert (address.uri, address.display, address.tag) == (uri, display, tag)


@pytest.mark.parametrize("text", ["", "106", '"open <sip:a@b>', "<sip:a@b", "<sip:a b@c>", "sip:a>b", '"a" sip:a@b'])
def test_what_is_no_address_is_bad(text: str) -> None:
    with pytest.raises(BadMessage):
        NameAddr.parse(text)


@pytest.mark.parametrize(("text", "q"), [("0", 0.0), ("0.7", 0.7), ("1.000", 1.0), ("1", 1.0)])
def test_a_preference_is_a_number_from_0_to_1(text: str, q: float) -> None:
    assert NameAddr.parse(f"<sip:a@b>;q={text}").q == q


@pytest.mark.parametrize("text", ["", "2", "-1", "0.1234", "high"])
def test_another_preference_is_bad(text: str) -> None:
    with pytest.raises(BadMessage):
        _ = NameAddr.parse(f"<sip:a@b>;q={text}").q


@pytest.mark.parametrize(
    "text", ["", "1", "INVITE", "-1 INVITE", "1.5 INVITE", "99999999999 INVITE", "1 INVITE x", "٣ INVITE"]
)
def test_what_is_no_cseq_is_bad(text: str) -> None:
    with pytest.raises(BadMessage):
        CSeq.parse(text)


def test_names_are_the_same_in_any_case_and_compact() -> None:
    assert [canonical(name) for name in ("v", "Via", "VIA", "X-Lab", "m")] == ["via", "via", "via", "x-lab", "contact"]


def test_a_list_is_split_where_its_commas_separate() -> None:
    assert split_list('"Bell, A." <sip:a,b@c>, <sip:d@e>;x="1,2",sip:f@g') == [
        '"Bell, A." <sip:a,b@c>',
        '<sip:d@e>;x="1,2"',
        "sip:f@g",
    ]
    assert split_list("alone") == ["alone"]


@pytest.mark.parametrize("text", ["sip/2.0/udp 192.0.2.1;branch=b", "Sip / 2.0 / Udp 192.0.2.1;branch=b"])
def test_the_protocol_in_a_via_may_be_in_small_letters(text: str) -> None:
    assert Via.parse(text) == Via.parse("SIP/2.0/UDP 192.0.2.1;branch=b")


@pytest.mark.parametrize("text", ["SIP/2.0/UD\u017f 192.0.2.1", "SIP/2.0/UDP 192.0.2.1:\u0665\u0660"])
def test_only_ascii_makes_a_via(text: str) -> None:
    with pytest.raises(BadMessage):
        Via.parse(text)


def test_an_ipv6_sender_is_the_same_in_any_spelling() -> None:
    one, other = Via.parse("SIP/2.0/UDP [2001:db8::1]:5070"), Via.parse("SIP/2.0/UDP [2001:DB8:0::0:1]:5070")
    assert one.sender == other.sender == "[2001:db8::1]:5070"
    assert one.reply_address == other.reply_address
    assert Via.parse("SIP/2.0/UDP H.Example").sender == "h.example"
    assert Via.parse("SIP/2.0/UDP h;received=[2001:DB8::0:1]").reply_address.host == "2001:db8::1"


@pytest.mark.parametrize(("line", "values"), [("", [""]), (",", [""]), (" , ,", [""]), ("a,,b,", ["a", "b"])])
def test_commas_with_nothing_between_them_separate_nothing(line: str, values: list[str]) -> None:
    assert split_list(line) == values


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("<sip:a@b>", True),
        ("sip:a@b", True),
        ("Alice <sip:a@b>", True),
        ("A. Bell-Smith+1 <sip:a@b>", True),
        ('"a: \\"b\\", c" <sip:a@b>', True),
        ('"" <sip:a@b>', True),
        ("J\u00fcrgen <sip:a@b>", True),
        (": <sip:a@b>", False),
        ("a:b <sip:a@b>", False),
        ("Watson, Thomas <sip:a@b>", False),
        ("Bob (home) <sip:a@b>", False),
        ("[a] <sip:a@b>", False),
        ("a@b <sip:a@b>", False),
        ('a "b" <sip:a@b>', False),
        ("a;b <sip:a@b>", False),
    ],
)
def test_a_display_name_is_tokens_or_has_quotes(text: str, sound: bool) -> None:
    assert NameAddr.parse(text).has_sound_name is sound
