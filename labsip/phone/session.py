"""Inside a call, whichever end made it: ACK, BYE, re-INVITE, UPDATE, INFO (RFC 3261 §12.2, §14, §15; RFC 3311)."""

from __future__ import annotations

from functools import partial

from labsip.phone.agent import UserAgent
from labsip.phone.body import DESCRIBED, description_in, take_answer, take_offer
from labsip.phone.phone_call import Acceptance, CallState, PhoneCall
from labsip.phone.uac import credentials_for, next_hop, request
from labsip.sip.dialog import Dialog
from labsip.sip.message import Request, Response
from labsip.sip.sdp import build_offer
from labsip.sip.transaction import ServerTransaction
from labsip.sip.transport import Datagram

# --- the calling side of an INVITE --------------------------------------------------------------------------------


def acknowledge(ua: UserAgent, call: PhoneCall, dialog: Dialog, response: Response) -> list[Datagram]:
    """The ACK for a 2xx: a request of its own, along the dialog's way (§13.2.2.4)."""
    lines = [("User-Agent", ua.user_agent), *credentials_for(ua, response)]
    built = dialog.build_ack(response.cseq.number, ua.layer.new_via(), headers=lines)
    ack = Datagram(built.raw, ua.address, next_hop(ua, dialog))
    call.acks[response.to.tag or "", response.cseq.number] = ack
    return [ack]


def repeated_ack(call: PhoneCall, response: Response) -> list[Datagram]:
    """The ACK a 2xx got before, if it comes again: its ACK was lost, or is late."""
    ack = call.acks.get((response.to.tag or "", response.cseq.number))
    return [ack] if ack else []


# --- re-INVITE and UPDATE -----------------------------------------------------------------------------------------


def reinvite(ua: UserAgent, call: PhoneCall, now: float, *, holding: bool) -> list[Datagram]:
    """Put the other end on hold, or take it off hold (§14.1, RFC 3264 §8.4)."""
    before, call.holding = call.holding, holding
    call.reinviting = True
    call.described = build_offer(ua.address.host, ua.media_port, call.offer_direction).after(call.described)
    return request(
        ua,
        call.dialog,
        "INVITE",
        partial(_heard_of_reinvite, ua, call, before),
        now,
        call=call,
        contact=ua.contact,
        headers=DESCRIBED,
        body=bytes(call.described),
    ).start()


def _heard_of_reinvite(ua: UserAgent, call: PhoneCall, before: bool, response: Response, now: float) -> list[Datagram]:
    if response.status < 200:
        if call.over and call.client is not None:
            call.client.cancel(now)  # as `UserAgent.end` does
        return []
    again = repeated_ack(call, response)
    if again:
        return again
    call.reinviting = False
    if not call.over:
        call.hear(response)
    if response.status < 300:
        call.dialog.refresh(response)
        take_answer(call, description_in(response))
        return acknowledge(ua, call, call.dialog, response)
    call.holding = before  # "the session parameters MUST remain unchanged"
    gone = response.status in (408, 481)  # §12.2.1.2: the other end is no longer there
    return hang_up(ua, call, now) if gone and not call.over else []


def take_reinvite(
    ua: UserAgent, call: PhoneCall, dialog: Dialog, server: ServerTransaction, now: float
) -> list[Datagram]:
    """A re-INVITE came in (§14.2)."""
    refused = _refused(ua, call, server, now)
    if refused:
        return refused
    body = take_offer(ua, call, description_in(server.request))
    dialog.refresh(server.request)
    return accept(ua, call, server, body, now)


def take_update(
    ua: UserAgent, call: PhoneCall, dialog: Dialog, server: ServerTransaction, now: float
) -> list[Datagram]:
    """UPDATE: the same as a re-INVITE, without ACK (RFC 3311 §5.2)."""
    headers, body = [("Contact", ua.contact)], b""
    if description_in(server.request):
        refused = _refused(ua, call, server, now)
        if refused:
            return refused
        headers, body = [*headers, *DESCRIBED], take_offer(ua, call, description_in(server.request))
    dialog.refresh(server.request)
    return ua.layer.respond(server, 200, now, headers=headers, body=body)


def _refused(ua: UserAgent, call: PhoneCall, server: ServerTransaction, now: float) -> list[Datagram]:
    """The refusal of an offer while another one waits for its answer (§14.2, RFC 3311 §5.2)."""
    if call.answered is None:
        return ua.layer.respond(server, 500, now, headers=[("Retry-After", "1")])
    return ua.layer.respond(server, 491, now) if call.reinviting else []


# --- the called side of an INVITE: 2xx until ACK (§13.3.1.4) --------------------------------------------------------


def accept(ua: UserAgent, call: PhoneCall, server: ServerTransaction, body: bytes, now: float) -> list[Datagram]:
    """200 OK to an INVITE, repeated until it is acknowledged."""
    headers = [*dialog_headers(ua, server), *DESCRIBED]
    out = ua.layer.respond(server, 200, now, tag=call.dialog.local.tag or "", headers=headers, body=body)
    T1 = ua.layer.timing.T1  # noqa: N806 - the RFC's name
    call.unacked = Acceptance(server, out[0].data, T1, now + 64 * T1, offered=not description_in(server.request))
    call.status, call.reason = 200, "OK"
    ua.agenda.at(now + T1, partial(_repeat, ua, call, call.unacked), call)
    return out


def _repeat(ua: UserAgent, call: PhoneCall, unacked: Acceptance, now: float) -> list[Datagram]:
    """No ACK yet: the 2xx once more, or BYE after 64*T1."""
    if call.unacked is not unacked:
        return []
    if now >= unacked.until:
        call.unacked = None
        return hang_up(ua, call, now)
    unacked.interval = min(2 * unacked.interval, ua.layer.timing.T2)
    ua.agenda.at(min(now + unacked.interval, unacked.until), partial(_repeat, ua, call, unacked), call)
    return unacked.server.respond(200, unacked.raw, now)


def dialog_headers(ua: UserAgent, server: ServerTransaction) -> list[tuple[str, str]]:
    """The headers by which a response makes a dialog (§12.1.1): the request's Record-Route unchanged, and a Contact."""
    routes = [("Record-Route", value) for value in server.request.get_all("Record-Route")]
    return [*routes, ("Contact", ua.contact)]


def take_ack(ua: UserAgent, call: PhoneCall, ack: Request, now: float) -> list[Datagram]:
    """The ACK of our 2xx is here."""
    unacked = call.unacked
    if unacked is None or ack.cseq.number != unacked.server.request.cseq.number:
        return []
    call.unacked = None
    if unacked.offered:
        take_answer(call, description_in(ack))
    return hang_up(ua, call, now) if call.bye_wanted else []


# --- BYE ----------------------------------------------------------------------------------------------------------


def hang_up(ua: UserAgent, call: PhoneCall, now: float) -> list[Datagram]:
    """End an answered call with BYE (§15.1.1)."""
    if call.unacked is not None:
        # §15: "MUST NOT send a BYE on a confirmed dialog until it has received an ACK for its 2xx response"
        call.bye_wanted = True
        return []
    ua.end(call, CallState.ENDED, now, by=ua.user)
    return bye(ua, call, call.dialog, now)


def bye(ua: UserAgent, call: PhoneCall, dialog: Dialog, now: float) -> list[Datagram]:
    """BYE in one of the call's dialogs."""
    return request(ua, dialog, "BYE", partial(_heard_of_bye, ua, call, dialog), now).start()


def _heard_of_bye(ua: UserAgent, call: PhoneCall, dialog: Dialog, response: Response, now: float) -> list[Datagram]:  # noqa: ARG001
    if response.status >= 200:
        ua.dialogs.pop(dialog.id, None)
        if dialog is call.dialog:
            call.hear(response)
    return []


def take_bye(ua: UserAgent, call: PhoneCall, dialog: Dialog, server: ServerTransaction, now: float) -> list[Datagram]:
    """BYE came in (§15.1.2)."""
    ua.dialogs.pop(dialog.id, None)
    out = ua.layer.respond(server, 200, now)
    if call.over or dialog is not call.dialog:
        return out
    if call.answered is not None:
        ua.end(call, CallState.ENDED, now, by=call.peer)
    elif call.server is not None:  # the caller may send BYE in an early dialog; the INVITE still needs an answer
        out += ua.layer.respond(call.server, 487, now, tag=dialog.local.tag or "")
        ua.end(call, CallState.CANCELLED, now, by=call.peer)
    return out
