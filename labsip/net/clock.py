"""The clock on the wall; all else here counts from when a network began."""

from __future__ import annotations

import time

monotonic = time.monotonic
"""Seconds that only go forward."""


def since_1970() -> float:
    """Seconds since 1970, as capture files have them."""
    return time.time()


def give_way(seconds: float) -> None:
    """Let other threads have the interpreter; next to one that only computes, they wait for it at each turn."""
    time.sleep(seconds)
