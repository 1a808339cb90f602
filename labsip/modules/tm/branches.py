"""What a route says of branches: copies, cancelling some, dropping responses, letting go of all, their order."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from labsip.modules.tm import fwd
from labsip.modules.tm.cancel import cancel_branch
from labsip.modules.tm.cell import WAIT, Drops, Plan, cell_of
from labsip.modules.tm.commands import relay
from labsip.modules.tm.table import Tm
from labsip.proxy.command import command
from labsip.proxy.script import FAILURE, ONREPLY, REQUEST, Target
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError
from labsip.sip.message import Response

WHICH = ("all", "others", "this")
MODES = {drops.value: drops for drops in (Drops.ALL, Drops.LAST, Drops.NONE)}


@command(REQUEST)
def t_replicate(turn: Turn, /, uri: str = "") -> int:
    """Send the request to that URI, Request-URI and all as they stand; what is answered there goes no further.

    Without `uri` it goes where t_relay would send it. Blocks that were armed see the answers, whatever Kamailio's
    documentation says; the caller gets what the script answers, as with t_reply.
    Returns as t_relay, and -1 if `uri` leads nowhere.   Kamailio: tm/t_fwd.c t_replicate
    """
    tm = turn.module(Tm)
    if uri and fwd.next_hop(tm, Target(uri)) is None:
        return -1
    hop = turn.dst_uri
    if uri:
        turn.dst_uri = uri
        turn.targets = [replace(target, dst_uri=uri) for target in turn.targets]
    code = relay(turn)
    turn.dst_uri = hop
    cell = cell_of(turn)
    if cell is not None and code > 0:
        cell.replicated = True
    return code


@command(ONREPLY, of="tmx")
def t_cancel_branches(turn: Turn, /, which: str) -> int:
    """CANCEL branches of an INVITE that have no final response yet: "all", the "others" or "this" one.

    1 there was one to cancel · -1 there was none, or no INVITE's transaction. The response at hand is passed on all
    the same. Raises LabError for another text.   Kamailio: tmx/tmx_mod.c
    """
    if which not in WHICH:
        raise LabError(f't_cancel_branches takes "all", "others" or "this", not {which!r}')
    cell, response = cell_of(turn), turn.message
    if cell is None or cell.uas.request.method != "INVITE" or not isinstance(response, Response):
        return -1
    this, ended = cell.branches[turn.branch_index], response.status >= 200
    if which == "this":
        chosen = [] if ended else [this]
    else:
        ringing = [uac for uac in cell.branches if not uac.final and not uac.given_up]
        chosen = [uac for uac in ringing if uac is not this or (which == "all" and not ended)]
    for uac in chosen:
        cancel_branch(turn.module(Tm), cell, uac, turn)
    return 1 if chosen else -1


@command(FAILURE)
def t_drop_replies(turn: Turn, /, mode: str = "a") -> int:
    """Which responses of the branches so far are dropped when this block is over: "a" all, "l" those of the last
    t_relay, "n" none. 1.

    Unless a block says it: all, if it opens another branch. If all are dropped and no branch is left, the caller is
    answered 500.   Kamailio: tm/tm.c
    """
    if mode[:1] not in MODES:
        raise LabError(f't_drop_replies takes "a", "l" or "n", not {mode!r}')
    if (cell := cell_of(turn)) is not None:
        cell.drop_replies = MODES[mode[:1]]
    return 1


@command(REQUEST, strict=True)
def t_release(turn: Turn, /) -> int:
    """Let go of the transaction: nothing is repeated or waited for any more; for 5 s, late messages still find it. 1.

    Kamailio: tm/t_funcs.c t_release_transaction
    """
    cell = cell_of(turn)
    if cell is not None:
        with cell:
            for run in (cell.uas.run, *(client.run for client in cell.clients)):
                run.stop()
            cell.release = turn.now + WAIT
    return 1


# --- serial forking (RFC 3261 §16.6): the contacts of the highest q first, then the next ---------------------------


@command(REQUEST, FAILURE, strict=True)
def t_load_contacts(turn: Turn, /) -> int:
    """Put the target set aside, sorted by q, for t_next_contacts to take from. 1.

    Where there is one target alone, nothing is done.   Kamailio: tm/t_serial.c
    """
    targets = [Target(turn.uri, turn.dst_uri, turn.path, turn.q, turn.branch_flags)] if turn.uri_is_new else []
    targets += turn.targets
    if len(targets) > 1:
        turn.note(Plan).serial[:] = [list(group) for _, group in groupby(_best_first(targets), key=_preference)]
        turn.targets.clear()
        turn.uri_is_new = False
    return 1


@command(REQUEST, FAILURE, strict=True)
def t_next_contacts(turn: Turn, /) -> int:
    """Make the contacts of the highest q that are left the target set; t_relay then calls them, all at once.

    1 done · -2 there are none left, or t_load_contacts found one alone.   Kamailio: tm/t_serial.c
    """
    serial = turn.note(Plan).serial
    if not serial:
        return -2
    first, *others = serial.pop(0)
    turn.uri, turn.dst_uri, turn.path, turn.uri_is_new = first.uri, first.dst_uri, first.path, True
    turn.branch_flags = first.flags
    turn.targets += [replace(other, q=0.0) for other in others]  # as in Kamailio: its q is used up
    return 1


def _best_first(targets: list[Target]) -> list[Target]:
    """By falling q; of equal ones the last first, as in Kamailio, but those behind a path at the end."""
    rising: list[Target] = []
    for target in targets:
        q = _preference(target)
        below = (_preference(other) < q or (_preference(other) == q and not target.path) for other in rising)
        rising.insert(sum(below), target)
    return rising[::-1]


def _preference(target: Target) -> float:
    """A contact without q comes last, as in Kamailio (Q_UNSPECIFIED)."""
    return -1.0 if target.q is None else target.q
