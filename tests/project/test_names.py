"""One name, one thing: no two files of the package have the same name, and no two of its public classes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "labsip"
SHARED = {"__init__.py", "__main__.py", "commands.py"}
"""Names of files that every room, or every module's folder, may have."""


def twice(names: Iterable[str]) -> set[str]:
    """Those that occur more than once."""
    return {name for name, times in Counter(names).items() if times > 1}


def public_classes(path: Path) -> list[str]:
    """The classes that a module defines for others."""
    body = ast.parse(path.read_text("utf-8")).body
    return [node.name for node in body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


def test_no_two_files_of_the_package_have_the_same_name() -> None:
    files = twice(path.name for path in PACKAGE.rglob("*.py") if path.name not in SHARED)
    assert files == set()


def test_no_two_public_classes_of_the_package_have_the_same_name() -> None:
    classes = twice(name for path in PACKAGE.rglob("*.py") for name in public_classes(path))
    assert classes == set()
