"""Each check refuses what the lesson begins with, and accepts a solution."""

from __future__ import annotations

from pathlib import Path

import pytest

from labsip import Lab, LabError
from labsip.check.exercises import EXERCISES
from tests.lessons.solutions import SOLUTIONS, STUBS


@pytest.fixture
def lab() -> Lab:
    return Lab(seed=1, net="memory", name="exercises")


def test_every_exercise_has_a_solution_here() -> None:
    assert set(SOLUTIONS) == set(EXERCISES)


@pytest.mark.parametrize("number", EXERCISES)
def test_a_check_refuses_the_stub_and_says_what_was_wrong_in_sip_terms(lab: Lab, number: str) -> None:
    lab.use(STUBS[number[:2]])
    checked = lab.check(number)
    assert not checked
    assert "not yet" in repr(checked)
    assert "should have received" in repr(checked)


@pytest.mark.parametrize("number", EXERCISES)
def test_a_check_accepts_a_solution(lab: Lab, number: str) -> None:
    lab.request_route(SOLUTIONS[number])
    checked = lab.check(number)
    assert checked, checked
    assert repr(checked).startswith(f"{number} solved.")


@pytest.mark.parametrize("language", ["cfg", "kemi"])
@pytest.mark.parametrize("number", EXERCISES)
def test_a_check_accepts_a_solution_that_was_translated(lab: Lab, number: str, language: str, tmp_path: Path) -> None:
    lab.request_route(SOLUTIONS[number])
    if language == "cfg":
        lab.cfg(lab.to_cfg())
    else:
        (tmp_path / "route.py").write_text(lab.to_kemi())
        lab.kemi(tmp_path / "route.py")
    assert lab.check(number)


def test_a_check_plays_on_a_lab_of_its_own(lab: Lab) -> None:
    lab.use("not-registered")
    lab.phone("106").register()
    before = len(lab.flow)
    lab.check("04.1")
    assert len(lab.flow) == before
    assert lab.location["AoR"].tolist() == ["106"]


def test_a_route_that_raises_is_told_with_its_line(lab: Lab) -> None:
    def broken(ksr: object) -> None:
        ksr.sl_reply(eighty)  # type: ignore[name-defined, attr-defined] # noqa: F821

    lab.request_route(broken)
    assert "NameError: name 'eighty' is not defined" in repr(lab.check("00.1"))


def test_an_exercise_that_does_not_exist_is_named_with_the_nearest(lab: Lab) -> None:
    lab.use("cancel")
    with pytest.raises(LabError, match=r"no exercise 04\.11; did you mean 04\.1\?"):
        lab.check("04.11")
