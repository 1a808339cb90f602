"""A flow is a sequence of rows, and says of them what somebody asks."""

from __future__ import annotations

import pytest

from labsip.flow.rows import Flow
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram
from labsip.trace import Trace
from tests.story import Story


@pytest.fixture
def flow() -> Flow:
    """A call that is challenged, and another phone's text."""
    story = Story()
    story.wait(2.0)
    invite = story.request("106", "proxy", "INVITE")
    story.response(invite, 407)
    again = story.request("106", "proxy", "INVITE", cseq=2)
    onward = story.request("proxy", "108", "INVITE", over=again, cseq=2)
    ringing = story.response(onward, 180)
    story.passed("proxy", "106", ringing.raw)
    story.request("109", "proxy", "MESSAGE", call_id="text")
    return Flow.of(story.flow)


def test_the_messages_of_a_call_are_those_of_its_call_id(flow: Flow) -> None:
    assert [one.row for one in flow.of_call("c")] == [0, 1, 2, 3, 4, 5]
    assert [one.row for one in flow.of_call("c", {"1 INVITE"})] == [0, 1]
    assert len(flow.of_call("another")) == 0


def test_the_first_like_a_summary_is_the_first_of_its_ends(flow: Flow) -> None:
    assert flow.first("180").row == 4
    assert flow.first("180 Ringing", dst="106").row == 5
    assert flow.first("INVITE", src="proxy").row == 3
    assert [one.row for one in flow.like("INVITE", dst="proxy")] == [0, 2]


def test_words_are_not_cut_in_two(flow: Flow) -> None:
    assert len(flow.like("18")) == 0
    assert len(flow.like("INVIT")) == 0


def test_where_there_is_no_first_the_error_says_what_there_is(flow: Flow) -> None:
    text = "there is no BYE from 106 to proxy in it, only INVITE, 407 Proxy Authentication Required, 180 Ringing"
    with pytest.raises(LabError, match=text):
        flow.of_call("c").first("BYE", src="106", dst="proxy")
    with pytest.raises(LabError, match="there is no BYE in it, only nothing"):
        Flow([]).first("BYE")


def test_parties_and_summaries_come_once_each(flow: Flow) -> None:
    assert flow.parties == ["106", "proxy", "108", "109"]
    assert flow.summaries == ["INVITE", "407 Proxy Authentication Required", "180 Ringing", "MESSAGE"]


def test_a_flow_can_begin_at_zero(flow: Flow) -> None:
    assert [round(one.t, 3) for one in flow.of_call("text").from_zero()] == [0.0]
    assert [round(one.t, 3) for one in flow.from_zero()][:3] == [0.0, 0.001, 0.002]
    assert flow[0].t > 2


def test_a_message_is_found_by_what_caused_it() -> None:
    phone, proxy = Address("192.0.2.6"), Address("192.0.2.1")
    trace = Trace({phone: "106", proxy: "proxy"})
    trace.datagram(Datagram(b"BYE sip:108@192.0.2.1 SIP/2.0\r\n\r\n", phone, proxy), 0.0)
    trace.cause = 0
    trace.datagram(Datagram(b"SIP/2.0 481 Call/Transaction Does Not Exist\r\n\r\n", proxy, phone), 0.1)
    trace.mark("the proxy was restarted")
    flow = Flow.of_trace(trace)
    assert [(one.src, one.dst, one.summary) for one in flow.caused_by(0)] == [
        ("proxy", "106", "481 Call/Transaction Does Not Exist")
    ]
    assert flow.marks == {2: "the proxy was restarted"}


def test_a_table_of_some_rows_is_that_of_all_without_the_others(flow: Flow) -> None:
    table = flow.table()
    some = flow.of_call("text").table()
    assert some.equals(table[table["call_id"] == "text"])
    assert some.attrs == table.attrs
