"""What a route says to tm."""

from __future__ import annotations

from labsip.modules.text_tests import pattern
from labsip.modules.tm import fwd, reply
from labsip.modules.tm.cell import Cell, Plan, cell_of
from labsip.modules.tm.table import Tm
from labsip.proxy.arguments import checked_reason, checked_status
from labsip.proxy.command import command
from labsip.proxy.script import BRANCH, FAILURE, ONREPLY, REQUEST, Kind
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError
from labsip.sip.message import Request, Response
from labsip.sip.transaction import client_key

TRYING = "trying -- your call is important to us"


@command(REQUEST, FAILURE, strict=True)
def t_relay(turn: Turn, /) -> int:
    """Forward the request statefully to its target set (RFC 3261 §16.6); an INVITE is answered 100 first.

    A CANCEL is answered here and sent on hop by hop (§16.10), an ACK for a 2xx and a CANCEL for nothing we know
    forwarded statelessly (§16.11), a repeated request answered from the transaction. With `shares`, a request inside a
    call for whose transaction there is no room goes on without one.

    1 forwarded · -1 there is nowhere to go, or no memory · -6 each branch was dropped · -478 the next hop is no
    address; then the caller is told so, unless the script says otherwise.
    Kamailio: tm/t_funcs.c t_relay_to
    """
    return relay(turn)


def relay(turn: Turn) -> int:
    """What t_relay does, and returns."""
    tm, method = turn.module(Tm), turn.request.method
    if method == "ACK":
        return 1 if _absorbed(tm, turn) else fwd.forward_statelessly(tm, turn)
    if turn.transaction is None and (known := tm.find(turn.request)) is not None:
        _repeated(known, turn)
        return 1
    if method == "CANCEL":
        invite = tm.find(turn.request, "INVITE")
        return fwd.forward_statelessly(tm, turn) if invite is None else fwd.forward_cancel(tm, invite, turn)
    cell = tm.new(turn) if turn.transaction is None else cell_of(turn)
    if cell is None:
        return fwd.forward_statelessly(tm, turn) if turn.within else -1
    plan = turn.find_note(Plan)
    with cell:
        if method == "INVITE" and cell.status == 0 and (plan is None or plan.trying):
            reply.local(tm, cell, 100, TRYING, turn)
        cell.leg = len(cell.branches)
        sent = fwd.forward(tm, cell, turn)
    return 1 if sent else -1 if cell.error is None else cell.error.code


@command(REQUEST, strict=True)
def t_newtran(turn: Turn, /) -> int:
    """Make a transaction for the request, so that its repeats are absorbed.

    1 made; also for an ACK, which gets none · 0 it is a repeat, answered (the script ends) · -1 there is one already,
    or no memory.   Kamailio: tm/t_lookup.c t_newtran
    """
    tm = turn.module(Tm)
    if turn.request.method == "ACK":
        return 0 if _absorbed(tm, turn) else 1
    if turn.transaction is not None:
        return -1
    known = tm.find(turn.request)
    if known is not None:
        _repeated(known, turn)
        return 0
    return -1 if tm.new(turn) is None else 1


@command(REQUEST, ONREPLY, BRANCH)
def t_check_trans(turn: Turn, /) -> int:
    """Does the message belong to a transaction we hold?

    1 it is a CANCEL whose INVITE is known, a response we wait for, the request of a failed branch · -1 no ·
    0 it is a repeat, or the ACK of a negative final: absorbed, and the script ends.   Kamailio: tm/tm.c t_check_trans
    """
    tm = turn.module(Tm)
    if turn.kind in (FAILURE, BRANCH):
        return 1
    if not isinstance(turn.message, Request):
        return 1 if client_key(turn.message) in tm.clients else -1
    if turn.message.method == "CANCEL":
        return -1 if tm.find(turn.message, "INVITE") is None else 1
    if turn.message.method == "ACK":
        return 0 if _absorbed(tm, turn) else -1
    known = tm.find(turn.message)
    if known is None:
        return -1
    _repeated(known, turn)
    return 0


@command(REQUEST, of="tmx", strict=True)
def t_precheck_trans(turn: Turn, /) -> int:  # noqa: ARG001
    """Is another process at work on the same request? -1: here is one process, and t_check_trans knows all it did.

    Kamailio: tmx/t_var.c
    """
    return -1


@command(REQUEST, FAILURE, ONREPLY, literal=("regex",))
def t_check_status(turn: Turn, /, regex: str) -> int:
    """Does a status match, as in t_check_status("486|408")? 1 yes · -1 no, or there is none yet.

    It is that of the response at hand; in a failure_route of the best branch; else the last one sent to the caller.
    Raises LabError if `regex` is no regular expression.   Kamailio: tm/tm.c
    """
    cell, message = cell_of(turn), turn.message
    status = message.status if isinstance(message, Response) else 0 if cell is None else cell.best or cell.status
    return 1 if status and pattern(regex).search(str(status)) else -1


@command(REQUEST, FAILURE, ONREPLY, strict=True)
def t_reply(turn: Turn, /, code: int | str, reason: str = "") -> int:
    """Answer from the transaction; the response is repeated as RFC 3261 §17.2 asks, open branches are cancelled.

    1 sent · -1 there is no transaction (t_newtran makes one), or it has its final response.   Kamailio: tm/t_reply.c
    """
    status = checked_status(code)
    text = checked_reason(status, reason)
    cell = cell_of(turn)
    return -1 if cell is None else reply.answer(turn.module(Tm), cell, status, text, turn)


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_on_failure(turn: Turn, /, name: str) -> int:
    """Run that failure_route if the branches opened from now on end negatively; "0": none. 1.   Kamailio: tm/tm.c"""
    return _arm(turn, FAILURE, "on_failure", name)


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_on_reply(turn: Turn, /, name: str) -> int:
    """Run that onreply_route for responses of the branches opened from now on; "0": none. 1.   Kamailio: tm/tm.c"""
    return _arm(turn, ONREPLY, "on_reply", name)


@command(REQUEST, FAILURE)
def t_on_branch(turn: Turn, /, name: str) -> int:
    """Run that branch_route for each branch the next t_relay opens; "0": none. 1.   Kamailio: tm/tm.c"""
    return _arm(turn, BRANCH, "on_branch", name)


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_on_branch_failure(turn: Turn, /, name: str) -> int:
    """Run event_route[tm:branch-failure:name] for each branch opened from now on that ends negatively; "0": none. 1.

    Kamailio: tm/tm.c
    """
    plan = turn.note(Plan) if (cell := cell_of(turn)) is None else cell.plan
    plan.on_branch_failure = "" if name == "0" else name
    return 1


@command(REQUEST, FAILURE, ONREPLY, BRANCH)
def t_is_canceled(turn: Turn, /) -> int:
    """Has the caller cancelled? 1 yes · -1 no.   Kamailio: tm/tm.c"""
    return 1 if turn.transaction is not None and turn.transaction.canceled else -1


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_set_fr(turn: Turn, /, fr_inv_timeout: int, fr_timeout: int = 0) -> int:
    """How long to wait for a final response, and for any at all, in milliseconds as in Kamailio; 0 leaves it.

    1 · raises LabError for a negative time.   Kamailio: tm/t_lookup.c t_set_fr
    """
    if min(fr_inv_timeout, fr_timeout) < 0:
        raise LabError("t_set_fr takes milliseconds: t_set_fr(10000) for ten seconds of ringing")
    plan, cell = turn.note(Plan), cell_of(turn)
    plan.fr_inv = fr_inv_timeout / 1000 if fr_inv_timeout else plan.fr_inv
    plan.fr = fr_timeout / 1000 if fr_timeout else plan.fr
    if cell is not None:
        tm = turn.module(Tm)
        with cell:
            tm.set_timers(cell, plan.fr, plan.fr_inv, turn.now)
    return 1


def _arm(turn: Turn, kind: Kind, slot: str, name: str) -> int:
    if name != "0":
        turn.proxy.routes.block(kind, name)
    cell = cell_of(turn)
    plan = turn.note(Plan) if cell is None else cell.plan
    setattr(plan, slot, "" if name == "0" else name)
    return 1


def _repeated(cell: Cell, turn: Turn) -> None:
    """The same request again: the last response again (RFC 3261 §17.2.1, §17.2.2)."""
    with cell:
        turn.outbox += [out._replace(command=turn.command) for out in cell.uas.receive(turn.request, turn.now).send]


def _absorbed(tm: Tm, turn: Turn) -> bool:
    """An ACK for a negative final ends its repeats and goes no further (§17.2.1); True if it was one."""
    cell = tm.find(turn.request)
    if cell is None or cell.status < 300:
        return False
    with cell:
        cell.uas.receive(turn.request, turn.now)
    return True
