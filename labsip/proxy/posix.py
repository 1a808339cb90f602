"""POSIX extended regular expressions, as Kamailio has them, without one that never ends.

`searcher` answers whether a text has a match. Short texts and simple expressions go to Python's `re`; where that might
try more than the square of the text's length, the expression runs as an automaton, which looks at each character once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from labsip.proxy.automaton import Automaton
from labsip.proxy.expression import Node, parse_expression, python_of, unbounded

SHORT = 2000
"""Characters of a text that `re` may look through."""

Search = Callable[[str], bool]


def translated(expression: str) -> str:
    """The same expression in the notation of Python's `re`. Raises re.error, as `re` does, if it is none."""
    return python_of(parse_expression(expression))


@lru_cache(maxsize=512)
def searcher(expression: str, *, ignore_case: bool = True) -> Search:
    """A function that says whether a text has a match. Raises re.error if the expression is none."""
    tree = parse_expression(expression)
    if unbounded(tree) > 1:
        return _automaton(tree, ignore_case)
    search = re.compile(python_of(tree), re.DOTALL | (re.IGNORECASE if ignore_case else 0)).search
    slow: list[Search] = []

    def has_match(text: str) -> bool:
        if len(text) <= SHORT:
            return search(text) is not None
        if not slow:
            slow.append(_automaton(tree, ignore_case))
        return slow[0](text)

    return has_match


def _automaton(tree: Node, ignore_case: bool) -> Search:
    return Automaton(tree, ignore_case=ignore_case).search
