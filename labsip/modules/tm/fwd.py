"""Opening branches: a request goes out to its target set (RFC 3261 §16.6)."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from labsip.modules.tm import reply
from labsip.proxy.forward import own_via, received, request_bytes
from labsip.proxy.lump import Lumps
from labsip.proxy.route import BRANCH, Drop, Routing, Target
from labsip.sip.errors import BadMessage
from labsip.sip.exchange import ClientTransaction
from labsip.sip.message import Request, parse_message
from labsip.sip.transport import Address
from labsip.sip.uri import SipUri

if TYPE_CHECKING:
    from labsip.modules.tm.lookup import Cell, Tm, Uac

MAX_BRANCHES = 30
"""As many as Kamailio's tm opens for one request (max_branches)."""


def targets(ksr: Routing) -> list[Target]:
    """The target set: the Request-URI, unless a branch has used it up already, and the appended branches."""
    first = [Target(ksr._uri, ksr._dst_uri)] if ksr._uri_is_new else []
    return first + ksr._targets


def forward(tm: Tm, cell: Cell, ksr: Routing) -> int:
    """Open a branch to each target; returns how many went out."""
    sent = 0
    for target in targets(ksr)[: MAX_BRANCHES - len(cell.branches)]:
        sent += open_branch(tm, cell, target, ksr)
    ksr._targets.clear()
    ksr._uri_is_new = False
    return sent


def open_branch(tm: Tm, cell: Cell, target: Target, ksr: Routing) -> bool:
    """One branch: its branch route, its own Via and Request-URI, and off it goes. False if it stayed here."""
    from labsip.modules.tm.lookup import Uac

    uac = Uac(len(cell.branches), target, None)
    branch = copy.copy(ksr)
    branch._uri, branch._dst_uri = target.uri, target.dst_uri
    branch._lumps = Lumps(ksr._lumps)
    branch._branch_index = uac.index
    if cell.on_branch:
        try:
            tm.proxy.run(tm.proxy.routes.named(BRANCH, cell.on_branch), branch, BRANCH, cell.on_branch)
        except Drop:
            return False
    cell.branches.append(uac)
    dst = next_hop(tm, branch)
    if dst is None:
        uac.status, uac.reason = reply.UNRESOLVABLE
        tm.proxy.trace.note(ksr._now, f"{branch._dst_uri or branch._uri} leads nowhere: the proxy asks no DNS")
        return False
    src = tm.proxy.socket_for(dst, ksr._socket)
    request = outgoing(ksr._request, branch, own_via(src, f"{cell.branch}.{uac.index}"))
    uac.client = ClientTransaction(request, src, dst, ksr._now, cell.timing, ksr._word)
    tm.add_client(cell, uac, uac.client)
    tm.hold(cell, len(request.raw))
    ksr._out += uac.client.start()
    return True


def next_hop(tm: Tm, ksr: Routing) -> Address | None:
    """Where the request at hand goes: `$du` if a route or a path set it, else the Request-URI (§16.6 step 7)."""
    try:
        return tm.proxy.resolve(SipUri.parse(ksr._dst_uri or ksr._uri))
    except BadMessage:
        return None


def outgoing(request: Request, ksr: Routing, via_line: str) -> Request:
    """The request as it leaves: the routing's Request-URI and lumps, `via_line` on top."""
    via = received(request.via, ksr._datagram.src, force_rport=ksr._force_rport, at_end=False)
    message = parse_message(request_bytes(request, ksr._uri, via_line, via, ksr._lumps))
    assert isinstance(message, Request)
    return message


def forward_ack(tm: Tm, ksr: Routing) -> int:
    """An ACK for a 2xx belongs to no transaction: statelessly on to the next hop (RFC 3261 §16.11). 1 sent, -1 not."""
    dst = next_hop(tm, ksr)
    if dst is None:
        return -1
    src = tm.proxy.socket_for(dst, ksr._socket)
    ids = tm.proxy.ids
    branch = f"z9hG4bK{ids.getrandbits(16):04x}.{ids.getrandbits(128):032x}.0"
    ksr._send(outgoing(ksr._request, ksr, own_via(src, branch)).raw, src, dst)
    return 1
