"""What a KEMI script has in its hand: its functions are handed no message, so `KSR` knows which one is meant.

Each thread has its own, and a block within a block too: two labs at once don't see each other's.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Self

from labsip.dialects.python import mapped_line
from labsip.proxy.fault import RouteError
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError


class Hand:
    """One run of a method of the script: while its `with` block lasts, KSR's functions are about this message."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.dropped = False
        """The script has said `KSR.set_drop()`."""

    def __enter__(self) -> Self:
        self._token = _hand.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _hand.reset(self._token)


_hand: ContextVar[Hand | None] = ContextVar("KSR", default=None)


def hand_now() -> Hand:
    """What the script has in its hand. Raises LabError where it has nothing: in a thread of its own."""
    hand = _hand.get()
    if hand is None:
        raise LabError("KSR has no message here; call it in the thread that runs ksr_request_route or mod_init")
    return hand


def turn_now(_: object = None) -> Turn:
    """The message at hand. Raises LabError as `hand_now`."""
    return hand_now().turn


def tell(turn: Turn, text: str) -> None:
    """Log an error as Kamailio does where a function fails: the script goes on."""
    where = mapped_line()
    turn.proxy.errors.append(RouteError(turn.route, turn.message.start_line, f"{where}\n{text}" if where else text))
