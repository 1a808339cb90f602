"""One colour, one meaning, in every picture; and a colour never carries it alone.

A kind of message has a colour, a line style, a mark at its sender and a stroke of characters for the text twin;
sent again is dashed with a hollow head. All colours are mid-tones, readable on white paper and on a dark page
(contrast above 4:1 against both), so the pictures need no background of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

Dashes = tuple[float, tuple[float, ...] | None]
"""A line style as matplotlib takes it: offset, then lengths of dashes and spaces in line widths."""

QUIET = "#7a7a7a"
"""Lifelines, times, gaps: all that should not catch the eye."""

NAME, PAPER = "#6b7785", "#ffffff"
"""A lane's name: the box and the letters on it."""

AGAIN: Dashes = (0, (3.5, 2.0))
"""The line of a message that was sent again, in the colour and width of its kind."""

SOLID: Dashes = (0, None)
DOTTED: Dashes = (0, (0.8, 3.0))


@dataclass(frozen=True, slots=True)
class Ink:
    """How one kind of message is drawn."""

    colour: str
    line: Dashes
    width: float
    """Of the line, in points."""
    tail: str
    """Mark at the sender: "", "ring", "dot" or "diamond"."""
    stroke: str
    """The line in characters, repeated as often as there is room."""


INK = {
    "request": Ink("#2478d8", SOLID, 1.5, "", "-"),
    "provisional": Ink("#9a7200", (0, (1.0, 1.6)), 1.7, "ring", "- "),
    "success": Ink("#0e8a6a", SOLID, 2.8, "dot", "="),
    "failure": Ink("#d4483b", (0, (7.0, 1.6, 1.0, 1.6)), 1.7, "diamond", "~"),
    "other": Ink(QUIET, SOLID, 1.0, "", "."),
}


def ink_of(kind: str) -> Ink:
    """The ink of a kind of message; an unknown kind looks like `other`."""
    return INK.get(kind, INK["other"])
