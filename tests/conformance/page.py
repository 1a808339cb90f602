"""docs/conformance.md, made of what a run has seen."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.conformance.case import CASES, Case
from tests.conformance.run import CHAPTERS, ENGINES

FILE = Path(__file__).parents[2] / "docs" / "conformance.md"
NAMES = {"labsip": "labsip", "kamailio": "Kamailio"}
HEAD = """\
# What RFC 3261 asks, and who keeps it

Every line is a case, played from outside by agents with plain sockets, to `labsip serve` (step `full`) and to a real
Kamailio 5.6 with [a configuration of ours](../tests/conformance/kamailio.cfg): Debian's own, cut down, and with those
settings that follow the RFC more closely. Kamailio is a toolbox; another configuration may do otherwise.
`python -m tests.conformance` plays them all and writes this page; a test compares it with its own run. How to add a
case is said in `tests/conformance/case.py`.
"""

Seen = Mapping[str, Mapping[str, str]]
"""By engine, by the name of a case: what was seen instead of what it asks, "" if that was kept."""


def page(seen: Seen) -> str:
    """The page; a run must have seen all cases on both engines."""
    kept = {engine: sum(not seen[engine][case.name] for case in CASES) for engine in ENGINES}
    counts = f"Of {len(CASES)} cases labsip keeps {kept['labsip']} and Kamailio {kept['kamailio']}."
    return "\n".join([HEAD, counts, "", *(line for chapter in CHAPTERS for line in _chapter(chapter, seen))])


def _chapter(name: str, seen: Seen) -> list[str]:
    cases = [case for case in CASES if case.chapter.endswith(f".{name}")]
    heading = (sys.modules[cases[0].chapter].__doc__ or "").splitlines()[0].rstrip(".")
    notes: list[str] = []
    rows = [_row(case, seen, notes) for case in cases]
    table = ["| RFC | what is asked | labsip | Kamailio |", "| --- | --- | --- | --- |", *rows]
    link = f"[The cases](../tests/conformance/cases/{name}.py)"
    return [f"## {heading}", "", link, "", *table, "", *notes, *([""] if notes else [])]


def _row(case: Case, seen: Seen, notes: list[str]) -> str:
    cells = []
    for engine in ENGINES:
        if not seen[engine][case.name]:
            cells.append("kept")
            continue
        notes.append(f"{len(notes) + 1}. {NAMES[engine]}: {seen[engine][case.name]}. {case.why(engine)}")
        cells.append(f"otherwise ({len(notes)})")
    return f"| {case.rfc} | {case.asked} | {' | '.join(cells)} |"


def unexplained(case: Case, engine: str, seen: str) -> str:
    """What is wrong if a case and its explanation do not agree, "" if they do."""
    why = case.why(engine)
    if seen and not why:
        return f"{case.name}: {seen}; say why in its {engine}="
    if why and not seen:
        return f"{case.name} is kept; take away its {engine}="
    return ""
