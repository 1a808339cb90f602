"""The UAS core (RFC 3261 §8.2): which requests fit a transaction or a call, which are refused, who answers the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from labsip.phone import callee, session
from labsip.phone.agent import TextMessage, UserAgent, name_of
from labsip.phone.body import TEXT, Line, content, refusal
from labsip.phone.phone_call import PhoneCall
from labsip.proxy.forward import reply_address
from labsip.proxy.validate import check_once
from labsip.sip.build import build_response
from labsip.sip.dialog import Dialog, dialog_id
from labsip.sip.errors import BadMessage
from labsip.sip.headers import PHRASES
from labsip.sip.message import Request
from labsip.sip.sdp import CONTENT_TYPE
from labsip.sip.transaction import ServerTransaction, server_key
from labsip.sip.transport import Address, Datagram

ALLOW: Line = ("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, INFO, UPDATE")


def take_request(ua: UserAgent, request: Request, src: Address, now: float) -> list[Datagram]:
    """A request came in from `src`. This phone takes it whomever its Request-URI names (§8.2.2.1)."""
    try:
        _check(request)
    except BadMessage as bad:
        return _malformed(ua, request, src, bad)
    known = ua.layer.servers.get(server_key(request))
    if known is not None:
        outcome = known.receive(request, now)
        return outcome.send + (_ack(ua, request, now) if outcome.up else [])
    if request.method == "ACK":
        return _ack(ua, request, now)
    server = ua.layer.serve(request, src, now)
    return ua.agenda.after(ua.slow, partial(_handle, ua, server), server, now)


def _handle(ua: UserAgent, server: ServerTransaction, now: float) -> list[Datagram]:
    request = server.request
    refused = _refused(ua, server)
    if refused is not None:
        status, headers = refused
        return ua.layer.respond(server, status, now, headers=headers)
    try:
        if request.to.tag is not None and request.method != "CANCEL":
            return _within(ua, server, now)
        answer = OUTSIDE.get(request.method)
        return answer(ua, server, now) if answer else ua.layer.respond(server, 481, now)
    except BadMessage as bad:
        return ua.layer.respond(server, bad.status, now)


def _within(ua: UserAgent, server: ServerTransaction, now: float) -> list[Datagram]:
    """A request within a dialog (§12.2.2): 481 if there is no such dialog, 500 if it comes out of order."""
    call, dialog = ua.dialogs.get(dialog_id(server.request), (None, None))
    if call is None or dialog is None or (call.over and server.request.method != "BYE"):
        return ua.layer.respond(server, 481, now)
    dialog.receive(server.request)
    answer = WITHIN.get(server.request.method)
    if answer is not None:
        return answer(ua, call, dialog, server, now)
    return OUTSIDE[server.request.method](ua, server, now)


def _ack(ua: UserAgent, request: Request, now: float) -> list[Datagram]:
    """The ACK for a 2xx; one that fits nothing is dropped, as nobody answers an ACK."""
    found = ua.dialogs.get(dialog_id(request))
    return session.take_ack(ua, found[0], request, now) if found else []


# --- what is refused ----------------------------------------------------------------------------------------------


def _refused(ua: UserAgent, server: ServerTransaction) -> tuple[int, list[Line]] | None:
    """Status and headers of the refusal, in the order of §8.2.1 to §8.2.3."""
    request = server.request
    if request.method == "CANCEL":
        return None
    if request.method not in OUTSIDE and request.method not in WITHIN:
        return 405, [ALLOW]
    if request.to.tag is None and _is_merged(ua, server):
        return 482, []
    required = request.tokens("Require")
    if required:  # this phone knows no extension that could be asked for
        return 420, [("Unsupported", ", ".join(required))]
    unread = refusal(request)
    return (415, unread) if unread else None


def _is_merged(ua: UserAgent, server: ServerTransaction) -> bool:
    """Whether the same request has already come by another path (§8.2.2.2)."""
    return any(other is not server and _same(other.request, server.request) for other in ua.layer.servers.values())


def _same(one: Request, other: Request) -> bool:
    return (one.from_.tag, one.call_id, one.cseq) == (other.from_.tag, other.call_id, other.cseq)


def _check(request: Request) -> None:
    """What every request must have (§8.1.1), and have once. Raises BadMessage (400)."""
    check_once(request)
    _ = request.via, request.from_, request.to, request.call_id
    if request.cseq.method != request.method:
        raise BadMessage(f"CSeq says {request.cseq.method}, the request is {request.method}")


def _malformed(ua: UserAgent, request: Request, src: Address, bad: BadMessage) -> list[Datagram]:
    """A refusal without a transaction, if there is a Via to send it to."""
    if request.method == "ACK":
        return []
    request = request.legible()
    try:
        response = build_response(request, bad.status, PHRASES[bad.status], to_tag=ua.layer.new_tag())
        return [Datagram(response.raw, ua.address, reply_address(request.via, src, force_rport=False))]
    except BadMessage:
        return []


# --- what needs no call -------------------------------------------------------------------------------------------


def _options(ua: UserAgent, server: ServerTransaction, now: float) -> list[Datagram]:
    """Answer as an INVITE would be (§11.2)."""
    status = 486 if ua.engaged and server.request.to.tag is None else 200
    return ua.layer.respond(server, status, now, headers=[ALLOW, ("Accept", f"{CONTENT_TYPE}, {TEXT}")])


def _message(ua: UserAgent, server: ServerTransaction, now: float) -> list[Datagram]:
    request = server.request
    ua.inbox.append(TextMessage(now, name_of(request.from_.uri), content(request, TEXT).decode("utf-8", "replace")))
    return ua.layer.respond(server, 200, now)


def _info(ua: UserAgent, _call: PhoneCall, _dialog: Dialog, server: ServerTransaction, now: float) -> list[Datagram]:
    return ua.layer.respond(server, 200, now)


OUTSIDE: dict[str, Callable[[UserAgent, ServerTransaction, float], list[Datagram]]] = {
    "INVITE": callee.take_invite,
    "CANCEL": callee.take_cancel,
    "OPTIONS": _options,
    "MESSAGE": _message,
}
"""Who answers a request that need not belong to a call."""

WITHIN: dict[str, Callable[[UserAgent, PhoneCall, Dialog, ServerTransaction, float], list[Datagram]]] = {
    "INVITE": session.take_reinvite,
    "BYE": session.take_bye,
    "UPDATE": session.take_update,
    "INFO": _info,
}
"""Who answers a request that belongs to a call."""
