"""The thread real sockets live on: one asyncio loop beside the notebook, and who waits for it.

Calls into it never hang; a condition is looked at as often as something has happened.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from anyio.from_thread import start_blocking_portal

from labsip.sip.errors import LabError

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds a call waits for a loop that does not answer."""
PACKAGE = str(Path(__file__).parents[1])


class Loop:
    """An asyncio loop in a thread of its own, which ends with Python if nobody closed it; uvloop: the faster kind."""

    def __init__(self, *, uvloop: bool = False) -> None:
        self._portal = start_blocking_portal(backend_options={"use_uvloop": uvloop})
        portal = self._portal.__enter__()
        self.asyncio, self._thread = portal.call(lambda: (asyncio.get_running_loop(), threading.get_ident()))

    @property
    def inside(self) -> bool:
        """Whether the caller runs on the loop's own thread."""
        return threading.get_ident() == self._thread

    def call(self, act: Callable[[], T], patience: float = PATIENCE) -> T:
        """Run `act` on the loop; its result, or what it raises. Raises LabError if the loop does not come to it."""
        # not portal.call: that waits for ever behind a route that never ends
        future: Future[T] = Future()

        def run() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(act())
                except BaseException as error:
                    future.set_exception(error)

        self.asyncio.call_soon_threadsafe(run)
        return self.result(future, patience)

    def result(self, future: Future[T], patience: float) -> T:
        """What the loop puts into `future`. Raises LabError if that takes longer than `patience` seconds."""
        try:
            return future.result(min(patience, threading.TIMEOUT_MAX))
        except TimeoutError:
            if future.done():
                raise  # somebody else's
            future.cancel()
            raise LabError(self._stuck()) from None

    def close(self) -> None:
        """Stop the loop and wait for the end of its thread."""
        self._portal.__exit__(None, None, None)

    def _stuck(self) -> str:
        """Where the loop is, in the innermost line that is not labsip's own."""
        frame = sys._current_frames().get(self._thread)
        stack = traceback.extract_stack(frame) if frame else []
        at = next((f for f in reversed(stack) if not f.filename.startswith(PACKAGE)), None)
        where = f" It is in {at.name}, line {at.lineno} of {at.filename}: does that ever end?" if at else ""
        return f"the lab does not answer.{where} Mend it, and restart the kernel (or Python)"


@dataclass(eq=False, slots=True)
class Waiter:
    """Somebody outside who waits for a condition, until a time of the network (seconds)."""

    until: Callable[[], bool]
    deadline: float
    done: Future[bool] = field(default_factory=Future)


class Waiters:
    """All who wait. It lives in the loop's thread.

    take_fault: gives what a node raised, and None the next time; the first who waits gets it.
    """

    def __init__(self, take_fault: Callable[[], BaseException | None]) -> None:
        self._take_fault = take_fault
        self.waiting: list[Waiter] = []
        """In the order in which they came."""

    @property
    def first(self) -> Waiter | None:
        """The one whose time is over first; None if nobody waits."""
        return min(self.waiting, key=lambda waiter: waiter.deadline, default=None)

    def add(self, waiter: Waiter) -> None:
        """From now on it waits, and only the loop ends that."""
        waiter.done.set_running_or_notify_cancel()
        self.waiting.append(waiter)

    def forget(self, waiter: Waiter) -> None:
        """It has given up, by Ctrl-C for example."""
        if waiter in self.waiting:
            self.waiting.remove(waiter)

    def look(self) -> None:
        """See who has waited long enough."""
        if self.waiting and (fault := self._take_fault()) is not None:
            self.waiting.pop(0).done.set_exception(fault)
        for waiter in list(self.waiting):
            self.answer(waiter)

    def answer(self, waiter: Waiter, *, last: bool = False) -> None:
        """Tell it what its condition says, if that holds, or if it is the last time."""
        try:
            holds = waiter.until()
            if holds or last:
                waiter.done.set_result(holds)
        except BaseException as error:  # KeyboardInterrupt and SystemExit, too: they would end the loop
            waiter.done.set_exception(error)
        if waiter.done.done():
            self.waiting.remove(waiter)

    def end(self, error: LabError) -> None:
        """Nobody waits any more: all get the error."""
        for waiter in self.waiting:
            waiter.done.set_exception(error)
        self.waiting.clear()
