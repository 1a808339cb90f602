"""t_replicate, t_cancel_branches, t_drop_replies, t_release: what becomes of branches and of the transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labsip.modules.tm import Tm
from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench, End

AT_108, AT_109 = "sip:108@127.0.10.108", "sip:109@127.0.10.109"


def bench_of(route: Callable[[Ksr], object], **blocks: dict[str, Any]) -> tuple[Bench, End, End, End]:
    """A caller, and 108 and 109."""
    bench = Bench(Routes(route, **blocks))  # type: ignore[arg-type]
    return bench, bench.end("106"), bench.end("108"), bench.end("109")


# --- t_replicate ------------------------------------------------------------------------------------------


def test_a_copy_goes_out_as_it_is_and_its_answer_no_further() -> None:
    codes: list[int] = []

    def route(ksr: Ksr) -> None:
        codes.append(int(ksr.t_replicate("sip:127.0.10.109")))
        ksr.t_reply(202, "Accepted")

    bench, caller, _, other = bench_of(route)
    assert caller.send(caller.request("MESSAGE")) == ["202 Accepted (MESSAGE)"]
    copy = other.hears("MESSAGE")
    assert (codes, copy.uri) == ([1], "sip:108@127.0.10.1")
    other.answer(copy, 200)
    bench.wait(60)
    assert caller.summaries == ["202 Accepted (MESSAGE)"]
    assert not bench.proxy.module(Tm).cells


def test_blocks_that_were_armed_see_what_a_copy_is_answered() -> None:
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        ksr.t_on_reply("R")
        ksr.t_on_failure("F")
        ksr.t_replicate("sip:127.0.10.109")

    def look(ksr: Ksr) -> None:
        seen.append((ksr._turn.route, ksr["$T_reply_code"]))

    _, caller, _, other = bench_of(route, onreply_routes={"R": look}, failure_routes={"F": look})
    caller.send(caller.request("MESSAGE"))
    other.answer(other.hears("MESSAGE"), 503)
    assert seen == [("onreply_route[R]", 503), ("failure_route[F]", 503)]
    assert not caller.heard


def test_a_copy_nobody_answers_ends_without_a_word() -> None:
    bench, caller, _, other = bench_of(lambda ksr: ksr.t_replicate("sip:127.0.10.109"))
    caller.send(caller.request("MESSAGE"))
    bench.wait(60)
    assert not caller.heard
    assert len(other.heard) > 1
    assert not bench.proxy.module(Tm).cells


def test_where_a_copy_leads_nowhere_nothing_is_done() -> None:
    codes: list[int] = []
    bench, caller, *_ = bench_of(lambda ksr: codes.append(int(ksr.t_replicate("sip:nowhere.invalid"))))
    caller.send(caller.request("MESSAGE"))
    assert codes == [-1]
    assert not bench.proxy.module(Tm).cells


# --- t_cancel_branches ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "cancelled"),
    [("all", ["108", "109"]), ("others", ["109"]), ("this", ["108"])],
)
def test_branches_are_cancelled_from_an_onreply_route(which: str, cancelled: list[str]) -> None:
    codes: list[int] = []

    def route(ksr: Ksr) -> None:
        ksr["$ru"] = AT_108
        ksr.append_branch(AT_109)
        ksr.t_on_reply("R")
        ksr.t_relay()

    def reply(ksr: Ksr) -> None:
        if ksr["$rs"] == 183:
            codes.append(int(ksr.t_cancel_branches(which)))

    bench, caller, one, other = bench_of(route, onreply_routes={"R": reply})
    caller.invite()
    for phone in (one, other):
        phone.answer(phone.hears("INVITE"), 180, "Ringing")
    one.answer(one.hears("INVITE"), 183, "Session Progress")
    assert [end.name for end in (one, other) if "CANCEL" in end.summaries] == cancelled
    assert codes == [1]
    assert bench.flow.count("proxy -> 106  183 Session Progress") == 1


def test_a_branch_that_was_cancelled_is_not_there_to_cancel_again() -> None:
    codes: list[int] = []

    def route(ksr: Ksr) -> None:
        ksr["$ru"] = AT_108
        ksr.append_branch(AT_109)
        ksr.t_on_reply("R")
        ksr.t_relay()

    _, caller, one, _ = bench_of(
        route, onreply_routes={"R": lambda ksr: codes.append(int(ksr.t_cancel_branches("others")))}
    )
    caller.invite()
    for _ in range(2):
        one.answer(one.hears("INVITE"), 180, "Ringing")
    assert codes == [1, -1]


def test_a_branch_that_has_not_said_anything_is_cancelled_when_it_does() -> None:
    def route(ksr: Ksr) -> None:
        ksr["$ru"] = AT_108
        ksr.append_branch(AT_109)
        ksr.t_on_reply("R")
        ksr.t_relay()

    _, caller, one, other = bench_of(route, onreply_routes={"R": lambda ksr: ksr.t_cancel_branches("others")})
    caller.invite()
    one.answer(one.hears("INVITE"), 180, "Ringing")
    assert other.summaries == ["INVITE"]
    other.answer(other.hears("INVITE"), 180, "Ringing")
    assert other.summaries == ["INVITE", "CANCEL"]


def test_where_nothing_rings_any_more_there_is_nothing_to_cancel() -> None:
    codes: list[int] = []

    def route(ksr: Ksr) -> None:
        ksr["$ru"] = AT_108
        ksr.t_on_reply("R")
        ksr.t_relay()

    def reply(ksr: Ksr) -> None:
        codes.extend(int(ksr.t_cancel_branches(which)) for which in ("all", "others", "this"))

    _, caller, one, _ = bench_of(route, onreply_routes={"R": reply})
    caller.invite()
    one.answer(one.hears("INVITE"), 486, "Busy Here")
    assert codes == [-1, -1, -1]


# --- t_drop_replies ---------------------------------------------------------------------------------------


def told(mode: str | None, *statuses: int) -> str:
    """What the caller hears when 108 and then 109 answer so, and the failure route drops in that mode."""

    def route(ksr: Ksr) -> None:
        ksr["$ru"] = AT_108
        ksr.t_on_failure("F")
        ksr.t_relay()

    def failed(ksr: Ksr) -> None:
        if mode is not None:
            assert int(ksr.t_drop_replies(mode)) == 1
        if len(statuses) > 1 and ksr["$T_branch_idx"] == 1:
            ksr["$ru"] = AT_109
            ksr.t_relay()

    _, caller, *phones = bench_of(route, failure_routes={"F": failed})
    caller.invite()
    for phone, status in zip(phones, statuses, strict=False):
        phone.answer(phone.hears("INVITE"), status, "No")
    return caller.summaries[-1]


def test_unless_told_otherwise_responses_are_dropped_if_there_is_another_branch() -> None:
    assert told(None, 404, 486) == "486 No"
    assert told(None, 404) == "404 No"


def test_responses_are_kept() -> None:
    assert told("n", 404, 486) == "404 No"


@pytest.mark.parametrize("mode", ["a", "l"])
def test_if_all_are_dropped_and_nobody_is_left_the_caller_hears_500(mode: str) -> None:
    assert told(mode, 404, 486) == "486 No"
    assert told(mode, 404).startswith("500")


def test_those_of_the_last_attempt_are_dropped() -> None:
    """What an earlier one was answered counts again."""
    modes = iter("nl")

    def route(ksr: Ksr) -> None:
        ksr["$ru"] = AT_108
        ksr.t_on_failure("F")
        ksr.t_relay()

    def failed(ksr: Ksr) -> None:
        ksr.t_drop_replies(next(modes, "n"))
        if ksr["$T_branch_idx"] == 1:
            ksr["$ru"] = AT_109
            ksr.t_on_failure("F")
            ksr.t_relay()

    _, caller, one, other = bench_of(route, failure_routes={"F": failed})
    caller.invite()
    one.answer(one.hears("INVITE"), 486, "Busy")
    other.answer(other.hears("INVITE"), 404, "No")
    assert caller.summaries[-1] == "486 Busy"


# --- t_release --------------------------------------------------------------------------------------------


def test_a_transaction_let_go_of_repeats_nothing_and_is_forgotten() -> None:
    def route(ksr: Ksr) -> None:
        ksr["$ru"] = AT_108
        ksr.t_relay()
        ksr.t_release()

    bench, caller, callee, _ = bench_of(route)
    caller.send(caller.request("MESSAGE"))
    bench.wait(4)
    assert callee.summaries == ["MESSAGE"]
    callee.answer(callee.hears("MESSAGE"), 200)
    assert caller.summaries == ["200 OK (MESSAGE)"]
    bench.wait(10)
    assert not bench.proxy.module(Tm).cells
    assert bench.proxy.next_wake() is None
