"""A block that never ends: stopped at a line of its own, whatever it catches, and never in the middle of a command."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labsip.dialects.python import Patience, Python
from labsip.dialects.python.patience import run_watched
from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench

SERVER_ERROR = "500 Server Internal Error (MESSAGE)"


def bench(routes: Any, clock: Callable[[], float] = lambda: 0.0, **settings: Any) -> Bench:
    """A proxy with patience for 1000 lines."""
    made = Bench(routes, **{"max_lines": 1000, **settings})
    made.proxy.dialect = Python(Patience(clock))
    return made


def message(made: Bench) -> list[str]:
    """What somebody hears who sends a MESSAGE."""
    caller = made.end("106")
    return caller.send(caller.request("MESSAGE"))


def in_one_line(_: Ksr) -> None:
    # fmt: off
    while True: pass  # noqa: E701
    # fmt: on


def with_words(ksr: Ksr) -> None:
    while ksr.is_method("MESSAGE"):
        ksr.t_precheck_trans()


def in_a_helper(ksr: Ksr) -> None:
    in_one_line(ksr)


def in_a_comprehension(_: Ksr) -> None:
    [0 for _ in itertools.count()]


def in_a_generator(_: Ksr) -> None:
    for _ in (number for number in itertools.count()):
        pass


def in_a_key(_: Ksr) -> None:
    sorted([2, 1], key=lambda _: [0 for _ in itertools.count()])


def in_another_block(ksr: Ksr) -> None:
    ksr.route("HELPER")


def back_and_forth(ksr: Ksr) -> None:
    while True:
        ksr.route("NOTHING")


def catching_all(_: Ksr) -> None:
    while True:
        try:  # noqa: SIM105
            int("x")
        except:  # noqa: E722
            pass


def keeping_all(_: Ksr) -> None:
    kept = []
    while True:
        try:
            int("1")
        except BaseException as error:
            kept.append(error)


def suppressing(ksr: Ksr) -> None:
    while True:
        with contextlib.suppress(BaseException):
            in_one_line(ksr)


def at_last(ksr: Ksr) -> None:
    try:
        in_one_line(ksr)
    finally:
        in_one_line(ksr)


def continuing(_: Ksr) -> None:
    while True:
        try:
            int("x")
        except Exception:
            continue
        finally:
            continue  # noqa: B012


def recursing(ksr: Ksr) -> None:
    try:
        recursing(ksr)
    except BaseException:
        recursing(ksr)


ENDLESS = [
    in_one_line, with_words, in_a_helper, in_a_comprehension, in_a_generator, in_a_key, in_another_block,
    back_and_forth, catching_all, keeping_all, suppressing, at_last, continuing, recursing,
]  # fmt: skip


@pytest.mark.parametrize("route", ENDLESS)
def test_a_route_that_never_ends_is_stopped_and_its_request_answered_500(route: Any) -> None:
    made = bench(Routes(route, routes={"HELPER": in_one_line, "NOTHING": lambda _: None}))
    assert message(made) == [SERVER_ERROR]
    (error,) = made.proxy.errors
    assert error.route == "request_route"
    assert ", line " in error.text.splitlines()[0]
    assert "TooLong: stopped after 1,000 lines; does it ever end?" in error.text
    made.proxy.routes = Routes(lambda ksr: ksr.sl_reply(200))
    assert message(made) == ["200 OK (MESSAGE)"]
    assert sys.gettrace() is None or "_call" not in repr(sys.gettrace())
    assert sys.exception() is None


def test_the_line_it_was_stopped_at_is_named() -> None:
    made = bench(in_a_helper)
    message(made)
    assert made.proxy.errors[0].text.splitlines()[:2] == [
        "request_route, line 2: in_one_line(ksr)",
        "in_one_line, line 3: while True: pass  # noqa: E701",
    ]


@pytest.mark.parametrize("kind", ["branch", "onreply", "failure"])
def test_every_kind_of_block_is_stopped_and_the_call_goes_its_way(kind: str) -> None:
    def route(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:108@127.0.10.108"
        ksr.t_on_branch("branch")
        ksr.t_on_reply("onreply")
        ksr.t_on_failure("failure")
        ksr.t_relay()

    kinds = ("branch", "onreply", "failure")
    made = bench(Routes(route, **{f"{k}_routes": {k: in_one_line if k == kind else lambda _: None} for k in kinds}))
    caller, callee = made.end("106"), made.end("108")
    caller.send(caller.request("MESSAGE"))
    if callee.heard:
        callee.answer(callee.hears("MESSAGE"), 486, "Busy Here")
    assert caller.summaries == ["486 Busy Here (MESSAGE)" if kind == "onreply" else SERVER_ERROR]
    assert [error.route for error in made.proxy.errors] == [f"{kind}_route[{kind}]"]


def test_a_route_within_its_lines_is_left_alone_message_after_message() -> None:
    def route(ksr: Ksr) -> None:
        for _ in range(300):
            pass
        ksr.sl_reply(200)

    made = bench(route)
    assert [message(made) for _ in range(5)] == [["200 OK (MESSAGE)"]] * 5
    assert not made.proxy.errors


def test_with_both_limits_off_nobody_counts() -> None:
    def route(ksr: Ksr) -> None:
        for _ in range(5000):
            pass
        ksr.sl_reply(200)

    asked: list[float] = []
    made = bench(route, lambda: asked.append(0.0) or 0.0, max_lines=0)
    assert message(made) == ["200 OK (MESSAGE)"]
    assert not asked


def test_time_is_over_where_each_line_takes_some_of_it() -> None:
    clock = itertools.count(0.0, 0.05)
    made = bench(in_one_line, lambda: next(clock), max_lines=0, max_route_time=1)
    assert message(made) == [SERVER_ERROR]
    assert "TooLong: stopped after 1 s; does it ever end? Lab(max_route_time=0)" in made.proxy.errors[0].text
    assert 1 < next(clock) < 1.2


def test_a_machine_that_stands_still_for_a_while_stops_no_route() -> None:
    now = 0.0

    def route(ksr: Ksr) -> None:
        nonlocal now
        for _ in range(5):
            now += 3600
        ksr.sl_reply(200)

    made = bench(route, lambda: now, max_route_time=1)
    assert message(made) == ["200 OK (MESSAGE)"]


def test_lines_are_told_of_the_block_alone_whatever_its_commands_do() -> None:
    def lines_of(last: str) -> int:
        told = 0

        def route(ksr: Ksr) -> None:
            def tell() -> None:
                nonlocal told
                told += 1

            def block(ksr: Ksr) -> None:
                getattr(ksr, last)()

            ksr["$ru"] = "sip:108@127.0.10.108"
            run_watched(block, ksr, tell)

        made = Bench(route)
        made.end("106").send(made.end("106").request("MESSAGE"))
        return told

    assert lines_of("t_relay") == lines_of("t_precheck_trans") > 0


@pytest.fixture
def traced() -> Iterator[Any]:
    """A debugger's or a measurement's tracing, which is at work."""
    before = sys.gettrace()

    def trace(*_: object) -> None: ...

    sys.settrace(trace)
    yield trace
    sys.settrace(before)


def test_a_debugger_keeps_its_tracing(traced: Any) -> None:
    made = bench(lambda ksr: ksr.sl_reply(200))
    assert message(made) == ["200 OK (MESSAGE)"]
    assert sys.gettrace() is traced


@pytest.mark.parametrize("error", [StopIteration, GeneratorExit, KeyError])
def test_what_a_block_raises_comes_out_as_it_is(error: type[BaseException]) -> None:
    def route(_: Ksr) -> None:
        raise error("mine")

    made = bench(route)
    assert message(made) == [SERVER_ERROR]
    assert made.proxy.errors[0].text.splitlines()[0].endswith('line 2: raise error("mine")')
    assert made.proxy.errors[0].text.splitlines()[1].startswith(error.__name__)
