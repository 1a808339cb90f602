"""What tests of all rooms share: programs and files that may be missing."""

from __future__ import annotations

import os
import shutil
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


def missing(what: str) -> None:
    """Skip the test, or in CI, where nothing may be missing, fail it."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; in CI it must be there (.ci/run)")
    pytest.skip(what)


@pytest.fixture(scope="session")
def need() -> Callable[[str], str]:
    """`need("kamailio")` gives the path of a program; without it the test skips, and fails in CI."""

    def path_of(program: str) -> str:
        path = shutil.which(program)
        if path is None:
            missing(f"{program} is not installed: apt install {PACKAGES.get(program, program)}")
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
    from tests.chromium import launched

    with launched(need("chromium")) as browser:
        yield browser
