"""Count what reaches into another object's private parts, in 1,000 lines of the package.

Usage: python tools/private_reads.py [--most 3]

A private read is `x._name` where x is not `self`, `cls` or `super()`, and `from module import _name`. It costs whoever
changes a class: what it keeps to itself is then no longer its own affair. Not counted: `__dunder__` names, and names
that are public by their documentation in spite of the underscore (NamedTuple's `_replace`, `_asdict`, `_fields`,
`_field_defaults` and `_make`, `sys._getframe`, `functools._lru_cache_wrapper`, and IPython's `_repr_html_` and the
like).

A read of a name that a class of the same module has for its own passes between a factory and the objects it returns;
it is counted apart. Which class x has is not inferred: the name decides.

`--most` exits with 1 if the reads of all rooms come to more than that in 1,000 lines.
"""

from __future__ import annotations

import ast
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[1] / "labsip"
DOCUMENTED = {
    "_replace", "_asdict", "_fields", "_field_defaults", "_make",
    "_current_frames", "_getframe", "_lru_cache_wrapper",
}  # fmt: skip
SHOWN = re.compile("_repr_[a-z]+_|_ipython_display_")
"""IPython's names."""
OWN = {"self", "cls"}


class Read(NamedTuple):
    """One private read: in which line, how it is written, and whether its class stands in the same module."""

    line: int
    text: str
    within: bool


class Room(NamedTuple):
    """What a room has: lines, private reads across modules, and those within one."""

    lines: int
    across: int
    within: int

    @property
    def rate(self) -> float:
        """Reads across modules in 1,000 lines."""
        return 1000 * self.across / self.lines if self.lines else 0.0


def private(name: str) -> bool:
    """Whether a name is somebody's own, and not public by its documentation."""
    return name.startswith("_") and not name.endswith("__") and name not in DOCUMENTED and not SHOWN.fullmatch(name)


def reads(source: str) -> list[Read]:
    """The private reads of a module, in the order of its lines."""
    tree = ast.parse(source)
    kept = {name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for name in names_of(node)}
    found = [
        Read(node.lineno, text, name in kept)
        for node in ast.walk(tree)
        for name, text in reached(node)
        if private(name)
    ]
    return sorted(found)


def names_of(definition: ast.ClassDef) -> Iterator[str]:
    """The names that a class defines: its methods, its fields, its slots, and what its methods set on self."""
    for node in ast.walk(definition):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Attribute(value=ast.Name(id=owner), attr=name, ctx=ast.Store()) if owner in OWN:
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name


def reached(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The names that a node reads of another object or another module, and how that is written."""
    match node:
        case ast.Attribute(value=ast.Name(id=owner)) if owner in OWN:
            return
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super"))):
            return
        case ast.Attribute(attr=name):
            yield name, ast.unparse(node)
        case ast.ImportFrom(module=module, names=names):
            for alias in names:
                yield alias.name, f"from {module or '.'} import {alias.name}"


def count(package: Path) -> tuple[dict[Path, list[Read]], dict[str, Room]]:
    """The reads of each file that has some, and the figures of each room. A module beside the rooms is one of them."""
    files: dict[Path, list[Read]] = {}
    rooms: dict[str, Room] = {}
    for path in sorted(package.rglob("*.py")):
        source = path.read_text("utf-8")
        if found := reads(source):
            files[path.relative_to(package.parent)] = found
        room = path.relative_to(package).parts[0]
        lines, across, within = rooms.get(room, Room(0, 0, 0))
        inside = sum(read.within for read in found)
        rooms[room] = Room(lines + source.count("\n"), across + len(found) - inside, within + inside)
    return files, rooms


def total(rooms: dict[str, Room]) -> Room:
    """All rooms together."""
    return Room(*(sum(figures) for figures in list(zip(*rooms.values(), strict=True)) or ((), (), ())))


def report(files: dict[Path, list[Read]], rooms: dict[str, Room]) -> Iterator[str]:
    """The reads by file, then a line for each room, and one for all."""
    for path, found in files.items():
        yield from (f"{path}:{line}: {text}{' (same module)' if within else ''}" for line, text, within in found)
    yield f"\n{'room':16}{'lines':>8}{'reads':>8}{'a 1,000':>9}{'same module':>13}"
    for name, room in (*rooms.items(), ("all", total(rooms))):
        yield f"{name:16}{room.lines:8}{room.across:8}{room.rate:9.1f}{room.within:13}"


def main() -> int:
    """Print the report; 1 if it is more than was asked for."""
    parser = ArgumentParser(description="Count what reaches into another object's private parts.")
    parser.add_argument("--most", type=float, help="how many in 1,000 lines there may be")
    most = parser.parse_args().most
    files, rooms = count(PACKAGE)
    print(*report(files, rooms), sep="\n")
    return int(most is not None and total(rooms).rate > most)


if __name__ == "__main__":
    sys.exit(main())
