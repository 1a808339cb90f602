"""A route that raises: its request is answered 500, and its author is told where, in lines of the route."""

from __future__ import annotations

from typing import Any

from labsip.proxy.route import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench


def told(routes: Routes | Any) -> tuple[list[str], list[str]]:
    """What the caller got, and the lines its author is told."""
    bench = Bench(routes)
    caller = bench.end("106")
    answers = caller.send(caller.request("MESSAGE"))
    return answers, bench.proxy.errors[0].text.splitlines()


def decorated(function: Any) -> Any:
    return function


@decorated
def request_route(ksr: Ksr) -> None:
    if ksr.is_method("MESSAGE"):
        helper(ksr)


def helper(ksr: Ksr) -> None:
    ksr.lookup(5)  # type: ignore[arg-type]


def divide(ksr: Ksr) -> float:
    return 1 / len(ksr["$null"] or "")  # type: ignore[arg-type]


def test_each_line_is_a_call_of_the_authors_own_the_innermost_last() -> None:
    answers, lines = told(request_route)
    assert answers == ["500 Server Internal Error (MESSAGE)"]
    assert lines == [
        "request_route, line 4: helper(ksr)",
        "helper, line 2: ksr.lookup(5)  # type: ignore[arg-type]",
        'LabError: lookup: table must be text, not 5; write lookup(table, uri="")',
    ]


def test_named_blocks_bear_their_names() -> None:
    _, lines = told(Routes(lambda ksr: ksr.route("X"), routes={"X": divide}))
    assert lines[0].startswith("request_route, line 1: ")
    assert lines[1].startswith("route[X], line 2: return 1 / ")
    assert lines[2:] == ["ZeroDivisionError: division by zero"]


def test_the_text_names_no_file() -> None:
    _, lines = told(request_route)
    assert not any(".py" in line or "/" in line for line in lines)


def test_the_error_names_the_block_and_the_message() -> None:
    bench = Bench(divide)
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE"))
    (error,) = bench.proxy.errors
    assert (error.route, error.request) == ("request_route", "MESSAGE sip:108@127.0.10.1 SIP/2.0")
    assert bench.notes == ["request_route raised ZeroDivisionError: division by zero"]


def test_an_ack_that_makes_a_route_raise_is_not_answered() -> None:
    bench = Bench(divide)
    caller = bench.end("106")
    assert caller.send(caller.request("ACK")) == []
    assert len(bench.proxy.errors) == 1


def test_after_a_200_from_the_transaction_no_500_follows() -> None:
    def route(ksr: Ksr) -> None:
        ksr.t_newtran()
        ksr.t_reply(200)
        raise RuntimeError("late")

    answers, lines = told(route)
    assert answers == ["200 OK (MESSAGE)"]
    assert lines[-1] == "RuntimeError: late"


def test_a_branch_route_that_raises_stops_its_branch_and_the_caller_gets_500() -> None:
    def route(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:108@127.0.10.108"
        ksr.t_on_branch("B")
        ksr.t_relay()

    bench = Bench(Routes(route, branch_routes={"B": divide}))
    caller, callee = bench.end("106"), bench.end("108")
    assert caller.send(caller.request("MESSAGE")) == ["500 Server Internal Error (MESSAGE)"]
    assert callee.heard == []
    assert bench.proxy.errors[0].route == "branch_route[B]"


def test_a_failure_route_that_raises_answers_500() -> None:
    def route(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:108@127.0.10.108"
        ksr.t_on_failure("F")
        ksr.t_relay()

    bench = Bench(Routes(route, failure_routes={"F": divide}))
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("MESSAGE"))
    callee.answer(callee.hears("MESSAGE"), 486, "Busy Here")
    assert caller.summaries == ["500 Server Internal Error (MESSAGE)"]
    assert bench.proxy.errors[0].text.startswith("failure_route[F], line 2: ")


def test_a_block_that_is_gone_when_it_is_needed_is_told_and_the_caller_answered() -> None:
    def route(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:108@127.0.10.108"
        ksr.t_on_failure("F")
        ksr.t_relay()

    bench = Bench(Routes(route, failure_routes={"F": divide}))
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("MESSAGE"))
    bench.proxy.routes = Routes(route)
    bench.wait(40)
    assert caller.summaries == ["500 Server Internal Error (MESSAGE)"]
    assert bench.proxy.errors[0].text == "NoSuchName: no failure_route F"
    assert set(callee.summaries) == {"MESSAGE"}
