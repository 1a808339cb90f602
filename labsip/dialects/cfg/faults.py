"""Mistakes in a kamailio.cfg, each told with its place, its line and what is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from labsip.dialects.cfg.nodes import Spot
from labsip.sip.errors import LabError, did_you_mean

WIDTH = 100
"""Characters of a line that are shown; of a longer one those around the mistake."""
LONGEST_NAME = 60
"""Characters of a name for which a near one is sought."""
MOST_LINES = 12
"""Other lines with the same mistake that are named."""
MOST_FAULTS = 100
"""Beyond them, reading goes no further: what is told then is one mistake's echo."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake."""

    spot: Spot
    message: str
    hint: str = ""
    """What to write instead, "" if the message says enough."""
    kamailio: int = 0
    """The line that Kamailio names, where that is another one."""
    severe: bool = True
    """Kamailio would not start; what is not severe, it only warns of."""
    late: bool = False
    """`kamailio -c` takes it: what is wrong only shows when Kamailio starts, or in labsip alone."""

    def told(self, line: str = "") -> str:
        """As it is printed: place and message, the line with a caret, the hint."""
        lines = [f"{self.spot}: {'' if self.severe else 'warning: '}{self.message}"]
        if line.strip():
            lines += _pointed(line, self.spot)
        if self.hint:
            lines.append(f"       = {self.hint}")
        if self.kamailio not in (0, self.spot.line):
            lines.append(f"       = Kamailio reports it at line {self.kamailio}")
        return "\n".join(lines)


def _pointed(line: str, spot: Spot) -> list[str]:
    """The line, and below it a caret under each character that is meant."""
    at, length = max(spot.column - 1, 0), max(spot.end - spot.column, 1)
    start = max(0, at - WIDTH // 2) if len(line) > WIDTH else 0
    shown = line[start : start + WIDTH].rstrip()
    before = line[start:at]
    carets = "^" * max(1, min(length, start + WIDTH - at, len(line) - at))
    before, shown = (_flat(text) for text in (before, shown))
    return [f"{spot.line:>6} | {shown}", f"       | {' ' * len(before)}{carets}"]


def _flat(text: str) -> str:
    """A tab as four spaces, and what can't be printed as a question mark."""
    return "".join(c if c.isprintable() else "?" for c in text.replace("\t", "    "))


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean t_relay?`, "" if nothing known is near it."""
    if len(name) > LONGEST_NAME:
        return ""
    names = list(known)
    folded = next((other for other in names if other.lower() == name.lower()), None)
    return f"did you mean {folded}?" if folded else did_you_mean(name, names).removeprefix("; ")


def told_all(faults: Iterable[Fault], texts: Mapping[str, tuple[str, ...]]) -> str:
    """All of them, in order; the same mistake in several lines of a file is told once, and where else it is."""
    again: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        again.setdefault((fault.spot.file, fault.message), []).append(fault)
    told = []
    for first, *others in again.values():
        text = first.told(line_of(texts, first.spot))
        lines = [str(line) for line in dict.fromkeys(one.spot.line for one in others) if line != first.spot.line]
        if lines:
            more = f" and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
            text += f"\n       = also in line{'s'[: len(lines) > 1]} {', '.join(lines[:MOST_LINES])}{more}"
        told.append(text)
    return "\n\n".join(told)


class BadCfg(LabError):
    """A kamailio.cfg with mistakes in it: all of them, in order."""

    def __init__(self, faults: Iterable[Fault], texts: Mapping[str, tuple[str, ...]]) -> None:
        self.faults = tuple(faults)
        self.texts = texts
        super().__init__(told_all(self.faults, texts))


def line_of(texts: Mapping[str, tuple[str, ...]], spot: Spot) -> str:
    """The line something stands in, "" if there is none."""
    lines = texts.get(spot.file, ())
    return lines[spot.line - 1] if 0 < spot.line <= len(lines) else ""
