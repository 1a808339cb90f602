"""A regular expression as an automaton: it looks at each character a fixed number of times, whatever the expression.

Thompson's construction. A set of states is an int with a bit for each. `Sweep` goes over a text in one direction and
keeps the sets it has met, so that a character costs one look into a table. A search for where something matches sweeps
back from the end of the text, to know of each place whether a match can begin there, and then on from the first such
place to the last one where it can end: POSIX's leftmost and longest match. The groups are what glibc takes: from the
first branch that leads to that end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as Items
from typing import NamedTuple

from labsip.proxy.expression import Anchor, Character, Choice, Node, Repeat, Sequence
from labsip.proxy.plain_search import plain_search

MOST_STATES = 2000
"""Of one expression; a larger one is refused."""
MOST_WORK = 16_000_000
"""States times characters of a text; in a longer text nothing is found."""
MOST_SETS = 2000
"""Sets of states that a sweep keeps; beyond that all are forgotten."""
WORD = re.compile(r"\w", re.ASCII)


class Match(NamedTuple):
    """Where an expression matches, and what each group has matched: None where it took no part."""

    start: int
    end: int
    groups: tuple[str | None, ...] = ()
    """The first is the whole match."""


class Free(NamedTuple):
    """A way on without a character."""

    to: int
    place: str = ""
    """Where the text must be: an anchor's sign, "" anywhere."""
    mark: int = 0
    """The group that begins there, or ends there (negative)."""


class Automaton:
    """Of one expression. `lines`: `^` and `$` are at each line's ends too. Raises re.error if it is too large."""

    def __init__(self, tree: Node, *, ignore_case: bool = True, lines: bool = False) -> None:
        self._flags = re.ASCII | (re.IGNORECASE if ignore_case else 0)
        self.lines, self.groups = lines, 0
        self.characters: list[re.Pattern[str] | None] = []
        """Of each state: the character that leads on, to the state of the next number; None if none does."""
        self.free: list[list[Free]] = []
        """Of each state, the first choice first."""
        self._begin, end = self._state(), self._state()
        self._build(tree, self._begin, end)
        self._end, self._last = end, 1 << end
        backwards: list[list[Free]] = [[] for _ in self.free]
        for state, ways in enumerate(self.free):
            for way in ways:
                backwards[way.to].append(way._replace(to=state))
        self._plain = None if lines else plain_search(tree, self._flags)
        first = 1 << self._begin
        self._anywhere = Sweep(self, self.free, first, first, forward=True)
        self._from_here = Sweep(self, self.free, first, 0, forward=True)
        self._to_any_end = Sweep(self, backwards, self._last, self._last, forward=False)
        self._to_one_end = Sweep(self, backwards, self._last, 0, forward=False)

    def steps(self) -> int:
        """States looked at so far; a test counts them."""
        return sum(one.steps for one in (self._anywhere, self._from_here, self._to_any_end, self._to_one_end))

    def search(self, text: str) -> bool:
        """Whether there is a match somewhere in a text."""
        if self._is_too_long(text):
            return False
        return self._sweep(text) if self._plain is None else self._plain(text) is not None

    def _sweep(self, text: str) -> bool:
        last, at = self._last, self._anywhere.begin("")
        for character in text:
            at = at[character]
            if at.closed & last:
                return True
        return bool(at[""].closed & last)

    def matches(self, text: str) -> Iterator[Match]:
        """Where it matches, from left to right. An empty match is the last one."""
        if self._is_too_long(text):
            return
        ends = self._to_any_end.all_of(text)
        at, first = 0, 1 << self._begin
        while at <= len(text):
            if not ends[at] & first:
                at += 1
                continue
            end = self._longest(text, at, ends)
            yield Match(at, end, self._groups(text, at, end))
            if end == at:
                return
            at = end

    def _is_too_long(self, text: str) -> bool:
        return len(text) * len(self.free) > MOST_WORK

    def _longest(self, text: str, start: int, ends: Items[int]) -> int:
        at, end = self._from_here.begin(text[start - 1 : start]), start
        for place in range(start, len(text) + 1):
            at = at[text[place : place + 1]]
            if not at.closed & ends[place]:
                break
            if at.closed & self._last:
                end = place
        return end

    def _groups(self, text: str, start: int, end: int) -> tuple[str | None, ...]:
        """What the groups match on the way, known to exist, from `start` to `end`."""
        spans: list[list[int]] = [[-1, -1] for _ in range(self.groups + 1)]
        if self.groups:
            leads = self._to_one_end.all_of(text, start, end)
            state = self._begin
            for at in range(start, end + 1):
                state, marks = self._way(state, text, at, leads[at - start], at == end)
                for mark in marks:
                    spans[abs(mark)][mark < 0] = at
                state += 1
        spans[0] = [start, end]
        return tuple(text[first:last] if last >= first >= 0 else None for first, last in spans)

    def _way(self, state: int, text: str, at: int, leads: int, ends: bool) -> tuple[int, list[int]]:
        """The state from which the next character leads on towards the end, or the last state; the groups passed."""
        around = text[at - 1 : at] if at else "", text[at : at + 1]
        stack, seen, marks = [(state, 0, 0)], 0, list[int]()
        while stack:
            state, mark, depth = stack.pop()
            if seen >> state & 1 or not leads >> state & 1:
                continue
            seen |= 1 << state
            del marks[depth:]
            marks.append(mark)
            if (state == self._end and ends) or (not ends and self.characters[state]):
                break
            for way in reversed(self.free[state]):
                if self.is_at(way.place, *around):
                    stack.append((way.to, way.mark, len(marks)))
        return state, [mark for mark in marks if mark]

    def is_at(self, place: str, left: str, right: str) -> bool:
        """Whether an anchor fits between two characters; "" is the end of the text."""
        match place:
            case "":
                return True
            case "^" | "`":
                return not left or (left == "\n" and self.lines and place == "^")
            case "$" | "'":
                return not right or (right == "\n" and self.lines and place == "$")
        before, behind = bool(WORD.match(left)), bool(WORD.match(right))
        edge = before != behind
        return {"b": edge, "B": not edge, "<": edge and behind, ">": edge and before}[place]

    # ---- building

    def _state(self) -> int:
        if len(self.free) >= MOST_STATES:
            raise re.error("the expression is too large")
        self.characters.append(None)
        self.free.append([])
        return len(self.free) - 1

    def _build(self, node: Node, begin: int, end: int) -> None:
        match node:
            case Character(python):
                before, behind = self._state(), self._state()
                self.characters[before] = re.compile(python, self._flags)
                self.free[begin].append(Free(before))
                self.free[behind].append(Free(end))
            case Anchor(place):
                self.free[begin].append(Free(end, place))
            case Sequence(parts):
                for part in parts:
                    between = self._state()
                    self._build(part, begin, between)
                    begin = between
                self.free[begin].append(Free(end))
            case Choice(branches, group):
                self.groups = max(self.groups, group)
                left = self._state() if group else begin
                right = self._state() if group else end
                if group:
                    self.free[begin].append(Free(left, mark=group))
                    self.free[right].append(Free(end, mark=-group))
                for branch in branches:
                    self._build(branch, self._fresh(left), right)
            case Repeat(of, least, most):
                self._repeat(of, least, most, begin, end)

    def _fresh(self, state: int) -> int:
        """A new state that the other leads to without a character."""
        new = self._state()
        self.free[state].append(Free(new))
        return new

    def _repeat(self, of: Node, least: int, most: int, begin: int, end: int) -> None:
        for _ in range(least):
            begin = self._once(of, begin)
        if most < 0:
            loop = self._fresh(begin)
            self.free[self._once(of, loop)].append(Free(loop))
            self.free[loop].append(Free(end))
            return
        for _ in range(most - least):
            behind = self._once(of, begin)
            self.free[begin].append(Free(end))
            begin = behind
        self.free[begin].append(Free(end))

    def _once(self, of: Node, begin: int) -> int:
        """The state behind it."""
        behind = self._state()
        self._build(of, self._fresh(begin), behind)
        return behind


class States(dict[str, "States"]):
    """States between two characters, and what each next character makes of them, found when it comes first."""

    __slots__ = ("around", "closed", "open", "sweep")

    def __init__(self, sweep: Sweep, open_: int, side: str, closed: int) -> None:
        self.sweep, self.open, self.around, self.closed = sweep, open_, side, closed
        """`around`: the character passed; `open`: those it led to; `closed`: all, at the place before that."""

    def __missing__(self, character: str) -> States:
        found = self[character] = self.sweep.step(self, character)
        return found


class Sweep:
    """One direction through an automaton, from some states, with more that come in at each character."""

    def __init__(self, automaton: Automaton, free: Items[list[Free]], start: int, more: int, *, forward: bool) -> None:
        self._automaton, self._free, self._start, self._more, self._forward = automaton, free, start, more, forward
        self._takers: dict[str, int] = {}
        """Of a character, the states it leads on from."""
        self._known: dict[tuple[int, str, int], States] = {}
        self.steps = 0

    def begin(self, side: str) -> States:
        """The first states, beside that character."""
        return self._states(self._start, side, 0)

    def all_of(self, text: str, start: int = 0, end: int = -1) -> list[int]:
        """Backwards: the states at each place from `start` to `end`."""
        end = len(text) if end < 0 else end
        at, found = self.begin(text[end : end + 1]), list[int]()
        for character in reversed(text[start:end]):
            at = at[character]
            found.append(at.closed)
        found.append(at[text[start - 1 : start] if start else ""].closed)
        return found[::-1]

    def step(self, states: States, character: str) -> States:
        """Those behind a character, "" at the end of the text."""
        closed = self._closed(states.open, states.around, character)
        taken = self._taken(character) if character else 0
        led = (closed & taken) << 1 if self._forward else closed >> 1 & taken
        return self._states(led | self._more, character, closed)

    def _states(self, led: int, side: str, closed: int) -> States:
        if len(self._known) > MOST_SETS:
            self._known.clear()
        key = led, side, closed
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = States(self, led, side, closed)
        return found

    def _taken(self, character: str) -> int:
        if character not in self._takers:
            kinds = enumerate(self._automaton.characters)
            self._takers[character] = sum(1 << state for state, kind in kinds if kind and kind.match(character))
        return self._takers[character]

    def _closed(self, states: int, passed: str, coming: str) -> int:
        """With those that can be reached without a character, between these two."""
        left, right = (passed, coming) if self._forward else (coming, passed)
        seen, fits = states, self._automaton.is_at
        while states:
            self.steps += 1
            lowest = states & -states
            states ^= lowest
            for to, place, _ in self._free[lowest.bit_length() - 1]:
                if not seen >> to & 1 and (not place or fits(place, left, right)):
                    seen |= 1 << to
                    states |= 1 << to
        return seen
