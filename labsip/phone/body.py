"""Bodies: which of them a phone reads, and which it may not leave unread (RFC 3261 §7.4, §8.2.3); offer and answer."""

from __future__ import annotations

from contextlib import suppress

from labsip.phone.agent import UserAgent
from labsip.phone.phone_call import PhoneCall
from labsip.sip.errors import BadMessage
from labsip.sip.message import Message, Request
from labsip.sip.sdp import CONTENT_TYPE, RECVONLY, SENDRECV, SessionDescription, agreed, build_answer, build_offer
from labsip.sip.uri import find_param, parse_params

Line = tuple[str, str]
TEXT = "text/plain"
DESCRIBED = [("Content-Type", CONTENT_TYPE)]
"""The header of a message whose body is a session description."""
KINDS = {"INVITE": CONTENT_TYPE, "UPDATE": CONTENT_TYPE, "MESSAGE": TEXT}
"""The body each method may bring; one that is not here may bring any."""
PLAIN = "identity"
"""The only Content-Encoding a phone understands: none (§20.12)."""


def refusal(request: Request) -> list[Line]:
    """Headers of the 415 for a body that must be understood and is not, empty if there is no such body (§8.2.3)."""
    kind = KINDS.get(request.method)
    if kind is None or not request.body or _is_optional(request):
        return []
    accepted = [] if _kind(request) == kind else [("Accept", kind)]
    return [*accepted, ("Accept-Encoding", PLAIN)] if _is_encoded(request) else accepted


def description_in(message: Message) -> bytes:
    """The session description a message brings, b"" if it brings none, or one that can't be read."""
    return content(message, CONTENT_TYPE)


def content(message: Message, kind: str) -> bytes:
    """The body of a message, b"" if it is of another kind, or encoded (`refusal` has seen to that)."""
    known = _kind(message) in (kind, "") and not _is_encoded(message)
    return message.body if known else b""


def take_offer(ua: UserAgent, call: PhoneCall, body: bytes) -> bytes:
    """Answer the offer in a request; without one, what to send is an offer of ours.

    Raises BadMessage: 400 if it can't be read, 488 if nothing is in common.
    """
    host = ua.address.host
    if not body:
        call.described = build_offer(host, ua.media_port, call.offer_direction).after(call.described)
        return bytes(call.described)
    offer = SessionDescription.parse(body)
    answer = build_answer(offer, host, ua.media_port, call.wish).after(call.described)
    call.described = answer
    call.held = offer.direction not in (SENDRECV, RECVONLY)
    call.media = answer.direction
    return bytes(answer)


def take_answer(call: PhoneCall, body: bytes) -> None:
    """The other end's answer to our offer; what can't be read is no answer."""
    with suppress(BadMessage):
        call.media = agreed(SessionDescription.parse(body).direction, call.wish)


def _kind(message: Message) -> str:
    return (message.get("Content-Type") or "").partition(";")[0].strip().lower()


def _is_encoded(message: Message) -> bool:
    return any(encoding.lower() != PLAIN for encoding in message.tokens("Content-Encoding"))


def _is_optional(message: Message) -> bool:
    """Whether the body may be left unread (§20.11: handling=optional; the default is required)."""
    _, _, params = (message.get("Content-Disposition") or "").partition(";")
    return (find_param(parse_params(params), "handling") or "").lower() == "optional"
