"""kex: what the core had before Kamailio was two programs in one (Kamailio's module of that name).

Flags of branches and scripts are in `flag_words`, the next hop in `ruri`, `is_myself` in `core`.
"""

from __future__ import annotations

from labsip.modules import flag_words, pv, ruri
from labsip.proxy.arguments import checked_signed
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn


@command(*ANY, kemi="", literal=("variable", "text"))
def pv_printf(turn: Turn, /, variable: str, text: str) -> int:
    """Set a variable to a text with its variables filled in: pv_printf("$var(x)", "$rm from $si"). 1.

    Kamailio: kex
    """
    pv.write(turn, variable, pv.expand(turn, text))
    return 1


@command(*ANY)
def setdebug(turn: Turn, /, level: int | str) -> int:  # noqa: ARG001
    """Another `debug` while the script runs. 1; a lab shows what its own `debug` says.   Kamailio: kex"""
    checked_signed(level, "level")
    return 1


@command(*ANY)
def resetdebug(turn: Turn, /) -> int:  # noqa: ARG001
    """The `debug` of the configuration again. 1.   Kamailio: kex"""
    return 1


EXPORTS = Module(
    "kex", commands=(*flag_words.KEX, *ruri.KEX, pv_printf, pv_printf.alias("avp_printf"), setdebug, resetdebug)
)
