"""What a route says to tm: repeats, ACKs, answers, times and memory."""

from __future__ import annotations

from typing import Any

from labsip.modules.tm import Tm
from labsip.modules.tm.cell import CELL, HEADER, VIA, weight
from labsip.proxy.script import Routes
from labsip.sip.message import Request
from labsip.steps import STEPS
from labsip.vocabulary import Ksr
from tests.ends import Bench, End

TRYING = "100 trying -- your call is important to us"
AT_108 = "sip:108@127.0.10.108"


def relay(ksr: Ksr) -> None:
    ksr.t_relay()


def bench_of(route: Any) -> tuple[Bench, End, End]:
    bench = Bench(route)
    return bench, bench.end("106"), bench.end("108")


# --- repeats ----------------------------------------------------------------------------------------------


def test_a_repeated_request_is_answered_with_the_last_response_and_not_forwarded_again() -> None:
    _, caller, callee = bench_of(relay)
    invite = caller.invite(AT_108)
    assert caller.send(invite) == [TRYING]
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    assert caller.send(invite) == ["180 Ringing"]
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    assert caller.send(invite) == ["486 Busy Here"]
    assert callee.summaries == ["INVITE", "ACK"]


def test_a_repeated_request_before_any_answer_is_swallowed() -> None:
    _, caller, callee = bench_of(relay)
    message = caller.request("MESSAGE", AT_108)
    assert caller.send(message) == caller.send(message) == []
    assert callee.summaries == ["MESSAGE"]


def test_a_stateless_route_answers_every_repeat_anew_and_alike() -> None:
    _, caller, _ = bench_of(STEPS["stub480"])
    invite = caller.request("INVITE")
    assert caller.send(invite) == caller.send(invite) == ["480 Temporarily Unavailable"]
    assert caller.heard[0] == caller.heard[1]


def test_repeats_of_the_callees_answer_are_absorbed_but_those_of_a_200_to_an_invite() -> None:
    _, caller, callee = bench_of(relay)
    caller.send(caller.request("MESSAGE", AT_108))
    for _ in range(3):
        callee.answer(callee.hears("MESSAGE"), 200)
    assert caller.summaries == ["200 OK (MESSAGE)"]
    caller.invite(AT_108)
    for _ in range(3):
        callee.answer(callee.hears("INVITE"), 200)
    assert caller.summaries[1:] == [TRYING, "200 OK", "200 OK", "200 OK"]


def test_a_200_repeated_after_the_transaction_is_gone_still_finds_its_way() -> None:
    bench, caller, callee = bench_of(relay)
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 200)
    bench.wait(6)
    assert not bench.proxy.module(Tm).cells
    callee.answer(callee.hears("INVITE"), 200)
    assert caller.summaries == [TRYING, "200 OK", "200 OK"]


def test_a_negative_final_is_repeated_until_its_ack_reaches_tm() -> None:
    bench, caller, callee = bench_of(relay)
    invite = caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    bench.wait(0.6)
    assert caller.summaries[-2:] == ["486 Busy Here"] * 2
    caller.ack(invite, 486)
    bench.wait(10)
    assert caller.summaries.count("486 Busy Here") == 2
    assert callee.summaries == ["INVITE", "ACK"]  # ours: the caller's own goes no further


def test_a_negative_final_nobody_acknowledges_ends_with_the_transaction_after_5_s() -> None:
    bench, caller, callee = bench_of(relay)
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    bench.wait(40)
    assert caller.summaries.count("486 Busy Here") == 4  # at once, and after 0.5, 1.5 and 3.5 s
    assert bench.proxy.next_wake() is None


def test_another_request_is_repeated_to_the_callee_until_fr_timer_and_slower_after_a_100() -> None:
    bench, caller, callee = bench_of(relay)
    caller.send(caller.request("MESSAGE", AT_108))
    bench.wait(3)
    assert callee.summaries == ["MESSAGE"] * 3  # at once, and after 0.5 and 1.5 s
    callee.answer(callee.hears("MESSAGE"), 100, "Trying")
    bench.wait(8)
    assert callee.summaries == ["MESSAGE"] * 5
    bench.wait(20)
    assert caller.summaries == ["408 Request Timeout (MESSAGE)"]


def test_an_ack_for_a_2xx_goes_on_statelessly_each_time_with_the_same_branch() -> None:
    """RFC 3261 §16.11."""
    bench, caller, callee = bench_of(relay)
    ack = caller.request("ACK", AT_108, to="<sip:108@x>;tag=1")
    caller.send(ack)
    caller.send(ack)
    assert callee.summaries == ["ACK", "ACK"]
    assert callee.heard[0] == callee.heard[1]
    assert not bench.proxy.module(Tm).cells
    caller.send(caller.request("ACK", AT_108, to="<sip:108@x>;tag=1"))
    assert callee.heard[2].branch != callee.heard[0].branch


def test_stateless_branches_can_t_be_guessed_from_the_request() -> None:
    branches = set()
    for seed in (1, 2):
        bench = Bench(relay, seed=seed)
        caller, callee = bench.end("106"), bench.end("108")
        caller.send(caller.request("ACK", AT_108))
        branches.add(callee.heard[0].branch)
    assert len(branches) == 2


# --- answers ----------------------------------------------------------------------------------------------


def test_a_script_that_makes_a_transaction_and_leaves_it_loses_it_after_5_s() -> None:
    bench, caller, _ = bench_of(Ksr.t_newtran)
    message = caller.request("MESSAGE")
    assert caller.send(message) == caller.send(message) == []
    bench.wait(4.9)
    assert bench.proxy.module(Tm).cells
    bench.wait(0.2)
    assert not bench.proxy.module(Tm).cells


def test_a_reply_from_the_transaction_cancels_what_is_still_open_first() -> None:
    def onreply(ksr: Ksr) -> None:
        if ksr["$rs"] == 183:
            ksr.t_reply(480, "No early media")

    bench, caller, callee = bench_of(
        Routes(lambda k: [k.t_on_reply("EARLY"), k.t_relay()], onreply_routes={"EARLY": onreply})
    )
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 183, "Session Progress")
    assert bench.flow[-2:] == ["proxy -> 108  CANCEL", "proxy -> 106  480 No early media"]
    assert callee.hears("CANCEL").get("Reason") == "SIP;cause=480"


def test_a_second_final_from_the_route_is_not_sent() -> None:
    codes: list[int] = []
    _, caller, _ = bench_of(lambda k: [k.t_newtran(), codes.append(k.t_reply(404)), codes.append(k.t_reply(405))])
    assert caller.send(caller.request("MESSAGE")) == ["404 Not Found (MESSAGE)"]
    assert codes == [1, -1]


def test_a_reason_left_out_is_the_rfcs() -> None:
    _, caller, _ = bench_of(lambda k: [k.sl_reply(486), k.sl_reply(299)])
    assert caller.send(caller.request("MESSAGE")) == ["486 Busy Here (MESSAGE)", "299 Unknown (MESSAGE)"]


# --- times and memory -------------------------------------------------------------------------------------


def test_t_set_fr_sets_how_long_to_wait_before_and_after_the_branch_is_open() -> None:
    def before(ksr: Ksr) -> None:
        ksr.t_set_fr(0, 2000)
        ksr.t_relay()

    def after(ksr: Ksr) -> None:
        ksr.t_relay()
        ksr.t_set_fr(0, 2000)

    for route in (before, after):
        bench, caller, _ = bench_of(route)
        caller.invite(AT_108)
        bench.wait(1.9)
        assert caller.summaries == [TRYING]
        bench.wait(0.2)
        assert caller.summaries == [TRYING, "408 Request Timeout"]


def test_t_set_fr_shortens_the_ringing_from_an_onreply_route() -> None:
    blocks = {"R": lambda ksr: ksr.t_set_fr(1000)}
    bench = Bench(Routes(lambda k: [k.t_on_reply("R"), k.t_relay()], onreply_routes=blocks))
    caller, callee = bench.end("106"), bench.end("108")
    caller.invite(AT_108)
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    bench.wait(1.1)
    assert caller.summaries == [TRYING, "180 Ringing", "408 Request Timeout"]


def test_memory_is_counted_while_a_transaction_lives_and_given_back() -> None:
    bench, caller, callee = bench_of(relay)
    tm = bench.proxy.module(Tm)
    invite = caller.invite(AT_108)
    assert weight(invite) == CELL + len(invite.raw) + HEADER * invite.line_count + VIA
    trying, forwarded = caller.heard[0], callee.hears("INVITE")
    assert tm.size == weight(invite) + len(forwarded.raw) + len(trying.raw)
    callee.answer(forwarded, 486, "Busy Here")
    assert tm.size == weight(invite) + len(forwarded.raw) + len(caller.heard[-1].raw)
    bench.wait(60)
    assert tm.size == 0


def test_without_memory_t_relay_and_t_newtran_fail_and_say_so() -> None:
    codes: list[int] = []

    def route(ksr: Ksr) -> None:
        codes.extend((int(ksr.t_newtran()), int(ksr.t_relay())))
        ksr.sl_reply(500, "Full")

    bench = Bench(route, shm_bytes=1000)
    caller = bench.end("106")
    assert caller.send(caller.request("MESSAGE", AT_108)) == ["500 Full (MESSAGE)"]
    assert codes == [-1, -1]
    assert bench.notes == ["no memory for another transaction: 0 of them hold 0.0 MB"]


def test_t_check_trans_knows_a_response_we_wait_for() -> None:
    seen: list[int] = []
    bench = Bench(Routes(relay, onreply_route=lambda ksr: seen.append(ksr.t_check_trans())))
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("MESSAGE", AT_108))
    callee.answer(callee.hears("MESSAGE"), 200)
    bench.wait(10)
    callee.answer(callee.hears("MESSAGE"), 200)
    assert seen == [1, -1]


def test_a_transaction_prints_what_it_is() -> None:
    seen: list[str] = []

    def route(ksr: Ksr) -> None:
        ksr.t_newtran()
        seen.append(repr(ksr._turn.transaction))
        seen.append(repr(ksr))

    _, caller, _ = bench_of(route)
    caller.invite()
    assert seen == [
        "<transaction INVITE sip:108@127.0.10.1: Proceeding>",
        "<request_route for INVITE from 127.0.10.106:5060>",
    ]
    assert isinstance(caller.request("MESSAGE"), Request)
