"""`labsip lab`: the lessons in a folder of the learner's own, and JupyterLab on it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import click

from labsip.sip.errors import LabError

FIRST = "00_start.ipynb"


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default="labsip-lessons")
@click.option("--no-open", is_flag=True, help="Copy the lessons only; don't start JupyterLab.")
def lab(folder: Path, no_open: bool) -> None:
    """Copy the lessons to FOLDER and open JupyterLab on the first one.

    A lesson that is there already stays as it is, so nothing you wrote is lost.
    """
    for line in copy_lessons(folder):
        click.echo(line)
    if no_open:
        return
    if importlib.util.find_spec("jupyterlab") is None:
        raise LabError("JupyterLab is not installed; install it with: pip install 'labsip[lab]'")
    command = [sys.executable, "-m", "jupyterlab", "--LabApp.default_url", f"/lab/tree/{FIRST}", "--notebook-dir"]
    sys.exit(subprocess.call([*command, str(folder)]))


def copy_lessons(folder: Path) -> list[str]:
    """Copy what is not there yet; returns a line for each lesson. Raises LabError if the folder can't be written."""
    told = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for lesson in sorted(lessons().glob("*.ipynb")):
            target = folder / lesson.name
            if not target.exists():
                target.write_bytes(lesson.read_bytes())
                told.append(f"{target}: copied")
            elif target.read_bytes() == lesson.read_bytes():
                told.append(f"{target}: there already")
            else:
                told.append(f"{target}: yours is kept; delete it to get the original back")
    except OSError as error:
        raise LabError(f"the lessons can't be copied to {folder}: {error.strerror}") from None
    return told


def lessons() -> Path:
    """Where the lessons are: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    for place in (package / "lessons", package.parent / "notebooks"):
        if (place / FIRST).exists():
            return place
    raise LabError("this installation has no lessons; install labsip from its wheel or run it from a checkout")
