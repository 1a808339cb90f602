"""Whom `full` relays for: its own domains, its own users, and dialogs that began through it. Nobody else."""

from __future__ import annotations

from labsip.modules import rr
from labsip.modules.usrloc import UsrLoc
from labsip.proxy.listening import is_ip
from labsip.sip.errors import BadMessage
from labsip.sip.uri import SipUri
from labsip.vocabulary import Ksr


def is_ours(ksr: Ksr, uri: str) -> bool:
    """Whether a URI is of this proxy: one of its addresses or domains.

    As long as no domain was named, every name is ours: without DNS it could lead nowhere else.
    """
    host = _parsed(uri).host
    named = bool(ksr._proxy.settings.domains)
    return bool(ksr.is_myself(uri)) or (not named and bool(host) and not is_ip(host.strip("[]")))


def serves(ksr: Ksr) -> bool:
    """Whether a request to somewhere else is sent on for who sent it: one of our users (RFC 3261 §16.3 step 6)."""
    return bool(ksr._proxy.settings.users) or _lives_at(ksr, str(ksr["$fU"] or ""), ksr._datagram.src.host)


def began_here(ksr: Ksr) -> bool:
    """Whether a dialog's request may follow its Route: it bears our mark, or one end is a user who registered here.

    The mark is put into Record-Route and can't be made up; users are looked at for dialogs older than this process.
    """
    if rr.is_marked(ksr) or _lives_at(ksr, str(ksr["$fU"] or ""), ksr._datagram.src.host):
        return True
    return _lives_at(ksr, str(ksr["$tU"] or ""), _parsed(ksr._uri).host)


def may_cancel(ksr: Ksr) -> bool:
    """Whether a CANCEL for no INVITE we know is passed on to the user it is for (RFC 3261 §16.10).

    Where users have passwords, only from one who registered at that address: a CANCEL can't be challenged (§22.1), and
    by the answer of a phone anybody could tell who is registered.
    """
    return not ksr._proxy.settings.users or _lives_at(ksr, str(ksr["$fU"] or ""), ksr._datagram.src.host)


def has_room(ksr: Ksr) -> bool:
    """Whether another user may have contacts (max_users); those who have some may always refresh them."""
    known = ksr._proxy.module(UsrLoc).tables.get("location", {})
    most = ksr._proxy.settings.max_users
    return not most or len(known) < most or str(ksr["$tU"] or "") in known


def _lives_at(ksr: Ksr, user: str, host: str) -> bool:
    """Whether that user has registered a phone at that host."""
    live = ksr._proxy.module(UsrLoc).live("location", user, ksr._now)
    return any(_parsed(contact.uri).host.strip("[]") == host.strip("[]") for contact in live)


def _parsed(uri: str) -> SipUri:
    try:
        return SipUri.parse(uri, any_scheme=True)
    except BadMessage:
        return SipUri(None, "")
