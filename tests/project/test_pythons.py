"""tools/pythons.py: which interpreters it finds, and what it says and returns when they were tried."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "pythons.py"


@pytest.fixture(scope="module")
def pythons() -> ModuleType:
    spec = spec_from_file_location("pythons", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def interpreter(path: Path, line: str) -> Path:
    """A program that says or does `line` whatever it is asked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return path


def test_it_finds_one_of_each_version_on_the_path_and_among_those_of_pyenv(pythons: ModuleType, tmp_path: Path) -> None:
    first = interpreter(tmp_path / "bin" / "python3.12", "echo 3 12 3")
    interpreter(tmp_path / "pyenv" / "versions" / "3.12.1" / "bin" / "python3", "echo 3 12 1")
    newer = interpreter(tmp_path / "pyenv" / "versions" / "3.13.0" / "bin" / "python3", "echo 3 13 0")
    found = pythons.here({"PATH": f"{tmp_path}/bin:{tmp_path}/none", "PYENV_ROOT": str(tmp_path / "pyenv")})
    assert found == [((3, 12, 3), first), ((3, 13, 0), newer)]


def test_pyenv_is_at_home_where_nothing_says_otherwise(pythons: ModuleType, tmp_path: Path) -> None:
    path = interpreter(tmp_path / ".pyenv" / "versions" / "3.13.0" / "bin" / "python3", "echo 3 13 0")
    assert pythons.here({"HOME": str(tmp_path)}) == [((3, 13, 0), path)]


def test_old_ones_and_those_that_give_no_answer_are_passed_over(pythons: ModuleType, tmp_path: Path) -> None:
    interpreter(tmp_path / "python3", "echo 3 10 13")
    interpreter(tmp_path / "python3.12", "echo pyenv: python3.12: command not found >&2; exit 127")
    interpreter(tmp_path / "python3.13", "")
    interpreter(tmp_path / "python3-config", "echo 3 14 0")
    assert pythons.here({"PATH": str(tmp_path), "HOME": str(tmp_path)}) == []


def test_every_version_is_accounted_for_also_one_that_is_not_here(pythons: ModuleType) -> None:
    ran = pythons.Outcome("1805 passed, 41 skipped in 120.03s")
    outcomes = {pythons.Python((3, 12, 1), Path("python3.12")): ran}
    assert {(3, 11), (3, 12), (3, 13)} <= pythons.promised()
    assert list(pythons.summary(outcomes))[:3] == [
        "Python 3.11: not here",
        "Python 3.12.1: 1805 passed, 41 skipped in 120.03s",
        "Python 3.13: not here",
    ]


@pytest.mark.parametrize(
    ("outcome", "at_home", "in_ci"),
    [
        ({}, 0, 0),
        ({"failed": True}, 1, 1),
        ({"bad": True}, 0, 1),
    ],
)
def test_a_failed_test_fails_it_and_an_environment_that_can_not_be_set_up_does_in_ci(
    pythons: ModuleType, outcome: dict[str, bool], at_home: int, in_ci: int
) -> None:
    outcomes = {
        pythons.Python((3, 12, 1), Path("a")): pythons.Outcome("", **outcome),
        pythons.Python((3, 13, 0), Path("b")): pythons.Outcome(""),
    }
    assert pythons.verdict(outcomes, ci=False) == at_home
    assert pythons.verdict(outcomes, ci=True) == in_ci
