"""Expressions that Python's own search answers as quickly as an automaton's, whatever the text: most that routes have.

Python tries one way after another. Where no two ways compete, it looks at no more than states times characters: without
a repeat it gives each place of the text one try of each branch; and with one repeat of a character, in a branch that
must begin where the text does, it takes back each of these characters once.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from labsip.proxy.expression import Anchor, Character, Choice, Node, Repeat, Sequence

PLACES = {"^": r"\A", "`": r"\A", "$": r"\Z", "'": r"\Z"}
"""How Python writes them, where a text is one line."""


def plain_search(tree: Node, flags: int) -> Callable[[str], object] | None:
    """Python's search for an expression; None if it might take longer, or `tree` says what Python does not."""
    written = [_branch(branch) for branch in _branches(tree)]
    if None in written:
        return None
    return re.compile("|".join(filter(None, written)) if all(written) else "", flags).search


def _branches(tree: Node) -> tuple[Node, ...]:
    """Those of the outermost choice there is something to choose in: brackets around it all change nothing."""
    match tree:
        case Choice((one,)) | Sequence((one,)):
            return _branches(one)
        case Choice(branches):
            return branches
    return (tree,)


def _branch(branch: Node) -> str | None:
    parts = branch.parts if isinstance(branch, Sequence) else (branch,)
    repeats = [part for part in parts if isinstance(part, Repeat)]
    if repeats and (len(repeats) > 1 or parts[0] not in (Anchor("^"), Anchor("`"))):
        return None
    written = [_part(part) for part in parts]
    return None if None in written else "".join(filter(None, written))


def _part(part: Node) -> str | None:
    match part:
        case Character(python):
            return f"(?:{python})"
        case Anchor(place):
            return PLACES.get(place)
        case Repeat(Character(python), least, most):
            return f"(?:{python}){{{least},{'' if most < 0 else most}}}"
    return None
