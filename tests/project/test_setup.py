"""tools/environment.sh on machines that lack something: each says what to do."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "environment.sh"
OLD_PYTHON = 'case "$1" in -V) echo Python 3.9.6;; *) exit 1;; esac'
PYTHON_WITHOUT_VENV = 'case "$*" in *ensurepip*) exit 1;; esac'
UV_WITHOUT_NETWORK = "echo 'uv: no network' >&2; exit 2"

Machine = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Run the script where PATH holds a few tools and the given programs, each a line of shell, and nothing else."""
    for tool in ("rm", "basename"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))

    def run(env: dict[str, str] | None = None, **programs: str) -> subprocess.CompletedProcess[str]:
        for name, line in programs.items():
            program = tmp_path / name.replace("_", ".")
            program.write_text(f"#!/bin/sh\n{line}\n")
            program.chmod(0o755)
        command = ["/bin/sh", str(SCRIPT), "lab"]
        return subprocess.run(
            command, cwd=tmp_path, env={"PATH": str(tmp_path), **(env or {})}, capture_output=True, text=True
        )

    return run


def test_without_a_python_it_says_where_to_get_one(machine: Machine) -> None:
    done = machine()
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed, and here is no python3." in done.stderr
    assert "sudo apt install python3 python3-venv" in done.stderr


def test_an_old_python_is_named_with_its_version_and_the_ways_out(machine: Machine) -> None:
    done = machine(python3=OLD_PYTHON)
    assert done.returncode == 1
    assert "here is Python 3.9.6." in done.stderr
    assert "brew install python" in done.stderr
    assert "make lab PYTHON=python3.12" in done.stderr


def test_a_python_chosen_by_name_is_the_only_one_tried(machine: Machine) -> None:
    done = machine({"PYTHON": "python3.10"}, python3_10=OLD_PYTHON, python3=PYTHON_WITHOUT_VENV)
    assert "here is Python 3.9.6." in done.stderr


def test_a_newer_python_beside_an_old_one_is_found_and_its_missing_venv_named_as_debian_names_it(
    machine: Machine,
) -> None:
    done = machine(python3=OLD_PYTHON, python3_12=PYTHON_WITHOUT_VENV)
    assert done.returncode == 1
    assert "python3.12 lacks its venv module. On Debian and Ubuntu: sudo apt install python3.12-venv" in done.stderr


def test_when_uv_fails_its_own_words_come_first_and_then_what_to_do(machine: Machine) -> None:
    done = machine(uv=UV_WITHOUT_NETWORK, python3=PYTHON_WITHOUT_VENV)
    assert done.returncode == 1
    assert done.stderr.startswith("uv: no network\n")
    assert "say make lab again" in done.stderr
