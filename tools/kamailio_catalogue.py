"""Write docs/kamailio-catalogue.md: which commands, variables and transformations of Kamailio 5.6.3 labsip has.

Usage: python tools/kamailio_catalogue.py
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from labsip.dialects.cfg.catalogue import CATALOGUE, VARIABLES
from labsip.dialects.cfg.known import known_of
from labsip.dialects.cfg.transformation_catalogue import TRANSFORMATIONS
from labsip.vocabulary import EXPORTS

PAGE = Path(__file__).parents[1] / "docs" / "kamailio-catalogue.md"
TEXT = """# What of Kamailio labsip has

All commands, variables and transformations of Kamailio 5.6.3, in the modules labsip has. `labsip check-cfg` tells
one that is not here ("labsip does not have ...") from one that nobody has ("no variable ..."). This page is made by
`python tools/kamailio_catalogue.py`.

Here is what one of five public configurations uses, and below that whatever costs little. We stopped at what a lab has
nothing to show for: DNS look-ups (ipops), work that is put off (async, mqueue), requests of Kamailio's own (uac),
iterators over headers. `{s.rafter}`, `{s.rbefore}`, `{uri.saor}`, `{uri.suri}` and `{uri.duri}` are not here because
what 5.6.3 makes of them is not what they mean: an empty text, or bytes of something else.
"""


def page() -> str:
    """The page as it should be."""
    modules = {module.name for module in EXPORTS.modules}
    commands = {name: row.module for name, row in CATALOGUE.items() if row.module in modules}
    variables = {f"${name}": one.module or "core" for name, one in known_of(EXPORTS).variables.items()}
    others = {f"${name}": min(owners & modules) for name, owners in VARIABLES.items() if owners & modules}
    changes = {f"{{{name}}}": module for name, module in TRANSFORMATIONS.items()}
    return "\n".join(
        [
            TEXT,
            *_table("Commands", commands, EXPORTS.commands),
            *_table("Variables", others | variables, EXPORTS.variables),
            *_table("Transformations", changes, [f"{{{name}}}" for name in EXPORTS.transformations]),
        ]
    )


def _table(title: str, modules: Mapping[str, str], here: Iterable[str]) -> list[str]:
    """Those of each module, here and not."""
    known = frozenset(here)
    lines = [f"## {title}", "", f"{len(known & modules.keys())} of {len(modules)}.", ""]
    lines += ["| module | here | not here |", "| --- | --- | --- |"]
    for module in sorted(set(modules.values())):
        names = sorted(name for name, of in modules.items() if of == module)
        cells = [" ".join(f"`{name}`" for name in names if (name in known) is wanted) for wanted in (True, False)]
        lines.append(f"| {module} | {' | '.join(cells)} |")
    return [*lines, ""]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
