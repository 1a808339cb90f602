"""The files of the project itself: what is tracked, what a wheel carries, how lessons are saved."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import nbformat
import pytest

PROJECT = Path(__file__).parents[2]
LESSONS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
DOCS = sorted(str(path.relative_to(PROJECT)) for path in (PROJECT / "docs").rglob("*.md"))
MACHINE_PATH = re.compile(r"(?<![\w.~/])/(home|root|tmp|Users|work)/\w")
"""Where something is on one person's machine."""


def tracked() -> list[Path]:
    """The project's files as git knows them; in an unpacked archive, those that an archive has."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    return [PROJECT / name for name in listed.split("\0") if name and (PROJECT / name).is_file()]


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    texts = {path: path.read_text("utf-8", "replace") for path in tracked() if path.suffix not in (".png", ".pcap")}
    found = {str(path.relative_to(PROJECT)): m[0] for path, text in texts.items() if (m := MACHINE_PATH.search(text))}
    assert found == {}


def test_the_wheel_carries_the_package_and_the_lessons_and_nothing_else(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    names = set(ZipFile(wheel).namelist())
    assert {f"labsip/lessons/{path.name}" for path in LESSONS} <= names
    assert {"labsip/py.typed", "labsip/jupyter/labconfig/default_setting_overrides.json"} <= names
    assert {name for name in names if not name.startswith(("labsip/", "labsip-"))} == set()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *DOCS])
def test_every_link_to_a_file_of_the_project_leads_somewhere(page: str) -> None:
    links = re.findall(r"""(?:\]\(|src=")([^)"#:]+)[)"]""", (PROJECT / page).read_text())
    assert [link for link in links if not (PROJECT / page).parent.joinpath(link).exists()] == []


def test_the_architecture_page_names_every_room() -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text()
    rooms = [path for path in (PROJECT / "labsip").iterdir() if path.name[0] not in "_."]
    names = [f"`{path.name}/`" for path in rooms if path.is_dir()] + [f"`{p.name}`" for p in rooms if p.suffix == ".py"]
    assert [name for name in names if name not in page] == []


def test_the_changelog_tells_about_the_version_at_hand() -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## [{version}]" in (PROJECT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_a_lesson_is_saved_without_what_differs_from_run_to_run(path: Path, notebooks: ModuleType) -> None:
    saved, tidied = (nbformat.read(path, as_version=4) for _ in range(2))
    notebooks.tidy(tidied)
    assert saved == tidied


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_a_lesson_was_run_from_top_to_bottom_before_it_was_saved(path: Path) -> None:
    counts = [cell.execution_count for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


@pytest.fixture(scope="module")
def notebooks() -> ModuleType:
    """tools/notebooks.py, which lies in no package."""
    spec = spec_from_file_location("notebooks", PROJECT / "tools" / "notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
