"""`import` as a script's code sees it: `KSR` is the script's own, and files beside it are loaded for it alone.

Nothing of that stands in `sys.modules`: two scripts at once, or one loaded again, don't see each other's.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from labsip.dialects.python import SOURCE_MAP
from labsip.proxy.dialect import Position

KSR = "KSR"
WHAT_IT_IS = (
    "KSR is what a server hands to a KEMI script while it runs it; it is no module that could be installed. "
    "Run the file by lab.kemi(FILE), by labsip serve --kemi FILE, or by Kamailio with app_python3"
)


class FileLines:
    """The text of a file, whose lines are counted as in it: a `SourceMap`."""

    def __init__(self, file: Path, text: bytes) -> None:
        self._file = str(file)
        self._lines = text.decode("utf-8", "replace").splitlines()

    def position(self, line: int) -> Position:
        """That line of the file."""
        return self._file, line

    def text(self, line: int) -> str:
        """The line itself."""
        return self._lines[line - 1] if 0 < line <= len(self._lines) else ""


class ScriptImports:
    """Loads a script and the files beside it, and is the `__import__` of their code.

    folder: where they are. ksr: what `import KSR` gives.
    """

    def __init__(self, folder: Path, ksr: ModuleType) -> None:
        self._folder = folder
        self._ksr = ksr
        self.files: list[Path] = []
        """Those that were read."""
        self._modules: dict[str, ModuleType] = {}
        self._builtins = {**vars(builtins), "__import__": self}

    def __call__(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """What an import statement gives, as `builtins.__import__` has it."""
        if name == KSR and not level:
            return self._ksr
        full = _absolute(name, globals or {}, level)
        if not full or not self._is_beside(full.partition(".")[0]):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        module = self._load(full)
        if not fromlist:
            return module if level else self._modules[full.partition(".")[0]]
        for each in fromlist:
            if not hasattr(module, each) and self._file(f"{full}.{each}") is not None:
                self._load(f"{full}.{each}")
        return module

    def run(self, name: str, file: Path, parent: str = "") -> ModuleType:
        """Run a file as the module of that name. Raises OSError, SyntaxError, and what its code raises."""
        text = file.read_bytes()
        self.files.append(file)
        module = ModuleType(name)
        module.__file__ = str(file)
        module.__package__ = parent
        if file.name == "__init__.py":
            module.__path__ = [str(file.parent)]
            module.__package__ = name
        vars(module).update({"__builtins__": self._builtins, SOURCE_MAP: FileLines(file, text)})
        self._modules[name] = module
        try:
            exec(compile(text, str(file), "exec", dont_inherit=True), vars(module))
        except BaseException:
            self._modules.pop(name, None)
            raise
        return module

    def _load(self, name: str) -> ModuleType:
        known = self._modules.get(name)
        if known is not None:
            return known
        parent, _, last = name.rpartition(".")
        package = self._load(parent) if parent else None
        file = self._file(name)
        if file is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module = self.run(name, file, parent)
        if package is not None:
            setattr(package, last, module)
        return module

    def _is_beside(self, name: str) -> bool:
        return name in self._modules or (name not in sys.stdlib_module_names and self._file(name) is not None)

    def _file(self, name: str) -> Path | None:
        place = self._folder.joinpath(*name.split("."))
        files = place / "__init__.py", place.with_name(f"{place.name}.py")
        return next((file for file in files if file.is_file()), None)


def _absolute(name: str, names: Mapping[str, Any], level: int) -> str:
    """The whole name of what is imported; "" for a relative one where there is no package."""
    if not level:
        return name
    package = str(names.get("__package__") or "").split(".")
    base = ".".join(package[: len(package) - level + 1])
    return f"{base}.{name}".strip(".") if base else ""


class Outside(MetaPathFinder):
    """Says what KSR is where no script is run: it finds nothing, and is asked last."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        """Raises ModuleNotFoundError for KSR."""
        if fullname == KSR:
            raise ModuleNotFoundError(WHAT_IT_IS, name=KSR)
        return None


if not any(type(finder).__name__ == Outside.__name__ for finder in sys.meta_path):
    sys.meta_path.append(Outside())
