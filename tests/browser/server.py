"""JupyterLab on scratch copies of lessons."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat

from tests.processes import free_address

PROJECT = Path(__file__).parents[2]
LESSONS = sorted(path.stem for path in (PROJECT / "notebooks").glob("*.ipynb"))
OURS = PROJECT / "tools" / "jupyter" / "labconfig" / "default_setting_overrides.json"
"""What `make lab` sets."""
PATIENT_PAGE = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # cells out of sight stay in the page
    "@jupyterlab/completer-extension:manager": {"providerTimeout": 60_000},  # a busy kernel may think longer than 1 s
}
"""What tests need besides."""
TOKEN = "lab"
PATIENCE = 60.0
"""Seconds the server may take to come up."""


@contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Serve what is in `folder / "lessons"`; gives the address. Nobody's own settings count."""
    settings = folder / "config" / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(parents=True)
    (folder / "lessons").mkdir()
    settings.write_text(json.dumps(json.loads(OURS.read_text()) | PATIENT_PAGE))
    homes = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython"}
    port, log = free_address().port, folder / "jupyter.log"
    command = f"-m jupyterlab --no-browser --allow-root --port={port} --port-retries=0 --expose-app-in-browser"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, *command.split(), f"--IdentityProvider.token={TOKEN}"],
            cwd=folder / "lessons",
            env=os.environ | {name: str(folder / home) for name, home in homes.items()},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            await_answer(server, f"http://127.0.0.1:{port}/api/status?token={TOKEN}", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def copy_lesson(stem: str, folder: Path, *, outputs: bool) -> None:
    """A lesson with the outputs it was saved with, or with none: what a page shows was made in the browser then."""
    lesson = nbformat.read(PROJECT / "notebooks" / f"{stem}.ipynb", as_version=4)
    for cell in lesson.cells:
        if cell.cell_type == "code" and not outputs:
            cell.outputs, cell.execution_count = [], None
    folder.mkdir()
    nbformat.write(lesson, folder / f"{stem}.ipynb")


def await_answer(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until the server answers; fail with its own words if it ends or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urlopen(url, timeout=5).close()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"JupyterLab did not come up:\n{log.read_text()}")
