"""Flags of a message: bits a route sets and looks at, 0 to 31."""

from __future__ import annotations

from dataclasses import dataclass

from labsip.sip.errors import LabError

HIGHEST = 31
"""The last flag there is."""


@dataclass(slots=True)
class Flags:
    """Bits: flag 3 is worth 8."""

    message: int = 0
    """Kept with the transaction (`$mf`)."""
    script: int = 0
    """Kept while a block and those it calls run (`$sf`)."""
    extended: int = 0
    """More of them, kept as those of the message (`corex`)."""


def bit(flag: int | str) -> int:
    """What a flag is worth. Raises LabError for a flag there is not."""
    number = int(flag) if str(flag).isascii() and str(flag).isdigit() else -1
    if not 0 <= number <= HIGHEST:
        raise LabError(f"{flag!r} is no flag; write a number from 0 to {HIGHEST}, as in setflag(3)")
    return 1 << number
