"""What a route asks of a transaction, and sets for it alone."""

from __future__ import annotations

from labsip.modules.tm.cell import Plan, Uac, cell_of
from labsip.modules.tm.commands import t_reply
from labsip.modules.tm.table import Tm
from labsip.proxy.arguments import checked_number
from labsip.proxy.command import command
from labsip.proxy.script import ANY, BRANCH, FAILURE, ONREPLY, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError
from labsip.sip.message import Request, Response

TARGETS = {"branch_route": "on_branch", "failure_route": "on_failure", "onreply_route": "on_reply"}


def _yes(holds: object) -> int:
    return 1 if holds else -1


@command(*ANY)
def t_is_set(turn: Turn, /, target: str) -> int:
    """Is a "branch_route", "failure_route" or "onreply_route" armed? 1 yes · -1 no. Raises LabError for another text.

    Kamailio: tm/tm.c
    """
    if target not in TARGETS:
        raise LabError(f"t_is_set takes {', '.join(TARGETS)}, not {target!r}")
    cell = cell_of(turn)
    plan = turn.note(Plan) if cell is None else cell.plan
    return _yes(getattr(plan, TARGETS[target]))


@command(REQUEST)
def t_lookup_request(turn: Turn, /) -> int:
    """Is there a transaction of the request already? 1 yes · -1 no.   Kamailio: tm/tm.c"""
    return _yes(turn.transaction is not None or turn.module(Tm).find(turn.request) is not None)


@command(REQUEST, strict=True)
def t_lookup_cancel(turn: Turn, /) -> int:
    """Is there a transaction of the INVITE that this CANCEL is for? 1 yes · -1 no.   Kamailio: tm/tm.c"""
    return _yes(turn.module(Tm).find(turn.request, "INVITE") is not None)


@command(REQUEST, FAILURE, ONREPLY, strict=True)
def t_send_reply(turn: Turn, /, code: int | str, reason: str = "") -> int:
    """Answer from the transaction, made now if there is none. 1 sent · -1 not.   Kamailio: tm/tm.c"""
    if cell_of(turn) is None and isinstance(turn.message, Request) and turn.module(Tm).new(turn) is None:
        return -1
    return t_reply(turn, code, reason)


@command(REQUEST)
def t_retransmit_reply(turn: Turn, /) -> int:
    """Send the last reply of the transaction again. 1 sent · -1 there is none.   Kamailio: tm/tm.c"""
    cell = cell_of(turn)
    if cell is None or cell.uas.last is None:
        return -1
    turn.send(cell.uas.last, cell.uas.src, cell.uas.dst)
    return 1


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_any_replied(turn: Turn, /) -> int:
    """Has a branch answered anything before the response at hand? 1 yes · -1 no.   Kamailio: tm/tm.c"""
    cell = cell_of(turn)
    return _yes(cell and any(uac.answered for uac in cell.branches))


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_any_timeout(turn: Turn, /) -> int:
    """Has a branch not answered in time? 1 yes · -1 no.   Kamailio: tm/tm.c"""
    cell = cell_of(turn)
    return _yes(cell and any(uac.timed_out for uac in cell.branches))


@command(REQUEST, FAILURE)
def t_branch_replied(turn: Turn, /) -> int:
    """Had the branch that failed answered anything before? 1 yes · -1 no, or nothing failed.   Kamailio: tm/tm.c"""
    failed = _failed(turn)
    return _yes(failed and failed.answered)


@command(REQUEST, FAILURE)
def t_branch_timeout(turn: Turn, /) -> int:
    """Did the branch that failed not answer in time? 1 yes · -1 no, or nothing failed.   Kamailio: tm/tm.c"""
    failed = _failed(turn)
    return _yes(failed and failed.timed_out)


def _failed(turn: Turn) -> Uac | None:
    """The branch whose end makes the failure route run."""
    cell = cell_of(turn)
    return cell.last if cell is not None and turn.kind is FAILURE else None


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_grep_status(turn: Turn, /, code: int | str) -> int:
    """Is that what a branch answered last, and not its first word? 1 yes · -1 no.   Kamailio: tm/tm.c"""
    cell, status = cell_of(turn), checked_number(code, "code")
    return _yes(cell and any(uac.answered and uac.heard == status for uac in cell.branches))


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_get_status_code(turn: Turn, /) -> int:
    """The status of the response at hand; of the best branch in a failure_route; else of what the caller heard last.

    -1 in a branch_route, or where there is none yet.   Kamailio: tm/tm.c
    """
    cell, message = cell_of(turn), turn.message
    if cell is None or turn.kind is BRANCH:
        return -1
    return message.status if isinstance(message, Response) else cell.best or cell.status or -1


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_reset_fr(turn: Turn, /) -> int:
    """The timers of the parameters again, fr_timer and fr_inv_timer. 1.   Kamailio: tm/tm.c"""
    plan, cell = turn.note(Plan), cell_of(turn)
    plan.fr = plan.fr_inv = None
    if cell is not None:
        tm = turn.module(Tm)
        with cell:
            tm.set_timers(cell, None, None, turn.now)
    return 1


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_set_max_lifetime(turn: Turn, /, invite: int | str, other: int | str) -> int:
    """How long the transaction may go on at most, in milliseconds. 1; here fr_timer and fr_inv_timer end it.

    Kamailio: tm/tm.c
    """
    _ = checked_number(invite, "invite"), checked_number(other, "other")
    return _accepted(turn)


@command(REQUEST)
def t_set_auto_inv_100(turn: Turn, /, on: int | str) -> int:
    """Whether t_relay answers an INVITE with 100 first. 1.   Kamailio: tm/tm.c"""
    turn.note(Plan).trying = bool(checked_number(on, "on"))
    return 1


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_set_disable_6xx(turn: Turn, /, on: int | str) -> int:
    """Whether a 6xx of one branch leaves the others ringing. 1; here it always ends them (RFC 3261 §16.7 step 5).

    Kamailio: tm/tm.c
    """
    checked_number(on, "on")
    return _accepted(turn)


@command(REQUEST)
def t_save_lumps(turn: Turn, /) -> int:
    """Let failure routes begin with the changes made so far. 1; they do here, anyway.   Kamailio: tm/tm.c"""
    return _accepted(turn)


def _accepted(_: Turn) -> int:
    return 1


# fmt: off
COMMANDS = (
    t_is_set, t_lookup_request, t_lookup_cancel, t_send_reply, t_retransmit_reply, t_any_replied, t_any_timeout,
    t_branch_replied, t_branch_timeout, t_grep_status, t_get_status_code, t_reset_fr, t_set_max_lifetime,
    t_set_auto_inv_100, t_set_disable_6xx, t_save_lumps,
)
# fmt: on
