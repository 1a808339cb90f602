"""Parameters of our Record-Route, which the requests of a dialog bring back in their Route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labsip.proxy.turn import Turn
from labsip.sip.transport import Address


@dataclass(slots=True)
class RouteParams:
    """rr's note on a turn."""

    own: str = ""
    """Parameters for the Record-Route that is still to come (add_rr_param)."""
    followed: str | None = None
    """Those of the Route of ours that loose_route took off, None before it did."""


def add_param(turn: Turn, param: str) -> None:
    """Add a parameter, as in ";nat=yes", to the Record-Route there is, or to the one to come."""
    at = next((at for at, lump in enumerate(turn.lumps) if lump.text.startswith(b"Record-Route:")), None)
    if at is None:
        turn.note(RouteParams).own += param
        return
    lump = turn.lumps[at]
    lines, across = lump.text.decode("utf-8", "surrogateescape"), lump.across
    text = lines.replace(">", f"{param}>").encode("utf-8", "surrogateescape")
    turn.lumps[at] = lump._replace(text=text, across=None if across is None else _with_param(across, param))


def _with_param(across: Callable[[Address], str], param: str) -> Callable[[Address], str]:
    return lambda leaving: across(leaving).replace(">", f"{param}>")
