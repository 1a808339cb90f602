"""SIP URIs in parts and back (RFC 3261 §19.1)."""

from __future__ import annotations

import pytest
from hypothesis import given

from labsip.sip.errors import BadMessage
from labsip.sip.transport import Address
from labsip.sip.uri import SipUri, as_request_uri, parse_params, split_outside_quotes, write_params
from tests.sip import texts


@given(texts.uris)
def test_a_uri_reads_as_it_was_written(uri: SipUri) -> None:
    assert SipUri.parse(str(uri)) == uri


@given(texts.messy)
def test_any_text_is_a_uri_that_stays_the_same_or_bad(text: str) -> None:
    try:
        uri = SipUri.parse(text, any_scheme=True)
    except BadMessage:
        return
    assert SipUri.parse(str(uri), any_scheme=True) == uri


@given(texts.params)
def test_parameters_read_as_they_were_written(params: tuple[tuple[str, str | None], ...]) -> None:
    assert parse_params(write_params(params)) == params


def test_all_parts_are_found() -> None:
    uri = SipUri.parse("sips:alice;day=tuesday:secret@example.org:5070;transport=tcp;lr?subject=hi&to=b")
    assert (uri.scheme, uri.user, uri.password) == ("sips", "alice;day=tuesday", "secret")
    assert (uri.host, uri.port, uri.headers) == ("example.org", 5070, "subject=hi&to=b")
    assert uri.param("TRANSPORT") == "tcp"
    assert uri.has("lr")
    assert uri.param("lr") == ""
    assert uri.param("maddr") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip:",
        "sip:@h",
        "sip:a b@h",
        "sip:a@b@h",
        "sip:a@h:0",
        "sip:a@h:65536",
        "sip:a@h h",
        "sip:a@[::1",
        "a",
        "1:2",
    ],
)
def test_what_is_no_uri_is_bad(text: str) -> None:
    with pytest.raises(BadMessage) as bad:
        SipUri.parse(text)
    assert bad.value.status == 400


def test_another_scheme_is_416_unless_any_will_do() -> None:
    with pytest.raises(BadMessage) as bad:
        SipUri.parse("tel:+31201234567")
    assert bad.value.status == 416
    assert SipUri.parse("tel:+31-20;phone-context=nl", any_scheme=True).user == "+31-20"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("sip:106@127.0.0.1", Address("127.0.0.1", 5060)),
        ("sip:106@127.0.0.1:5070", Address("127.0.0.1", 5070)),
        ("sip:106@127.0.0.1:65535", Address("127.0.0.1", 65535)),
        ("sips:106@127.0.0.1", Address("127.0.0.1", 5061, "tls")),
        ("sips:106@127.0.0.1;transport=tcp", Address("127.0.0.1", 5061, "tls")),
        ("sip:106@127.0.0.1;transport=TCP", Address("127.0.0.1", 5060, "tcp")),
        ("sip:106@127.0.0.1;Transport=tls", Address("127.0.0.1", 5061, "tls")),
        ("sip:106@127.0.0.1:5070;transport=tls", Address("127.0.0.1", 5070, "tls")),
        ("sip:106@127.0.0.1;transport=udp", Address("127.0.0.1", 5060)),
        ("sip:106@[::1]:5070", Address("::1", 5070)),
        ("sip:106@example.org;maddr=127.0.0.2", Address("127.0.0.2", 5060)),
    ],
)
def test_a_request_is_sent_to_maddr_or_the_host_over_its_transport(text: str, address: Address) -> None:
    assert SipUri.parse(text).address == address


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        # the RFC's own list
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", True),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", True),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on", True),
        ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", True),
        ("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
         "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", True),
        ("sip:alice@atlanta.com?subject=project%20x&priority=urgent",
         "sip:alice@atlanta.com?priority=urgent&subject=project%20x", True),
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", False),
        ("sip:carol@chicago.com?Subject=next%20meeting", "sip:carol@chicago.com", False),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", False),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", False),
        # its rules: what must be in both, and what is compared how
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;method=INVITE", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;ttl=1", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;user=ip", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;maddr=192.0.2.4", False),
        ("sip:bob@biloxi.com", "sips:bob@biloxi.com", False),
        ("sip:bob@biloxi.com", "sip:biloxi.com", False),
        ("sip:bob:a@biloxi.com", "sip:bob:A@biloxi.com", False),
        ("sip:bob:%61@biloxi.com", "sip:bob:a@biloxi.com", True),
        ("sip:%C3%A9@biloxi.com", "sip:é@biloxi.com", True),
        ("sip:a%3Bb@biloxi.com", "sip:a;b@biloxi.com", False),  # what has a meaning of its own is not its escape
        ("sip:a%3bb@biloxi.com", "sip:a%3Bb@biloxi.com", True),
        ("sip:a%2541@biloxi.com", "sip:a%41@biloxi.com", False),
        ("sip:bob@biloxi.com;A%62=%63", "sip:bob@biloxi.com;ab=C", True),
        # RFC 5954 4.2: an IPv6 address is compared as an address
        ("sip:bob@[2001:db8::1]", "sip:bob@[2001:0DB8:0:0::0001]", True),
        ("sip:bob@[2001:db8::1]", "sip:bob@[2001:db8::2]", False),
        ("sip:bob@[::ffff:192.0.2.4]", "sip:bob@[::FFFF:c000:204]", True),
        ("sip:bob@h;maddr=[2001:db8::1]", "sip:bob@h;maddr=[2001:DB8::0:1]", True),
    ],
)  # fmt: skip
def test_uris_are_the_same_by_the_rules_of_section_19_1_4(one: str, other: str, same: bool) -> None:
    assert SipUri.parse(one).same_as(SipUri.parse(other)) is same
    assert SipUri.parse(other).same_as(SipUri.parse(one)) is same


def test_5060_and_udp_are_not_written() -> None:
    assert str(SipUri.of("106", Address("127.0.0.1"))) == "sip:106@127.0.0.1"
    assert str(SipUri.of(None, Address("::1", 5070), ("lr", None))) == "sip:[::1]:5070;lr"
    assert str(SipUri.of(None, Address("::1", 5060, "tcp"), ("lr", None))) == "sip:[::1];transport=tcp;lr"
    assert str(SipUri.of("106", Address("127.0.0.1", 5060, "tls"))) == "sip:106@127.0.0.1:5060;transport=tls"


def test_a_separator_in_quotes_or_angles_separates_nothing() -> None:
    assert split_outside_quotes('"a, \\" b" <x,y>, c', ",") == ['"a, \\" b" <x,y>', " c"]
    assert split_outside_quotes("SIP/2.0/UDP a;branch=1,SIP/2.0/UDP b>", ",") == [
        "SIP/2.0/UDP a;branch=1",
        "SIP/2.0/UDP b>",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sip:108;npdi;rn=+15550000@lab.example;user=phone", "108"),
        ("sips:108;npdi@lab.example;User=Phone;x=1", "108"),
        ("sip:108;npdi:secret@lab.example;user=phone", "108"),
        ("sip:108;npdi@lab.example", "108;npdi"),
        ("sip:108;npdi@lab.example;user=ip", "108;npdi"),
        ("sip:108;user=phone@lab.example", "108;user=phone"),
        ("sip:108%3Bnpdi@lab.example;user=phone", "108%3Bnpdi"),
        ("sip:+1-08@lab.example;user=phone", "+1-08"),
        ("sip:lab.example;user=phone", None),
    ],
)
def test_what_follows_a_telephone_number_are_its_parameters(text: str, name: str | None) -> None:
    uri = SipUri.parse(text)
    assert uri.user_name == name
    assert str(SipUri.parse(str(uri))) == str(uri)


@pytest.mark.parametrize(
    ("given", "uri"),
    [
        ("sip:108@h", "sip:108@h"),
        ("sip:108@h:5070;transport=tcp;maddr=1.2.3.4;ttl=1;user=phone;lr;x", None),
        ("sip:108@h;method=INVITE?Subject=a&Body=b", "sip:108@h"),
        ("sip:108@h;x=1;METHOD=BYE;y", "sip:108@h;x=1;y"),
        ("sip:108@h?Replaces=1", "sip:108@h"),
        ("sip:a;method=b?c@h", None),
    ],
)
def test_a_request_uri_has_neither_headers_nor_a_method(given: str, uri: str | None) -> None:
    assert as_request_uri(given) == (uri or given)


def test_an_ipv6_address_is_sent_to_however_it_is_spelled() -> None:
    assert SipUri.parse("sip:106@[2001:DB8:0::0:1]").address == Address("2001:db8::1")
    assert SipUri.parse("sip:106@example.org;maddr=[2001:DB8::0:1]").address == Address("2001:db8::1")
    assert SipUri.parse("sip:106@[:::1]").address.host == ":::1"
