"""What a REGISTER is answered: the list of contacts (RFC 3261 §10.3 step 8), or why it was refused."""

from __future__ import annotations

from collections.abc import Sequence

from labsip.modules import sl
from labsip.modules.usrloc import Contact
from labsip.proxy.route import Routing
from labsip.sip.errors import BadMessage
from labsip.sip.headers import PHRASES


def confirm(ksr: Routing, contacts: Sequence[Contact], path: str) -> None:
    """200, with the contacts the user has now."""
    list_contacts(ksr, contacts)
    if path and "path" in map(str.lower, ksr._request.tokens("Supported")):
        ksr._reply_headers.append(("Path", path))  # RFC 3327 §5.3
    sl.answer_as_known(ksr, 200, "OK")


def refuse(ksr: Routing, bad: BadMessage) -> None:
    """The status of what is wrong with it, and what that is."""
    ksr._reply_headers.append(("P-Registrar-Error", bad.reason))
    sl.answer_as_known(ksr, bad.status, PHRASES[bad.status])


def come_again(ksr: Routing, status: int) -> None:
    """It can't be stored at the moment: 500 or 503, and when to try again (RFC 3261 §21.5.1, §21.5.4)."""
    headers = (("Retry-After", str(ksr._proxy.settings.retry_after)),)
    sl.answer_as_known(ksr, status, PHRASES[status], headers)


def list_contacts(ksr: Routing, contacts: Sequence[Contact]) -> None:
    """All contacts in one Contact header of whatever response is made to this request; see max_listed."""
    settings = ksr._proxy.settings
    if settings.max_listed and not settings.users and not ksr._socket.reliable:
        contacts = _fitting(ksr, contacts)
    if contacts:
        ksr._reply_headers.append(("Contact", ", ".join(_written(contact, ksr._now) for contact in contacts)))


def _fitting(ksr: Routing, contacts: Sequence[Contact]) -> list[Contact]:
    """Those a list has room for that may not be so much larger than its request: those of the request first."""
    own = {contact.uri for contact in ksr._request.contacts}
    room, fit = ksr._proxy.settings.max_listed * len(ksr._request.raw), []
    for contact in sorted(contacts, key=lambda contact: contact.uri not in own):
        room -= len(_written(contact, ksr._now))
        if room >= 0:
            fit.append(contact)
    return [contact for contact in contacts if contact in fit]


def _written(contact: Contact, now: float) -> str:
    text = f"<{contact.uri}>"
    if contact.q is not None:
        text += f";q={contact.q:g}"
    text += f";expires={max(0, round(contact.expires_at - now))}"
    if contact.received:
        text += f';received="{contact.received}"'
    for name in ("+sip.instance", "reg-id"):
        value = contact.contact.param(name)
        if value is not None:
            text += f";{name}={value}"
    return text
