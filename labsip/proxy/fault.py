"""A route that raised, told to its author: its own lines, without the engine's, counted from its first."""

from __future__ import annotations

import dis
import traceback
from collections.abc import Iterator
from itertools import groupby
from types import CodeType, TracebackType
from typing import NamedTuple

from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError, NoSuchName

OURS = "labsip."
ROUTES_OF_OURS = "labsip.steps"
ENOUGH = 20
"""Lines of one traceback; of a recursion that went too deep the middle is left out."""
_RAISE = dis.opmap["RAISE_VARARGS"]


class RouteError(NamedTuple):
    """What went wrong in a route, and for which request."""

    route: str
    """The block, as in `failure_route[BUSY]`."""
    request: str
    """Start line of the message it ran for."""
    text: str
    """A line for each call within the route, the innermost last, then the error:
    `request_route, line 4: ksr.t_relay()`. Lines count from the function's first, decorators included."""


def interrupted(error: BaseException) -> bool:
    """Whether this is a person's Ctrl-C: a KeyboardInterrupt that no line raised, which came upon one from outside."""
    if not isinstance(error, KeyboardInterrupt):
        return False
    innermost: TracebackType | None = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    return innermost is None or innermost.tb_frame.f_code.co_code[innermost.tb_lasti] != _RAISE


def said(error: BaseException) -> str:
    """Kind and text of an error in a line, whatever its own `__str__` does."""
    kind = type(error).__name__
    try:
        text = str(error)
    except BaseException as another:  # a learner's class; what it raises must go no further either
        text = f"(its text can't be had: {type(another).__name__})"
    return f"{kind}: {text}" if text else kind


def named(error: BaseException, turn: Turn) -> BaseException:
    """What a route raised; if that was a command there is not, or `exit()`, the error that says what to write instead.

    A `__getattr__` of the handle's would say so at once, and make each look at it dearer, thousands a second.
    """
    better: LabError | None = None
    if isinstance(error, AttributeError) and type(error.obj) is turn.proxy.handle:
        better = NoSuchName("command", str(error.name), turn.proxy.exports.commands)
    elif isinstance(error, SystemExit):
        better = LabError("exit() ends Python, and is not for routes; they end with return or ksr.exit()")
    return error if better is None else better.with_traceback(error.__traceback__)


def tell(error: BaseException, turn: Turn) -> RouteError:
    """Put into words what a route raised in this turn."""
    blocks = turn.proxy.routes.labels()
    lines = []
    frames = traceback.walk_tb(error.__traceback__)
    for (frame, _), summary in zip(frames, traceback.extract_tb(error.__traceback__), strict=True):
        module = str(frame.f_globals.get("__name__", ""))
        if not module.startswith(OURS) or module.startswith(ROUTES_OF_OURS):
            lines.append(_line(frame.f_code, summary, blocks))
    return RouteError(turn.route, turn.message.start_line, "\n".join([*_folded(lines), said(error)]))


def _line(code: CodeType, frame: traceback.FrameSummary, blocks: dict[CodeType, str]) -> str:
    line = (frame.lineno or code.co_firstlineno) - code.co_firstlineno + 1
    source = f": {frame.line}" if frame.line else ""
    return f"{blocks.get(code, frame.name)}, line {line}{source}"


def _folded(lines: list[str]) -> Iterator[str]:
    """A line that repeats itself once, and how often; of what is still too much, both ends."""
    runs = [(line, sum(1 for _ in same)) for line, same in groupby(lines)]
    told = [line if count == 1 else f"{line} (and again, {count} times)" for line, count in runs]
    left_out = len(told) - ENOUGH
    if left_out > 0:
        half = ENOUGH // 2
        told = [*told[:half], f"... {left_out} lines more", *told[-half:]]
    yield from told
