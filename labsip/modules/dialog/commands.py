"""What a route asks of dialogs."""

from __future__ import annotations

from labsip.modules.dialog.dialog_table import DialogTable
from labsip.modules.dialog.dialogs import Dialogs
from labsip.modules.dialog.ends import Membership
from labsip.proxy.command import command
from labsip.proxy.script import BRANCH, FAILURE, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.message import Request


@command(REQUEST, FAILURE, BRANCH)
def is_known_dlg(turn: Turn, /) -> int:
    """Is the request of a dialog that began here, and from one of its ends, or of a call that dlg_manage looks after?
    1 yes · -1 no.

    Where nothing is remembered of the dialog, the mark in its Route tells.   Kamailio: dialog
    """
    if not isinstance(turn.message, Request):  # as in Kamailio, where a route says it of a response
        return -1
    membership = turn.note(Membership)
    membership.passage = turn.module(Dialogs).passage(turn) if turn.request.to.tag else None
    known = membership.passage is not None or turn.module(DialogTable).of(turn) is not None
    return 1 if known else -1


@command(REQUEST, FAILURE, returns=bool, of="labsip")
def dlg_keep_ends(turn: Turn, /) -> int:
    """Take out of the target set whatever does not lead to the other end of the request's dialog (is_known_dlg).

    1 something is left: the request goes from one end to the other, and is served whatever others take · -1 nothing.
    Kamailio: none; labsip's own
    """
    passage = turn.note(Membership).passage
    if passage is None:
        return -1
    first = passage.leads_to(turn.dst_uri or turn.uri)
    turn.uri_is_new = turn.uri_is_new and first
    turn.targets = [target for target in turn.targets if passage.leads_to(target.dst_uri or target.uri)]
    turn.within = first or bool(turn.targets)
    return 1 if turn.within else -1
