"""What there is to see of a call, and how messages and commands are tied to each other."""

from __future__ import annotations

import pytest

from labsip import Lab, LabError
from labsip.sip.transport import Datagram


def test_the_flow_says_which_message_led_to_which_by_which_command(lab: Lab) -> None:
    call = lab.phone("106").call("108")
    flow = call.flow
    came, went = flow[(flow["summary"] == "INVITE")].index
    assert flow.loc[went, "cause"] == came
    steps = call.steps()
    assert steps.loc[flow.loc[went, "command"], "command"] == "t_relay()"
    assert steps["request"].unique().tolist() == ["INVITE from 106", "ACK from 106"]


def test_steps_of_one_message_are_its_own(lab: Lab) -> None:
    call = lab.phone("106").call("109")
    row = int(call.flow.index[0])
    commands = lab.steps(row)["command"].tolist()
    assert [command.partition("(")[0] for command in commands][-2:] == ["lookup", "sl_reply"]


def test_a_call_has_its_own_messages_only(lab: Lab) -> None:
    first = lab.phone("106").call("109")
    second = lab.phone("106").call("109")
    assert first.flow["summary"].tolist() == ["INVITE", "404 User not Registered", "ACK"]
    assert not set(first.flow.index) & set(second.flow.index)
    assert len(lab.flow) == 4 + 3 + 3


@pytest.mark.labsip_only("half a minute")
def test_a_calls_ladder_begins_at_0_s(lab: Lab) -> None:
    lab.wait(30)
    text = lab.phone("106").call("109").ladder().text()
    assert text.splitlines()[1].startswith("0.000")


def test_a_message_is_found_by_the_beginning_of_its_summary(lab: Lab) -> None:
    call = lab.phone("106").call("108")
    assert repr(call.message("180")).startswith("108 -> proxy\nSIP/2.0 180 Ringing")
    assert repr(call.message("180", dst="106")).startswith("proxy -> 106\n")
    with pytest.raises(LabError, match=r"there is no BYE to 106 in it, only INVITE, 100 trying"):
        call.message("BYE", dst="106")


def test_changes_show_what_the_proxy_did_to_a_message(lab: Lab) -> None:
    call = lab.phone("106").call("108")
    added = [change.name for change in call.changes("INVITE") if change.mark == "+"]
    assert added == ["Record-Route", "Via"]
    with pytest.raises(LabError, match="the proxy passed no REGISTER on"):
        call.changes("REGISTER")


def test_rows_that_are_not_there_are_named(lab: Lab) -> None:
    with pytest.raises(LabError, match="no message has row 999"):
        lab.message(999)


def test_the_log_has_what_a_route_printed_and_what_went_wrong(lab: Lab) -> None:
    @lab.request_route
    def request_route(ksr: object) -> None:
        ksr.xlog("$rm for $rU from $si\n")  # type: ignore[attr-defined]
        ksr.sl_reply(200)  # type: ignore[attr-defined]

    lab.phone("106").options("108")
    assert lab.log["text"].iloc[-1] == f"OPTIONS for 108 from {lab.phone('106').address.host}"


def test_an_exchange_tells_its_outcome(lab: Lab) -> None:
    assert repr(lab.phone("106").register()) == "<REGISTER 106: 200 OK>"
    assert repr(lab.phone("106").options()) == "<OPTIONS 106 → proxy: 501 Not Implemented>"


@pytest.mark.labsip_only("five seconds")
def test_an_unanswered_request_says_so(lab: Lab) -> None:
    @lab.request_route
    def request_route(ksr: object) -> None: ...

    assert repr(lab.phone("106").options()) == "<OPTIONS 106 → proxy: no answer>"


def test_what_is_sent_as_it_is_comes_as_it_is(lab: Lab) -> None:
    call = lab.phone("106").call("109")
    again = lab.phone("106").send(call.message("INVITE").raw)
    assert [response.status for response in again.responses] == [404, 404]
    assert again.responses[0].to.tag == again.responses[1].to.tag  # RFC 3261 §8.2.7


def test_the_runaway_loop_ends_with_a_plain_word() -> None:
    with Lab(seed=1, net="memory", name="loop") as lab:
        lab.use("first-call")
        call = lab.phone("106").call("109")
        hops = (
            (call.flow["src"] == "proxy") & (call.flow["dst"] == "proxy") & (call.flow["summary"] == "INVITE")
        ).sum()
        assert 300 < hops < 600  # a real Kamailio with 64 MB: 434
        assert "no memory for another transaction" in lab.log["text"].iloc[-1]
        lab.wait(40)
        assert call.status == 408


@pytest.mark.labsip_only("Kamailio counts under other names")
def test_what_the_proxy_dropped_is_counted(lab: Lab) -> None:
    assert lab.stats.empty
    lab.testbed.net.do(lambda _: [Datagram(b"no SIP at all\r\n\r\n", lab.phone("106").address, lab.address)])
    lab.wait()
    assert lab.stats.to_numpy().tolist() == [["unreadable", 1]]


def test_a_table_of_the_lab_is_read_and_not_set() -> None:
    with Lab(net="memory") as lab, pytest.raises(AttributeError, match=r"lab\.acc is there to be read"):
        lab.acc = None
    assert "Columns: method" in (Lab.acc.__doc__ or "")
