"""CANCEL, hop by hop (RFC 3261 §9, §16.10): answered here, and a new one sent on each branch that still rings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labsip.modules.tm import reply
from labsip.proxy.route import Routing
from labsip.sip.exchange import ClientTransaction, build_cancel
from labsip.sip.transaction import State

if TYPE_CHECKING:
    from labsip.modules.tm.lookup import Cell, Tm, Uac

ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'
"""Why a losing branch of a fork is cancelled (RFC 3326)."""


def received(tm: Tm, invite: Cell, ksr: Routing) -> int:
    """The caller's CANCEL: the branches first, then 200 to the caller, in Kamailio's order. 1 always."""
    own = tm.new(ksr)
    if own is None:
        return -1
    pending = invite.status < 200
    if pending:
        invite.canceled = True
        cancel_branches(tm, invite, ksr, reason=ksr._request.get("Reason"))
    tm.settle(invite)
    reply.local(tm, own, 200, "canceling" if pending else "ok -- no more pending branches", ksr)
    tm.settle(own)
    return 1


def cancel_branches(tm: Tm, cell: Cell, ksr: Routing, *, reason: str | None = None, but: Uac | None = None) -> None:
    """CANCEL every branch that has no final response yet."""
    for uac in cell.branches:
        if uac is not but and not uac.final:
            cancel_branch(tm, cell, uac, ksr, reason)


def cancel_branch(tm: Tm, cell: Cell, uac: Uac, ksr: Routing, reason: str | None = None) -> None:
    """CANCEL one branch; held back until it has answered something, for a CANCEL may not overtake (§9.1)."""
    if uac.client is None or uac.cancel is not None or cell.uas.request.method != "INVITE":
        return
    if uac.client.machine.state is State.CALLING:
        uac.cancel_later, uac.cancel_reason = True, reason
        return
    if uac.client.machine.state is not State.PROCEEDING:
        return
    uac.cancel_later = False
    request = build_cancel(uac.client.request, reason=reason)
    uac.cancel = ClientTransaction(request, uac.client.src, uac.client.dst, ksr._now, cell.timing, ksr._word)
    tm.add_client(cell, uac, uac.cancel)
    tm.hold(cell, len(request.raw))
    uac.client.cancel(ksr._now)
    ksr._out += uac.cancel.start()
