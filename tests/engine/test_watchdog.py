"""A block that never ends is stopped from outside, at a line of its own; others are not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from labsip.dialects.python import Python
from labsip.engine.watchdog import Watchdog
from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench


@pytest.fixture
def dog() -> Iterator[Watchdog]:
    with Watchdog(look=0.05) as made:
        yield made


def endless(_: Ksr) -> None:
    while True:
        pass


def stubborn(ksr: Ksr) -> None:
    while True:
        with suppress(Exception):
            ksr.is_method("INVITE")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # may hit a finalizer; then once more
@pytest.mark.parametrize("route", [endless, stubborn])
def test_a_block_that_never_ends_is_stopped_and_its_request_answered(dog: Watchdog, route: object) -> None:
    bench = Bench(Routes(route))  # type: ignore[arg-type]
    bench.proxy.dialect = Python(dog)
    caller = bench.end("106")
    caller.send(caller.request("OPTIONS"))
    [error] = bench.proxy.errors
    assert error.text.startswith("request_route, line ")
    assert "held up everybody else" in error.text
    assert caller.summaries[-1].startswith("500 ")


def test_what_ends_is_left_alone() -> None:
    with Watchdog() as dog:
        _serve(dog)


def _serve(dog: Watchdog) -> None:
    bench = Bench(Routes(lambda ksr: ksr.sl_send_reply(200, "OK")))
    bench.proxy.dialect = Python(dog)
    caller = bench.end("106")
    for _ in range(50):
        caller.send(caller.request("OPTIONS"))
    assert not bench.proxy.errors
