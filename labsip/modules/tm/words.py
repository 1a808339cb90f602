"""What a route says to tm."""

from __future__ import annotations

from labsip.modules.tm import cancel, fwd, reply
from labsip.modules.tm.lookup import Cell, Tm
from labsip.proxy.route import BRANCH, FAILURE, ONREPLY, REQUEST, Kind, Routing, word
from labsip.sip.errors import LabError
from labsip.sip.headers import PHRASES

TRYING = "trying -- your call is important to us"


@word(REQUEST, FAILURE)
def t_relay(ksr: Routing, /) -> int:
    """Forward the request statefully to its target set (RFC 3261 §16.6); an INVITE is answered 100 first.

    A CANCEL is answered here and sent on hop by hop (§16.10), an ACK for a 2xx forwarded statelessly (§16.11),
    a repeated request answered from the transaction.

    1 forwarded · -1 not forwarded.   Kamailio: tm/t_funcs.c t_relay_to
    """
    tm = ksr._proxy.module(Tm)
    method = ksr._request.method
    if method == "ACK":
        return 1 if _absorbed(tm, ksr) else fwd.forward_ack(tm, ksr)
    known = tm.find(ksr._request) if ksr._tm is None else None
    if known is not None:
        _repeated(tm, known, ksr)
        return 1
    if method == "CANCEL" and (invite := tm.find(ksr._request, "INVITE")) is not None:
        return cancel.received(tm, invite, ksr)
    cell = ksr._tm or _new(tm, ksr)
    return -1 if cell is None else _forward(tm, cell, ksr)


def _forward(tm: Tm, cell: Cell, ksr: Routing) -> int:
    if ksr._request.method == "INVITE" and cell.status == 0:
        reply.local(tm, cell, 100, TRYING, ksr)
    sent = fwd.forward(tm, cell, ksr)
    if not sent and cell.status < 200 and ksr._kind is REQUEST:
        if cell.branches:
            reply.finish(tm, cell, ksr)
        else:
            reply.local(tm, cell, 500, "No destination", ksr)
    tm.settle(cell)
    return 1 if sent else -1


@word(REQUEST)
def t_newtran(ksr: Routing, /) -> int:
    """Make a transaction for the request, so that its repeats are absorbed.

    1 made · 0 it is a repeat, answered (the script ends) · -1 not made.   Kamailio: tm/t_lookup.c t_newtran
    """
    tm = ksr._proxy.module(Tm)
    if ksr._request.method == "ACK":
        return 0 if _absorbed(tm, ksr) else -1
    known = tm.find(ksr._request)
    if known is not None and known is not ksr._tm:
        _repeated(tm, known, ksr)
        return 0
    return -1 if ksr._tm is not None or _new(tm, ksr) is None else 1


@word(REQUEST)
def t_check_trans(ksr: Routing, /) -> int:
    """Does the request belong to a transaction we hold?

    1 it is a CANCEL whose INVITE is known · -1 no · 0 it is a repeat or the ACK of a negative final: absorbed,
    and the script ends.   Kamailio: tm/tm.c t_check_trans
    """
    tm = ksr._proxy.module(Tm)
    method = ksr._request.method
    if method == "CANCEL":
        return -1 if tm.find(ksr._request, "INVITE") is None else 1
    if method == "ACK":
        return 0 if _absorbed(tm, ksr) else -1
    known = tm.find(ksr._request)
    if known is None:
        return -1
    _repeated(tm, known, ksr)
    return 0


@word(REQUEST, FAILURE)
def t_reply(ksr: Routing, /, code: int | str, reason: str = "") -> int:
    """Answer from the transaction; the response is repeated as RFC 3261 §17.2 asks, open branches are cancelled.

    1 sent · -1 there is no transaction (t_newtran makes one), or it has its final response.   Kamailio: tm/t_reply.c
    """
    tm, cell = ksr._proxy.module(Tm), ksr._tm
    status = reply.checked_status(code)
    if cell is None:
        return -1
    return reply.answer(tm, cell, status, reason or PHRASES.get(status, "Unknown"), ksr)


@word(REQUEST, FAILURE, BRANCH, ONREPLY)
def t_on_failure(ksr: Routing, /, name: str) -> int:
    """Run that failure_route if all branches end negatively. 1.   Kamailio: tm/tm.c"""
    return _arm(ksr, FAILURE, "on_failure", name)


@word(REQUEST, FAILURE, BRANCH)
def t_on_reply(ksr: Routing, /, name: str) -> int:
    """Run that onreply_route for each response of this transaction. 1.   Kamailio: tm/tm.c"""
    return _arm(ksr, ONREPLY, "on_reply", name)


@word(REQUEST, FAILURE)
def t_on_branch(ksr: Routing, /, name: str) -> int:
    """Run that branch_route for each branch before it goes out. 1.   Kamailio: tm/tm.c"""
    return _arm(ksr, BRANCH, "on_branch", name)


@word(REQUEST, FAILURE, ONREPLY)
def t_is_canceled(ksr: Routing, /) -> int:
    """Has the caller cancelled? 1 yes · -1 no.   Kamailio: tm/tm.c"""
    return 1 if ksr._tm is not None and ksr._tm.canceled else -1


@word(REQUEST, FAILURE, BRANCH)
def t_set_fr(ksr: Routing, /, fr_inv_timeout: int, fr_timeout: int | None = None) -> int:
    """How long to wait for a final response, and for any at all, in milliseconds as in Kamailio; 0 leaves it.

    Holds for the branches opened after it. 1 · raises LabError for a negative time.   Kamailio: tm/tm.c
    """
    if min(fr_inv_timeout, fr_timeout or 0) < 0:
        raise LabError("t_set_fr takes milliseconds: t_set_fr(10000) for ten seconds of ringing")
    ksr._fr_inv = fr_inv_timeout / 1000 if fr_inv_timeout else ksr._fr_inv
    ksr._fr = fr_timeout / 1000 if fr_timeout else ksr._fr
    if ksr._tm is not None:
        ksr._proxy.module(Tm).set_timers(ksr._tm, ksr._fr, ksr._fr_inv)
    return 1


def _arm(ksr: Routing, kind: Kind, slot: str, name: str) -> int:
    if name != "0":  # "0" disarms, as in Kamailio
        ksr._proxy.routes.named(kind, name)
    armed = "" if name == "0" else name
    ksr._armed[slot] = armed
    if ksr._tm is not None:
        setattr(ksr._tm, slot, armed)
    return 1


def _new(tm: Tm, ksr: Routing) -> Cell | None:
    cell = tm.new(ksr)
    if cell is not None:
        for slot, name in ksr._armed.items():
            setattr(cell, slot, name)
        tm.set_timers(cell, ksr._fr, ksr._fr_inv)
    return cell


def _repeated(tm: Tm, cell: Cell, ksr: Routing) -> None:
    """The same request again: the last response again (RFC 3261 §17.2.1, §17.2.2)."""
    ksr._out += [out._replace(word=ksr._word) for out in cell.uas.receive(ksr._request, ksr._now).send]
    tm.settle(cell)


def _absorbed(tm: Tm, ksr: Routing) -> bool:
    """An ACK for a negative final ends its repeats and goes no further (§17.2.1); True if it was one."""
    cell = tm.find(ksr._request)
    if cell is None or cell.status < 300:
        return False
    cell.uas.receive(ksr._request, ksr._now)
    tm.settle(cell)
    return True
