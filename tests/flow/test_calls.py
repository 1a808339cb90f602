"""The calls in a flow, and which of them belong together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from labsip.flow.calls import CALLS, calls, legs
from labsip.flow.rows import Flow
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.trace import DatagramRow
from tests.story import PARTIES, Story

Captured = Callable[[str], tuple[list[DatagramRow], list[dict[str, Any]]]]

NAMES = {
    Address("127.0.10.1"): "proxy",
    Address("127.0.10.106"): "106",
    Address("127.0.10.108"): "108",
    Address("127.0.10.118"): "108b",
    Address("127.0.10.200"): "carrier",
    Address("127.0.10.150"): "voicemail",
}
RESULTS = """
    step1_invite_480              INVITE    106 108 106 proxy      not available    480
    step1_options                 OPTIONS   106 127.0.10.1 106 proxy  not implemented  501
    step2_register_expires_param  REGISTER  106 106 106 proxy      registered       200
    step2_register_expired        REGISTER  106 106 106 proxy      asked            200
    step2_unregister_expires0     REGISTER  106 106 106 proxy      unregistered     200
    step2_register_refresh        REGISTER  106 106 106 proxy      refused          400
    step3_answered_ack_lost       INVITE    106 108 106 108        answered         200
    step3_cancel_ringing          INVITE    106 108 106 108        ended by 106     200
    step3_no_user                 INVITE    106 127.0.10.1 106 proxy  trying        <NA>
    step5_busy                    INVITE    106 108 106 108        busy             486
    step5_cancel_ringing          INVITE    106 108 106 108        cancelled        487
    step5_declined_603            INVITE    106 108 106 108        declined         603
    step5_error_503               INVITE    106 108 106 108        refused          500
    step5_fork                    INVITE    106 108 106 108b       ended by 106     200
    step5_redirect_302            INVITE    106 108 106 108        redirected       302
    step5_reinvite                INVITE    106 108 106 108        ended by 108     200
    step5_silent                  INVITE    106 108 106 108        timed out        408
    step5_stray_cancel            CANCEL    106 108 106 proxy      no answer        <NA>
    step5_stray_in_dialog         ACK       106 108 106 proxy      -                <NA>
    step5_unregistered            INVITE    106 108 106 proxy      not found        404
    step6_max_forwards_0          INVITE    106 108 106 proxy      too many hops    483
    step6_message                 MESSAGE   106 108 106 108        delivered        200
    step6_voicemail_busy          INVITE    106 108 106 voicemail  ended by 106     200
    step7_call_ok                 INVITE    106 108 106 108        ended by 106     200
    step7_call_wrong_password     INVITE    106 108 106 proxy      not authorized   407
    step7_register_ok             REGISTER  106 106 106 proxy      registered       200
    step8_carrier_in              INVITE    +31612345678 108 carrier 108  ended by carrier  200
"""


def table_of(captured: Captured, name: str) -> pd.DataFrame:
    return calls(Flow.of_datagrams(captured(name)[0], NAMES).table())


@pytest.mark.parametrize("line", [line.strip() for line in RESULTS.strip().splitlines()])
def test_a_row_says_who_called_whom_and_what_came_of_it(captured: Captured, line: str) -> None:
    name, method, caller, callee, src, dst, *result, status = line.split()
    table = table_of(captured, name)
    row = table[table.method == method].iloc[-1] if method == "REGISTER" else table.iloc[-1]
    said = (row.method, row.caller, row.callee, row.src, row.dst, row.result or "-", str(row.status))
    assert said == (method, caller, callee, src, dst, " ".join(result), status)


def test_it_has_the_documented_columns_also_where_there_is_no_call() -> None:
    empty = calls(Flow.of_datagrams([], {}).table())
    assert dict(empty.dtypes.astype(str)) == CALLS
    assert len(empty) == 0


def test_times_are_measured_at_the_caller(captured: Captured) -> None:
    row = table_of(captured, "step6_voicemail_timeout").iloc[-1]
    assert row.post_dial_delay == pytest.approx(0.001, abs=0.001)
    assert row.set_up == pytest.approx(2.987, abs=0.001)
    assert row.duration == pytest.approx(0.001, abs=0.001)
    busy = table_of(captured, "step5_busy").iloc[-1]
    assert busy[["post_dial_delay", "set_up", "duration"]].isna().all()


def test_messages_and_those_of_them_sent_before_are_counted(captured: Captured) -> None:
    row = table_of(captured, "step3_answered_ack_lost").iloc[-1]
    assert (row.messages, row.repeats) == (38, 30)


def test_a_call_that_was_challenged_first_is_one_row_with_the_answer_that_counts(captured: Captured) -> None:
    table = table_of(captured, "step7_call_ok").query("method == 'INVITE'")
    assert len(table) == 1
    assert table.status.iloc[0] == 200


def test_an_invite_within_the_call_does_not_decide_it() -> None:
    story = Story()
    story.response(story.request("106", "108", "INVITE"), 200)
    story.response(story.request("106", "108", "INVITE", cseq=2, to_tag="b"), 491)
    assert list(calls(story.flow).status) == [200]


def test_calls_that_have_not_been_decided_say_how_far_they_are() -> None:
    story = Story()
    for number, status in enumerate((0, 100, 180)):
        invite = story.request("106", "108", "INVITE", call_id=str(number))
        if status:
            story.response(invite, status)
    ringing = story.request("106", "108", "INVITE", call_id="cancel")
    story.response(story.request("106", "108", "CANCEL", call_id="cancel"), 200)
    story.response(ringing, 180)
    assert list(calls(story.flow).result) == ["no answer", "trying", "ringing", "given up"]


def test_a_capture_that_begins_in_the_middle_of_a_call_is_read_as_far_as_it_goes() -> None:
    story = Story()
    bye = story.request("106", "108", "BYE", to_tag="b")
    story.response(bye, 200)
    assert calls(story.flow).iloc[0][["method", "src", "dst", "result"]].tolist() == [
        "BYE",
        "106",
        "108",
        "ended by 106",
    ]
    assert calls(story.flow[1:]).iloc[0][["method", "src", "dst", "result"]].tolist() == ["BYE", "106", "108", ""]


def b2bua(*, named: str = "", caller: str = "106", after: float = 0.0) -> Story:
    """106 calls 108 through something that makes a call of its own."""
    story = Story()
    first = story.request("106", "proxy", "INVITE", call_id="in")
    story.wait(after)
    headers = [(named, "in;from-tag=a")] if named else []
    second = story.request("proxy", "108", "INVITE", call_id="out", caller=caller, headers=headers)
    story.response(second, 200)
    if not after:
        story.response(first, 200)
    return story


@pytest.mark.parametrize("header", ["X-Call-ID", "X-CID", "Replaces"])
def test_legs_are_joined_where_one_names_the_other(header: str) -> None:
    joined = legs(b2bua(named=header, caller="somebody").flow, "in")
    assert list(joined.call_id) == ["in", "out"]
    assert list(joined.joined_by) == ["", "named"]
    assert list(joined.legs) == [2, 2]


@pytest.mark.parametrize(
    ("header", "value", "rule"),
    [
        ("Session-ID", f"{'a' * 32};remote={'0' * 32}", "session"),
        ("P-Charging-Vector", 'icid-value="abc";orig-ioi=home', "charging"),
    ],
)
def test_legs_are_joined_by_an_id_they_share(header: str, value: str, rule: str) -> None:
    story = Story()
    story.request("106", "proxy", "INVITE", call_id="in", headers=[(header, value)])
    story.wait(60)
    story.request("proxy", "108", "INVITE", call_id="out", caller="x", headers=[(header, value)])
    assert list(legs(story.flow, "out").joined_by) == [rule, ""]


def test_legs_are_joined_by_users_where_one_begins_where_the_other_came_to() -> None:
    flow = b2bua().flow
    assert list(legs(flow, "in").joined_by) == ["", "users"]
    assert set(flow[flow.call_id.isin(legs(flow, "in").call_id)].index) == set(flow.index)


def test_other_users_are_another_call() -> None:
    assert list(legs(b2bua(caller="107").flow, "in").call_id) == ["in"]


def test_a_call_after_the_first_was_decided_is_another_one() -> None:
    story = Story()
    story.response(story.request("106", "proxy", "INVITE", call_id="in"), 486)
    story.request("proxy", "108", "INVITE", call_id="out")
    assert list(legs(story.flow, "in").call_id) == ["in"]


def test_a_call_tried_twice_by_its_caller_is_two_calls() -> None:
    story = Story()
    story.request("106", "proxy", "INVITE", call_id="one")
    story.request("106", "proxy", "INVITE", call_id="two")
    assert list(calls(story.flow).legs) == [1, 1]


def test_a_call_of_three_legs_has_all_three_from_wherever_it_is_asked_for() -> None:
    story = Story(PARTIES | {"other": Address("192.0.2.2")})
    story.request("106", "proxy", "INVITE", call_id="1")
    story.request("proxy", "other", "INVITE", call_id="2")
    story.request("other", "108", "INVITE", call_id="3")
    for call_id in "123":
        assert list(legs(story.flow, call_id).call_id) == ["1", "2", "3"]


def test_a_call_id_the_flow_has_not_is_told_so() -> None:
    with pytest.raises(LabError, match=r"no message has the Call-ID 'x'; calls\(flow\)\.call_id has those there are"):
        legs(b2bua().flow, "x")
