"""POSIX extended regular expressions, as Kamailio has them, without one that never ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from labsip.proxy.automaton import Automaton
from labsip.proxy.expression import parse_expression

Search = Callable[[str], bool]


def octets(text: str) -> str:
    """A text with a character for each of its bytes, which is how Kamailio looks at it."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


@lru_cache(maxsize=512)
def automaton(expression: str, *, ignore_case: bool = True, lines: bool = False) -> Automaton:
    """For `octets` of a text; `lines`: as with REG_NEWLINE. Raises re.error if the expression is none."""
    tree = parse_expression(octets(expression), lines=lines)
    return Automaton(tree, ignore_case=ignore_case, lines=lines)


def searcher(expression: str, *, ignore_case: bool = True, lines: bool = False) -> Search:
    """A function that says whether a text has a match. Raises re.error if the expression is none."""
    search = automaton(expression, ignore_case=ignore_case, lines=lines).search
    return lambda text: search(octets(text))
