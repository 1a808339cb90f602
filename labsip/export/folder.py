"""Files on the disk: all of them, or none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

from labsip.export.template import DeploymentFile
from labsip.sip.errors import LabError


def write_folder(folder: Path, files: Mapping[str, DeploymentFile]) -> None:
    """Make the folder with these files, by path in it. What is secret is never there for others, not for a moment.

    They are written beside it and take its place at once. Raises LabError for a folder with something in it, for a file
    of that name, and for a disk that does not take them; nothing is left behind then.
    """
    _check(folder)
    try:
        beside = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.absolute().parent))
    except OSError as error:
        raise LabError(f"{folder} can't be made: {error.strerror}; name a folder elsewhere") from None
    try:
        for path, file in files.items():
            _write(beside / path, file)
        beside.chmod(0o755)
        beside.replace(folder)  # takes the place of an empty folder, and of no other
    except OSError as error:
        raise LabError(f"{folder} can't be written: {error.strerror}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _check(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise LabError(f"{folder} is no folder; name one that is not there yet, or an empty one")
    if folder.is_dir() and any(folder.iterdir()):
        raise LabError(f"{folder} is not empty; name a folder that is not there yet, or an empty one")


def _write(path: Path, file: DeploymentFile) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, file.mode & 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as opened:
        opened.write(file.text)
    path.chmod(file.mode)
