"""What is in a capture and not among the rows read from it: the reasons, each with the numbers of its packets."""

from __future__ import annotations

from collections.abc import Iterable

MAX_REASONS = 100
"""Reasons that are kept; all others go under one more."""
MAX_RANGES = 30
"""Runs of packet numbers that are kept for one reason; the rest are only counted."""


class Omissions:
    """Reasons in the order they first came up. Packet numbers count from 1, as Wireshark's do."""

    def __init__(self) -> None:
        self._numbers: dict[str, _Numbers] = {}

    def add(self, reason: str, *numbers: int) -> None:
        """Leave these packets out for that reason, which reads on after "packet 12: "."""
        if reason not in self._numbers and len(self._numbers) >= MAX_REASONS:
            reason = "more like these"
        self._numbers.setdefault(reason, _Numbers()).add(numbers)

    def add_damage(self, size: int, number: int, *, to_the_end: bool) -> None:
        """Leave out `size` bytes of the file, where the packet of that number should begin."""
        if to_the_end:
            self.add(f"the last {size:,} bytes of the file are no whole packet", number)
        else:
            self.add(f"{size:,} bytes before it are damaged", number)

    def lines(self) -> list[str]:
        """A line for each reason: `packets 3, 7-9: the message is cut ...`."""
        return [f"{numbers}: {reason}" for reason, numbers in self._numbers.items()]

    def __len__(self) -> int:
        return len(self._numbers)

    def __repr__(self) -> str:
        return "\n".join(self.lines()) or "nothing was left out"


class _Numbers:
    def __init__(self) -> None:
        self._ranges: list[list[int]] = []
        self._more = 0
        self._count = 0

    def add(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._count += 1
            if self._ranges and self._ranges[-1][1] + 1 == number:
                self._ranges[-1][1] = number
            elif len(self._ranges) < MAX_RANGES:
                self._ranges.append([number, number])
            else:
                self._more += 1

    def __str__(self) -> str:
        runs = ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in self._ranges)
        return f"packet{'s' * (self._count > 1)} {runs}" + (f" and {self._more:,} more" if self._more else "")
