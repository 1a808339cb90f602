"""Run the tests that need no other program on each Python from 3.11 on that is here, and say which were here.

Usage: python tools/pythons.py [OPTION OF PYTEST ...]

Sought: `python3.N` on the PATH, and pyenv's versions; of each 3.N the first that answers, is a CPython and no preview.
Each gets an environment of its own, build/python-3.N. The version that runs this is left out: `make test` runs all
tests on it. It fails if a test does, and in CI also if an environment can't be set up.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[1]
PROJECT_FILE = PROJECT / "pyproject.toml"
OLDEST = (3, 11)
PROGRAMS = "--programs=openssl"
"""It makes the certificates, without which no test of TLS would run."""
ELSEWHERE = ["browser", "browser_live", "project/test_binder.py", "project/test_files.py"]
"""Tests of pages and of the project's files, which are the same on every Python."""
PROBE = """
import sys, sysconfig
usual = sys.version_info.releaselevel == "final" and not sysconfig.get_config_var("Py_GIL_DISABLED")
if usual and sys.implementation.name == "cpython":
    print(*sys.version_info[:3])
"""


class Python(NamedTuple):
    """An interpreter; `version` is (3, 12, 1)."""

    version: tuple[int, ...]
    path: Path

    def __str__(self) -> str:
        return "Python " + ".".join(map(str, self.version))


class Outcome(NamedTuple):
    """How an interpreter fared, in words; `bad` is what must not be in CI."""

    commands: str
    failed: bool = False
    bad: bool = False


def here(environ: Mapping[str, str]) -> list[Python]:
    """The interpreters, one of each 3.N, oldest first."""
    found: dict[tuple[int, ...], Python] = {}
    for path in candidates(environ):
        version = version_of(path)
        if version[:2] >= OLDEST:
            found.setdefault(version[:2], Python(version, path))
    return [found[minor] for minor in sorted(found)]


def candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    """What is called like an interpreter."""
    for folder in filter(None, environ.get("PATH", "").split(os.pathsep)):
        yield from sorted(path for path in Path(folder).glob("python3*") if re.fullmatch(r"python3(\.\d+)?", path.name))
    pyenv = environ.get("PYENV_ROOT") or Path(environ.get("HOME", ""), ".pyenv")
    yield from sorted(Path(pyenv).glob("versions/*/bin/python3"))


def version_of(python: Path) -> tuple[int, ...]:
    """Its version; empty for one that gives no answer (pyenv has such), is a preview, or no CPython."""
    try:
        told = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(int(part) for part in told.split())


def try_out(python: Python, options: list[str]) -> Outcome:
    """Set up its environment and run the tests there."""
    folder = PROJECT / "build" / "python-{}.{}".format(*python.version)
    print(f"\n--- {python}, {python.path}", flush=True)
    if not set_up(python, folder):
        return Outcome("its environment could not be set up; why is told above", bad=True)
    left_out = [f"--ignore=tests/{path}" for path in ELSEWHERE]
    command = [folder / "bin" / "python", "-m", "pytest", "-n3", "--dist=loadfile", PROGRAMS, *left_out, *options]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        last = "no command from pytest"
        for line in run.stdout:
            print(line, end="", flush=True)
            last = line.strip(" =\n") or last
    return Outcome(last, failed=run.returncode != 0)


def set_up(python: Python, folder: Path) -> bool:
    """Bring its environment up to date, as the Makefile does with .venv."""
    script, stamp = PROJECT / "tools" / "environment.sh", folder / "pythons.stamp"
    if not stamp.exists() or any(stamp.stat().st_mtime < file.stat().st_mtime for file in (script, PROJECT_FILE)):
        environ = os.environ | {"PYTHON": str(python.path)}
        if subprocess.run(["sh", script, "pythons", folder], cwd=PROJECT, env=environ, check=False).returncode:
            return False
        stamp.touch()
    return True


def promised() -> set[tuple[int, ...]]:
    """The versions that pyproject.toml says are tested."""
    classifiers = tomllib.loads(PROJECT_FILE.read_text())["project"]["classifiers"]
    return {(3, int(found[1])) for one in classifiers if (found := re.fullmatch(r".*:: Python :: 3\.(\d+)", one))}


def summary(outcomes: Mapping[Python, Outcome]) -> Iterator[str]:
    """Which were here and what ran on them, and which of the promised ones were not."""
    told = {python.version[:2]: f"{python}: {outcome.commands}" for python, outcome in outcomes.items()}
    told |= {version: "Python {}.{}: not here".format(*version) for version in promised() if version not in told}
    return (told[version] for version in sorted(told))


def verdict(outcomes: Mapping[Python, Outcome], *, ci: bool) -> int:
    """The exit code."""
    return int(any(outcome.failed or (ci and outcome.bad) for outcome in outcomes.values()))


def main() -> int:
    """Try out each; the exit code."""
    outcomes = {}
    for python in here(os.environ):
        if python.version[:2] == sys.version_info[:2]:
            outcomes[python] = Outcome("the one of .venv, on which make test runs all tests")
        else:
            outcomes[python] = try_out(python, sys.argv[1:])
    print("\n--- the Pythons from 3.11 on", *summary(outcomes), sep="\n")
    return verdict(outcomes, ci=bool(os.environ.get("CI")))


if __name__ == "__main__":
    sys.exit(main())
