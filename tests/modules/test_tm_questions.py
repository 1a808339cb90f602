"""What a route asks of its transaction."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench
from tests.modules.saying import AT_108, codes, raised


def test_blocks_that_are_armed_are_known() -> None:
    seen: list[int] = []

    def route(ksr: Ksr) -> None:
        seen.append(int(ksr.t_is_set("branch_route")))
        ksr.t_on_branch("B")
        seen.extend(int(ksr.t_is_set(kind)) for kind in ("branch_route", "failure_route", "onreply_route"))

    bench = Bench(Routes(route, branch_routes={"B": Ksr.has_totag}))
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE"))
    assert seen == [-1, 1, -1, -1]
    assert "t_is_set takes branch_route, failure_route, onreply_route" in raised(lambda k: k.t_is_set("branch"))


def test_the_kind_of_block_that_runs_is_known() -> None:
    said: dict[str, list[int]] = {}

    def tell(ksr: Ksr) -> None:
        kinds = ("request", "branch", "reply", "failure")
        said[ksr._turn.kind] = [int(getattr(ksr, f"t_is_{kind}_route")()) for kind in kinds]

    def request_route(ksr: Ksr) -> None:
        tell(ksr)
        ksr.t_on_branch("X")
        ksr.t_on_reply("X")
        ksr.t_on_failure("X")
        ksr.t_relay()

    routes = Routes(request_route, branch_routes={"X": tell}, onreply_routes={"X": tell}, failure_routes={"X": tell})
    bench = Bench(routes)
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("MESSAGE", AT_108))
    callee.answer(callee.hears("MESSAGE"), 404)
    assert said == {
        "request_route": [1, -1, -1, -1],
        "branch_route": [-1, 1, -1, -1],
        "onreply_route": [-1, -1, 1, -1],
        "failure_route": [-1, -1, -1, 1],
    }


def test_without_a_transaction_there_is_nothing_to_be_known() -> None:
    said = codes(
        lambda k: k.t_any_replied(), lambda k: k.t_any_timeout(), lambda k: k.t_get_status_code(),
        lambda k: k.t_grep_status("180"), lambda k: k.t_lookup_request(), lambda k: k.t_flush_flags(),
        lambda k: k.t_retransmit_reply(), lambda k: k.t_newtran(), lambda k: k.t_lookup_request(),
        lambda k: k.t_any_replied(), lambda k: k.t_flush_flags(), lambda k: k.t_reply(180, "x"),
        lambda k: k.t_grep_status("180"), lambda k: k.t_get_status_code(), lambda k: k.t_retransmit_reply(),
        method="INVITE",
    )  # fmt: skip
    assert said == [-1, -1, -1, -1, -1, -1, -1, 1, 1, -1, 1, 1, -1, 180, 1]


def test_settings_of_a_transaction_are_accepted() -> None:
    said = codes(
        lambda k: k.t_set_fr(1000), lambda k: k.t_reset_fr(), lambda k: k.t_set_max_lifetime("1000", "1000"),
        lambda k: k.t_set_disable_6xx(1), lambda k: k.t_save_lumps(),
    )  # fmt: skip
    assert said == [1] * 5


def test_what_branches_answered_is_known_where_the_call_failed() -> None:
    said: list[int] = []

    def failure(ksr: Ksr) -> None:
        said.extend(
            int(code)
            for code in (
                ksr.t_any_replied(), ksr.t_any_timeout(), ksr.t_branch_replied(), ksr.t_branch_timeout(),
                ksr.t_grep_status(486), ksr.t_grep_status(487), ksr.t_get_status_code(),
            )
        )  # fmt: skip

    routes = Routes(lambda k: [k.t_on_failure("F"), k.t_relay()], failure_routes={"F": failure})
    bench = Bench(routes)
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("INVITE", AT_108))
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    callee.answer(callee.hears("INVITE"), 486)
    assert said == [1, -1, 1, -1, 1, -1, 486]


ASKED = ("t_any_replied", "t_any_timeout", "t_branch_replied", "t_branch_timeout", "t_get_status_code", "t_check_trans")


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([486], {"reply 486": [-1, -1, -1, -1, 486, 1, -1], "failure": [-1, -1, -1, -1, 486, 1, -1]}),
        ([180, 486], {"reply 486": [1, -1, -1, -1, 486, 1, 1], "failure": [1, -1, 1, -1, 486, 1, 1]}),
        ([180, 180, 404], {"reply 180": [1, -1, -1, -1, 180, 1, -1], "failure": [1, -1, 1, -1, 404, 1, -1]}),
        ([100], {"reply 100": [-1, -1, -1, -1, 100, 1, -1], "failure": [1, 1, 1, 1, 408, 1, -1]}),
        ([], {"branch": [-1, -1, -1, -1, -1, 1, -1], "failure": [-1, 1, -1, 1, 408, 1, -1]}),
    ],
)
def test_the_first_word_of_a_branch_is_not_known_before_it_is_dealt_with(
    answers: list[int], told: dict[str, list[int]]
) -> None:
    """Measured on a real Kamailio, from a route that each of the blocks calls."""
    said: dict[str, list[int]] = {}

    def ask(ksr: Ksr) -> None:
        codes = [int(getattr(ksr, word)()) for word in ASKED]
        said[str(ksr["$var(where)"])] = [*codes, int(ksr.t_grep_status("486"))]

    def block(where: str) -> Callable[[Ksr], None]:
        def run(ksr: Ksr) -> None:
            ksr["$var(where)"] = f"reply {ksr['$rs']}" if where == "reply" else where
            ksr.route("ASK")

        return run

    def request_route(ksr: Ksr) -> None:
        ksr.t_on_branch("B")
        ksr.t_on_reply("R")
        ksr.t_on_failure("F")
        ksr.t_relay()

    routes = Routes(
        request_route,
        {"ASK": ask},
        branch_routes={"B": block("branch")},
        onreply_routes={"R": block("reply")},
        failure_routes={"F": block("failure")},
    )
    bench = Bench(routes, fr_timer=2.0, fr_inv_timer=2.0)
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("INVITE", AT_108))
    for status in answers:
        callee.answer(callee.hears("INVITE"), status)
    bench.wait(3)
    assert {where: said[where] for where in told} == told


def test_what_only_requests_have_is_no_fault_in_a_response() -> None:
    said: list[int] = []

    def do(ksr: Ksr) -> None:
        words = (ksr.loose_route, ksr.record_route, ksr.dlg_manage, ksr.is_known_dlg)
        said.extend([int(ksr.mf_process_maxfwd_header(10)), *(int(word()) for word in words)])

    routes = Routes(
        lambda k: [k.t_on_reply("R"), k.t_relay()], {"DO": do}, onreply_routes={"R": lambda k: k.route("DO")}
    )
    bench = Bench(routes)
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("INVITE", AT_108))
    callee.answer(callee.hears("INVITE"), 180)
    assert said == [2, -1, 1, 1, -1]
    assert caller.response(180).get("Max-Forwards") == "10"


def test_a_branch_that_never_answered_is_known() -> None:
    said: list[int] = []

    def failure(ksr: Ksr) -> None:
        said.extend(
            int(code)
            for code in (
                ksr.t_any_timeout(), ksr.t_branch_timeout(), ksr.t_branch_replied(), ksr.t_get_status_code(),
            )
        )  # fmt: skip

    bench = Bench(Routes(lambda k: [k.t_on_failure("F"), k.t_relay()], failure_routes={"F": failure}), fr_timer=2.0)
    caller, _ = bench.end("106"), bench.end("108")
    caller.send(caller.request("INVITE", AT_108))
    bench.wait(3)
    assert said == [1, 1, -1, 408]


def test_t_send_reply_makes_the_transaction_it_needs() -> None:
    bench = Bench(lambda k: k.t_send_reply(404, "No"))
    caller = bench.end("106")
    assert caller.send(caller.request("MESSAGE")) == ["404 No (MESSAGE)"]
    assert bench.proxy.held["transactions"] == 1


def test_an_invite_may_go_on_without_a_100() -> None:
    bench = Bench(lambda k: [k.t_set_auto_inv_100(0), k.t_relay()])
    caller, callee = bench.end("106"), bench.end("108")
    assert caller.send(caller.request("INVITE", AT_108)) == []
    assert callee.hears("INVITE")


def test_a_cancel_finds_the_transaction_of_its_invite() -> None:
    assert codes(lambda k: k.t_lookup_cancel(), method="CANCEL") == [-1]
