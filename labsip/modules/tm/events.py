"""What happens to transactions from outside the script: responses, timers, errors, the script's end. tm's hooks."""

from __future__ import annotations

from labsip.modules.tm import fwd, reply
from labsip.modules.tm.cell import WAIT, Cell, cell_of
from labsip.modules.tm.table import Tm
from labsip.proxy.limits import LAST_VIA
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage
from labsip.sip.headers import split_list
from labsip.sip.message import Response, parse_message
from labsip.sip.transaction import client_key
from labsip.sip.transport import Datagram


def after_request(tm: Tm, turn: Turn) -> None:
    """A request the script neither forwarded nor answered: the error t_relay met, or nothing and soon forgotten."""
    cell = cell_of(turn)
    if cell is None or turn.suspended or cell.branches:
        return
    if cell.status >= 200:
        tm.shed(cell)
        return
    with cell:
        if cell.error is not None:
            reply.local(tm, cell, cell.error.status, cell.error.reason, turn)
        else:
            cell.release = turn.now + WAIT


def on_response(tm: Tm, turn: Turn) -> bool:
    """A response to something a branch sent."""
    response = turn.message
    found = tm.clients.get(client_key(response))
    if found is None or not isinstance(response, Response):
        return False
    cell, uac = found
    tm.figures["rpl_received"] += 1
    if tm.proxy.copies.most:
        tm.proxy.copies.answered(turn.datagram.src.host, turn.now)
    turn.transaction, turn.avps, turn.flags = cell, cell.turn.avps, cell.turn.flags
    turn.branch_flags = uac.target.flags
    with cell:
        if uac.cancel is not None and response.cseq.method == "CANCEL":
            uac.cancel.receive(response, turn.now)  # hop by hop: its final response goes no further (§16.10)
        elif tm.proxy.settings.policy.last_via and not _has_next_via(response):  # §16.7 step 3; Kamailio passes it on
            tm.proxy.drop(turn.now, LAST_VIA, f"{response.summary}: no Via but ours, it can't be passed on, dropped")
        else:
            reply.received(tm, cell, uac, response, turn)
    return True


def on_error(tm: Tm, turn: Turn, status: int, reason: str) -> bool:
    """The script failed while a transaction was at hand: an answer for its caller."""
    cell = cell_of(turn)
    if cell is None:
        return False
    reply.answer(tm, cell, status, reason, turn)
    return True


def send_failed(tm: Tm, datagram: Datagram, now: float) -> list[Datagram]:
    """A branch's request could not be sent: 477, as tm answers it."""
    try:
        cell, uac = tm.clients[client_key(parse_message(datagram.data))]
    except (BadMessage, KeyError):
        return []
    with tm.turn(cell, now) as turn:
        if uac.client.fail(now).failed and not uac.final and not fwd.go_over_udp(cell, uac, turn):
            reply.failed(tm, cell, uac, turn)
    return turn.outbox


def wake(tm: Tm, now: float) -> list[Datagram]:
    """Fire what is due."""
    out: list[Datagram] = []
    for cell in tm.due(now):
        if cell.release is not None and cell.release <= now:
            tm.forget(cell)
            continue
        with cell:
            out += _fire(tm, cell, now)
    return out


def _fire(tm: Tm, cell: Cell, now: float) -> list[Datagram]:
    out = list(cell.uas.wake(now).send)
    for uac in list(cell.branches):
        if uac.cancel is not None:
            out += uac.cancel.wake(now).send
        outcome = uac.client.wake(now)
        out += tm.wanted(outcome.send, now) if outcome.send else ()
        if outcome.timeout:
            turn = tm.turn_of(cell, now)
            reply.timed_out(tm, cell, uac, turn)
            out += turn.outbox
    return out


def _has_next_via(response: Response) -> bool:
    return response.count("Via") > 1 or len(split_list(response.first("Via").value)) > 1
