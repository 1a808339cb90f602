"""What `labsip serve` writes to standard error: enough to see what goes wrong, and no more."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator

import pytest

from labsip.cli.log import NOTES, PRINTED, WINDOW, Log
from labsip.dialects.python import Python
from labsip.net.memory import MemoryNet
from labsip.proxy.receive import Proxy
from labsip.proxy.script import Routes
from labsip.sip.build import build_request
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import Ksr, build_proxy
from tests.cli.phone import Socket
from tests.processes import Serve

PROXY, PEER = Address("127.0.10.1"), Address("127.0.10.66")


class Desk:
    """A proxy without sockets, and the log somebody reads beside it."""

    def __init__(self, net: MemoryNet) -> None:
        self.net = net
        self.proxy: Proxy = build_proxy(Routes(Ksr.exit), [PROXY], trace=net.trace, dialect=Python())
        self.log = Log(net, self.proxy)
        net.attach(self.proxy, "proxy")

    def receive(self, data: bytes) -> None:
        """This comes from the peer."""
        self.net.do(lambda now: self.proxy.receive(Datagram(data, PEER, PROXY), now))

    def run(self, route: Callable[[Ksr], object]) -> list[str]:
        """What is logged when this route runs for an OPTIONS."""
        self.proxy.routes.request_route = route
        self.receive(OPTIONS)
        return list(self.log.lines())


OPTIONS = build_request(
    "OPTIONS",
    "sip:lab.example",
    [
        ("Via", f"SIP/2.0/UDP {PEER};branch=z9hG4bK1"),
        ("From", "<sip:106@lab.example>;tag=1"),
        ("To", "<sip:lab.example>"),
        ("Call-ID", "1"),
        ("CSeq", "1 OPTIONS"),
    ],
).raw


@pytest.fixture
def desk() -> Iterator[Desk]:
    with MemoryNet() as net:
        yield Desk(net)


def test_xlog_is_written_as_kamailio_writes_it(desk: Desk) -> None:
    def route(ksr: Ksr) -> None:
        ksr.xlog("L_NOTICE", "script sees $rm from $si")
        ksr.xlog("no level is L_ERR")
        ksr.xlog("L_DBG", "a lab has debug=3")

    assert desk.run(route) == [
        "NOTICE: <script>: script sees OPTIONS from 127.0.10.66",
        "ERROR: <script>: no level is L_ERR",
        "DEBUG: <script>: a lab has debug=3",
    ]


def test_a_line_is_written_once(desk: Desk) -> None:
    assert len(desk.run(lambda ksr: ksr.xlog("once"))) == 1
    assert list(desk.log.lines()) == []


def test_a_route_that_raises_is_shown_with_the_line_that_did(desk: Desk) -> None:
    def route(ksr: Ksr) -> None:
        ksr.xlog("L_INFO", "before")
        ksr.sl_reply("four")

    lines = desk.run(route)
    assert lines[:2] == ["INFO: <script>: before", "ERROR: <script>: OPTIONS sip:lab.example SIP/2.0"]
    assert lines[2] == 'ERROR: <script>: request_route, line 3: ksr.sl_reply("four")'
    assert lines[3].startswith("ERROR: <script>: LabError: 'four' is no status")
    assert len(lines) == 4


def test_what_can_not_be_used_is_noted(desk: Desk) -> None:
    desk.receive(b"INVITE sip:108@lab.example SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n")
    assert list(desk.log.lines()) == [
        "NOTICE: labsip: 127.0.10.66:5060 sent something unusable: From header is missing"
    ]


def test_notes_beyond_what_one_can_read_are_counted_instead(desk: Desk) -> None:
    def flood(notes: int) -> list[str]:
        for number in range(notes):
            desk.net.trace.note(desk.net.now, f"note {number}")
        return list(desk.log.lines())

    assert len(flood(NOTES + 30)) == NOTES
    assert flood(12) == []
    desk.net.advance(WINDOW)
    assert flood(1) == [f"NOTICE: labsip: ... and 42 more in these {WINDOW:.0f} s", "NOTICE: labsip: note 0"]


def test_xlog_beyond_what_one_can_read_is_counted_instead(desk: Desk) -> None:
    lines = desk.run(lambda ksr: [ksr.xlog("again") for _ in range(PRINTED + 7)])
    assert len(lines) == PRINTED + 1
    assert lines[-1] == "NOTICE: labsip: ... and 7 more lines of xlog and acc"


def test_lines_of_acc_are_all_written(desk: Desk) -> None:
    for number in range(NOTES + 5):
        desk.net.trace.note(desk.net.now, f"ACC: call missed: call_id={number}")
    assert len(list(desk.log.lines())) == NOTES + 5


def test_notes_that_nobody_took_in_time_are_counted_too(desk: Desk) -> None:
    for number in range(1010):
        desk.net.trace.note(desk.net.now, f"note {number}")
    assert len(list(desk.log.lines())) == NOTES
    assert list(desk.log.rest()) == [f"NOTICE: labsip: ... and {1010 - NOTES} more in these 0 s"]


@pytest.mark.parametrize("fault", [LabError("the lab does not answer"), ValueError("a fault of labsip")])
def test_a_proxy_in_trouble_is_told_about_and_the_log_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def ask(_: object) -> None:
        raise fault

    with monkeypatch.context() as trouble:
        trouble.setattr(desk.net, "ask", ask)
        assert str(fault) in list(desk.log.lines())[-1]
    assert len(desk.run(lambda ksr: ksr.xlog("on it goes"))) == 1


def test_asked_by_sigusr1_it_says_what_it_holds_and_what_it_dropped() -> None:
    with (
        Serve(listen=("udp:127.0.0.1:0", "tcp:127.0.0.1:0")) as serve,
        Socket("106", serve.addresses[0]) as phone,
        Socket("108", serve.addresses[1]) as other,
    ):
        phone.register()
        phone.send(b"rubbish\r\n\r\n")
        assert other.answer("OPTIONS") == "200 Keepalive"
        serve.tell(signal.SIGUSR1)
        serve.wait_until("command of what it holds", lambda: "holds" in serve.err)
        assert re.fullmatch(
            "NOTICE: labsip: holds 1 transactions, 0 pending, 0 branches, 1 timers, [0-9]+ transaction bytes, "
            "1 contacts, 0 datagrams, 1 connections; dropped 1 unreadable",
            serve.err.splitlines()[-1],
        )
        assert serve.end() == 0


def test_a_flood_of_rubbish_neither_fills_the_log_nor_stops_the_proxy() -> None:
    with Serve() as serve, Socket("106", serve.address) as phone:
        for number in range(2000):
            phone.send(b"INVITE rubbish %d\r\n\r\n" % number)
            if number % 100 == 0:  # no more than the system keeps for a socket
                assert phone.answer("OPTIONS") == "200 Keepalive"
        assert serve.end() == 0
        *told, last = serve.err.splitlines()
        assert 0 < len(told) <= NOTES
        assert "... and " in last
