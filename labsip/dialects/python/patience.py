"""Patience with a block that never ends: it is stopped, after so many lines or so much time, at a line of its own.

`Patience` sees every line that a block begins: lines of all code outside labsip (its lesson routes count as
outside) that the block reaches without passing through a command, so that what is raised there never breaks off a
command halfway. A jump back counts as a line, for a loop may stand on one. Python 3.12 and later do this by
`sys.monitoring`, 3.11 by tracing. Which thread runs a block is a matter of the watch itself, so this file has locks
and thread-local state; its clock is an argument.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from math import inf
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from labsip.modules import core
from labsip.proxy.script import Route
from labsip.proxy.turn import Turn

SHARE = 0.1
"""What one line counts for at most, as a share of the time there is.

A machine that stands still for a while, or a learner at a breakpoint, stops no route; one that waits in a loop is.
"""
PACKAGE = str(Path(__file__).parents[2])
LESSONS = str(Path(PACKAGE) / "steps")
HEADROOM = 60
"""Calls that must still be possible, for tracing (3.11) to survive a recursion that goes too deep."""
FAR = 40
"""Calls beyond which nobody looks for the command that began them: no command goes so deep."""

Watch = Callable[[], None]


class TooLong(BaseException):
    """A block was stopped. It is raised again at each line until the block has ended, whatever that catches."""


class Patience:
    """Runs blocks for a proxy (`Python.run`), as long as its settings `max_lines` and `max_route_time` say.

    clock: seconds that only go forward, of real time even where the proxy's is virtual.

    A block within a block, such as a branch_route, counts for itself. A line that never ends by itself, as
    `time.sleep(1000)`, can't be stopped: the clock is read only when a line begins.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def __call__(self, block: Route, turn: Turn) -> None:
        """Run it. Raises TooLong if it was stopped, and what it raises."""
        settings = turn.proxy.settings
        lines, time = settings.max_lines or inf, settings.max_route_time or inf
        if lines == time == inf:
            block(turn.proxy.handle(turn))
        else:
            run_watched(block, turn.proxy.handle(turn), self._counting(lines, time))

    def _counting(self, lines: float, time: float) -> Callable[[], None]:
        """Called at each line; it raises TooLong at one too many."""
        clock = self._clock
        most, last = time * SHARE, clock()
        begun, spent = 0, 0.0

        def watch() -> None:
            nonlocal begun, spent, last
            now = clock()
            begun, spent, last = begun + 1, spent + min(now - last, most), now
            if begun > lines:
                raise TooLong(f"stopped after {lines:,} lines; does it ever end? Lab(max_lines=0) would let it go on")
            if spent > time:
                raise TooLong(f"stopped after {time:g} s; does it ever end? Lab(max_route_time=0) would let it go on")

        return watch


class _Here(threading.local):
    """What this thread is at."""

    watch: Watch | None = None
    """What is called at each line; None outside a block."""


_here = _Here()


def run_watched(block: Callable[[Any], object], held: object, watch: Watch) -> None:
    """Run `block(held)`; `watch()` is called at each line, and what it raises is raised there.

    A block within a block has its own.
    """
    outer = _here.watch
    try:
        _here.watch = watch
        _begin()
        error = next(_apart(block, held))
    finally:
        _here.watch = outer  # first, and no call: Ctrl-C can't come before it
        if outer is None:
            _end()
    if error is not None:
        raise error


def _apart(block: Callable[[Any], object], held: object) -> Iterator[BaseException | None]:
    """What a block raised, None if it came to its end.

    A generator has its own note of which exception is being handled. What is raised where a handler ends leaves that
    note standing, and later errors of the same thread would be told as if they came of it.
    """
    try:
        block(held)
    except BaseException as error:
        yield error
    yield None


CALLERS: set[CodeType] = {_apart.__code__, core.route.function.__code__}
"""Functions of ours that call blocks."""


def _is_ours(code: CodeType) -> bool:
    file = code.co_filename
    return file.startswith(PACKAGE) and not file.startswith(LESSONS)


def in_a_block(frame: FrameType | None) -> bool:
    """Whether a frame outside labsip belongs to a block, and not to a command that it ran."""
    for _ in range(FAR):
        if frame is None or _is_ours(frame.f_code):
            return frame is not None and frame.f_code in CALLERS
        frame = frame.f_back
    return True  # a recursion


if sys.version_info >= (3, 12):
    _monitoring = sys.monitoring
    _LINES = _monitoring.events.LINE | _monitoring.events.JUMP
    _lock = threading.Lock()
    _threads: set[int] = set()
    """Those with a block running."""

    def _find_tool() -> int | None:
        """A number for our events that no debugger or profiler has; None if all are taken."""
        for tool in (3, 4, 5, 1, 2, 0):
            if _monitoring.get_tool(tool) is None:
                _monitoring.use_tool_id(tool, "labsip")
                _monitoring.register_callback(tool, _monitoring.events.LINE, _line)
                _monitoring.register_callback(tool, _monitoring.events.JUMP, _jump)
                return tool
        return None

    def _line(code: CodeType, _: int) -> object:
        if _is_ours(code):
            return _monitoring.DISABLE
        watch = _here.watch
        if watch is not None and in_a_block(sys._getframe(1)):
            watch()
        return None

    def _jump(code: CodeType, at: int, to: int) -> object:
        if to > at or _is_ours(code):
            return _monitoring.DISABLE  # always there, or always ours
        watch = _here.watch
        if watch is not None and in_a_block(sys._getframe(1)):
            watch()
        return None

    _tool = _find_tool()

    def _begin() -> None:
        if _tool is not None:
            with _lock:
                _threads.add(threading.get_ident())
                _monitoring.set_events(_tool, _LINES)

    def _end() -> None:
        if _tool is not None:
            with _lock:
                _threads.discard(threading.get_ident())
                if not _threads:
                    _monitoring.set_events(_tool, 0)

else:

    class _Tracer(partial[None]):
        """What traces one frame. When it raises, Python ends all tracing and lets go of it: then tracing goes on."""

        def __del__(self) -> None:
            if _here.watch is not None and sys.gettrace() is None:
                sys.settrace(_call)
                frame = sys._getframe(1)
                if not _is_ours(frame.f_code):
                    frame.f_trace = _Tracer(self.func)

    def _tracer() -> _Tracer:
        last = -1

        def reached(frame: FrameType, event: str, _: object) -> None:
            nonlocal last
            counts = event == "line"
            if event == "opcode":
                counts, last = frame.f_lasti <= last, frame.f_lasti
            watch = _here.watch
            if counts and watch is not None:
                watch()

        return _Tracer(reached)

    def _too_deep(_: FrameType, event: str, __: object) -> None:
        if event == "line":
            raise RecursionError("maximum recursion depth exceeded")

    def _call(frame: FrameType, _: str, __: object) -> Any:
        back = frame.f_back
        if back is None or _is_ours(frame.f_code) or (back.f_trace is None and back.f_code not in CALLERS):
            return None
        try:
            sys._getframe(sys.getrecursionlimit() - HEADROOM)
        except ValueError:
            frame.f_trace_opcodes = True
            return _tracer()
        return _Tracer(_too_deep)

    def _begin() -> None:
        if sys.gettrace() is None:  # else a debugger or a measurement has it, and goes first
            sys.settrace(_call)

    def _end() -> None:
        if sys.gettrace() is _call:
            sys.settrace(None)
