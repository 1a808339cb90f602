"""The record as DataFrames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from labsip.flow.rows import Flow
from labsip.flow.tables import location_table, machine_table, steps_table
from labsip.sip.machines import MACHINES
from labsip.sip.transport import Address
from labsip.trace import CommandRow, DatagramRow

PROXY, PHONE, STRANGER = Address("127.0.10.1"), Address("127.0.10.106"), Address("127.0.10.66", 5080)
NAMES = {PROXY: "proxy", PHONE: "106"}
VIA = b"Via: SIP/2.0/UDP 127.0.10.106;branch=z9hG4bKab1\r\n"
HEADERS = VIA + b"Call-ID: reg-a\r\nCSeq: 1  REGISTER\r\nContent-Length: 0\r\n\r\n"
REGISTER = b"REGISTER sip:127.0.10.1 SIP/2.0\r\n" + HEADERS
OK = b"SIP/2.0 200 OK\r\n" + HEADERS
BUSY = b"SIP/2.0 486 Busy Here\r\n" + HEADERS.replace(b"REGISTER", b"INVITE")


def sent(*raws: bytes, src: Address = PHONE) -> pd.DataFrame:
    return Flow.of_datagrams(
        [DatagramRow(n + 7, n / 2, src, PROXY, raw, None, None) for n, raw in enumerate(raws)], NAMES
    ).table()


def test_a_flow_has_a_row_for_each_datagram_under_its_row_of_the_trace() -> None:
    flow = sent(REGISTER, OK, BUSY)
    assert list(flow.index) == [7, 8, 9]
    assert flow.index.name == "row"
    assert list(flow.t) == [0.0, 0.5, 1.0]
    assert list(flow.method) == ["REGISTER", "REGISTER", "INVITE"]
    assert list(flow.summary) == ["REGISTER", "200 OK (REGISTER)", "486 Busy Here"]
    assert list(flow.kind) == ["request", "success", "failure"]
    assert flow.status.isna().tolist() == [True, False, False]
    assert list(flow.status[1:]) == [200, 486]
    assert set(flow.call_id) == {"reg-a"}
    assert list(flow.cseq) == ["1 REGISTER", "1 REGISTER", "1 INVITE"]
    assert set(flow.branch) == {"z9hG4bKab1"}
    assert list(flow.raw) == [REGISTER, OK, BUSY]


def test_parties_are_called_by_name_and_by_address_who_has_none() -> None:
    flow = sent(REGISTER, src=STRANGER)
    assert (flow.src.item(), flow.dst.item()) == ("127.0.10.66:5080", "proxy")


def test_a_repeat_is_the_same_bytes_on_the_same_way() -> None:
    assert list(sent(REGISTER, OK, REGISTER, REGISTER).repeat) == [False, False, True, True]
    both = [DatagramRow(0, 0.0, PHONE, PROXY, OK, None, None), DatagramRow(1, 0.0, PROXY, PHONE, OK, None, None)]
    assert not Flow.of_datagrams(both, NAMES).table().repeat.any()


def test_what_sent_a_message_is_named_by_its_rows() -> None:
    flow = Flow.of_datagrams([DatagramRow(3, 0.0, PROXY, PHONE, OK, 2, 5, lost=True, proto="tcp")], NAMES).table()
    assert (flow.cause.item(), flow.command.item(), flow.lost.item(), flow.proto.item()) == (2, 5, True, "tcp")
    assert sent(REGISTER).cause.isna().all()


@pytest.mark.parametrize(
    ("raw", "summary", "kind"),
    [
        (b"\r\n\r\n", "keepalive", "other"),
        (b"", "keepalive", "other"),
        (b"\0\0\0\0", "keepalive", "other"),
        (b"\x80\x00\xff\xfe", "unreadable", "other"),
        (b"INVITE sip:108@127.0.10.1 SIP/2.0\r\nVia nothing here", "INVITE", "request"),
        (b"SIP/2.0 180 Ri\x00ng\xffing\r\n\r\n", "180 Ri�ng�ing", "provisional"),
        (b"OPTIONS sip:a SIP/2.0\r\nVia: what\r\nCSeq: x\r\n\r\n", "OPTIONS", "request"),
    ],
)
def test_what_can_not_be_read_still_has_its_row(raw: bytes, summary: str, kind: str) -> None:
    flow = sent(raw)
    assert (flow.summary.item(), flow.kind.item(), flow.call_id.item(), flow.raw.item()) == (summary, kind, "", raw)
    assert repr(flow).encode()


@pytest.mark.parametrize(
    "name", ["step5_fork", "step5_cancel_ringing", "step3_busy_ack_ignored", "step3_unregistered_loop_64mb",
             "step5_baresip_call", "step1_unknown_method"],
)  # fmt: skip
def test_a_real_capture_reads_as_its_own_listing_says(captured: Callable[[str], Any], name: str) -> None:
    passed, listed = captured(name)
    flow = Flow.of_datagrams(passed, {}).table()
    assert list(flow.src) == [m["src_addr"] for m in listed]
    assert list(flow.cseq) == [m["cseq"] for m in listed]
    assert list(flow.call_id) == [m["call_id"] for m in listed]
    assert list(flow.branch) == [m["branch"] for m in listed]
    assert list(flow.repeat) == [m["retransmission"] for m in listed]
    for summary, start_line in zip(flow.summary, (m["start_line"] for m in listed), strict=True):
        said = start_line.removeprefix("SIP/2.0 ")
        assert summary.startswith(said if said != start_line else start_line.split()[0])


def test_steps_are_in_the_order_the_commands_were_begun_and_read_as_they_were_written() -> None:
    steps = steps_table(
        [
            CommandRow(1, 0.5, 4, "route[RELAY]", 2, "t_relay", "", 1),
            CommandRow(0, 0.5, 4, "request_route", 9, "route", '"RELAY"', None, "printed"),
        ]
    )
    assert list(steps.index) == [0, 1]
    assert list(steps.command) == ['route("RELAY")', "t_relay()"]
    assert steps.result.isna().tolist() == [True, False]
    assert list(steps.request) == [4, 4]
    assert list(steps.text) == ["printed", ""]


def test_the_location_table_has_the_fields_of_ul_dump() -> None:
    row = dict.fromkeys(location_table([]).columns, "")
    numbers = dict.fromkeys(
        ["CSeq", "Flags", "CFlags", "Reg-Id", "Server-Id", "Keepalive", "Last-Keepalive", "KA-Roundtrip"], 0
    )
    row |= numbers | {"Q": -1, "Methods": -1, "Tcpconn-Id": -1, "Last-Modified": 5}
    table = location_table(
        [row | {"AoR": "108", "Expires": 3600, "Q": 0.5}, row | {"AoR": "106", "Expires": "expired"}]
    )
    assert list(table.columns[:4]) == ["AoR", "Address", "Expires", "Q"]
    assert list(table.index) == [0, 1]
    assert list(table.Expires) == [3600, "expired"]
    assert list(table.Q) == [0.5, -1.0]


def test_empty_tables_have_their_columns_of_the_same_types() -> None:
    flow, full = Flow.of_datagrams([], {}).table(), sent(REGISTER, OK)
    assert (flow.dtypes == full.dtypes).all()
    names = "t src dst proto method status summary kind call_id cseq branch raw repeat lost late cause command"
    assert " ".join(flow.columns) == names
    assert str(flow.dtypes["status"]) == str(flow.dtypes["cause"]) == "Int64"
    steps = steps_table([CommandRow(0, 0.0, None, "request_route", 1, "exit", "", None)])
    assert (steps_table([]).dtypes == steps.dtypes).all()
    assert len(location_table([])) == 0
    assert list(location_table([]).index) == []


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_a_machine_is_a_row_for_each_arrow_after_its_beginning(machine: Any) -> None:
    table = machine_table(machine)
    assert list(table.columns) == ["State", "Event", "Next", "Does", "Timers", "RFC"]
    assert list(table.iloc[0]) == ["", "", machine.first, "", machine.start, ""]
    assert list(zip(table.State[1:], table.Event[1:], table.Next[1:], strict=True)) == [r[:3] for r in machine.rows]
    assert table.RFC[1:].str.startswith("RFC ").all()
