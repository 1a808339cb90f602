"""Datagrams that wait for their time."""

from __future__ import annotations

from math import inf

from labsip.net.timetable import Timetable
from labsip.sip.transport import Address, Datagram

HERE, THERE, ELSEWHERE = (Address(f"127.0.10.{host}") for host in (1, 2, 3))


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
