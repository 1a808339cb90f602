"""The lessons as files: complete outputs, one source for their routes, and a kamailio.cfg that Kamailio takes."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from labsip import STEPS
from labsip.dialects.translation import cfg_text, script_of_routes
from labsip.sip.transport import Address

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
STEP_OF = {
    "01_stub480": "stub480",
    "02_register": "register",
    "03_first_call": "first-call",
    "04_not_registered": "not-registered",
    "05_cancel": "cancel",
}
MODULES = ("kex", "pv", "xlog", "tm", "sl", "rr", "siputils", "textops", "usrloc", "registrar")

lessons = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
steps = pytest.mark.parametrize(("stem", "step"), STEP_OF.items())


def read(stem: str) -> NotebookNode:
    (path,) = [path for path in NOTEBOOKS if path.stem == stem]
    return nbformat.read(path, as_version=4)


def body(source: str) -> str:
    """What a route does, without its name, its decorator, its docstring and remarks."""
    function = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(function, ast.FunctionDef)
    says_what_it_is = isinstance(function.body[0], ast.Expr) and isinstance(function.body[0].value, ast.Constant)
    return "\n".join(ast.unparse(line) for line in function.body[says_what_it_is:])


@lessons
def test_every_cell_was_run_from_top_to_bottom_before_it_was_saved(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@lessons
def test_every_picture_has_its_text_twin(path: Path) -> None:
    outputs = [out for cell in nbformat.read(path, as_version=4).cells for out in cell.get("outputs", ())]
    pictures = [out.data for out in outputs if "image/png" in out.get("data", {})]
    assert pictures
    twins = [data["text/plain"] for data in pictures]
    assert all("\n" in text and not text.startswith("<Figure") for text in twins)


@steps
def test_a_lesson_shows_the_very_route_that_serve_runs(stem: str, step: str) -> None:
    routes = [cell.source for cell in read(stem).cells if "def request_route" in cell.source]
    assert body(inspect.getsource(STEPS[step].request_route)) in map(body, routes)


def shown(stem: str) -> str:
    """The kamailio.cfg that a lesson shows."""
    text = "\n".join(cell.source for cell in read(stem).cells if cell.cell_type == "markdown")
    (block,) = re.findall(r"```kamailio\n(.*?)```", text, re.DOTALL)
    return str(block)


@steps
def test_the_configuration_a_lesson_shows_is_the_translation_of_its_route(stem: str, step: str) -> None:
    assert cfg_text(script_of_routes(STEPS[step], {}), [Address("127.0.0.1")]).endswith(f"\n{shown(stem)}")


@steps
def test_kamailio_takes_the_configuration_a_lesson_shows(
    stem: str, step: str, tmp_path: Path, need: Callable[[str], str]
) -> None:
    file = tmp_path / f"{step}.cfg"
    loads = "".join(f'loadmodule "{module}.so"\n' for module in MODULES)
    file.write_text(f"listen=udp:127.0.0.1:5060\n{loads}{shown(stem)}")
    run = subprocess.run([need("kamailio"), "-c", "-f", file], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
