"""The thread real sockets live on: one asyncio loop beside the notebook, and calls into it that never hang."""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
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
