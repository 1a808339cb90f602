"""Calls that go out (RFC 3261 §13.2): INVITE, its responses, CANCEL (§9.1)."""

from __future__ import annotations

from functools import partial

from labsip.phone import session
from labsip.phone.agent import UserAgent, name_of
from labsip.phone.body import DESCRIBED, description_in, take_answer
from labsip.phone.phone_call import CallState, Direction, PhoneCall
from labsip.phone.uac import request
from labsip.sip.build import build_cancel
from labsip.sip.dialog import Dialog
from labsip.sip.message import Response
from labsip.sip.sdp import build_offer
from labsip.sip.transport import Datagram


def invite(ua: UserAgent, target: str, now: float) -> tuple[PhoneCall, list[Datagram]]:
    """Call somebody."""
    uri = ua.uri_of(target)
    dialog = ua.new_dialog(uri)
    call = PhoneCall(ua.user, name_of(uri), Direction.OUTGOING, dialog, now)
    call.described = build_offer(ua.address.host, ua.media_port)
    ua.calls.append(call)
    client = request(
        ua,
        dialog,
        "INVITE",
        partial(_heard, ua, call, dialog),
        now,
        call=call,
        contact=ua.contact,
        headers=DESCRIBED,
        body=bytes(call.described),
    )
    return call, client.start()


def cancel(ua: UserAgent, call: PhoneCall, now: float) -> list[Datagram]:
    """Give up before there is an answer (§9.1)."""
    early = call.state is not CallState.CALLING
    call.state, call.ended_by = CallState.CANCELLING, ua.user
    # "If no provisional response has been received, the CANCEL request MUST NOT be sent"
    return _send_cancel(ua, call, now) if early else []


def _send_cancel(ua: UserAgent, call: PhoneCall, now: float) -> list[Datagram]:
    assert call.client is not None
    call.client.cancel(now)
    return ua.layer.begin(
        build_cancel(call.client.request), call.client.dst, partial(_heard_of_cancel, call), now
    ).start()


def _heard_of_cancel(call: PhoneCall, response: Response, now: float) -> list[Datagram]:  # noqa: ARG001
    """Whatever is answered to the CANCEL, the INVITE's own final response decides."""
    if call.state is CallState.CANCELLING:
        call.hear(response)
    return []


def _heard(ua: UserAgent, call: PhoneCall, base: Dialog, response: Response, now: float) -> list[Datagram]:
    """A response to the INVITE; `base` is what it was sent with."""
    if response.status < 200:
        return _provisional(ua, call, base, response, now)
    if response.status < 300:
        return _success(ua, call, base, response, now)
    call.hear(response)
    ua.forget(call)
    ua.end(call, CallState.CANCELLED if call.state is CallState.CANCELLING else CallState.FAILED, now)
    return []


def _provisional(ua: UserAgent, call: PhoneCall, base: Dialog, response: Response, now: float) -> list[Datagram]:
    first = call.status is None
    call.hear(response)
    if response.status > 100 and response.to.tag:
        _early(ua, call, base, response)
    if call.state is CallState.CANCELLING:
        return _send_cancel(ua, call, now) if first else []
    if response.status == 180:
        call.state = CallState.RINGING
        call.rang = now if call.rang is None else call.rang
    elif call.state is CallState.CALLING:
        call.state = CallState.TRYING
    return []


def _early(ua: UserAgent, call: PhoneCall, base: Dialog, response: Response) -> Dialog:
    """The dialog of this response's To-tag: a new one for each phone a forked INVITE reached (§12.1.2)."""
    tag = response.to.tag or ""
    dialog = call.early[tag] = call.early.get(tag, base).answered(response)
    ua.keep(call, dialog)
    return dialog


def _success(ua: UserAgent, call: PhoneCall, base: Dialog, response: Response, now: float) -> list[Datagram]:
    """A 2xx (§13.2.2.4): the first makes the call; another phone's is acknowledged and hung up."""
    again = session.repeated_ack(call, response)
    if again:
        return again
    dialog = _early(ua, call, base, response)
    out = session.acknowledge(ua, call, dialog, response)
    if call.answered is not None:
        return out + session.bye(ua, call, dialog, now)
    unwanted = call.state is CallState.CANCELLING
    call.hear(response)
    call.dialog, call.state, call.answered = dialog, CallState.ANSWERED, now
    ua.forget(call, but=dialog)
    take_answer(call, description_in(response))
    # the CANCEL came too late, or was refused: the answer stands, and BYE ends it (§9.1, §15)
    return out + (session.hang_up(ua, call, now) if unwanted else [])
