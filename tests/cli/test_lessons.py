"""`labsip lab`: the lessons in the learner's own folder, and JupyterLab on it."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result

from labsip.cli.main import main
from tests.processes import LABSIP, Process

PROJECT = Path(__file__).parents[2]
LESSONS = sorted(path.name for path in (PROJECT / "notebooks").glob("*.ipynb"))


def copy(folder: Path) -> Result:
    return CliRunner().invoke(main, ["lab", "--no-open", str(folder)])


def test_every_lesson_is_copied(tmp_path: Path) -> None:
    done = copy(tmp_path / "lessons")
    assert done.exit_code == 0
    assert done.output.splitlines() == [f"{tmp_path}/lessons/{name}: copied" for name in LESSONS]
    for name in LESSONS:
        assert (tmp_path / "lessons" / name).read_bytes() == (PROJECT / "notebooks" / name).read_bytes()


def test_a_lesson_somebody_has_written_in_stays_as_it_is(tmp_path: Path) -> None:
    copy(tmp_path)
    (tmp_path / LESSONS[0]).write_text("mine")
    (tmp_path / LESSONS[1]).unlink()
    told = copy(tmp_path).output.splitlines()
    assert told[:2] == [
        f"{tmp_path}/{LESSONS[0]}: yours is kept; delete it to get the original back",
        f"{tmp_path}/{LESSONS[1]}: copied",
    ]
    assert set(told[2:]) == {f"{tmp_path}/{name}: there already" for name in LESSONS[2:]}
    assert (tmp_path / LESSONS[0]).read_text() == "mine"


def test_a_folder_that_can_not_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = copy(tmp_path / "file" / "lessons")
    assert done.exit_code == 1
    assert "the lessons can't be copied" in done.output
    assert "Not a directory; name another folder" in done.output


def test_an_installed_wheel_brings_the_lessons(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    ZipFile(wheel).extractall(tmp_path / "site")
    run = [sys.executable, "-c", "import labsip.cli.main as cli; print(cli.__file__); cli.main()", "lab", "--no-open"]
    path = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(run, cwd=tmp_path, env=path, check=True, capture_output=True, text=True)
    assert done.stdout.startswith(str(tmp_path / "site"))
    assert sorted(path.name for path in (tmp_path / "labsip-lessons").iterdir()) == LESSONS


def test_without_jupyterlab_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", {}.get)
    done = CliRunner().invoke(main, ["lab", str(tmp_path)])
    assert done.exit_code == 1
    assert f"install it with: {sys.executable} -m pip install jupyterlab" in done.output


def test_jupyterlab_opens_on_the_first_lesson(need: Callable[[str], str], tmp_path: Path) -> None:
    need("jupyter-lab")
    home = os.environ | {"HOME": str(tmp_path)}  # nobody's settings, and nothing left behind
    with Process(LABSIP, "lab", "--no-browser", "lessons", cwd=tmp_path, env=home) as lab:
        address = re.compile(r"http://127\.0\.0\.1:\d+/lab/tree/00_start\.ipynb\?token=\w+$", re.MULTILINE)
        lab.wait_until("address of the first lesson", lambda: address.search(lab.err))
        lab.wait_until("page there", lambda: opens(address.findall(lab.err)[0]))  # it speaks before it listens


def opens(page: str) -> bool:
    """Whether a page is served."""
    try:
        with urlopen(page) as answer:
            return bool(answer.status == 200)
    except URLError:
        return False
