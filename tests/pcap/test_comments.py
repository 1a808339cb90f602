"""What a route said stands with the message it said it of, whenever it was heard."""

from __future__ import annotations

import pytest

from labsip.pcap import write
from labsip.pcap.write import Comments
from labsip.sip.transport import Address
from labsip.trace import CommandRow, DatagramRow

RELAY = "request_route line 5: t_relay() → 1"


def said(row: int, request: int | None, command: str = "t_relay", args: str = "", text: str = "") -> CommandRow:
    return CommandRow(row, 0.0, request, "request_route", 5, command, args, 1, text)


def passed(row: int, command: int | None = None) -> DatagramRow:
    return DatagramRow(row, 0.0, Address("10.0.0.1"), Address("10.0.0.2"), b"", None, command)


def test_the_commands_of_a_message_stand_in_the_order_they_were_begun() -> None:
    heard = Comments([said(2, 7, "xlog", '"hello"', "hello"), said(1, 7), said(3, 8)])
    assert heard.on(passed(7)) == f'{RELAY}\nrequest_route line 5: xlog("hello") → 1: hello'
    assert heard.on(passed(9)) == ""


def test_what_a_command_sends_later_names_it_too() -> None:
    heard = Comments()
    heard.hear([said(1, 0)])
    assert heard.on(passed(1, command=1)) == f"sent by {RELAY}"
    heard.hear([said(2, 3, "lookup")])
    assert heard.on(passed(4, command=1)) == f"sent by {RELAY}"


def test_of_the_commands_heard_before_the_newest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "RING", 2)
    heard = Comments([said(row, 0) for row in range(4)])
    assert heard.on(passed(1, command=0)), "the last ones heard are all there"
    heard.hear([said(4, 5)])
    assert [bool(heard.on(passed(9, command=row))) for row in range(5)] == [False, False, True, True, True]
