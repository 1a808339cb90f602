"""Addresses, as people and kamailio.cfg write them."""

from __future__ import annotations

import pytest

from labsip.sip.errors import LabError
from labsip.sip.transport import Address, plain


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1", Address("127.0.0.1", 5060, "udp")),
        ("127.0.0.1:5070", Address("127.0.0.1", 5070, "udp")),
        ("udp:127.0.0.1:5070", Address("127.0.0.1", 5070, "udp")),
        ("TCP:[::1]:5070", Address("::1", 5070, "tcp")),
        ("tcp:[::1]", Address("::1", 5060, "tcp")),
        ("[2001:DB8::0:1]:5070", Address("2001:db8::1", 5070, "udp")),
        ("tls:127.0.0.1", Address("127.0.0.1", 5061, "tls")),
        ("localhost:0", Address("localhost", 0, "udp")),
        ("localhost:65535", Address("localhost", 65535, "udp")),
    ],
)
def test_an_address_may_say_its_transport(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    assert Address.parse(address.with_proto) == address


@pytest.mark.parametrize("text", ["", ":5060", "tcp:", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "udp::1"])
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(LabError, match=r"is no address; write HOST:PORT, for example 127\.0\.0\.1:5060"):
        Address.parse(text)


@pytest.mark.parametrize(
    ("host", "compared"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[2001:0DB8:0:0::0001]", "2001:db8::1"),
        ("::FFFF", "::ffff"),
        ("[:::A]", ":::a"),
        ("Lab.Example", "Lab.Example"),
    ],
)
def test_an_ipv6_address_has_one_spelling_to_compare(host: str, compared: str) -> None:
    assert plain(host) == compared
