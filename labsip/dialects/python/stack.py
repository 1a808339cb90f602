"""Where a function stands while it runs, and what is told when it raised: its author's lines, without the engine's."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import PurePath
from types import CodeType, FrameType
from typing import Protocol

from labsip.proxy.dialect import Position, Source, run_block
from labsip.proxy.script import Route
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError, NoSuchName

OURS = "labsip."
ROUTES_OF_OURS = "labsip.steps"
ENOUGH = 20
"""Lines of one trail; of a recursion that went too deep the middle is left out."""
SOURCE_MAP = "__source_map__"
"""The global of a compiled function that has its `SourceMap`."""


class SourceMap(Protocol):
    """The text a function was compiled from, where that is no Python; `line` is as the function's code has it."""

    def position(self, line: int) -> Position:
        """Where that line stands in the text: its file, and its number there."""

    def text(self, line: int) -> str:
        """The line itself."""


class Python:
    """The dialect of functions, and of what is compiled to functions.

    Lines of a function count from its first, decorators included; those of a compiled one as its `SourceMap` says.
    run: what runs a block; `Patience` stops one that never ends.
    """

    def __init__(self, run: Callable[[Route, Turn], object] = run_block) -> None:
        self.run = run

    def caller(self) -> Position:
        """The line that calls a method of `ksr`, in the function it stands in."""
        frame = sys._getframe(2)
        code = frame.f_code
        source_map: SourceMap | None = frame.f_globals.get(SOURCE_MAP)
        if source_map is not None:
            return source_map.position(frame.f_lineno)
        return code.co_filename, frame.f_lineno - code.co_firstlineno + 1

    def line(self) -> str:
        """That line in words."""
        frame = sys._getframe(2)
        return _line(frame, frame.f_lineno, None)

    def named(self, error: BaseException, turn: Turn) -> BaseException:
        """What a route raised; if that was a command there is not, or `exit()`, the error that says what to write.

        A `__getattr__` of the handle's would say so at once, and make each look at it dearer, thousands a second.
        """
        better: LabError | None = None
        if isinstance(error, AttributeError) and type(error.obj) is turn.proxy.handle:
            better = NoSuchName("command", str(error.name), turn.proxy.exports.commands)
        elif isinstance(error, SystemExit):
            better = LabError("exit() ends Python, and is not for routes; they end with return or ksr.exit()")
        return error if better is None else better.with_traceback(error.__traceback__)

    def trail(self, error: BaseException, turn: Turn) -> list[str]:
        """A line for each call within the route; those that repeat themselves once, and how often."""
        labels: dict[CodeType, str] = {}
        for label, block in turn.proxy.routes.blocks().items():
            if (code := getattr(block, "__code__", None)) is not None:
                labels[code] = code.co_name if code in labels else label  # of several blocks: by its own name
        lines = []
        frames = traceback.walk_tb(error.__traceback__)
        for (frame, number), summary in zip(frames, traceback.extract_tb(error.__traceback__), strict=True):
            module = str(frame.f_globals.get("__name__", ""))
            if not module.startswith(OURS) or module.startswith(ROUTES_OF_OURS):
                label = labels.get(frame.f_code, frame.f_code.co_name)
                lines.append(f"{label}, {_line(frame, number or frame.f_code.co_firstlineno, summary.line)}")
        return list(_folded(lines))

    def source(self, block: Route) -> Source:
        """Its lines as they stand in its file or cell; of a compiled block those of its source map."""
        code = getattr(block, "__code__", None)
        if not isinstance(code, CodeType):
            return Source()
        source_map: SourceMap | None = getattr(block, "__globals__", {}).get(SOURCE_MAP)
        if source_map is not None:
            numbers = [number for _, _, number in code.co_lines() if number]
            lines = tuple(source_map.text(number) for number in range(min(numbers), max(numbers) + 1))
            file, first = source_map.position(min(numbers))
            return Source(lines, first, file)
        try:
            return Source(tuple(inspect.getsource(code).rstrip().splitlines()), file=code.co_filename)
        except OSError:
            return Source()


def mapped_line() -> str:
    """`line 212 of kamailio.cfg: t_relay();`, of what runs now in a text with a `SourceMap`; "" if nothing does."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if SOURCE_MAP in frame.f_globals:
            return _line(frame, frame.f_lineno, None)
        frame = frame.f_back
    return ""


def mapped_trail(error: BaseException) -> list[str]:
    """A line for each call in a text with a `SourceMap` that led to an error: `mod_init, line 4 of x.py: 1 / 0`."""
    return [
        f"{frame.f_code.co_name}, {_line(frame, number or frame.f_code.co_firstlineno, None)}".removeprefix(
            "<module>, "
        )
        for frame, number in traceback.walk_tb(error.__traceback__)
        if SOURCE_MAP in frame.f_globals
    ]


def _line(frame: FrameType, number: int, text: str | None) -> str:
    """`line 4: ksr.t_relay()`; of a compiled function `line 212 of kamailio.cfg: t_relay();`."""
    source_map: SourceMap | None = frame.f_globals.get(SOURCE_MAP)
    if source_map is not None:
        file, line = source_map.position(number)
        where, text = f"line {line} of {PurePath(file).name}", source_map.text(number).strip()
    else:
        where = f"line {number - frame.f_code.co_firstlineno + 1}"
    return f"{where}: {text}" if text else where


def _folded(lines: list[str]) -> Iterator[str]:
    """A line that repeats itself once, and how often; of what is still too much, both ends."""
    runs = [(line, sum(1 for _ in same)) for line, same in groupby(lines)]
    folded = [line if count == 1 else f"{line} (and again, {count} times)" for line, count in runs]
    left_out = len(folded) - ENOUGH
    if left_out > 0:
        half = ENOUGH // 2
        folded = [*folded[:half], f"... {left_out} lines more", *folded[-half:]]
    yield from folded
