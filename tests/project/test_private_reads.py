"""tools/private_reads.py: what it counts as a private read, and what not."""

from __future__ import annotations

import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "private_reads.py"
MOST = 3.0
"""How many private reads 1,000 lines of the package may have."""


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = spec_from_file_location("private_reads", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "source",
    ["phone._calls", "phone._calls = 1", "lab.phone()._calls", "self.phone._calls", "from labsip.lab import _calls"],
)
def test_what_reaches_into_another_object_or_module_is_a_private_read(tool: ModuleType, source: str) -> None:
    assert [(read.line, read.within) for read in tool.reads(source)] == [(1, False)]


@pytest.mark.parametrize(
    "source",
    [
        "self._calls", "cls._calls", "super()._calls()", "phone.calls", "_calls", "value.__class__",
        "row._replace(t=1)", "sys._getframe(1)", "picture._repr_html_()", "from __future__ import annotations",
        "from labsip import lab",
    ],
)  # fmt: skip
def test_what_is_ones_own_or_public_by_its_documentation_is_none(tool: ModuleType, source: str) -> None:
    assert tool.reads(source) == []


@pytest.mark.parametrize("body", ["def _ring(self): pass", "_ring: int", "def __init__(self): self._ring = 1"])
def test_a_read_of_what_a_class_of_the_same_module_has_is_counted_apart(tool: ModuleType, body: str) -> None:
    assert [read.within for read in tool.reads(f"class Bell:\n    {body}\nBell()._ring\nother._stop")] == [True, False]


def test_the_figures_are_of_each_room_and_of_all(tool: ModuleType, tmp_path: Path) -> None:
    package = tmp_path / "package"
    (package / "lab").mkdir(parents=True)
    (package / "lab" / "one.py").write_text("a._x\n" + "\n" * 999)
    (package / "trace.py").write_text("\n" * 1000)
    files, rooms = tool.count(package)
    assert {name: room.rate for name, room in rooms.items()} == {"lab": 1.0, "trace.py": 0.0}
    assert tool.total(rooms).rate == 0.5
    assert next(tool.report(files, rooms)) == "package/lab/one.py:1: a._x"


def test_little_of_the_package_reaches_into_another_objects_private_parts(tool: ModuleType) -> None:
    _, rooms = tool.count(tool.PACKAGE)
    assert tool.total(rooms).rate <= MOST


def test_the_import_contract_counts_types_too() -> None:
    settings = tomllib.loads((TOOL.parents[1] / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert settings["exclude_type_checking_imports"] is False
