"""What is known of datagrams on their way, and those that wait for their time."""

from __future__ import annotations

from math import inf

import pytest

from labsip.net.transit import Flights, Timetable
from labsip.sip.transport import Address, Datagram

A, B, C = (Address("127.0.10.1", port) for port in (1, 2, 3))
HERE, THERE, ELSEWHERE = (Address(f"127.0.10.{host}") for host in (1, 2, 3))


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


def test_the_first_due_comes_first_and_of_two_at_once_the_one_put_in_first() -> None:
    table = Timetable(lambda _: None)
    for row, t in enumerate((3.0, 1.0, 1.0)):
        table.put(t, Datagram(b"", HERE, THERE), row)
    assert [table.take().row for _ in range(3)] == [1, 2, 0]
    assert (len(table), table.next) == (0, inf)


def test_only_what_was_for_an_address_that_is_shut_is_lost() -> None:
    lost: list[int | None] = []
    table = Timetable(lost.append)
    for row, dst in enumerate((THERE, ELSEWHERE, THERE)):
        table.put(float(row), Datagram(b"", HERE, dst), row)
    table.cut(THERE)
    assert lost == [0, 2]
    assert (table.take().row, len(table)) == (1, 0)
