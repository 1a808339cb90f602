"""xlog: a line in the log (Kamailio's module of that name)."""

from __future__ import annotations

from labsip.modules import pv
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError

LEVELS = ("L_ALERT", "L_BUG", "L_CRIT", "L_ERR", "L_WARN", "L_NOTICE", "L_INFO", "L_DBG")


@command(*ANY)
def xlog(turn: Turn, /, level: str, text: str | None = None) -> int:
    """Write a line with its $variables filled in: `xlog("$rm from $si")` or `xlog("L_INFO", "...")`. 1.

    It stands in the steps of the request. Raises LabError for an unknown level or variable.   Kamailio: xlog
    """
    if text is None:
        text = level
    elif level not in LEVELS:
        raise LabError(f"{level!r} is no log level; there are {', '.join(LEVELS)}")
    turn.printed = pv.expand(turn, text).rstrip("\n")
    return 1


EXPORTS = Module("xlog", commands=(xlog,))
