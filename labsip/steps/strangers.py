"""Whom `full` relays for: its own domains, its own users, and dialogs that began through it. Nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from labsip.modules.dialog import Dialogs, Way
from labsip.modules.usrloc import UsrLoc
from labsip.proxy.settings import Settings
from labsip.sip.errors import BadMessage
from labsip.sip.transport import Address, plain
from labsip.sip.uri import SipUri
from labsip.vocabulary import Ksr


def is_ours(ksr: Ksr, uri: str) -> bool:
    """Whether a URI is of this proxy: one of its addresses or domains.

    As long as no domain was named, every name is ours: without DNS it could lead nowhere else.
    """
    return ksr._proxy.is_for_us(_parsed(uri))


def realm_of(ksr: Ksr) -> str:
    """What a challenge is for: the setting, else the sender's domain if that is one of ours, else our first."""
    ours = realms(ksr._proxy.settings, ksr._proxy.addresses)
    domain = str(ksr["$fd"] or "").lower()
    return domain if domain in ours else ours[0]


def realms(settings: Settings, addresses: Iterable[Address]) -> list[str]:
    """All that challenges may be for: the setting, else our domains and addresses."""
    return [settings.realm] if settings.realm else [*settings.domains, *(address.host for address in addresses)]


def serves(ksr: Ksr) -> bool:
    """Whether a request to somewhere else is sent on for its sender: one of our users (RFC 3261 §16.3 step 6).

    Where users have passwords, the sender has shown one by now.
    """
    return bool(ksr._proxy.settings.users) or _lives_at(ksr, str(ksr["$fU"] or ""), ksr._datagram.src.host)


def way_of(ksr: Ksr) -> Way | None:
    """The way of a dialog's request; None if the dialog did not begin here, or somebody else sent this."""
    return ksr._proxy.module(Dialogs).way(ksr) if ksr.has_totag() else None


def keeps_to(ksr: Ksr, way: Way) -> bool:
    """Whether the request leads to the other end of its dialog; targets that lead elsewhere are taken out."""
    first = way.leads_to(ksr._dst_uri or ksr._uri)
    ksr._uri_is_new = ksr._uri_is_new and first
    ksr._targets = [target for target in ksr._targets if way.leads_to(target.dst_uri or target.uri)]
    return first or bool(ksr._targets)


def may_cancel(ksr: Ksr) -> bool:
    """Whether a CANCEL for no INVITE we know is passed on to the user it is for (RFC 3261 §16.10).

    Where users have passwords, only from one who registered at that address: a CANCEL can't be challenged (§22.1), and
    by the answer of a phone anybody could tell who is registered.
    """
    return not ksr._proxy.settings.users or _lives_at(ksr, str(ksr["$fU"] or ""), ksr._datagram.src.host)


def _lives_at(ksr: Ksr, user: str, host: str) -> bool:
    """Whether that user has registered a phone at that host."""
    live = ksr._proxy.module(UsrLoc).live("location", unquote(user), ksr._now)
    return any(plain(_parsed(contact.uri).host) == plain(host) for contact in live)


def _parsed(uri: str) -> SipUri:
    try:
        return SipUri.parse(uri, any_scheme=True)
    except BadMessage:
        return SipUri(None, "")
