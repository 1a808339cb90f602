"""Imports of the package, those for types included: no file imports itself by way of others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "labsip"
TO_A_FACTORY = {
    ("labsip.proxy.turn", "labsip.proxy.receive"),
    ("labsip.testbed.handset", "labsip.testbed.testbed"),
    ("labsip.lab.record", "labsip.lab.phone"),
    ("labsip.dialects.translation.cfg_commands", "labsip.dialects.translation.cfg_values"),
    ("labsip.dialects.translation.cfg_conditions", "labsip.dialects.translation.cfg_values"),
    ("labsip.dialects.translation.cfg_values", "labsip.dialects.translation.cfg_blocks"),
    ("labsip.dialects.translation.cfg_statements", "labsip.dialects.translation.cfg_blocks"),
    ("labsip.dialects.translation.cfg_returns", "labsip.dialects.translation.cfg_statements"),
    ("labsip.dialects.translation.kemi_function", "labsip.dialects.translation.to_kemi"),
}
"""Objects that know who made them."""


def name_of(path: Path) -> str:
    """The dotted name of a module."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in PACKAGE.rglob("*.py")}


def imported(path: Path) -> Iterator[str]:
    """The modules of the package that one names, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_file_imports_itself_by_way_of_others_but_through_what_it_makes() -> None:
    graph = {
        module: {other for other in imported(path) if other in MODULES and (module, other) not in TO_A_FACTORY}
        for module, path in MODULES.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the cycle
