"""How long the timers of a transaction run (RFC 3261 table 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf

from labsip.sip.machines import PROCEEDING, State

GROWING = "AEG"
"""Timers that restart themselves, longer each time."""


@dataclass(frozen=True)
class Timing:
    """How long each timer runs, in seconds (RFC 3261 table 4, over UDP); None: that timer is not used."""

    T1: float = 0.5
    T2: float = 4.0
    B: float = 32.0  # 64*T1, as are D, F, H, J, L, M and cancel
    C: float | None = None
    D: float = 32.0
    F: float = 32.0
    H: float = 32.0
    I: float = 5.0  # T4  # noqa: E741 - the RFC's name
    J: float = 32.0
    K: float = 5.0  # T4
    L: float = 32.0
    M: float = 32.0
    cancel: float = 32.0
    cap_A: bool = False  # noqa: N815 - the RFC lets Timer A double for ever, Kamailio stops at T2
    repeats: bool = True
    """Whether timers A, E and G run at all: over a reliable transport nothing is sent again."""

    def seconds(self, timer: str, last: float | None, state: State) -> float | None:
        """Length of the timer; `last` is its length before, if it restarts itself (§17.1.1.2, §17.1.2.2, §17.2.1)."""
        if timer not in GROWING:
            length: float | None = getattr(self, timer)
            return length
        if not self.repeats:
            return None
        if last is None:
            return self.T1
        if timer == "E" and state is PROCEEDING:
            return self.T2
        return min(2 * last, inf if timer == "A" and not self.cap_A else self.T2)


RFC = Timing()


@lru_cache(maxsize=64)
def reliable(timing: Timing) -> Timing:
    """The same over TCP and TLS (RFC 3261 table 4): no repeats, and nobody waits for any."""
    return replace(timing, repeats=False, D=0.0, I=0.0, J=0.0, K=0.0)
