"""Sending without a transaction, what is told to connections, and the core's own log (Kamailio's core)."""

from __future__ import annotations

from labsip.modules.tm import Tm
from labsip.modules.tm.cell import UNRESOLVABLE
from labsip.modules.tm.fwd import send_statelessly
from labsip.modules.xhttp import HttpRequest
from labsip.modules.xlog import LEVELS
from labsip.proxy.command import command
from labsip.proxy.listening import is_ip
from labsip.proxy.script import ANY, FAILURE, REQUEST, Target
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage
from labsip.sip.transport import Address, bracketed
from labsip.sip.uri import SipUri


@command(REQUEST, FAILURE, kemi="forward", strict=True)
def forward(turn: Turn, /, host: str = "", port: int | str = "") -> int:
    """Send the request on without a transaction, to `$du` or `$ru`, or to that host (RFC 3261 §16.11).

    1 sent · -478 it leads nowhere.   Kamailio: core
    """
    target = Target(turn.uri, turn.dst_uri)
    if host:
        if not is_ip(host.strip("[]")) and host.lower() not in turn.proxy.names:
            return UNRESOLVABLE.code
        target.dst_uri = f"sip:{bracketed(host.strip('[]'))}" + (f":{port}" if str(port) not in ("", "0") else "")
    return send_statelessly(turn.module(Tm), turn, target)


@command(*ANY, returns=bool, kemi="add_local_rport")
def add_local_rport(turn: Turn, /) -> int:  # noqa: ARG001
    """Ask the next hop to answer to the port we send from (RFC 3581). 1.

    Nothing changes here: the port in our Via is the one we send from.   Kamailio: core
    """
    return 1


@command(*ANY, returns=bool, kemi="set_reply_no_connect")
def set_reply_no_connect(turn: Turn, /) -> int:  # noqa: ARG001
    """Open no connection for a reply. 1; replies take the connection of their request here, anyway.   Kamailio: core"""
    return 1


@command(*ANY, returns=bool, kemi="set_forward_no_connect")
def set_forward_no_connect(turn: Turn, /) -> int:  # noqa: ARG001
    """Open no connection to send it on. 1; nothing changes here, the network decides that.   Kamailio: core"""
    return 1


@command(*ANY, returns=bool, kemi="set_reply_close")
def set_reply_close(turn: Turn, /) -> int:
    """Close the connection behind the reply. 1; only where it is one of HTTP, SIP goes on.   Kamailio: core"""
    if (asked := turn.find_note(HttpRequest)) is not None:
        asked.closes = True
    return 1


@command(*ANY, returns=bool, kemi="set_forward_close")
def set_forward_close(turn: Turn, /) -> int:  # noqa: ARG001
    """Close the connection it goes out on. 1; nothing changes here, the network decides that.   Kamailio: core"""
    return 1


@command(*ANY, kemi="add_tcp_alias_via")
def force_tcp_alias(turn: Turn, /) -> int:  # noqa: ARG001
    """Use its connection for requests to its Via's port, too (RFC 5923). 1; they find it here, anyway.

    Kamailio: core
    """
    return 1


@command(*ANY, of="corex")
def set_send_socket(turn: Turn, /, socket: str) -> int:
    """Let it leave from that address of ours, as in "udp:127.0.0.1:5060". 1, also if it is none of ours.

    Kamailio: corex
    """
    found = _own(turn, socket)
    if found is None:
        turn.proxy.trace.note(turn.now, f"set_send_socket: {socket} is no address of ours")
    turn.send_socket = found
    return 1


@command(*ANY, kemi="")
def force_send_socket(turn: Turn, /, socket: str) -> int:
    """Let it leave from that address of ours, as in "udp:127.0.0.1:5060". 1.   Kamailio: core"""
    turn.send_socket = _own(turn, socket)
    return 1


def _own(turn: Turn, socket: str) -> Address | None:
    proto, colon, rest = socket.partition(":")
    at = f"sip:{rest};transport={proto}" if colon and proto.isalpha() else f"sip:{socket}"
    try:
        address = SipUri.parse(at).address
    except BadMessage:
        return None
    return address if address in turn.proxy.addresses else None


@command(*ANY, kemi="", literal=("level", "text"))
def log(turn: Turn, /, level: int | str, text: str | None = None) -> int:
    """Write a line of a level, a number: log(-1, "an error"), log(2, "a word"). No $variable is filled in. 1.

    Without a level it is written only where `debug` is 4.   Kamailio: core
    """
    number = 4 if text is None else LEVELS[level] if isinstance(level, str) else level
    if number <= turn.proxy.settings.debug:
        turn.printed = str(level if text is None else text).rstrip("\n")
    return 1


CORE = (
    forward,
    add_local_rport,
    set_reply_no_connect,
    set_forward_no_connect,
    set_reply_close,
    set_forward_close,
    force_tcp_alias,
    force_send_socket,
    log,
)
COREX = (set_send_socket,)
