"""xlog: lines in the log (Kamailio's module of that name). How much is written, the core's `debug` says."""

from __future__ import annotations

from labsip.modules import pv
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError

LEVELS = {
    "L_ALERT": -5, "L_BUG": -4, "L_CRIT2": -3, "L_CRIT": -2, "L_ERR": -1, "L_WARN": 0, "L_NOTICE": 1, "L_INFO": 2,
    "L_DBG": 3,
}  # fmt: skip
"""What `debug` must be at least for a line of that level to be written."""


def written(turn: Turn, level: str, text: str) -> int:
    """Write a line with its $variables filled in, if it is of a level that is written. 1."""
    if LEVELS[level] <= turn.proxy.settings.debug:
        turn.printed = pv.expand(turn, text).rstrip("\n")
    return 1


@command(*ANY, literal=("level", "text"))
def xlog(turn: Turn, /, level: str, text: str | None = None) -> int:
    """Write a line with its $variables filled in: `xlog("$rm from $si")` or `xlog("L_INFO", "...")`. 1.

    It stands in the steps of the request. Without a level it is an error's (L_ERR).
    Raises LabError for an unknown level or variable.   Kamailio: xlog
    """
    if text is None:
        return written(turn, "L_ERR", level)
    if level not in LEVELS:
        raise LabError(f"{level!r} is no log level; there are {', '.join(LEVELS)}")
    return written(turn, level, text)


@command(*ANY, literal=("text",))
def xdbg(turn: Turn, /, text: str) -> int:
    """The same at L_DBG: only where debug is 3, as it is in a lab. 1.   Kamailio: xlog"""
    return written(turn, "L_DBG", text)


@command(*ANY, literal=("text",))
def xinfo(turn: Turn, /, text: str) -> int:
    """The same at L_INFO. 1.   Kamailio: xlog"""
    return written(turn, "L_INFO", text)


@command(*ANY, literal=("text",))
def xnotice(turn: Turn, /, text: str) -> int:
    """The same at L_NOTICE. 1.   Kamailio: xlog"""
    return written(turn, "L_NOTICE", text)


@command(*ANY, literal=("text",))
def xwarn(turn: Turn, /, text: str) -> int:
    """The same at L_WARN. 1.   Kamailio: xlog"""
    return written(turn, "L_WARN", text)


@command(*ANY, literal=("text",))
def xerr(turn: Turn, /, text: str) -> int:
    """The same at L_ERR. 1.   Kamailio: xlog"""
    return written(turn, "L_ERR", text)


@command(*ANY, literal=("text",), kemi="")
def xbug(turn: Turn, /, text: str) -> int:
    """The same at L_BUG. 1.   Kamailio: xlog"""
    return written(turn, "L_BUG", text)


@command(*ANY, literal=("text",))
def xcrit(turn: Turn, /, text: str) -> int:
    """The same at L_CRIT. 1.   Kamailio: xlog"""
    return written(turn, "L_CRIT", text)


@command(*ANY, literal=("text",))
def xalert(turn: Turn, /, text: str) -> int:
    """The same at L_ALERT. 1.   Kamailio: xlog"""
    return written(turn, "L_ALERT", text)


EXPORTS = Module("xlog", commands=(xlog, xdbg, xinfo, xnotice, xwarn, xerr, xbug, xcrit, xalert))
