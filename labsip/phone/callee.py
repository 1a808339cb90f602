"""Calls that come in (RFC 3261 §13.3): ring, answer, refuse; CANCEL (§9.2)."""

from __future__ import annotations

from functools import partial

from labsip.phone import session
from labsip.phone.agent import UserAgent, name_of
from labsip.phone.behaviour import Behaviour
from labsip.phone.body import description_in, take_offer
from labsip.phone.layer import Lines
from labsip.phone.phone_call import CallState, Direction, PhoneCall
from labsip.sip.dialog import Dialog
from labsip.sip.errors import BadMessage
from labsip.sip.headers import PHRASES
from labsip.sip.machines import State
from labsip.sip.transaction import ServerTransaction, server_key
from labsip.sip.transport import Datagram


def take_invite(ua: UserAgent, server: ServerTransaction, now: float) -> list[Datagram]:
    """A new INVITE. Raises BadMessage (400) if its Contact or a Record-Route can't be read."""
    request = server.request
    dialog = Dialog.accept(request, ua.layer.new_tag())
    call = PhoneCall(ua.user, name_of(request.from_.uri), Direction.INCOMING, dialog, now, server=server)
    engaged = ua.engaged
    ua.calls.append(call)
    if engaged:
        return refuse(ua, call, 486, now)
    try:
        take_offer(ua, call, description_in(request))
    except BadMessage as bad:
        return refuse(ua, call, bad.status, now)
    ua.keep(call, dialog)
    return _behave(ua, call, ua.behaviour, now)


def _behave(ua: UserAgent, call: PhoneCall, behaviour: Behaviour, now: float) -> list[Datagram]:
    """What the phone does by itself."""
    out = _provisional(ua, call, 100, now) if behaviour.says_trying else []
    if behaviour.ring is not None:
        out += ua.agenda.after(behaviour.ring, partial(_ring, ua, call), call, now)
    if behaviour.final is not None:
        delay = behaviour.final + (behaviour.ring or 0.0)
        out += ua.agenda.after(delay, partial(_decide, ua, call, behaviour), call, now)
    return out


def _decide(ua: UserAgent, call: PhoneCall, behaviour: Behaviour, now: float) -> list[Datagram]:
    if behaviour.status < 300:
        return answer(ua, call, now)
    headers = [("Contact", f"<{behaviour.contact}>")] if behaviour.contact else []
    return refuse(ua, call, behaviour.status, now, behaviour.reason, headers)


def _ring(ua: UserAgent, call: PhoneCall, now: float) -> list[Datagram]:
    call.rang = now
    return _provisional(ua, call, 180, now)


def _provisional(ua: UserAgent, call: PhoneCall, status: int, now: float) -> list[Datagram]:
    call.state = CallState.RINGING if status == 180 else CallState.TRYING
    headers = [] if status == 100 else session.dialog_headers(ua, _invite(call))
    return _respond(ua, call, status, now, headers=headers)


def answer(ua: UserAgent, call: PhoneCall, now: float) -> list[Datagram]:
    """200 OK, repeated until the ACK comes."""
    ua.agenda.drop(call)
    call.state, call.answered = CallState.ANSWERED, now
    return session.accept(ua, call, _invite(call), bytes(call.described or b""), now)


def refuse(
    ua: UserAgent, call: PhoneCall, status: int, now: float, reason: str = "", headers: Lines = ()
) -> list[Datagram]:
    """A final response from 300 on."""
    out = _respond(ua, call, status, now, reason, headers)
    ua.forget(call)
    ua.end(call, CallState.FAILED, now)
    return out


def take_cancel(ua: UserAgent, server: ServerTransaction, now: float) -> list[Datagram]:
    """A CANCEL: 200 if it fits an INVITE; that is answered 487 if it still waits for an answer (§9.2)."""
    key = server_key(server.request)
    invite = ua.layer.servers.get((*key[:-1], "INVITE"))
    if invite is None:
        return ua.layer.respond(server, 481, now)
    call = next((call for call in ua.calls if call.server is invite), None)
    out = ua.layer.respond(server, 200, now, tag=_tag(call) if call else "")
    if call is not None and invite.run.state is State.PROCEEDING:
        out += _respond(ua, call, 487, now)
        ua.forget(call)
        ua.end(call, CallState.CANCELLED, now, by=call.peer)
    return out


def _respond(
    ua: UserAgent, call: PhoneCall, status: int, now: float, reason: str = "", headers: Lines = ()
) -> list[Datagram]:
    """A response to the call's INVITE."""
    call.status, call.reason = status, reason or PHRASES.get(status, "Unknown")
    return ua.layer.respond(_invite(call), status, now, reason=reason, tag=_tag(call), headers=headers)


def _invite(call: PhoneCall) -> ServerTransaction:
    assert call.server is not None
    return call.server


def _tag(call: PhoneCall) -> str:
    return call.dialog.local.tag or ""
