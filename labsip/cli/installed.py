"""Whether the Kamailio of this machine, if there is one, finds the modules that a configuration loads."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from labsip.dialects.cfg import Cfg, Fault
from labsip.dialects.cfg.nodes import CoreParameter, LoadModule, Text


def own_folders() -> list[Path]:
    """Where Kamailio looks for modules of its own accord; nowhere if it is not installed."""
    program = shutil.which("kamailio")
    if program is None:
        return []
    said = subprocess.run([program, "-I"], capture_output=True, text=True, errors="replace", timeout=10, check=False)
    found = re.search(r"^\s*Default paths to modules: (.+)$", said.stdout, re.MULTILINE)
    return [Path(one) for one in found[1].split(":")] if found else []


def not_installed(cfg: Cfg, *, severe: bool) -> Iterator[Fault]:
    """Modules that Kamailio would not find, each told once; nothing where there is no Kamailio to ask.

    severe: only Kamailio counts; else it is a warning, for labsip has modules of its own.
    """
    own = own_folders() if cfg.of(LoadModule) else []
    folders, path = own, None
    for one in cfg.declarations if own else ():
        if isinstance(one, CoreParameter) and one.name == "mpath" and isinstance(one.values[0], Text):
            path = one.values[0]
            folders = [Path(part) for part in path.value.split(":")]
        elif isinstance(one, LoadModule) and not any(is_there(folder, one) for folder in folders):
            where = path.value if path else ", ".join(map(str, own))
            if path and not any(folder.is_dir() for folder in folders):
                hint = f"its modules are in {', '.join(map(str, own))}; without mpath it finds them"
                yield Fault(path.spot, f"Kamailio has no modules in {where} on this machine", hint, severe=severe)
            else:
                hint = "is its package installed? Debian's are named as in kamailio-tls-modules"
                yield Fault(one.spot, f"{one.name}.so is not in {where} on this machine", hint, severe=severe)


def is_there(folder: Path, module: LoadModule) -> bool:
    """Whether a folder has a module, or a folder of its name that has it."""
    path = module.path.removesuffix(".so")
    return (folder / f"{path}.so").is_file() or (folder / path / f"{module.name}.so").is_file()
