"""Registrations: not granted as asked for, and missing when somebody called."""

from __future__ import annotations

from collections.abc import Iterator

from labsip.findings.evidence import Evidence, Proof, proof
from labsip.findings.refusals import refusals
from labsip.flow.conversation import Attempt, Conversation
from labsip.flow.rows import FlowRow
from labsip.sip.errors import BadMessage
from labsip.sip.message import Message, Request
from labsip.sip.uri import SipUri

NOBODY = (404, 410, 604)
"""Statuses that say there is no such user."""


def expires_raised(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """More time granted than was asked for."""
    return (found for found, asked, granted in _granted(one) if granted > asked > 0)


def expires_shortened(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """Less time granted than was asked for."""
    return (found for found, asked, granted in _granted(one) if granted < asked)


def expires_too_brief(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """423: the registrar wants it longer."""
    for made in one.of("REGISTER"):
        if made.final and made.status == 423:
            least = (made.final.message and made.final.message.get("Min-Expires")) or "more"
            yield proof(made.request, made.final, request=made.request, final=made.final, least=least)


def nobody_there(one: Conversation, evidence: Evidence) -> Iterator[Proof]:
    """404 for a user of whom no registration was seen."""
    for made, final, user in _not_found(one):
        if evidence.binding(user, made.request) is None:
            yield proof(made.request, final, final=final, user=user)


def forgotten(one: Conversation, evidence: Evidence) -> Iterator[Proof]:
    """404 for a user who should be known: the registration was seen, and runs on."""
    for made, final, user in _not_found(one):
        binding = evidence.binding(user, made.request)
        if binding and binding.until >= made.request.t and binding.answer.src == final.src:
            facts = {"final": final, "user": user, "left": binding.until - made.request.t}
            yield proof(binding.answer, made.request, final, **facts)


def expired(one: Conversation, evidence: Evidence) -> Iterator[Proof]:
    """A request for a user whose registration had run out, not found or sent in a circle."""
    for asked, user, then in _missed(one):
        binding = evidence.binding(user, asked)
        if binding and binding.seconds and binding.until < asked.t:
            facts = {"user": user, "granted": binding.seconds, "ago": asked.t - binding.until}
            yield proof(binding.answer, asked, then, **facts)


def unregistered(one: Conversation, evidence: Evidence) -> Iterator[Proof]:
    """A request for a user who had been taken out of the table."""
    for asked, user, then in _missed(one):
        binding = evidence.binding(user, asked)
        if binding and not binding.seconds:
            yield proof(binding.answer, asked, then, user=user, ago=asked.t - binding.answer.t)


def _granted(one: Conversation) -> Iterator[tuple[Proof, int, int]]:
    """Contacts of a REGISTER with the seconds asked for and granted; those without a wish are left out."""
    for made in one.of("REGISTER"):
        if one.onward(made) or not made.final or made.status >= 300:
            continue
        wished, listed = _expires(made.request.message), _expires(made.final.message)
        for uri in wished.keys() & listed.keys():
            facts = {"request": made.request, "final": made.final, "asked": wished[uri], "granted": listed[uri]}
            yield proof(made.request, made.final, **facts), wished[uri], listed[uri]


def _expires(message: Message | None) -> dict[str, int]:
    """Seconds by the URI of a Contact: its own parameter, else the header (RFC 3261 §10.2.1.1)."""
    if message is None:
        return {}
    try:
        contacts = [(one.uri, one.param("expires") or message.get("Expires")) for one in message.contacts]
    except BadMessage:
        return {}
    return {uri: int(seconds) for uri, seconds in contacts if seconds and seconds.isdigit()}


def _not_found(one: Conversation) -> Iterator[tuple[Attempt, FlowRow, str]]:
    """Requests to begin something that a server refused itself with 404 or the like, and for which user."""
    for made, final in refusals(one, *NOBODY):
        if not one.onward(made) and not made.request.in_dialog:
            yield made, final, _user_asked_for(made.request)


def _missed(one: Conversation) -> Iterator[tuple[FlowRow, str, FlowRow]]:
    """Requests that were not found, or that their server sent to itself: for which user, and what it did."""
    for made, final, user in _not_found(one):
        yield made.request, user, final
    for made in one.of("INVITE"):
        itself = [each.request for each in one.onward(made) if each.request.dst == made.request.dst]
        if itself and made.request.src != made.request.dst:
            yield made.request, _user_asked_for(made.request), itself[0]


def _user_asked_for(one: FlowRow) -> str:
    """The user in a Request-URI, or its host."""
    try:
        uri = SipUri.parse(one.message.uri, any_scheme=True) if isinstance(one.message, Request) else None
    except BadMessage:
        return ""
    return (uri.user_name or uri.host) if uri else ""
