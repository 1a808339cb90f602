"""What is known of datagrams on their way."""

from __future__ import annotations

import pytest

from labsip.net.flight import Flights
from labsip.sip.transport import Address, Datagram

A, B, C = (Address("127.0.10.1", port) for port in (1, 2, 3))


@pytest.fixture
def lost() -> list[int | None]:
    return []


@pytest.fixture
def flights(lost) -> Flights:
    flights = Flights(lost.append)
    for row, (data, src, dst) in enumerate([(b"x", A, C), (b"y", B, C), (b"x", A, B), (b"z", A, C), (b"x", A, C)]):
        flights.begin(Datagram(data, src, dst), row, 0.0)
    return flights


def test_a_flight_ends_with_the_first_like_it_on_its_way(flights, lost):
    assert [flights.land(b"x", A, C).row, flights.land(b"x", A, B).row, flights.land(b"y", B, C).row] == [0, 2, 1]
    assert (flights.oldest.row, len(flights), lost) == (3, 2, [])


def test_what_was_overtaken_on_its_own_way_is_lost(flights, lost):
    assert flights.land(b"z", A, C).row == 3
    assert lost == [0]
    assert flights.oldest.row == 1


def test_what_did_not_start_here_came_from_outside(flights, lost):
    assert flights.land(b"n", A, C) is None
    assert flights.land(b"x", C, A) is None
    assert (len(flights), lost) == (5, [])


def test_what_is_given_up_or_cut_off_is_lost(flights, lost):
    flights.give_up()
    flights.cut(C)
    assert lost == [0, 1, 3, 4]
    assert (flights.oldest.row, len(flights)) == (2, 1)
