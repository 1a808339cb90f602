"""What tests of all rooms share: programs and files that may be missing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.certificate import Certificate

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("labsip", deadline=None)  # an example may take its time on a busy machine
settings.load_profile("labsip")

PROJECT = Path(__file__).parents[1]
PACKAGES = {"sipp": "sip-tester", "baresip": "baresip-core", "dumpcap": "tshark", "editcap": "tshark"}
"""Debian's package where it is not named after its program."""
PYTHONS = {"jupyter-lab", "sipvicious_svmap"}
"""Programs that come with the extra `test`."""


def missing(what: str) -> None:
    """Skip the test, or in CI, where nothing may be missing, fail it."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; in CI it must be there (.ci/run)")
    pytest.skip(what)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--programs=openssl` is for a run on another Python, which other programs tell nothing new about."""
    parser.addoption("--programs", help="the other programs that tests may use, with commas between them; else all")


@pytest.fixture(scope="session")
def need(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """`need("kamailio")` gives the path of a program; without it the test skips, and fails in CI.

    It is sought beside this Python first. A test also skips if the run's `--programs` leaves its program out.
    """
    programs = request.config.getoption("programs")
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])

    def path_of(program: str) -> str:
        if programs is not None and program not in programs.split(","):
            pytest.skip(f"{program} has no part in this run: --programs={programs}")
        path = shutil.which(program, path=folders)
        if path is None:
            way = "pip install -e '.[test]'" if program in PYTHONS else f"apt install {PACKAGES.get(program, program)}"
            missing(f"{program} is not installed: {way}")
        return str(path)

    return path_of


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """`shared("captures")` gives a folder of material beside the clone; without it the test skips, and fails in CI."""

    def path_of(name: str) -> Path:
        path = PROJECT.parent / "shared" / name
        if not path.exists():
            missing(f"{name} is not there: it lies in ../shared, beside the clone")
        return path

    return path_of


@pytest.fixture(scope="session")
def certificate(need: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """For TLS on the loopback."""
    need("openssl")
    return Certificate.make(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def chromium(need: Callable[[str], str]) -> Iterator[Browser]:
    """A headless browser."""
    program = need("chromium")  # before Playwright, which only the environment with all programs has
    from tests.chromium import launched

    with launched(program) as browser:
        yield browser
