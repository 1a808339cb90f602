"""What a Kamailio mirrors, and the rows it becomes: each message once, whoever tells of it first."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path

import pytest

from labsip.engine.kamailio.cfg_folder import CfgFolder
from labsip.engine.kamailio.log_reader import LogReader
from labsip.engine.kamailio.mirror import HepMirror
from labsip.pcap.hep import HepPacket
from labsip.sip.transport import Address, Datagram
from labsip.trace import Trace

PROXY, PHONE, STRANGER = Address("127.0.10.1"), Address("127.0.10.106"), Address("127.0.10.66")


def request(method: str = "INVITE", call: str = "c") -> bytes:
    return f"{method} sip:x SIP/2.0\r\nCall-ID: {call}\r\nCSeq: 1 {method}\r\n\r\n".encode()


class Record:
    """A trace, a mirror, and the pipe that a Kamailio would log into."""

    def __init__(self) -> None:
        self.trace = Trace()
        self.log = LogReader(self.trace)
        self.mirror = HepMirror(self.trace, PROXY, self.log, lambda address: address == PHONE)
        self.written: deque[bytes] = deque()
        text = ("request_route {", '  sl_send_reply("404", "No");', "  t_relay();", "}")
        self.log.begin(CfgFolder(Path("lab.cfg"), Path(), files={"a.cfg": text}), self._read)
        self.mirror.begin()

    def _read(self) -> bytes:
        return self.written.popleft() if self.written else b""

    def sends(self, raw: bytes) -> int:
        """The phone sends something, which its network records."""
        return self.trace.datagram(Datagram(raw, PHONE, PROXY), 1.0)

    def mirrors(self, raw: bytes, src: Address, dst: Address) -> None:
        self.mirror.hear(HepPacket(0.0, src, dst, raw), 2.0)

    def runs(self, number: int, command: str, at: int, method: str = "INVITE", call: str = "c") -> None:
        """Its log says that."""
        message = f"request_route=[DEFAULT_ROUTE] c=[a.cfg] l={at} a=26 n={command}\n"
        told = {"level": "exec", "module": "debugger", "function": "f", "pid": 1, "message": message}
        self.written.append(json.dumps(told | {"logprefix": f"{number} 1 {method} {call}"}).encode() + b"\n")

    @property
    def rows(self) -> list[tuple[Address, Address, int | None, int | None]]:
        return [(one.src, one.dst, one.cause, one.command) for one in self.trace.datagrams]


@pytest.fixture
def record() -> Record:
    return Record()


def test_what_a_phone_sent_has_its_row_and_the_answer_has_cause_and_command(record: Record) -> None:
    record.sends(request())
    record.mirrors(request(), PHONE, PROXY)
    record.runs(1, "sl_send_reply", 2)
    record.mirrors(b"SIP/2.0 404 No\r\n\r\n", PROXY, PHONE)
    assert record.mirror.row(Datagram(b"SIP/2.0 404 No\r\n\r\n", PROXY, PHONE), 3.0) == 1
    assert record.rows == [(PHONE, PROXY, None, None), (PROXY, PHONE, 0, 0)]
    (command,) = record.trace.commands
    assert (command.request, command.line, command.args, command.result) == (0, 2, '"404", "No"', None)


def test_what_it_sends_to_itself_is_mirrored_twice_and_has_one_row(record: Record) -> None:
    record.sends(request())
    record.mirrors(request(), PHONE, PROXY)
    record.mirrors(b"100", PROXY, PROXY)
    record.mirrors(b"100", PROXY, PROXY)
    assert record.rows[1:] == [(PROXY, PROXY, 0, None)]
    assert record.mirror.cause == 1


def test_what_comes_from_outside_the_lab_has_a_row(record: Record) -> None:
    record.mirrors(request(), STRANGER, PROXY)
    record.mirrors(b"SIP/2.0 404 No\r\n\r\n", PROXY, STRANGER)
    assert record.rows == [(STRANGER, PROXY, None, None), (PROXY, STRANGER, 0, None)]


def test_an_ack_that_is_mirrored_twice_came_once(record: Record) -> None:
    for src in (PHONE, STRANGER):
        if src == PHONE:
            record.sends(request("ACK"))
        record.mirrors(request("ACK"), src, PROXY)
        record.mirrors(request("ACK"), src, PROXY)
    assert len(record.rows) == 2


def test_a_message_that_comes_before_its_mirror_has_one_row_with_its_cause(record: Record) -> None:
    record.sends(request())
    record.mirrors(request(), PHONE, PROXY)
    assert record.mirror.row(Datagram(b"180", PROXY, PHONE), 2.0) == 1
    assert record.rows[1] == (PROXY, PHONE, None, None)
    record.mirrors(b"180", PROXY, PHONE)
    assert record.rows[1:] == [(PROXY, PHONE, 0, None)]
    assert not record.mirror.pending(2.0)


def test_a_message_that_the_mirror_lost_is_recorded_when_it_comes(record: Record) -> None:
    assert record.mirror.row(Datagram(b"180", PROXY, PHONE), 2.0) == 0
    assert record.rows == [(PROXY, PHONE, None, None)]


def test_a_message_that_never_comes_is_lost_after_a_while(record: Record) -> None:
    record.mirrors(b"180", PROXY, PHONE)
    assert record.mirror.pending(2.1)
    assert not record.mirror.pending(9.0)
    assert record.trace.datagrams[0].lost


def test_after_a_fence_nothing_is_caused_by_what_came_before(record: Record) -> None:
    record.sends(request())
    record.mirrors(request(), PHONE, PROXY)
    record.mirror.fence(1, 2.0)
    record.mirrors(b"SIP/2.0 408 Late\r\n\r\n", PROXY, PHONE)
    assert record.rows[1:] == [(PROXY, PHONE, None, None)]


def test_lines_about_a_message_wait_until_the_mirror_has_shown_it(record: Record) -> None:
    record.sends(request())
    record.sends(request(call="d"))
    record.runs(1, "t_relay", 3)
    record.runs(2, "t_relay", 3, call="d")
    record.mirrors(request(), PHONE, PROXY)
    record.mirror.catch_up(2.0)
    record.mirror.catch_up(2.0)
    assert [one.request for one in record.trace.commands] == [0]
    record.mirrors(request(call="d"), PHONE, PROXY)
    record.mirror.catch_up(2.0)
    assert [one.request for one in record.trace.commands] == [0, 1]


def test_a_fence_in_the_log_brings_both_counts_together_again(record: Record) -> None:
    for call in "abc":
        record.sends(request(call=call))
    record.mirrors(request(call="a"), PHONE, PROXY)  # b was lost
    record.mirrors(request(call="c"), PHONE, PROXY)
    record.runs(3, "t_relay", 3, call="c")
    record.mirror.catch_up(2.0)
    assert not record.trace.commands
    record.runs(4, "x", 3, "OPTIONS", "labsip-fence")
    record.mirror.fence(1, 2.0)
    assert [one.request for one in record.trace.commands] == [2]
