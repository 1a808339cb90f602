"""registrar: REGISTER in, addresses out (Kamailio's module of that name; RFC 3261 §10)."""

from __future__ import annotations

from collections.abc import Sequence

from labsip.modules import sl
from labsip.modules.usrloc import Contact, UsrLoc
from labsip.proxy.route import FAILURE, REQUEST, Routing, Target, word
from labsip.sip.errors import BadMessage, LabError, parse_number
from labsip.sip.headers import NameAddr
from labsip.sip.message import Request
from labsip.sip.uri import SipUri

NO_REPLY = 2
"""Flag of save: do not send the 200."""
METHODS = {
    name: 1 << bit
    for bit, name in enumerate(
        ("INVITE", "CANCEL", "ACK", "BYE", "INFO", "REGISTER", "SUBSCRIBE", "NOTIFY", "MESSAGE", "OPTIONS", "PRACK")
        + ("UPDATE", "REFER", "PUBLISH")
    )
}


@word(REQUEST, FAILURE)
def save(ksr: Routing, /, table: str, flags: int = 0) -> int:
    """Store the Contacts of a REGISTER under the user of its To, and answer it (RFC 3261 §10.3).

    1 inserted · 2 updated · 3 removed · 4 nothing to store, the list was sent · -1 refused, and answered so.
    `flags` 2: send no answer. Kamailio: registrar/save.c

    A time shorter than min_expires is raised to it without a 423, and an equal CSeq is taken, both unlike §10.3.
    """
    request, usrloc = ksr._request, ksr._proxy.module(UsrLoc)
    aor = _user(request.to.uri)
    try:
        result = _store(ksr, usrloc, table, aor)
    except BadMessage as bad:
        listed = _listed(usrloc.live(table, aor, ksr._now), ksr._now)
        sl.answer(ksr, bad.status, "Bad Request", (*listed, ("P-Registrar-Error", bad.reason)))
        return -1
    if not flags & NO_REPLY:
        sl.answer_as_known(ksr, 200, "OK", _listed(usrloc.live(table, aor, ksr._now), ksr._now))
    return result if request.method == "REGISTER" else 1


@word(REQUEST, FAILURE)
def lookup(ksr: Routing, /, table: str, uri: str = "") -> int:
    """Send the request to the contacts saved for its Request-URI, or for `uri` (RFC 3261 §16.5).

    The contact of the highest q becomes `$ru`, the others become branches; only the user part counts, the host does
    not.  1 found · -1 none · -3 the URI has no user.   Kamailio: registrar/lookup.c
    """
    aor = _user(uri or ksr._uri)
    if not aor:
        return -3
    contacts = ksr._proxy.module(UsrLoc).live(table, aor, ksr._now)
    if not contacts:
        return -1
    ksr._uri, ksr._dst_uri, ksr._uri_is_new = contacts[0].uri, None, True
    ksr._targets += [Target(contact.uri) for contact in contacts[1:]]
    return 1


@word(REQUEST, FAILURE)
def registered(ksr: Routing, /, table: str, uri: str = "") -> int:
    """Is anybody registered for the Request-URI, or for `uri`? 1 yes · -1 no.   Kamailio: registrar/lookup.c"""
    aor = _user(uri or ksr._uri)
    return 1 if ksr._proxy.module(UsrLoc).live(table, aor, ksr._now) else -1


@word(REQUEST, FAILURE)
def unregister(ksr: Routing, /, table: str, uri: str) -> int:
    """Remove all contacts of the user in `uri`. 1 done · -1 there were none.   Kamailio: registrar/save.c"""
    if not uri.lower().startswith(("sip:", "sips:")):
        raise LabError(f'{uri!r} is no SIP URI; write unregister("location", "sip:106@example.org")')
    return 1 if ksr._proxy.module(UsrLoc).remove(table, _user(uri)) else -1


def _user(uri: str) -> str:
    """The AoR a URI stands for: its user part only, as with use_domain=0."""
    return SipUri.parse(uri).user or ""


def _store(ksr: Routing, usrloc: UsrLoc, table: str, aor: str) -> int:
    request = ksr._request
    values = request.values("Contact")
    if "*" in values:
        return _remove_all(request, usrloc, table, aor, values)
    contacts = [NameAddr.parse(value) for value in values]
    for contact in contacts:
        SipUri.parse(contact.uri, any_scheme=True)
    _check_order(request, usrloc.contacts(table, aor), [contact.uri for contact in contacts])
    grants = [_granted(ksr, contact) for contact in contacts]  # all are read before any is stored
    results = [_bind(ksr, usrloc, table, aor, *pair) for pair in zip(contacts, grants, strict=True)]
    return min(results, default=4)


def _remove_all(request: Request, usrloc: UsrLoc, table: str, aor: str, values: list[str]) -> int:
    """`Contact: *` with Expires 0 (§10.2.2, §10.3 step 6)."""
    if len(values) > 1:
        raise BadMessage("* used in contact and more than 1 contact")
    if request.expires != 0:
        raise BadMessage("* used in contact and expires is not zero")
    usrloc.remove(table, aor)
    return 3


def _check_order(request: Request, known: Sequence[Contact], uris: Sequence[str]) -> None:
    """An older REGISTER may not undo a newer one (§10.3 step 7); an equal CSeq passes in Kamailio."""
    for old in known:
        if old.uri in uris and old.call_id == request.call_id and request.cseq.number < old.cseq:
            raise BadMessage("Invalid CSeq number")


def _bind(ksr: Routing, usrloc: UsrLoc, table: str, aor: str, contact: NameAddr, seconds: int) -> int:
    request = ksr._request
    if seconds == 0:
        usrloc.remove(table, aor, contact.uri)
        return 3
    record = Contact(
        aor=aor,
        contact=contact,
        expires_at=ksr._now + seconds,
        call_id=request.call_id,
        cseq=request.cseq.number,
        user_agent=request.get("User-Agent") or "n/a",
        socket=ksr._socket,
        methods=_methods(contact.param("methods") or request.get("Allow")),
        ruid=usrloc.new_ruid(),
        modified=ksr._now,
    )
    return 1 if usrloc.save(table, record) else 2


def _granted(ksr: Routing, contact: NameAddr) -> int:
    """Seconds a contact gets: its parameter, else the Expires header, else the default; within the limits."""
    settings = ksr._proxy.settings
    asked = contact.param("expires")
    if asked is not None:
        seconds = parse_number(asked, "expires")
    else:
        header = ksr._request.expires
        seconds = settings.default_expires if header is None else header
    if seconds == 0:
        return 0
    seconds = max(seconds, settings.min_expires)
    return min(seconds, settings.max_expires) if settings.max_expires else seconds


def _methods(text: str | None) -> int:
    if text is None:
        return -1
    names = text.strip('"').upper().replace(",", " ").split()
    return sum({METHODS.get(name, 0) for name in names})


def _listed(contacts: Sequence[Contact], now: float) -> tuple[tuple[str, str], ...]:
    """All contacts in one Contact header, as save answers."""
    if not contacts:
        return ()
    return (("Contact", ", ".join(_written(contact, now) for contact in contacts)),)


def _written(contact: Contact, now: float) -> str:
    text = f"<{contact.uri}>"
    if contact.q is not None:
        text += f";q={contact.q:g}"
    text += f";expires={max(0, round(contact.expires_at - now))}"
    for name in ("+sip.instance", "reg-id"):
        value = contact.contact.param(name)
        if value is not None:
            text += f";{name}={value}"
    return text
