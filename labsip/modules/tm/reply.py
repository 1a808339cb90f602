"""Responses: what a branch answered, which answer is the best, and what the caller is told (RFC 3261 §16.7)."""

from __future__ import annotations

from contextlib import suppress

from labsip.modules.tm.cancel import cancel_branch, cancel_branches, reasons_of
from labsip.modules.tm.cell import ALL_DROPPED, UNSENT, WAIT, Cell, Drops, Uac
from labsip.modules.tm.table import Tm
from labsip.proxy.exports import Ending
from labsip.proxy.forward import request_tag, response_bytes
from labsip.proxy.lump import Lumps
from labsip.proxy.script import FAILURE, ONREPLY, Drop
from labsip.proxy.turn import Turn
from labsip.sip.headers import PHRASES
from labsip.sip.machines import State
from labsip.sip.message import Response, parse_message
from labsip.sip.transport import Datagram

FIRST_TAGGED = 180
"""Responses made here bear a To-tag from this status on."""

CHALLENGING = (401, 407)

BRANCH_FAILURE = "tm:branch-failure:"
"""The event of a branch that has ended badly, with the name that t_on_branch_failure gave."""

Lines = tuple[tuple[str, str], ...]


def received(tm: Tm, cell: Cell, uac: Uac, response: Response, turn: Turn) -> None:
    """A response of a branch (`turn` is its own)."""
    late_success = uac.client.run.over and 200 <= response.status < 300  # the call is up all the same
    outcome = uac.client.receive(response, turn.now)
    turn.outbox += outcome.send
    if not outcome.up and not late_success:
        return
    uac.heard = response.status
    _taken(tm, cell, uac, response, turn)
    uac.answered = True


def _taken(tm: Tm, cell: Cell, uac: Uac, response: Response, turn: Turn) -> None:
    """The same of a response that is none of those the transaction keeps to itself."""
    if response.status < 200 and uac.given_up:  # nobody is told that it still rings
        uac.status = uac.status if uac.final else response.status
        if uac.cancel_later:
            cancel_branch(tm, cell, uac, turn, uac.cancel_reasons)
        return
    if not _onreply_route_lets_pass(tm, uac, response, turn):
        return
    response = turn.message if isinstance(turn.message, Response) else response  # the route may have changed it
    if response.status < 200:
        uac.status = response.status
        if response.status > 100 and not cell.replicated:  # §16.7 step 5: 100 is for this hop only
            _relay(tm, cell, response.status, response_bytes(response, turn.lumps, cell.uas.dst), turn)
    elif response.status < 300:
        _success(tm, cell, uac, response, turn)
    elif not uac.final:  # else it had been given up for dead: its 487 is news to nobody
        uac.status, uac.response = response.status, response_bytes(response, turn.lumps, cell.uas.dst)
        cell.last = uac
        _branch_failed(tm, cell, uac, turn)
        if tm.proxy.settings.shares:  # Kamailio's count, which lesson 3 shows, leaves it out
            tm.hold(cell, len(uac.response))
        if response.status >= 600:  # §16.7 step 5: nobody else need ring on
            cancel_branches(tm, cell, turn, reasons_of(response.status))
        finish(tm, cell, turn)


def _success(tm: Tm, cell: Cell, uac: Uac, response: Response, turn: Turn) -> None:
    """A 2xx goes to the caller at once (§16.7 step 5), to an INVITE each of them (RFC 6026 §7.1)."""
    uac.status = response.status
    data = response_bytes(response, turn.lumps, cell.uas.dst)
    if cell.replicated:
        cell.release = turn.now + WAIT
    elif not _relay(tm, cell, response.status, data, turn) and response.cseq.method == "INVITE":
        turn.outbox += tm.proxy.let_out(turn, [Datagram(data, cell.uas.src, cell.uas.dst, turn.command)])
    cancel_branches(tm, cell, turn, reasons_of(response.status))


def timed_out(tm: Tm, cell: Cell, uac: Uac, turn: Turn) -> None:
    """A branch answered nothing, or rang too long: 408. The CANCEL comes after, as in Kamailio.

    Where the RFC is kept, what rings too long is cancelled, and its own final response awaited (§16.8).
    """
    if tm.proxy.settings.policy.timer_c and uac.client.run.state is State.PROCEEDING:
        cancel_branch(tm, cell, uac, turn)
    elif not uac.final:
        uac.status = uac.heard = 408
        cell.last = uac
        _branch_failed(tm, cell, uac, turn)
        finish(tm, cell, turn)
        cancel_branch(tm, cell, uac, turn)


def failed(tm: Tm, cell: Cell, uac: Uac, turn: Turn) -> None:
    """A branch's request could not be sent: it counts as 503 (RFC 3261 §16.9). Kamailio has a status for that."""
    rfc = tm.proxy.settings.policy.unsent
    uac.status, uac.unsent = 503 if rfc else UNSENT.status, not rfc
    cell.last = uac
    finish(tm, cell, turn)


def finish(tm: Tm, cell: Cell, turn: Turn) -> None:
    """When all branches have ended badly: the failure route, then the best of the bad news to the caller."""
    if cell.status >= 200 or not all(uac.final for uac in cell.branches):
        return
    best = pick(cell)
    tm.proxy.tell("on_failure", cell.turn, Ending(turn.now, best.status, best.response, best.response is not None))
    if best.on_failure and _failure_route_goes_on(tm, cell, best, turn):
        return
    _tell(tm, cell, pick(cell), turn)  # the route may have opened branches that failed at once
    cell.uas.request.forget()


def _tell(tm: Tm, cell: Cell, best: Uac, turn: Turn) -> None:
    """The best of the bad news, to the caller."""
    if cell.replicated:
        cell.release = turn.now + WAIT
    elif best.superseded:
        local(tm, cell, ALL_DROPPED.status, ALL_DROPPED.reason, turn)
    elif best.unsent:
        local(tm, cell, UNSENT.status, UNSENT.reason, turn)
    elif best.status == 408 and tm.proxy.settings.policy.no_408 and cell.uas.request.method != "INVITE":
        cell.release = turn.now + WAIT  # RFC 4320 §4.2: the caller has given up by now, and would hear a stray
    elif best.status == 503:  # §16.7 step 6: it says something about the callee's server only
        local(tm, cell, 500, PHRASES[503], turn)
    elif best.response is None:
        status = 487 if cell.canceled else best.status
        local(tm, cell, status, PHRASES[status], turn)
    else:
        _relay(tm, cell, best.status, _with_all_challenges(cell, best, best.response), turn)


def _with_all_challenges(cell: Cell, best: Uac, response: bytes) -> bytes:
    """A 401 or 407 brings what every branch asks, that the caller may answer all at once (§16.7 step 7)."""
    if best.status not in CHALLENGING:
        return response
    lumps, into = Lumps(), parse_message(response)
    for uac in cell.branches:
        if uac is not best and uac.status in CHALLENGING and uac.response and not uac.superseded:
            for line in parse_message(uac.response).find("WWW-Authenticate", "Proxy-Authenticate"):
                lumps.append_header(into, f"{line.name}: {line.value}")
    return lumps.apply(response)


def pick(cell: Cell) -> Uac:
    """The branch whose final response is the best (§16.7 step 6)."""
    return min(cell.branches, key=lambda uac: (uac.superseded, uac.unsent, badness(uac.status)))


def badness(status: int) -> int:
    """The order in which finals are preferred, best first: 6xx, then by class; in 4xx those that help to try again.

    RFC 3261 §16.7 step 6; within a class Kamailio takes the lowest code.
    """
    if status >= 600:
        return status - 600
    if status in (401, 407, 415, 420, 484):
        return status
    return status + 100 if status >= 400 else status


def answer(tm: Tm, cell: Cell, status: int, reason: str, turn: Turn, headers: Lines = ()) -> int:
    """A route answers from its transaction; branches still open are cancelled. 1 sent · -1 it has had its final."""
    if cell.status >= 200:
        return -1
    with cell:
        if status >= 200:
            cancel_branches(tm, cell, turn, reasons_of(status))
        local(tm, cell, status, reason, turn, headers)
    return 1


def local(tm: Tm, cell: Cell, status: int, reason: str, turn: Turn, headers: Lines = ()) -> bool:
    """A response made here. False if it could not be sent any more."""
    return _relay(tm, cell, status, made_here(tm, cell.turn, status, reason, headers).raw, turn, made_here=True)


def made_here(tm: Tm, turn: Turn, status: int, reason: str, headers: Lines = ()) -> Response:
    """A response to the request at hand with tm's own flavour of To-tag."""
    tag = f"{tm.tag}-{request_tag(turn.request)}" if status >= FIRST_TAGGED else ""
    return tm.proxy.response(turn, status, reason, to_tag=tag, headers=headers)


def _relay(tm: Tm, cell: Cell, status: int, data: bytes, turn: Turn, *, made_here: bool = False) -> bool:
    held = len(cell.uas.last or b"")
    out = cell.uas.respond(status, data, turn.now, turn.command)
    if out:
        tm.figures["rpl_sent"] += 1
        tm.figures["rpl_generated"] += made_here
        if cell.status < 200 <= status:
            tm.answered(cell)
            tm.figures[f"{status // 100}xx"] += 1
            tm.proxy.tell("on_final", cell.turn, Ending(turn.now, status, data, not made_here))
        cell.status = status
        tm.hold(cell, len(data) - held)
    turn.outbox += out if made_here or not isinstance(turn.message, Response) else tm.proxy.let_out(turn, out)
    return bool(out)


def _onreply_route_lets_pass(tm: Tm, uac: Uac, response: Response, turn: Turn) -> bool:
    if not uac.on_reply:
        return True
    turn.branch_index = uac.index
    try:
        tm.proxy.run(turn, ONREPLY, uac.on_reply)
    except Drop:
        return response.status >= 200  # as in Kamailio, a final response can't be dropped here
    finally:
        uac.target.flags = turn.branch_flags
    return True


def _branch_failed(tm: Tm, cell: Cell, uac: Uac, turn: Turn) -> None:
    """Run the block of a branch that has ended badly, whatever the others do."""
    event = f"{BRANCH_FAILURE}{uac.on_branch_failure}"
    if event in tm.proxy.routes.event_routes:
        request = _again(cell, turn)
        request.branch_index, request.uri = uac.index, uac.target.uri
        outer, cell.best = cell.best, uac.status
        tm.proxy.happens(request, event)
        cell.best = outer


def _again(cell: Cell, turn: Turn) -> Turn:
    """A turn of the transaction's request, for what happens now."""
    request = cell.turn.fork()
    request.now, request.outbox, request.command = turn.now, turn.outbox, None
    request.targets = []
    request.uri_is_new = False
    return request


def _failure_route_goes_on(tm: Tm, cell: Cell, best: Uac, turn: Turn) -> bool:
    """Run the failure route; True if it found the call another way, or answered it.

    Unless it says t_drop_replies, what the branches so far answered counts no more once there are others.
    """
    cell.best, cell.drop_replies = best.status, Drops.IF_NEW
    before, leg = list(cell.branches), cell.leg
    cell.plan.on_failure = ""  # armed once; the route may arm again
    request = _again(cell, turn)
    request.branch_index = len(before)  # as in Kamailio: how many there are
    request.branch_flags = best.target.flags
    with suppress(Drop):  # nothing to drop here: the best response goes out
        tm.proxy.run(request, FAILURE, best.on_failure)
    for uac in _dropped(cell, before, leg):
        uac.superseded = True
    return cell.status >= 200 or not all(uac.final for uac in cell.branches)


def _dropped(cell: Cell, before: list[Uac], leg: int) -> list[Uac]:
    """The branches whose responses a failure route, which found these, leaves behind."""
    match cell.drop_replies:
        case Drops.NONE:
            return []
        case Drops.LAST:
            return before[leg:]
        case Drops.IF_NEW if len(cell.branches) == len(before):
            return []
    return before
