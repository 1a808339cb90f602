"""Names that may be declared in what could not be read, so that one mistake has no echo: of a route whose head is wrong
nobody says that it does not exist."""

from __future__ import annotations

import re
from collections.abc import Container

from labsip.dialects.cfg.nodes import Cfg

DECLARES = re.compile(r"(?:route\s*\[|loadmodulex?\b|flags\b)([^\n]*)")
WORD = re.compile(r"\w+(?:-\w+)*")


class AnyName:
    """What holds every name."""

    def __contains__(self, name: object) -> bool:
        return True


def lost_names(cfg: Cfg) -> Container[str]:
    """Names of routes, modules and flags that its text declares, well or badly; any, where not all of it was read."""
    if not cfg.whole:
        return AnyName()
    found: set[str] = set()
    for lines in cfg.texts.values():
        for match in DECLARES.finditer("\n".join(lines)):
            found.update(WORD.findall(match[1][:1000]))
    return found
