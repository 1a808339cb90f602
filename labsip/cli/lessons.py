"""`labsip lab`: the lessons in a folder of the learner's own, and JupyterLab on it."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import click

from labsip.cli.terminal import show
from labsip.sip.errors import LabError

PACKAGE = Path(__file__).parents[1]
FIRST = "00_start.ipynb"


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default="labsip-lessons")
@click.option("--no-open", is_flag=True, help="Copy the lessons only; don't start JupyterLab.")
@click.option("--no-browser", is_flag=True, help="Start JupyterLab, and print where it is.")
def lab(folder: Path, no_open: bool, no_browser: bool) -> None:
    """Copy the lessons to FOLDER (labsip-lessons) and open JupyterLab on the first one.

    A lesson that is there already stays as it is, so nothing you wrote is lost.
    """
    for line in copy_lessons(folder):
        show(line)
    if not no_open:
        start_jupyterlab(folder, ["--no-browser"] if no_browser else [])


def copy_lessons(folder: Path) -> list[str]:
    """Copy what is not there yet; returns a line for each lesson. Raises LabError if the folder can't be written.

    It writes into that folder and nowhere else: no link leads it elsewhere, and what is there already stays.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            lessons = sorted(shipped("lessons", "notebooks").glob("*.ipynb"))
            return [f"{folder / lesson.name}: {_copy(lesson, opened)}" for lesson in lessons]
        finally:
            os.close(opened)
    except OSError as error:
        why = "it is a link to another place" if folder.is_symlink() else error.strerror
        raise LabError(f"the lessons can't be copied to {folder}: {why}; name another folder") from None


def _copy(lesson: Path, folder: int) -> str:
    """Copy a lesson into an open folder, unless something has its name there; says how it went."""
    content = lesson.read_bytes()
    try:
        target = os.open(lesson.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=folder)
    except FileExistsError:
        same = _read(lesson.name, folder, len(content) + 1) == content
        return "there already" if same else "yours is kept; delete it to get the original back"
    try:
        with os.fdopen(target, "wb") as file:
            file.write(content)
    except OSError:  # half of it would be taken for yours the next time
        os.unlink(lesson.name, dir_fd=folder)
        raise
    return "copied"


def _read(name: str, folder: int, most: int) -> bytes | None:
    """The first bytes of an ordinary file in an open folder; None of anything else."""
    try:
        source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        with os.fdopen(source, "rb") as file:
            return file.read(most)
    except OSError:
        return None


def start_jupyterlab(folder: Path, options: list[str]) -> None:
    """Become JupyterLab on a free port, with the first lesson open. Raises LabError if it is not installed."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise LabError(f"JupyterLab is not installed here; install it with: {sys.executable} -m pip install jupyterlab")
    options = [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{FIRST}", *options]
    if os.geteuid() == 0:
        options.append("--allow-root")
    config = [str(shipped("jupyter", "tools/jupyter")), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    environment = os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, config))}
    if sys.stdout is not None:
        sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "jupyterlab", *options], environment)


def shipped(installed: str, checkout: str) -> Path:
    """A folder that comes with labsip: inside the installed package, or beside it in a checkout."""
    for place in (PACKAGE / installed, PACKAGE.parent / checkout):
        if place.is_dir():
            return place
    raise LabError(f"this labsip came without its {installed}; install it from its wheel, or run it from a checkout")
