"""What a route, or any other node, raised: kept for its author, told in a line, and told apart from Ctrl-C."""

from __future__ import annotations

import dis
from types import TracebackType
from typing import NamedTuple

_RAISE = dis.opmap["RAISE_VARARGS"]


class RouteError(NamedTuple):
    """What went wrong in a route, and for which request."""

    route: str
    """The block, as in `failure_route[BUSY]`."""
    request: str
    """Start line of the message it ran for."""
    text: str
    """A line for each call within the route, the innermost last, then the error:
    `request_route, line 4: ksr.t_relay()`. Lines count as the dialect counts them: `proxy.dialect.Position`."""


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
