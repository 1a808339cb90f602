"""Which case of a `switch` a value chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from labsip.dialects.cfg.nodes import Number, Pattern, SwitchCase
from labsip.proxy.posix import searcher

Choose = Callable[[int | str], int]


def chooser(cases: Sequence[SwitchCase]) -> tuple[Choose, type]:
    """A function from a value to the number of its case, of `default` where none fits, beyond all where there is none;
    and whether the value is to be an int or a str. Raises re.error for what is no regular expression."""
    constants = [(number, case.constant) for number, case in enumerate(cases) if case.constant is not None]
    default = next((number for number, case in enumerate(cases) if case.constant is None), len(cases))
    of = int if all(isinstance(constant, Number) for _, constant in constants) else str
    patterns = [(number, searcher(constant.value)) for number, constant in constants if isinstance(constant, Pattern)]
    exact = [(number, constant) for number, constant in constants if not isinstance(constant, Pattern)]
    table: dict[int | str, int] = {}
    for number, constant in exact:
        table.setdefault(of(constant.value), number)
    if not patterns:
        return lambda value: table.get(value, default), of

    def choose(value: int | str) -> int:
        first = table.get(value, len(cases))
        fits = (number for number, has_match in patterns if number < first and has_match(str(value)))
        number = next(fits, first)
        return default if number == len(cases) else number

    return choose, of
