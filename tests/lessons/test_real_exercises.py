"""The exercises on a real Kamailio: it refuses what the lesson begins with, and accepts a solution."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from labsip import STEPS, Lab
from labsip.check.exercises import EXERCISES
from labsip.vocabulary import Ksr
from tests.lessons.solutions import SOLUTIONS, STUBS


def twenty_seconds(ksr: Ksr) -> None:
    if ksr.is_method("INVITE") and not ksr.has_totag():
        ksr.t_set_fr(20000)
    STEPS["cancel"].request_route(ksr)


def an_operator_for_everybody(ksr: Ksr) -> None:
    if ksr.is_method("INVITE"):
        ksr["$rU"] = "108"
    STEPS["not-registered"].request_route(ksr)


WRONG = {
    "00.1": STUBS["00"],
    "02.2": STUBS["02"],
    "03.2": STUBS["03"],
    "04.1": STUBS["04"],
    "04.2": an_operator_for_everybody,
    "05.1": STUBS["05"],
    "05.2": twenty_seconds,
    "07.1": STUBS["07"],
}


@pytest.fixture
def lab(need: Callable[[str], str]) -> Iterator[Lab]:
    need("kamailio")
    with Lab(engine="kamailio", seed=1, name="real exercises") as lab:
        yield lab


@pytest.mark.parametrize("number", EXERCISES)
def test_a_check_accepts_a_solution_on_a_real_kamailio(lab: Lab, number: str) -> None:
    lab.run(SOLUTIONS[number])
    checked = lab.check(number)
    assert checked, checked


@pytest.mark.parametrize("number", WRONG)
def test_a_check_refuses_what_is_wrong_on_a_real_kamailio(lab: Lab, number: str) -> None:
    lab.run(WRONG[number])
    checked = lab.check(number)
    assert not checked
    assert "should have received" in repr(checked)
