"""Registrations that are not what the phone asked for."""

from __future__ import annotations

from collections.abc import Iterator

from labsip.findings.evidence import Evidence, Shown, shown
from labsip.flow.conversation import Conversation
from labsip.sip.errors import BadMessage
from labsip.sip.message import Message


def raised(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """More time granted than was asked for."""
    return (found for found, asked, granted in _granted(one) if granted > asked > 0)


def shortened(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """Less time granted than was asked for."""
    return (found for found, asked, granted in _granted(one) if granted < asked)


def too_brief(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """423: the registrar wants it longer."""
    for made in one.of("REGISTER"):
        if made.final and made.status == 423:
            least = (made.final.message and made.final.message.get("Min-Expires")) or "more"
            yield shown(made.request, made.final, request=made.request, final=made.final, least=least)


def _granted(one: Conversation) -> Iterator[tuple[Shown, int, int]]:
    """Contacts of a REGISTER with the seconds asked for and granted; those without a wish are left out."""
    for made in one.of("REGISTER"):
        if one.onward(made) or not made.final or made.status >= 300:
            continue
        wished, listed = _expires(made.request.message), _expires(made.final.message)
        for uri in wished.keys() & listed.keys():
            facts = {"request": made.request, "final": made.final, "asked": wished[uri], "granted": listed[uri]}
            yield shown(made.request, made.final, **facts), wished[uri], listed[uri]


def _expires(message: Message | None) -> dict[str, int]:
    """Seconds by the URI of a Contact: its own parameter, else the header (RFC 3261 §10.2.1.1)."""
    if message is None:
        return {}
    try:
        contacts = [(one.uri, one.param("expires") or message.get("Expires")) for one in message.contacts]
    except BadMessage:
        return {}
    return {uri: int(seconds) for uri, seconds in contacts if seconds and seconds.isdigit()}
