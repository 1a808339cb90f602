"""Responses: what a branch answered, which answer is the best, and what the caller is told (RFC 3261 §16.7)."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING
from zlib import crc32

from labsip.proxy.forward import response_bytes
from labsip.proxy.lump import Lumps
from labsip.proxy.route import FAILURE, ONREPLY, Drop, Routing
from labsip.sip.errors import LabError
from labsip.sip.message import Response
from labsip.sip.transport import Datagram

if TYPE_CHECKING:
    from labsip.modules.tm.lookup import Cell, Tm, Uac

TIMEOUT = 408, "Request Timeout"
TERMINATED = 487, "Request Terminated"
UNRESOLVABLE = 478, "Unresolvable destination (478/TM)"
SEND_ERROR = 477, "Unfortunately error on sending to next hop occurred (477/TM)"


def received(tm: Tm, cell: Cell, uac: Uac, response: Response, ksr: Routing) -> None:
    """A response of a branch (`ksr` is its routing)."""
    from labsip.modules.tm import cancel

    assert uac.client is not None
    outcome = uac.client.receive(response, ksr._now)
    ksr._out += outcome.send
    if not outcome.up or not _onreply_route_lets_pass(tm, cell, response, ksr):
        return
    if response.status < 200:
        uac.status = max(uac.status, response.status)
        if uac.cancel_later:
            cancel.cancel_branch(tm, cell, uac, ksr, uac.cancel_reason)
        elif response.status > 100 and not cell.canceled:  # §16.7 step 5: 100 is for this hop only
            _relay(cell, response.status, response_bytes(response, ksr._lumps), ksr)
        return
    uac.status, uac.reason = response.status, response.reason
    data = uac.response = response_bytes(response, ksr._lumps)
    tm.hold(cell, len(data))
    if response.status < 300:
        _relay_success(cell, response, data, ksr)
        cancel.cancel_branches(tm, cell, ksr, reason=cancel.ELSEWHERE, but=uac)
        return
    if response.status >= 600:  # §16.7 step 5: nobody else need ring on
        cancel.cancel_branches(tm, cell, ksr, but=uac)
    finish(tm, cell, ksr)


def timed_out(tm: Tm, cell: Cell, uac: Uac, ksr: Routing) -> None:
    """A branch answered nothing, or rang too long: 408, or 487 if the caller had given up. The CANCEL comes after."""
    from labsip.modules.tm import cancel

    if uac.final:
        return
    uac.status, uac.reason = TERMINATED if cell.canceled else TIMEOUT
    finish(tm, cell, ksr)
    cancel.cancel_branch(tm, cell, uac, ksr)


def failed(tm: Tm, cell: Cell, uac: Uac, ksr: Routing) -> None:
    """A branch's request could not be sent."""
    uac.status, uac.reason = SEND_ERROR
    finish(tm, cell, ksr)


def finish(tm: Tm, cell: Cell, ksr: Routing) -> None:
    """When all branches have ended badly: the failure route, then the best of the bad news to the caller."""
    if cell.status >= 200 or not all(uac.final for uac in cell.branches):
        return
    best = min(cell.branches, key=lambda uac: badness(uac.status))
    cell.best = best.status
    if cell.on_failure and _failure_route_goes_on(tm, cell, ksr):
        return
    if best.response is None or best.status == 503:  # §16.7 step 6: 503 says something about the callee's server only
        status = 500 if best.status == 503 else best.status
        local(tm, cell, status, best.reason, ksr)
    else:
        _relay(cell, best.status, best.response, ksr)


def badness(status: int) -> int:
    """The order in which finals are preferred, best first: 6xx, then by class; in 4xx those that help to try again.

    RFC 3261 §16.7 step 6; within a class Kamailio takes the lowest code.
    """
    if status >= 600:
        return status - 600
    if status in (401, 407, 415, 420, 484):
        return status
    return status + 100 if status >= 400 else status


def checked_status(code: int | str) -> int:
    """A status a response can have, given as Kamailio takes it: 404 or "404". Raises LabError."""
    text = str(code)
    if not text.isdigit() or not 100 <= int(text) <= 699:
        raise LabError(f"{code!r} is no status of a response; write a number from 100 to 699, as in 404")
    return int(text)


def answer(
    tm: Tm, cell: Cell, status: int, reason: str, ksr: Routing, headers: tuple[tuple[str, str], ...] = ()
) -> int:
    """A route answers from its transaction; branches still open are cancelled. 1 sent · -1 it has had its final."""
    from labsip.modules.tm import cancel

    if not local(tm, cell, status, reason, ksr, headers):
        return -1
    if status >= 200:
        cancel.cancel_branches(tm, cell, ksr)
    tm.settle(cell)
    return 1


def local(
    tm: Tm, cell: Cell, status: int, reason: str, ksr: Routing, headers: tuple[tuple[str, str], ...] = ()
) -> bool:
    """A response made here, with tm's own flavour of To-tag (none on a 100). False if it could not be sent any more."""
    source = copy.copy(cell.ksr)
    tag = "" if status == 100 else f"{tm.proxy.tag_seed[::-1]}-{tag_suffix(source)}"
    response = tm.proxy.response(source, status, reason, to_tag=tag, headers=headers)
    return _relay(cell, status, response.raw, ksr)


def tag_suffix(ksr: Routing) -> str:
    """Eight hex digits that depend on the request only, so that its repeats are answered alike (RFC 3261 §8.2.7)."""
    return f"{crc32(str(ksr._message.via).encode('utf-8', 'surrogateescape')):08x}"


def _relay(cell: Cell, status: int, data: bytes, ksr: Routing) -> bool:
    out = cell.uas.respond(status, data, ksr._now, ksr._word)
    if out:
        cell.status = max(cell.status, status)
    ksr._out += out
    return bool(out)


def _relay_success(cell: Cell, response: Response, data: bytes, ksr: Routing) -> None:
    """A 2xx always goes to the caller, even where another final went before (§16.7 step 5, RFC 6026 §7.1)."""
    if not _relay(cell, response.status, data, ksr) and response.cseq.method == "INVITE":
        ksr._out.append(Datagram(data, cell.uas.src, cell.uas.dst, ksr._word))


def _onreply_route_lets_pass(tm: Tm, cell: Cell, response: Response, ksr: Routing) -> bool:
    if not cell.on_reply:
        return True
    try:
        tm.proxy.run(tm.proxy.routes.named(ONREPLY, cell.on_reply), ksr, ONREPLY, cell.on_reply)
    except Drop:
        return response.status >= 200  # as in Kamailio, only a provisional can be dropped
    return True


def _failure_route_goes_on(tm: Tm, cell: Cell, ksr: Routing) -> bool:
    """Run the failure route; True if it found the call another way, or answered it."""
    name, cell.on_failure = cell.on_failure, ""
    request = copy.copy(cell.ksr)
    request._now, request._out, request._word = ksr._now, ksr._out, None
    request._lumps = Lumps(cell.ksr._lumps)
    request._targets = []
    request._uri_is_new = False
    tm.proxy.run(tm.proxy.routes.named(FAILURE, name), request, FAILURE, name)
    return cell.status >= 200 or not all(uac.final for uac in cell.branches)
