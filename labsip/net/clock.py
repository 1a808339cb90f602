"""Time beside the network's own: the clock on the wall, and a beat that goes on while cells run or none does."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable

monotonic = time.monotonic
"""Seconds that only go forward."""

monotonic = time.monotonic
"""Seconds that only go forward."""


def since_1970() -> float:
    """Seconds since 1970, as capture files have them; all else here counts from when a network began."""
    return time.time()


def give_way(seconds: float) -> None:
    """Let other threads have the interpreter: beside one that only computes, they wait for it at each turn."""
    time.sleep(seconds)


class Ticker:
    """Calls `beat()` up to `rate` times a second, in a thread of its own, until it says False or `stop` is called.

    However much happens between two beats, it is one beat; a beat that takes long makes the next one late, not more.
    `beat` must not raise.
    """

    def __init__(self, beat: Callable[[], bool], rate: float) -> None:
        self._beat = beat
        self._rest = 1 / rate
        self._stop = threading.Event()
        # what it prints belongs to the cell that began it
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._run,), name="labsip ticker", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive() and not self._stop.is_set()

    def stop(self) -> None:
        """No beat begins from now on; one that is under way is waited for, unless that is where this is called."""
        self._stop.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while not self._stop.is_set() and self._beat():
            self._stop.wait(self._rest)
        self._stop.set()
