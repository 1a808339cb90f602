"""`labsip lab`: the lessons in the learner's own folder, and JupyterLab on it."""

from __future__ import annotations

import errno
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

from labsip.cli import lessons
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


def test_a_link_leads_no_lesson_to_another_place(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "lessons", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.write_text("precious")
    (folder / LESSONS[0]).symlink_to(elsewhere)
    (folder / LESSONS[1]).symlink_to(tmp_path / "not there yet")
    os.mkfifo(folder / LESSONS[2])
    told = copy(folder).output.splitlines()
    assert [line.partition(": ")[2][:13] for line in told[:4]] == ["yours is kept"] * 3 + ["copied"]
    assert elsewhere.read_text() == "precious"
    assert not (tmp_path / "not there yet").exists()


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "lessons").symlink_to("elsewhere")
    done = copy(tmp_path / "lessons")
    assert done.exit_code == 1
    assert "lessons: it is a link to another place; name another folder" in done.output
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_that_is_exchanged_for_a_link_meanwhile_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, elsewhere = tmp_path / "lessons", tmp_path / "elsewhere"
    elsewhere.mkdir()
    found = lessons.shipped

    def exchanged(installed: str, checkout: str) -> Path:
        folder.rename(tmp_path / "moved")
        folder.symlink_to(elsewhere)
        return found(installed, checkout)

    monkeypatch.setattr(lessons, "shipped", exchanged)
    assert copy(folder).exit_code == 0
    assert list(elsewhere.iterdir()) == []
    assert len(list((tmp_path / "moved").iterdir())) == len(LESSONS)


def test_a_lesson_that_could_not_be_written_whole_is_not_taken_for_yours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def __init__(self, number: int, _mode: str) -> None:
            os.close(number)

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def write(self, _: bytes) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "fdopen", Full)
        done = copy(tmp_path)
    assert "No space left on device; name another folder" in done.output
    assert f"{LESSONS[0]}: copied" in copy(tmp_path).output


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
