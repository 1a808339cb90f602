"""Sending a request on: branches to its target set (RFC 3261 §16.6), a CANCEL (§16.10), an ACK for a 2xx (§16.11)."""

from __future__ import annotations

from labsip.modules.tm.amplification import breadth_for, came_back, with_breadth
from labsip.modules.tm.cancel import cancel_branches
from labsip.modules.tm.cell import (
    DROPPED,
    LOOP,
    NARROW,
    NO_TARGET,
    NOWHERE,
    UNRESOLVABLE,
    Cell,
    Failure,
    OverUdp,
    TmParameters,
    Uac,
)
from labsip.modules.tm.reply import local, made_here
from labsip.modules.tm.table import Tm
from labsip.proxy.forward import outgoing, received, stateless_branch
from labsip.proxy.lump import Lumps
from labsip.proxy.script import BRANCH, Drop, Target
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage
from labsip.sip.message import Request
from labsip.sip.transaction import ClientTransaction
from labsip.sip.transport import Address, Datagram
from labsip.sip.uri import SipUri, as_request_uri

WHY_NOWHERE = "the proxy asks no DNS, and speaks only the transports it listens on"
MAX_BRANCHES = 12
"""As many as Kamailio opens for one request (max_branches)."""


def forward(tm: Tm, cell: Cell, turn: Turn) -> int:
    """Open a branch to each target; returns how many. `cell.error` says why if none was."""
    if cell.canceled:
        return 0  # as in Kamailio: nobody waits for it any more
    targets = [Target(turn.uri, turn.dst_uri, turn.path, flags=turn.branch_flags)] if turn.uri_is_new else []
    targets = (targets + turn.targets)[: MAX_BRANCHES - len(cell.branches)]
    branch_route, cell.plan.on_branch = cell.plan.on_branch, ""  # armed once, for these branches
    cell.error = _refusal(tm, cell, turn, len(targets))
    if cell.error is not None:
        return 0
    opened = [
        uac for target in targets
        if (uac := _open(tm, cell, target, branch_route, turn)) is not None
    ]  # fmt: skip
    turn.targets.clear()
    turn.uri_is_new = False
    for uac in opened:  # all are known before the first is sent: an answer can't end the call early
        turn.outbox += tm.proxy.let_out(turn, tm.wanted(uac.client.start(), turn.now))
    return len(opened)


def _refusal(tm: Tm, cell: Cell, turn: Turn, count: int) -> Failure | None:
    """Why the request must not go to so many targets."""
    settings = tm.proxy.settings
    if settings.of(TmParameters).detect_loops and came_back(turn.request, tm.proxy.seed):
        return LOOP
    if not count:
        return NO_TARGET
    if settings.policy.max_breadth:
        cell.breadth = breadth_for(cell, turn.request, count)
        return NARROW if cell.breadth < 1 else None
    return None


def _open(tm: Tm, cell: Cell, target: Target, branch_route: str, turn: Turn) -> Uac | None:
    """One branch: its branch route, its own Via and Request-URI. None if it is not to be, or can't be."""
    index = len(cell.branches)
    if branch_route:
        turn = _routing_of(turn, target, index)
        if not _branch_route_lets_pass(tm, turn, branch_route):
            cell.error = cell.error or DROPPED
            return None
        target = Target(turn.uri, turn.dst_uri, target.path, flags=turn.branch_flags)
    dst = next_hop(tm, target)
    if dst is None:
        cell.error = NOWHERE if tm.proxy.settings.policy.unsent else UNRESOLVABLE
        tm.proxy.trace.note(turn.now, f"{target.dst_uri or target.uri} leads nowhere: {WHY_NOWHERE}")
        return None
    client, over_udp = _client(tm, cell, target, dst, index, turn)
    plan = cell.plan
    blocks = plan.on_failure, plan.on_reply, plan.on_branch_failure
    uac = Uac(index, target, client, *blocks, breadth=cell.breadth, over_udp=over_udp)
    cell.branches.append(uac)
    tm.add_client(cell, uac, client)
    return uac


def _client(
    tm: Tm, cell: Cell, target: Target, dst: Address, index: int, turn: Turn
) -> tuple[ClientTransaction, OverUdp | None]:
    """The request on its way to that address; and as it would go by UDP, if it is too large for that (§18.1.1)."""
    key = (f"{cell.branch}.{index}", turn.request.method)
    src, over_udp = tm.proxy.socket_for(dst, turn.send_socket or turn.socket), None
    request = _forwarded(turn, target, src, key[0])
    other = _for_large(tm, request, src, dst)
    if other is not None:
        if tm.proxy.settings.policy.udp_after_all:  # Kamailio does not try again
            over_udp = OverUdp(request, src, dst)
        request = _forwarded(turn, target, src, key[0], over=other)
        src, dst = other, dst._replace(proto=other.proto)
    return ClientTransaction(request, src, dst, turn.now, cell.timing, command=turn.command, key=key), over_udp


def _routing_of(turn: Turn, target: Target, index: int) -> Turn:
    """The request's turn as a branch route sees it: with a Request-URI and changes of its own."""
    branch = turn.fork()
    branch.uri, branch.dst_uri = target.uri, target.dst_uri
    branch.branch_index, branch.branch_flags = index, target.flags
    return branch


def _branch_route_lets_pass(tm: Tm, branch: Turn, name: str) -> bool:
    try:
        return tm.proxy.run(branch, BRANCH, name)
    except Drop:
        return False


def next_hop(tm: Tm, target: Target) -> Address | None:
    """Where a request goes: `$du` if a route or a path set it, else the Request-URI (§16.6 step 7)."""
    try:
        return tm.proxy.resolve(SipUri.parse(target.dst_uri or target.uri))
    except BadMessage:
        return None


def _for_large(tm: Tm, request: Request, src: Address, dst: Address) -> Address | None:
    """The address of ours that a request too large for UDP leaves from (§18.1.1); None if it goes as it is."""
    settings = tm.proxy.settings
    if not settings.udp_mtu or dst.reliable or len(request.raw) <= settings.udp_mtu:
        return None
    there = dst._replace(proto=settings.udp_mtu_try_proto)
    other = tm.proxy.socket_for(there, src)
    return None if other == src else other


def go_over_udp(cell: Cell, uac: Uac, turn: Turn) -> bool:
    """The connection for a large request was refused: it goes by UDP (§18.1.1). False if it never would have."""
    if uac.over_udp is None or uac.given_up:
        return False
    (request, src, dst), uac.over_udp = uac.over_udp, None
    known = uac.client
    uac.client = ClientTransaction(request, src, dst, turn.now, cell.timing, command=known.command, key=known.key)
    turn.outbox += uac.client.start()
    return True


def _forwarded(turn: Turn, target: Target, src: Address, branch: str, over: Address | None = None) -> Request:
    """The request at hand as it leaves from that address of ours.

    over: the address it leaves from although it is for the other one. Only Via tells; who sends requests back that are
    not so large may do so by UDP.
    """
    request = turn.request
    lumps = turn.lumps if src == turn.socket else turn.lumps.leaving(src)
    if target.path:  # RFC 3327 §5.4: above the Routes there are
        lumps = Lumps(lumps)
        lumps.insert_at(next((line.start for line in request.find("Route")), request.head_end), f"Route: {target.path}")
    via = received(request.via, turn.datagram.src, force_rport=turn.force_rport, at_end=False)
    if turn.proxy.settings.policy.max_breadth:
        lumps = with_breadth(lumps, turn)
    uri = as_request_uri(target.uri) if turn.proxy.settings.policy.plain_request_uri else target.uri
    return outgoing(request, uri, over or src, branch, via, lumps)


def forward_statelessly(tm: Tm, turn: Turn) -> int:
    """A request that belongs to no transaction and needs none, on to its next hop (§16.11). 1 sent · -1 not."""
    return 1 if send_statelessly(tm, turn, Target(turn.uri, turn.dst_uri)) > 0 else -1


def send_statelessly(tm: Tm, turn: Turn, target: Target) -> int:
    """A request on to that target, without a transaction. 1 sent · -478 it leads nowhere."""
    dst = next_hop(tm, target)
    if dst is None:
        return UNRESOLVABLE.code
    src = tm.proxy.socket_for(dst, turn.send_socket or turn.socket)
    branch = stateless_branch(turn.request, tm.proxy.seed)
    leaving = Datagram(_forwarded(turn, target, src, branch).raw, src, dst, turn.command)
    turn.outbox += tm.proxy.let_out(turn, [leaving])
    return 1


def forward_cancel(tm: Tm, invite: Cell, turn: Turn) -> int:
    """The caller's CANCEL: first the branches, then 200 to the caller, in Kamailio's order. 1 · -1 no memory for it.

    With `shares` it needs none: if its 200 is lost and it comes again, nothing is left to cancel, and it is told so.
    """
    own = tm.new(turn, invite)
    if own is None and not tm.proxy.settings.shares:
        return -1
    pending = 0
    if invite.status < 200:
        with invite:
            invite.canceled = True
            pending = cancel_branches(tm, invite, turn, turn.request.get_all("Reason"))
            if all(uac.final for uac in invite.branches):  # nobody was called yet; else their finals are awaited
                local(tm, invite, 487, "Request canceled", turn)
    reason = "canceling" if pending else "ok -- no more pending branches"
    if own is None:
        turn.send(made_here(tm, turn, 200, reason).raw, turn.socket, tm.proxy.reply_address(turn))
    else:
        with own:
            local(tm, own, 200, reason, turn)
    return 1
