"""`python -m tests.conformance` writes docs/conformance.md; with a NAME it plays cases whose names contain it."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conformance.case import CASES
from tests.conformance.page import FILE, page, unexplained
from tests.conformance.run import ENGINES, play, started


def main(names: list[str]) -> int:
    """Play, say what was seen, and write the page if all cases were played and are explained."""
    cases = [case for case in CASES if not names or any(name in f"{case.chapter}.{case.name}" for name in names)]
    seen: dict[str, dict[str, str]] = defaultdict(dict)
    for engine in ENGINES:
        with TemporaryDirectory() as folder, started(engine, Path(folder)) as proxies:
            seen[engine] = play(cases, proxies)
    for case in cases if names else ():
        for engine in ENGINES:
            print(f"{case.name}, {engine}: {seen[engine][case.name] or 'kept'}")
    wrong = [
        said for case in cases for engine in ENGINES if (said := unexplained(case, engine, seen[engine][case.name]))
    ]
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    if not names and not wrong:
        FILE.write_text(page(seen))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
