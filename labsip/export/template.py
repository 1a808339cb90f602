"""The files that are filled in: those of `templates/`, where `@NAME@` stands for something."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import NamedTuple

GAP = re.compile(r"@([A-Z_]+)@")


class DeploymentFile(NamedTuple):
    """One file of the folder."""

    text: str
    mode: int = 0o644


def fill(path: str, **values: object) -> str:
    """A template, by its path, with these values: `shared` for `@SHARED@`."""
    text = files("labsip.export").joinpath("templates", *path.split("/")).read_text("utf-8")
    return GAP.sub(lambda gap: str(values[gap[1].lower()]), text)
