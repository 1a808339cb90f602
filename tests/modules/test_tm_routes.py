"""The routes a route arms: failure_routes and onreply_routes."""

from __future__ import annotations

from typing import Any

import pytest

from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench, End

TRYING = "100 trying -- your call is important to us"
AT_108 = "sip:108@127.0.10.108"


def voicemail(*, on_failure: Any = None, **blocks: Any) -> tuple[Bench, End, End, End]:
    """108 is called; the failure route tries the voicemail."""

    def failure(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:voicemail@127.0.10.150"
        ksr.t_relay()

    def route(ksr: Ksr) -> None:
        ksr.record_route()
        ksr.t_on_failure("MISSED")
        ksr.t_relay()

    bench = Bench(Routes(route, failure_routes={"MISSED": on_failure or failure, "AGAIN": failure}, **blocks))
    return bench, bench.end("106"), bench.end("108"), bench.end("150")


def test_a_failure_route_finds_another_way() -> None:
    bench, caller, callee, box = voicemail()
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    again = box.hears("INVITE")
    assert again.branch == callee.hears("INVITE").branch[:-1] + "1"
    assert again.get("Record-Route") == callee.hears("INVITE").get("Record-Route")
    box.answer(again, 200)
    assert caller.summaries == [TRYING, "200 OK"]
    assert bench.flow[3:6] == ["108 -> proxy  486 Busy Here", "proxy -> 108  ACK", "proxy -> 150  INVITE"]


def test_what_a_branch_route_keeps_first_stays_with_the_transaction() -> None:
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        ksr.t_on_branch("B")
        ksr.t_relay()

    def branch(ksr: Ksr) -> None:
        ksr["$avp(kept)"] = "yes"

    bench = Bench(Routes(route, branch_routes={"B": branch}, onreply_route=lambda ksr: seen.append(ksr["$avp(kept)"])))
    named = Bench(Routes(lambda ksr: [ksr.t_on_reply("R"), route(ksr)], branch_routes={"B": branch},
                         onreply_routes={"R": lambda ksr: seen.append(ksr["$avp(kept)"])}))  # fmt: skip
    for one in (bench, named):
        caller, callee = one.end("106"), one.end("108")
        caller.invite(AT_108)
        callee.answer(callee.hears("INVITE"), 180)
    assert seen == [None, "yes"]


def test_a_failure_route_is_run_once_unless_armed_again() -> None:
    _, caller, callee, box = voicemail()
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    box.answer(box.hears("INVITE"), 480, "No Room")
    assert caller.summaries == [TRYING, "480 No Room"]

    def failure(ksr: Ksr) -> None:
        ksr["$ru"] = AT_108
        ksr.t_on_failure("AGAIN")
        ksr.t_relay()

    _, caller, callee, box = voicemail(on_failure=failure)
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    box.answer(box.hears("INVITE"), 200)
    assert caller.summaries == [TRYING, "200 OK"]


def test_what_was_answered_before_a_failure_route_went_another_way_counts_no_more() -> None:
    """As in Kamailio (failure_reply_mode 3): 480, the lower code, is not told."""
    _, caller, callee, box = voicemail()
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 480, "Away")
    box.answer(box.hears("INVITE"), 486, "Full")
    assert caller.summaries == [TRYING, "486 Full"]


def test_a_failure_route_that_only_looks_lets_the_answer_pass() -> None:
    seen: list[object] = []

    def failure(ksr: Ksr) -> None:
        seen.append((ksr["$T_reply_code"], ksr["$rs"], ksr["$rm"], ksr["$ru"], ksr["$avp(kept)"]))

    def route(ksr: Ksr) -> None:
        ksr["$avp(kept)"] = "yes"
        ksr.t_on_failure("LOOK")
        ksr.t_relay()

    bench = Bench(Routes(route, failure_routes={"LOOK": failure}))
    caller, callee = bench.end("106"), bench.end("108")
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    assert seen == [(486, None, "INVITE", AT_108, "yes")]
    assert caller.summaries == [TRYING, "486 Busy Here"]


@pytest.mark.parametrize("command", [Ksr.t_reply, Ksr.send_reply])
def test_a_failure_route_may_answer_itself(command: Any) -> None:
    _, caller, callee, _ = voicemail(on_failure=lambda ksr: command(ksr, 404, "Gone Fishing"))
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    assert caller.summaries == [TRYING, "404 Gone Fishing"]


def test_a_failure_route_runs_when_nobody_answers() -> None:
    bench, caller, _, box = voicemail()
    caller.invite(AT_108)
    bench.wait(30)
    box.answer(box.hears("INVITE"), 200)
    assert caller.summaries == [TRYING, "200 OK"]


def test_a_failure_route_that_says_drop_or_exit_lets_the_answer_pass() -> None:
    for ending in (Ksr.drop, Ksr.exit):
        _, caller, callee, _ = voicemail(on_failure=ending)
        caller.invite(AT_108)
        callee.answer(callee.hears("INVITE"), 486, "Busy Here")
        assert caller.summaries == [TRYING, "486 Busy Here"]


def test_zero_disarms() -> None:
    def route(ksr: Ksr) -> None:
        ksr.t_on_failure("MISSED")
        ksr.t_on_failure("0")
        ksr.t_relay()

    bench = Bench(Routes(route, failure_routes={"MISSED": lambda ksr: ksr.t_reply(404)}))
    caller, callee = bench.end("106"), bench.end("108")
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    assert caller.summaries == [TRYING, "486 Busy Here"]


def test_a_named_onreply_route_may_drop_a_provisional_but_no_final() -> None:
    bench = Bench(Routes(lambda k: [k.t_on_reply("MUTE"), k.t_relay()], onreply_routes={"MUTE": Ksr.drop}))
    caller, callee = bench.end("106"), bench.end("108")
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    assert caller.summaries == [TRYING]
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    assert caller.summaries == [TRYING, "486 Busy Here"]


def test_an_onreply_route_may_change_what_goes_back() -> None:
    def onreply(ksr: Ksr) -> None:
        ksr.append_hf("X-Seen: by us")
        ksr.remove_hf("Contact")

    bench = Bench(Routes(lambda k: [k.t_on_reply("CHANGE"), k.t_relay()], onreply_routes={"CHANGE": onreply}))
    caller, callee = bench.end("106"), bench.end("108")
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 200)
    assert caller.heard[-1].get("X-Seen") == "by us"
    assert caller.heard[-1].count("Contact") == 0
