"""A route that raised, told to its author: its own lines, without the engine's, counted from its first."""

from __future__ import annotations

import traceback
from types import CodeType
from typing import NamedTuple

from labsip.proxy.route import Routing
from labsip.sip.errors import NoSuchName

OURS = "labsip."
ROUTES_OF_OURS = "labsip.steps"


class RouteError(NamedTuple):
    """What went wrong in a route, and for which request."""

    route: str
    """The block, as in `failure_route[BUSY]`."""
    request: str
    """Start line of the message it ran for."""
    text: str
    """A line for each call within the route, the innermost last, then the error:
    `request_route, line 4: ksr.t_relay()`. Lines count from the function's first, decorators included."""


def named(error: Exception, ksr: Routing) -> Exception:
    """What a route raised; if that was a word there is not, the error that says which is near it.

    A `__getattr__` of the routing's would say so at once, and make each look at it dearer, thousands a second.
    """
    if isinstance(error, AttributeError) and error.obj is ksr:
        return NoSuchName("word", str(error.name), dir(ksr)).with_traceback(error.__traceback__)
    return error


def tell(error: Exception, ksr: Routing) -> RouteError:
    """Put into words what a route raised while it had `ksr` in its hand."""
    blocks = ksr._proxy.routes.labels()
    lines = []
    frames = traceback.walk_tb(error.__traceback__)
    for (frame, _), summary in zip(frames, traceback.extract_tb(error.__traceback__), strict=True):
        module = frame.f_globals.get("__name__", "")
        if not module.startswith(OURS) or module.startswith(ROUTES_OF_OURS):
            lines.append(_line(frame.f_code, summary, blocks))
    lines.append(f"{type(error).__name__}: {error}")
    return RouteError(ksr._route, ksr._message.start_line, "\n".join(lines))


def _line(code: CodeType, frame: traceback.FrameSummary, blocks: dict[CodeType, str]) -> str:
    line = (frame.lineno or code.co_firstlineno) - code.co_firstlineno + 1
    source = f": {frame.line}" if frame.line else ""
    return f"{blocks.get(code, frame.name)}, line {line}{source}"
