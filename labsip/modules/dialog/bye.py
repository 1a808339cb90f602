"""Ending a call from here: a BYE to each of its ends, as if the other one had sent it (dialog's dlg_bye)."""

from __future__ import annotations

from labsip.modules.dialog.dialog_table import DialogRow, DialogState, DialogTable, Leg
from labsip.modules.tm.local_requests import LocalRequests
from labsip.proxy.command import command
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn
from labsip.sip.build import build_request
from labsip.sip.errors import LabError
from labsip.sip.message import Request

SIDES = {"caller": ("caller",), "callee": ("callee",), "all": ("caller", "callee")}


@command(*ANY)
def dlg_bye(turn: Turn, /, side: str) -> int:
    """Send a BYE to the "caller", the "callee" or "all" of the call at hand, and look after it no more.

    1 sent · -1 no such call, or its ACK is still to come. Raises LabError for another side.   Kamailio: dialog
    """
    if side not in SIDES:
        raise LabError(f'dlg_bye takes "caller", "callee" or "all", not {side!r}')
    table = turn.module(DialogTable)
    dialog = table.of(turn)
    if dialog is None or dialog.state is not DialogState.CONFIRMED:
        return -1
    local = turn.module(LocalRequests)
    requests = [_bye(dialog, to_caller=end == "caller") for end in SIDES[side]]
    sent = [local.send(request, turn, dst) for request, dst in requests]
    table.over(dialog, turn)
    return 1 if all(sent) else -1


def _bye(dialog: DialogRow, *, to_caller: bool) -> tuple[Request, str]:
    """The BYE to one of the ends, and the URI it goes to first (RFC 3261 §12.2.1.1)."""
    caller, callee = f"<{dialog.from_uri}>;tag={dialog.key[1]}", f"<{dialog.to_uri}>;tag={dialog.to_tag}"
    to, from_ = (caller, callee) if to_caller else (callee, caller)
    leg, other = (dialog.caller, dialog.callee) if to_caller else (dialog.callee, dialog.caller)
    lines = [("To", to), ("From", from_), ("CSeq", f"{other.cseq + 1} BYE"), ("Call-ID", dialog.key[0])]
    lines += [("Route", route) for route in leg.routes]
    other.cseq += 1
    return build_request("BYE", leg.contact, [*lines, ("Max-Forwards", "70")]), _first_hop(leg)


def _first_hop(leg: Leg) -> str:
    return leg.routes[0].partition("<")[2].partition(">")[0] if leg.routes else leg.contact
