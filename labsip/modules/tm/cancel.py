"""Ending branches that still ring: a CANCEL for each, hop by hop (RFC 3261 §9.1, §16.10)."""

from __future__ import annotations

from collections.abc import Sequence

from labsip.modules.tm.cell import Cell, Uac
from labsip.modules.tm.table import Tm
from labsip.proxy.turn import Turn
from labsip.sip.build import build_cancel
from labsip.sip.machines import State
from labsip.sip.transaction import ClientTransaction


def reasons_of(status: int) -> Sequence[str]:
    """The Reasons (RFC 3326) of a CANCEL sent because the call has had this final response: this one."""
    return (f"SIP;cause={status}" + (';text="Call completed elsewhere"' if status == 200 else ""),)


def cancel_branches(tm: Tm, cell: Cell, turn: Turn, reasons: Sequence[str]) -> int:
    """CANCEL every branch that has no final response yet; returns how many there were."""
    open_ones = [uac for uac in cell.branches if not uac.final and not uac.given_up]
    for uac in open_ones:
        cancel_branch(tm, cell, uac, turn, reasons)
    return len(open_ones)


def cancel_branch(tm: Tm, cell: Cell, uac: Uac, turn: Turn, reasons: Sequence[str] = ()) -> None:
    """CANCEL one branch; held back until it has answered something, for a CANCEL may not overtake (§9.1)."""
    state = uac.client.run.state
    if uac.cancel is not None or cell.uas.request.method != "INVITE":
        return
    if state is State.CALLING:
        uac.cancel_later, uac.cancel_reasons = True, reasons
    elif state is State.PROCEEDING:
        uac.cancel_later = False
        request = build_cancel(uac.client.request, reasons=reasons)
        uac.client.request.forget()
        key = (uac.client.key[0], "CANCEL")
        uac.cancel = ClientTransaction(
            request, uac.client.src, uac.client.dst, turn.now, cell.timing, command=turn.command, key=key
        )
        tm.add_client(cell, uac, uac.cancel)
        uac.client.cancel(turn.now)
        turn.outbox += uac.cancel.start()
