"""A method of a KEMI script's object as a block of the proxy's script."""

from __future__ import annotations

from typing import Any

from labsip.dialects.kemi.hand import Hand
from labsip.dialects.kemi.router_message import RouterMessage
from labsip.dialects.python.patience import CALLERS
from labsip.proxy.script import Drop
from labsip.proxy.turn import Turn
from labsip.vocabulary import Ksr, turn_of


class Handler:
    """One of them: a block that calls the method with the message.

    It has the method's code, so that the Python dialect shows the script's lines.
    """

    def __init__(self, script: object, name: str) -> None:
        self._script = script
        self._name = name
        self._told = False
        function = getattr(getattr(script, name), "__func__", getattr(script, name))
        for attribute in ("__code__", "__globals__"):
            if hasattr(function, attribute):
                setattr(self, attribute, getattr(function, attribute))

    def __repr__(self) -> str:
        return f"<{self._name} of {type(self._script).__name__}>"

    def __call__(self, handle: Ksr) -> Any:
        """Run it. Raises Drop where the script said `KSR.set_drop()`, and what the method raises."""
        turn = turn_of(handle)
        with Hand(turn) as hand:
            try:
                result = getattr(self._script, self._name)(RouterMessage(turn))
            except SystemExit:  # sys.exit() ends a script's run, as exit does that of a kamailio.cfg
                result = 1
        if not isinstance(result, int) and not self._told:
            self._told = True
            self._tell(turn, result)
        if hand.dropped:
            raise Drop
        return result

    def _tell(self, turn: Turn, result: object) -> None:
        turn.proxy.trace.note(
            turn.now,
            f"{self._name} returned {result!r}, not a number; in Kamailio 5.6 the next call of KSR raises a TypeError "
            "then: end each way through it with return 1",
        )


CALLERS.add(Handler.__call__.__code__)
