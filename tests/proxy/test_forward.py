"""What is written into what goes out: where a caller is, and where its answers go."""

from __future__ import annotations

import pytest

from labsip.proxy.forward import received, reply_address
from labsip.sip.headers import Via
from labsip.sip.transport import Address

CALLER = Address("127.0.10.106", 5070)


def via(params: str = "", host: str = "127.0.10.106") -> Via:
    return Via.parse(f"SIP/2.0/UDP {host}:5062;branch=z9hG4bK1{params}")


def test_a_via_that_says_where_its_sender_is_stays_as_it_is() -> None:
    mine = via()
    assert received(mine, CALLER, force_rport=False, at_end=False) is mine


@pytest.mark.parametrize(
    ("params", "host", "forced", "becomes"),
    [
        ("", "127.0.10.106", True, ";rport=5070"),
        ("", "10.0.0.6", False, ";received=127.0.10.106"),
        (";rport", "127.0.10.106", False, ";rport=5070;received=127.0.10.106"),
        (";received=10.0.0.9", "10.0.0.6", False, ";received=127.0.10.106"),
    ],
)
def test_what_a_via_does_not_say_of_its_sender_is_filled_in(params: str, host: str, forced: bool, becomes: str) -> None:
    found = received(via(params, host), CALLER, force_rport=forced, at_end=True)
    assert str(found) == f"SIP/2.0/UDP {host}:5062;branch=z9hG4bK1{becomes}"


@pytest.mark.parametrize(
    ("params", "forced", "port"),
    [("", False, 5062), ("", True, 5070), (";rport", False, 5070)],
)
def test_a_response_goes_to_the_source_but_to_the_port_of_via_unless_rport_asks(
    params: str, forced: bool, port: int
) -> None:
    assert reply_address(via(params), CALLER, force_rport=forced) == ("127.0.10.106", port, "udp")


def test_a_via_without_port_means_5060() -> None:
    alone = Via.parse("SIP/2.0/UDP 127.0.10.106;branch=z9hG4bK1")
    assert reply_address(alone, CALLER, force_rport=False).port == 5060


def test_over_a_connection_a_response_goes_back_on_it() -> None:
    assert reply_address(via(), CALLER._replace(proto="tcp"), force_rport=False) == ("127.0.10.106", 5070, "tcp")
