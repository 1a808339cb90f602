"""binder/, as repo2docker reads it: `--no-build --debug` prints the Dockerfile without a Docker at hand."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def dockerfile() -> str:
    command = [str(Path(sys.executable).with_name("jupyter-repo2docker")), "--no-build", "--debug", str(PROJECT)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_packages_are_installed_before_the_project_is_copied_so_that_a_commit_reuses_them(dockerfile: str) -> None:
    packages = dockerfile.index('pip install --no-cache-dir -r "binder/requirements.txt"')
    project = dockerfile.index(" src/ ${REPO_DIR}/")
    assert packages < project < dockerfile.index("RUN ./binder/postBuild")


def test_python_is_one_that_labsip_runs_on(dockerfile: str) -> None:
    assert re.search(r"environment-2epy-2d3-2e12-\S+-2elock", dockerfile)  # repo2docker writes - as -2d, . as -2e


def test_the_start_script_opens_every_session(dockerfile: str) -> None:
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in dockerfile


def test_the_scripts_may_be_run() -> None:
    assert all((PROJECT / "binder" / name).stat().st_mode & 0o100 for name in ("postBuild", "start"))


def test_everything_labsip_needs_is_pinned() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["lab"]
    lines = (PROJECT / "binder" / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", pin) for pin in pins)
    assert {re.split(r"\W", need)[0] for need in wanted} <= {pin.split("==")[0] for pin in pins}
