"""A route that raises: its request is answered 500, and its author is told where, in lines of the route."""

from __future__ import annotations

import re
import sys
from asyncio import CancelledError
from typing import Any

import pytest

from labsip.dialects.python.stack import ENOUGH
from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench

SERVER_ERROR = "500 Server Internal Error (MESSAGE)"
KINDS = ("branch", "onreply", "failure")


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


ENDING = [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, CancelledError]


@pytest.mark.parametrize("error", ENDING)
@pytest.mark.parametrize("kind", ["request_route", "branch_route", "onreply_route", "failure_route"])
def test_what_would_end_python_is_a_route_that_raised_like_any_other(kind: str, error: type[BaseException]) -> None:
    def route(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:108@127.0.10.108"
        ksr.t_on_branch("B")
        ksr.t_on_reply("R")
        ksr.t_on_failure("F")
        ksr.t_relay()

    def fails(_: Ksr) -> None:
        raise error

    def fine(ksr: Ksr) -> None: ...

    blocks = [fails if kind == name else fine for name in ("branch_route", "onreply_route", "failure_route")]
    first = fails if kind == "request_route" else route
    bench = Bench(Routes(first, **{f"{k}_routes": {n: b} for k, n, b in zip(KINDS, "BRF", blocks, strict=True)}))
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("MESSAGE"))
    if callee.heard:
        callee.answer(callee.hears("MESSAGE"), 486, "Busy Here")
    assert caller.summaries == ["486 Busy Here (MESSAGE)" if kind == "onreply_route" else SERVER_ERROR]
    told = bench.proxy.errors[0]
    assert told.route.startswith(kind)
    assert told.text.splitlines()[0].endswith("line 2: raise error")


def test_exit_in_a_route_says_how_a_route_ends() -> None:
    _, lines = told(lambda ksr: sys.exit())  # noqa: ARG005
    assert lines[-1] == "LabError: exit() ends Python, and is not for routes; they end with return or ksr.exit()"


def test_an_error_whose_text_cannot_be_had_is_told_all_the_same() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise KeyboardInterrupt

    def route(_: Ksr) -> None:
        raise Mute

    answers, lines = told(route)
    assert answers == [SERVER_ERROR]
    assert lines[-1] == "Mute: (its text can't be had: KeyboardInterrupt)"


def test_a_recursion_is_told_in_few_lines() -> None:
    def alone(ksr: Ksr) -> None:
        alone(ksr)

    def ping(ksr: Ksr) -> None:
        pong(ksr)

    def pong(ksr: Ksr) -> None:
        ping(ksr)

    answers, lines = told(alone)
    assert answers == [SERVER_ERROR]
    assert re.fullmatch(r"request_route, line 2: alone\(ksr\) \(and again, \d+ times\)", lines[0])
    assert lines[-1].startswith("RecursionError")
    assert len(told(ping)[1]) == ENOUGH + 2
