"""Modules that Kamailio is asked and told things by from outside: jsonrpcs, xhttp, ctl, cfg_rpc, debugger.

No socket of theirs is opened in a lab: `lab` itself shows what they would tell. Their words are here, so that a
kamailio.cfg which uses them runs; an HTTP request never comes.
"""

from __future__ import annotations

from labsip.modules import pv
from labsip.proxy.command import command
from labsip.proxy.exports import Module, Variable
from labsip.proxy.script import ANY, REQUEST
from labsip.proxy.turn import Turn


@command(REQUEST)
def xhttp_reply(turn: Turn, /, code: int | str, reason: str, type: str, body: str) -> int:  # noqa: ARG001
    """Answer an HTTP request. -1: there is none.   Kamailio: xhttp"""
    return _no_http(turn, "xhttp_reply")


@command(REQUEST, kemi="jsonrpcs.dispatch")
def jsonrpc_dispatch(turn: Turn, /) -> int:
    """Do what the JSON-RPC in an HTTP request asks, and answer it. -1: there is none.   Kamailio: jsonrpcs"""
    return _no_http(turn, "jsonrpc_dispatch")


def _no_http(turn: Turn, word: str) -> int:
    turn.proxy.trace.note(turn.now, f"{word}: no HTTP request comes to a lab")
    return -1


@command(*ANY, kemi="debugger.dbg_pv_dump")
def dbg_pv_dump(turn: Turn, /, mask: int | str = 31, level: str = "L_DBG") -> int:  # noqa: ARG001
    """Write the variables a route has set into the log. 1.   Kamailio: debugger"""
    turn.printed = " ".join(f"$avp({name})={value}" for name, value in turn.avps.items()) or "no $avp is set"
    return 1


@command(*ANY, kemi="")
def dbg_breakpoint(turn: Turn, /, mode: int | str) -> int:  # noqa: ARG001
    """Stop here, where a debugger looks on. 1; none does in a lab.   Kamailio: debugger"""
    return 1


def _url(turn: Turn) -> str | None:
    return getattr(turn.message, "uri", None)


XHTTP = Module(
    "xhttp",
    commands=(xhttp_reply,),
    variables={"$hu": Variable("URL of an HTTP request; of SIP, the Request-URI as it came", _url)},
    transformations=pv.URLS,
)
JSONRPCS = Module("jsonrpcs", commands=(jsonrpc_dispatch,))
DEBUGGER = Module("debugger", commands=(dbg_pv_dump, dbg_breakpoint))
SILENT = tuple(map(Module, ("ctl", "cfg_rpc", "tls", "app_python3", "kemix")))
"""Names that `loadmodule` may say; they bring no words."""
