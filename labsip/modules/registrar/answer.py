"""What a REGISTER is answered: the list of contacts (RFC 3261 §10.3 step 8), or why it was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labsip.modules import sl
from labsip.modules.auth import AuthParameters
from labsip.modules.usrloc import Contact, UsrLocParameters
from labsip.proxy.receive import Proxy
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import BadMessage
from labsip.sip.headers import PHRASES


@dataclass(frozen=True)
class RegistrarParameters:
    """Parameters of registrar."""

    min_expires: int = 60
    reject_brief: bool = False
    """Answer 423 to a registration shorter than min_expires (RFC 3261 §10.3 step 7); Kamailio makes it longer."""
    use_path: bool = False
    """Keep the Path of a REGISTER, and send requests for the user that way (RFC 3327; registrar)."""
    default_expires: int = 3600
    method_filtering: bool = False
    """`lookup` finds only contacts that take the request's method (registrar)."""
    append_branches: bool = True
    """`lookup` finds all contacts of a user, not only the best (registrar)."""
    max_listed: int = 0
    """Contacts listed in the answer to a REGISTER, in times its size, where nobody has proved to have sent it: by UDP,
    without `users`. 0: all."""


class Registrations(ModuleState):
    """How many REGISTERs one proxy has accepted and refused."""

    accepted = rejected = 0


def statistics(proxy: Proxy, _: float) -> dict[str, int]:
    """What `stats.get_statistics registrar:` says."""
    counted, given = proxy.module(Registrations), proxy.settings.of(RegistrarParameters)
    limits = proxy.settings.of(UsrLocParameters)
    return {
        "accepted_regs": counted.accepted,
        "default_expire": given.default_expires,
        "default_expires_range": 0,
        "expires_range": 0,
        "max_contacts": limits.max_contacts,
        "max_expires": limits.max_expires,
        "rejected_regs": counted.rejected,
    }


def confirm(turn: Turn, contacts: Sequence[Contact], path: str) -> None:
    """200, with the contacts the user has now."""
    turn.module(Registrations).accepted += 1
    list_contacts(turn, contacts)
    if path and "path" in map(str.lower, turn.request.tokens("Supported")):
        turn.reply_headers.append(("Path", path))  # RFC 3327 §5.3
    sl.answer_as_known(turn, 200, "OK")


def refuse(turn: Turn, bad: BadMessage) -> None:
    """The status of what is wrong with it, and what that is."""
    turn.module(Registrations).rejected += 1
    turn.reply_headers.append(("P-Registrar-Error", bad.reason))
    sl.answer_as_known(turn, bad.status, PHRASES[bad.status])


def come_again(turn: Turn, status: int) -> None:
    """It can't be stored at the moment: 500 or 503, and when to try again (RFC 3261 §21.5.1, §21.5.4)."""
    headers = (("Retry-After", str(turn.proxy.settings.retry_after)),)
    sl.answer_as_known(turn, status, PHRASES[status], headers)


def list_contacts(turn: Turn, contacts: Sequence[Contact]) -> None:
    """All contacts in one Contact header of whatever response is made to this request; see max_listed."""
    most = turn.proxy.settings.of(RegistrarParameters).max_listed
    if most and not turn.proxy.settings.of(AuthParameters).users and not turn.socket.reliable:
        contacts = _fitting(turn, contacts)
    if contacts:
        turn.reply_headers.append(("Contact", ", ".join(_written(contact, turn.now) for contact in contacts)))


def _fitting(turn: Turn, contacts: Sequence[Contact]) -> list[Contact]:
    """Those a list has room for that may not be so much larger than its request: those of the request first."""
    own = {contact.uri for contact in turn.request.contacts}
    room, fit = turn.proxy.settings.of(RegistrarParameters).max_listed * len(turn.request.raw), []
    for contact in sorted(contacts, key=lambda contact: contact.uri not in own):
        room -= len(_written(contact, turn.now))
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
