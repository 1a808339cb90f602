"""A regular expression as an automaton: it looks at each character of a text once, whatever the expression.

Thompson's construction; the sets of states met so far are kept, so that a character costs one look into a table.
"""

from __future__ import annotations

import re

from labsip.proxy.expression import Anchor, Character, Choice, Node, Repeat, Sequence

MOST_STATES = 20_000
"""Of one expression; a larger one is refused."""
MOST_SETS = 1000
"""Sets of states that are kept; beyond that all are forgotten."""

States = frozenset[int]


class Automaton:
    """Of one expression. Raises re.error if it is too large."""

    def __init__(self, tree: Node, *, ignore_case: bool = True) -> None:
        self._flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
        self._steps: list[tuple[re.Pattern[str], int] | None] = []
        """Of each state: what character leads on, and where; None if none does."""
        self._free: list[list[tuple[str, int]]] = []
        """Of each state: where it leads without a character, and the place that must be so, "" anywhere."""
        self._known: dict[tuple[States, str], States] = {}
        begin, end = self._state(), self._state()
        self._build(tree, begin, end)
        self._begin, self._end = begin, end

    def search(self, text: str) -> bool:
        """Whether there is a match somewhere in a text."""
        states: States = frozenset()
        known = self._known
        for at, character in enumerate(text):
            states = self._closed(states | {self._begin}, text, at)
            if self._end in states:
                return True
            found = known.get((states, character))
            if found is None:
                found = self._stepped(states, character)
            states = found
        return self._end in self._closed(states | {self._begin}, text, len(text))

    def _stepped(self, states: States, character: str) -> States:
        if len(self._known) > MOST_SETS * 10:
            self._known.clear()
        steps = (self._steps[state] for state in states)
        found = frozenset(step[1] for step in steps if step is not None and step[0].match(character))
        self._known[states, character] = found
        return found

    def _closed(self, states: States, text: str, at: int) -> States:
        """With those that can be reached without a character, at this place of the text."""
        seen, left = set(states), list(states)
        while left:
            for place, state in self._free[left.pop()]:
                if state not in seen and (not place or re.compile(place).match(text, at)):
                    seen.add(state)
                    left.append(state)
        return frozenset(seen)

    # ---- building

    def _state(self) -> int:
        if len(self._steps) >= MOST_STATES:
            raise re.error("the expression is too large")
        self._steps.append(None)
        self._free.append([])
        return len(self._steps) - 1

    def _build(self, node: Node, begin: int, end: int) -> None:
        match node:
            case Character(python):
                self._steps[begin] = re.compile(python, self._flags), end
            case Anchor(python):
                self._free[begin].append((python, end))
            case Sequence(parts):
                for part in parts:
                    between = self._fresh(begin)
                    begin = self._state()
                    self._build(part, between, begin)
                self._free[begin].append(("", end))
            case Choice(branches):
                for branch in branches:
                    self._build(branch, self._fresh(begin), end)
            case Repeat(of, least, most):
                self._repeat(of, least, most, begin, end)

    def _fresh(self, state: int) -> int:
        """A new state that the other leads to without a character."""
        new = self._state()
        self._free[state].append(("", new))
        return new

    def _repeat(self, of: Node, least: int, most: int, begin: int, end: int) -> None:
        for _ in range(least):
            begin = self._once(of, begin)
        if most < 0:
            loop = self._fresh(begin)
            self._free[self._once(of, loop)].append(("", loop))
            self._free[loop].append(("", end))
            return
        for _ in range(most - least):
            self._free[begin].append(("", end))
            begin = self._once(of, begin)
        self._free[begin].append(("", end))

    def _once(self, of: Node, begin: int) -> int:
        """The state behind it."""
        behind = self._state()
        self._build(of, self._fresh(begin), behind)
        return behind
