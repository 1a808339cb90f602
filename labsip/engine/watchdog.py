"""What keeps a server from standing still: a thread that looks for a block that never ends, and stops it.

A lab's `Patience` counts each line a block begins, which is exact, and on Python 3.11 makes a request three times as
dear. Here a block costs two assignments. What is looked at is whether the same run of a block is still there a while
later; then TooLong is raised in its thread, at the line of the script it is at.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from typing import Self

from labsip.dialects.python import TooLong
from labsip.dialects.python.patience import CALLERS, in_a_block
from labsip.proxy.script import Route
from labsip.proxy.turn import Turn

LOOK = 2.0
"""Seconds between two looks; a block is stopped at the second one that finds it."""
AGAIN = 0.01
"""Until the next look at a block that is within a command of ours, which is not broken off halfway."""
_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc


class Running:
    """One run of a block."""

    __slots__ = ("outer", "thread")

    def __init__(self, thread: int, outer: Running | None) -> None:
        self.thread = thread
        self.outer = outer


class NeverEnds(TooLong):
    """A block was stopped from outside."""

    def __str__(self) -> str:
        return "the block was stopped, for it held up everybody else"


class Watchdog:
    """Runs the blocks of a server's proxy (`Python.run`), one at a time. Close it to end its thread.

    A line that never ends by itself, as `time.sleep(1000)` or a search with a regular expression, can't be stopped.
    """

    def __init__(self, look: float = LOOK) -> None:
        self._look = look
        self._running: Running | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="labsip watchdog", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, block: Route, turn: Turn) -> object:
        """Run it. Raises TooLong if it was stopped, and what it raises."""
        outer = self._running
        self._running = Running(threading.get_ident(), outer)
        try:
            return block(turn.proxy.handle(turn))
        finally:
            self._running = outer

    def close(self) -> None:
        """End it."""
        self._closed.set()
        self._thread.join()

    def _watch(self) -> None:
        last: Running | None = None
        wait = self._look
        while not self._closed.wait(wait):
            wait, running = self._look, self._running
            if running is not None and running is last and not self._stop(running):
                wait = AGAIN
            last = running

    def _stop(self, running: Running) -> bool:
        """Raise it in the block's thread; False if that is within a command now."""
        thread, error = ctypes.c_ulong(running.thread), ctypes.py_object(NeverEnds)
        if not in_a_block(sys._current_frames().get(running.thread)):
            return False
        # nothing comes between the question and the call: this thread holds the interpreter meanwhile
        if self._running is running:
            _raise_in(thread, error)
        return True


CALLERS.add(Watchdog.__call__.__code__)
