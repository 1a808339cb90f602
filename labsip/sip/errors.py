"""Errors, each addressed to whoever can fix it.

`BadMessage` is a peer's fault and carries the status to answer; `LabError` is the learner's and says what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

LONGEST = 2**32 - 1
"""The most seconds that a header can give (RFC 3261 §20.19)."""


class BadMessage(ValueError):
    """A message that breaks the grammar or a rule of RFC 3261; `status` is what its sender should be answered."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class LabError(Exception):
    """A mistake in a cell: the text says what was wrong, where, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the text alone, as a traceback through our code would help nobody."""
        return [f"{type(self).__name__}: {self}"]


class NoSuchName(LabError, AttributeError):
    """A command, variable, route or phone that does not exist; also an AttributeError, so that completion works."""

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "", hint: str = "") -> None:
        near = did_you_mean(name, known)
        super().__init__(f"{where}no {kind} {name}{near or (hint and f'; {hint}')}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error about a name: `; did you mean t_relay?`, "" if no known name is close to it.

    Two names that are as close as each other are both told: t_rely lacks a letter of t_relay, and of t_reply.
    """
    names = list(known)
    swapped = [other for other in names if sorted(other) == sorted(name)]  # the commonest slip: t_relya
    close = swapped[:1] or sorted(get_close_matches(name, names, n=2))
    if len(close) == 2:
        likeness = [SequenceMatcher(None, other, name).ratio() for other in close]
        close = [other for other, one in zip(close, likeness, strict=True) if one == max(likeness)]
    return f"; did you mean {' or '.join(close)}?" if close else ""


def parse_number(text: str, what: str) -> int:
    """A header's number, digits only. Raises BadMessage (400), naming the header, on anything else."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 10:
        raise BadMessage(f"{what} is not a number: {text!r}")
    return int(digits)


def parse_seconds(text: str, what: str) -> int:
    """Seconds of an Expires; more than LONGEST counts as LONGEST. Raises BadMessage (400) if it is no number."""
    digits = text.strip()
    if digits.isascii() and digits.isdigit():
        digits = digits.lstrip("0") or "0"
        return min(int(digits), LONGEST) if len(digits) <= 10 else LONGEST
    return parse_number(text, what)
