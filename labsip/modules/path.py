"""path: an edge proxy says in a REGISTER that calls for the phone must come by it (Kamailio's module; RFC 3327).

The registrar keeps that where `use_path` is on, and sends requests for the phone by it as their Route.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.transport import Address, bracketed
from labsip.sip.uri import Params, SipUri, find_param

RECEIVED = "received"


@dataclass(frozen=True)
class PathParameters:
    """Parameters of path."""

    use_received: bool = False
    """loose_route sends a request on to the address that add_path_received kept in our Route (path)."""


@command(REQUEST)
def add_path(turn: Turn, /, user: str = "", params: str = "") -> int:
    """Put our address into a Path header above those there are: requests for the phone come by us. 1.

    `user`: the user of that URI. `params`: more parameters for it, as in "ob;x=1".   Kamailio: path/path.c
    """
    return _add(turn, user, params, "")


@command(REQUEST)
def add_path_received(turn: Turn, /, user: str = "", params: str = "") -> int:
    """The same, and the address this request came from in the parameter `received`. 1.   Kamailio: path/path.c"""
    source = turn.datagram.src
    transport = "" if source.proto == "udp" else f"%3Btransport%3D{source.proto}"
    return _add(turn, user, params, f";{RECEIVED}=sip:{bracketed(source.host)}:{source.port}{transport}")


def received_in(turn: Turn, params: Params) -> str | None:
    """Where a request goes whose Route of ours had these parameters; None if it says nothing, or is not asked."""
    if not turn.proxy.settings.of(PathParameters).use_received:
        return None
    uri = find_param(params, RECEIVED)
    return unquote(uri) if uri else None


def _add(turn: Turn, user: str, params: str, received: str) -> int:
    tail = f"{received}{f';{params}' if params else ''}>"

    def line(leaving: Address) -> str:
        """Of the address it leaves by, which is the one the registrar can reach."""
        return f"Path: <{SipUri.of(user or None, leaving, ('lr', None))}{tail}"

    first = next((known.start for known in turn.request.find("Path")), turn.request.head_end)
    turn.lumps.insert_at(first, line(turn.socket), across=line)
    return 1


EXPORTS = Module("path", commands=(add_path, add_path_received), parameters=PathParameters)
