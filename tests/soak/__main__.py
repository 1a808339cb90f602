"""A soak by hand.

Calls are held and churned on a bad line while phones crash. It ends with what became of them; a fault is told with the
seed and the ladder of its call. The same seed tells the same story in virtual time.
"""

from __future__ import annotations

import sys
from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser
from dataclasses import fields

from tests.soak import live, virtual
from tests.soak.figures import Scale

KINDS = {
    "virtual": (virtual.soak, Scale()),
    "live": (live.soak, Scale(calls=200, seconds=120.0, phones=100, hold=10.0, crash=3.0, expires=30)),
}


def main() -> int:
    """Run one; 0 if there was no fault."""
    parser = ArgumentParser(prog="python -m tests.soak", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for name, (run, scale) in KINDS.items():
        kind = kinds.add_parser(
            name, help=sys.modules[run.__module__].__doc__, formatter_class=ArgumentDefaultsHelpFormatter
        )
        for field in fields(Scale):
            value = getattr(scale, field.name)
            how = {"action": "store_true"} if value is False else {"type": type(value), "default": value}
            kind.add_argument(f"--{field.name}", help=" ", **how)
    asked = vars(parser.parse_args())
    run, _ = KINDS[asked.pop("kind")]
    figures = run(Scale(**asked))
    print(figures)
    for fault in figures.faults:
        print(f"\nFAULT with seed {figures.scale.seed}: {fault}")
    return min(len(figures.faults), 1)


if __name__ == "__main__":
    sys.exit(main())
