"""What a wire does to what goes through it."""

from __future__ import annotations

from random import Random

import pytest

from labsip.net.wire import Wire
from labsip.sip.errors import LabError

ACK = b"ACK sip:108@127.0.10.1 SIP/2.0\r\nCSeq: 1 ACK\r\n\r\n"
RINGING = b"SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\n\r\n"
OK = b"SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n"
BYE_OK = b"SIP/2.0 200 OK\r\nCSeq: 2 BYE\r\n\r\n"


def wire() -> Wire:
    return Wire("106", "proxy", Random("wire"))


def lost(wire: Wire, *messages: bytes) -> list[bool]:
    return [wire.delays(message) == () for message in messages]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("ACK", [True, False, False, False]),
        ("ack", [True, False, False, False]),
        ("180", [False, True, False, False]),
        ("180 Ringing", [False, True, False, False]),
        ("1xx", [False, True, False, False]),
        ("200", [False, False, True, True]),
        ("200 (INVITE)", [False, False, True, False]),
        ("200 OK (BYE)", [False, False, False, True]),
        ("2xx (BYE)", [False, False, False, True]),
        ("INVITE", [False, False, False, False]),
        (None, [True, True, True, True]),
    ],
)
def test_drop_loses_the_messages_it_names(what, expected):
    assert lost(wire().drop(what, times=None), ACK, RINGING, OK, BYE_OK) == expected


def test_drop_loses_so_many_and_lets_the_rest_through():
    assert lost(wire().drop("ACK", times=2), ACK, OK, ACK, ACK) == [True, False, True, False]
    assert lost(wire().drop("ACK").drop("ACK"), ACK, ACK, ACK) == [True, True, False]


def test_what_is_no_sip_is_lost_only_by_a_drop_of_whatever_comes():
    assert lost(wire().drop("ACK"), b"\r\n\r\n") == [False]
    assert lost(wire().drop(), b"\r\n\r\n") == [True]


def test_chance_is_the_same_for_the_same_seed():
    one, again = (wire().set(loss=0.3, duplicate=0.2, jitter=1) for _ in range(2))
    fates = [one.delays(ACK) for _ in range(200)]
    assert fates == [again.delays(ACK) for _ in range(200)]
    assert {len(delays) for delays in fates} == {0, 1, 2}
    assert all(0 <= delay <= 1 for delays in fates for delay in delays)


def test_a_cleared_wire_lets_everything_through():
    one = wire().set(loss=1, delay=2, jitter=3, duplicate=1).drop(times=None)
    assert one.clear().delays(ACK) == (0,)


def test_a_wire_joins_the_parties_it_names():
    assert wire().joins("106", "proxy")
    assert not wire().joins("proxy", "106")
    assert Wire(None, "proxy", Random()).joins("106", "proxy")
    assert Wire(None, None, Random()).joins(None, None)


@pytest.mark.parametrize("change", [{"loss": 1.5}, {"delay": -1}, {"duplicate": -0.1}, {"speed": 3}])
def test_an_impossible_setting_is_refused_in_words(change):
    with pytest.raises(LabError, match=next(iter(change))):
        wire().set(**change)
