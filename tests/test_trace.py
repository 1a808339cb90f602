"""The record: rows tied to each other, and a ring that forgets the oldest."""

from __future__ import annotations

from labsip.sip.transport import Address, Datagram
from labsip.trace import RING, Trace
from tests.ends import Bench

A, B = Address("127.0.10.106"), Address("127.0.10.1")


def test_a_datagram_knows_what_caused_it_and_which_command_sent_it() -> None:
    trace = Trace(start=10.0)
    first = trace.datagram(Datagram(b"x", A, B), 11.0)
    trace.cause = first
    command = trace.begin_command()
    second = trace.datagram(Datagram(b"y", B, A, command), 11.5, lost=True)
    trace.command(command, 11.5, "request_route", 3, "sl_reply", "404", 1)
    assert [(p.row, p.t, p.raw, p.cause, p.command, p.lost) for p in trace.datagrams] == [
        (first, 1.0, b"x", None, None, False),
        (second, 1.5, b"y", first, command, True),
    ]
    (said,) = trace.commands
    assert (said.row, said.request, said.name, said.line, said.result, said.text) == (
        command,
        first,
        "sl_reply",
        3,
        1,
        "",
    )


def test_the_oldest_rows_fall_out_and_numbers_go_on() -> None:
    trace = Trace()
    for _ in range(RING + 5):
        trace.datagram(Datagram(b"", A, B), 0.0)
    assert (len(trace.datagrams), trace.datagrams[0].row, trace.next_datagram) == (RING, 5, RING + 5)
    trace.clear(5.0)
    assert not trace.datagrams
    assert trace.datagram(Datagram(b"", A, B), 0.0) == RING + 5


def test_what_the_datagrams_weigh_is_bounded_too() -> None:
    trace = Trace(most=1000)
    for size in (400, 500, 300, 100, 2000):
        trace.datagram(Datagram(bytes(size), A, B), 0.0)
        assert sum(len(passed.raw) for passed in trace.datagrams) <= 1000 or len(trace.datagrams) == 1
    assert [passed.row for passed in trace.datagrams] == [4]
    assert [len(passed.raw) for passed in trace.take()] == [2000]
    trace.datagram(Datagram(bytes(900), A, B), 0.0)
    trace.datagram(Datagram(bytes(100), A, B), 0.0)
    assert [passed.row for passed in trace.datagrams] == [5, 6]


def test_a_datagram_can_be_marked_as_lost_later_if_it_is_still_there() -> None:
    trace = Trace()
    rows = [trace.datagram(Datagram(b"", A, B), 0.0) for _ in range(RING + 1)]
    trace.lose(rows[0])
    trace.lose(rows[-1])
    assert [passed.row for passed in trace.datagrams if passed.lost] == [rows[-1]]


def test_a_proxy_records_its_commands_not_its_datagrams() -> None:
    """Datagrams are recorded by who carries them."""
    bench = Bench(lambda ksr: ksr.sl_reply(404))
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE"))
    assert [said.name for said in bench.proxy.trace.commands] == ["sl_reply"]
    assert not bench.proxy.trace.datagrams
