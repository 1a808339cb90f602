"""debugger: words for whoever looks for a fault in a script (Kamailio's module of that name).

A lab shows the lines that ran by itself: `lab.steps`.
"""

from __future__ import annotations

from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn


@command(*ANY, kemi="debugger.dbg_pv_dump")
def dbg_pv_dump(turn: Turn, /, mask: int | str = 31, level: str = "L_DBG") -> int:  # noqa: ARG001
    """Write the variables a route has set into the log. 1.   Kamailio: debugger"""
    turn.printed = " ".join(f"$avp({name})={value}" for name, value in turn.avps.items()) or "no $avp is set"
    return 1


@command(*ANY, kemi="")
def dbg_breakpoint(turn: Turn, /, mode: int | str) -> int:  # noqa: ARG001
    """Stop here, where a debugger looks on. 1; none does in a lab.   Kamailio: debugger"""
    return 1


EXPORTS = Module("debugger", commands=(dbg_pv_dump, dbg_breakpoint))
