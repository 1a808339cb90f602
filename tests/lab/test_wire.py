"""Wires a learner breaks: by the names of the parties, and told back in words."""

from __future__ import annotations

import pytest

from labsip import Lab, LabError


def test_a_lost_ack_is_marked_in_the_ladder_and_the_200_comes_again(lab: Lab) -> None:
    lab.wire("106", "proxy").drop("ACK")
    call = lab.phone("106").call("108")
    lab.wait(2)
    told = str(call.ladder())
    assert "ACK (lost)" in told
    assert "200 OK (again)" in told


def test_a_wire_tells_what_is_wrong_with_it(lab: Lab) -> None:
    wire = lab.wire("106", "proxy").drop("ACK", times=2).drop(None).drop("BYE", times=None).set(loss=0.3, delay=0.2)
    said = "loses 30%, 0.2 s late, loses the next 2 ACK, loses the next message, loses every BYE"
    assert repr(wire) == f"<wire 106 → proxy: {said}>"
    assert repr(wire.clear().set(loss=1)) == "<wire 106 → proxy: cut>"
    assert repr(lab.wire().set(jitter=0.1, duplicate=0.5)) == (
        "<wire anybody → anybody: up to 0.1 s out of order, doubles 50%>"
    )
    assert repr(wire.clear()) == "<wire 106 → proxy: whole>"


def test_a_rule_that_has_done_its_work_is_told_no_more(lab: Lab) -> None:
    wire = lab.wire("106", "proxy").drop("ACK")
    lab.phone("106").call("108")
    assert wire.faults == []


def test_a_party_that_is_not_there_is_named_with_the_nearest(lab: Lab) -> None:
    with pytest.raises(LabError, match=r"no party prxoy; did you mean proxy\?"):
        lab.wire("106", "prxoy")


def test_a_message_that_was_held_back_says_so_in_the_flow_and_in_the_ladder(lab: Lab) -> None:
    lab.wire("proxy", "108").set(delay=0.3)
    call = lab.phone("106").call("108")
    late = call.flow[call.flow["late"] > 0]
    assert set(zip(late["src"], late["dst"], strict=True)) == {("proxy", "108")}
    assert "INVITE (0.300 s late)" in str(call.ladder())


def test_a_message_that_was_doubled_stands_in_the_ladder_twice(lab: Lab) -> None:
    lab.wire("106", "proxy").set(duplicate=1)
    call = lab.phone("106").call("108")
    lab.wait(1)
    assert "INVITE (again)" in str(call.ladder())
