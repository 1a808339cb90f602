"""registrar: REGISTER in, addresses out (Kamailio's module of that name; RFC 3261 §10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from labsip.modules import sl
from labsip.modules.usrloc import Contact, UsrLoc
from labsip.proxy.arguments import checked_uri
from labsip.proxy.route import ANY, FAILURE, REQUEST, Routing, Target
from labsip.proxy.word import word
from labsip.sip.errors import BadMessage, LabError, parse_number
from labsip.sip.headers import PHRASES, NameAddr, split_list
from labsip.sip.message import Request
from labsip.sip.uri import SipUri

NO_REPLY = 2
"""Flag of save: do not send the 200."""
AOR_SIZE, CONTACT_SIZE, ID_SIZE = 64, 512, 255
"""Characters a user name, a contact's URI and a Call-ID may have, as the columns of Kamailio's table."""
CSEQ_DELAY = 20.0
"""For how long the same REGISTER again is taken for a repeat and changes nothing, in seconds (usrloc's cseq_delay)."""
_BITS = "INVITE CANCEL ACK BYE INFO REGISTER SUBSCRIBE NOTIFY MESSAGE OPTIONS PRACK UPDATE REFER PUBLISH"
METHODS = {name: 1 << bit for bit, name in enumerate(_BITS.split())}
"""Kamailio's bit for each method, as column Methods shows them."""


@word(REQUEST, FAILURE)
def save(ksr: Routing, /, table: str, flags: int | str = 0) -> int:
    """Store the Contacts of a REGISTER under the user of its To, and answer it (RFC 3261 §10.3).

    1 inserted, or nothing changed · 2 updated · 3 removed · 4 nothing to store, the list was sent · -1 refused, and
    answered so.   `flags` 2: send no answer. Kamailio: registrar/save.c

    A time shorter than min_expires is raised to it without a 423, unless reject_brief is set, and an equal CSeq is
    taken, both unlike §10.3. More than max_contacts of one user are refused with 503.
    """
    usrloc, quiet = ksr._proxy.module(UsrLoc), _is_quiet(flags)
    try:
        aor = _aor(ksr, SipUri.parse(ksr._request.to.uri))
        _check_sizes(ksr, aor)
        _path(ksr)  # read before anything is stored
        result = _store(ksr, usrloc, table, aor)
    except BadMessage as bad:
        if not quiet:
            ksr._reply_headers.append(("P-Registrar-Error", bad.reason))
            sl.answer_as_known(ksr, bad.status, PHRASES[bad.status])
        return -1
    if not quiet:
        _list_contacts(ksr, usrloc.live(table, aor, ksr._now))
        if (path := _path(ksr)) and "path" in ksr._request.values("Supported"):
            ksr._reply_headers.append(("Path", path))  # RFC 3327 §5.3
        sl.answer_as_known(ksr, 200, "OK")
    return result


@word(REQUEST, FAILURE)
def lookup(ksr: Routing, /, table: str, uri: str = "") -> int:
    """Send the request to the contacts saved for its Request-URI, or for `uri` (RFC 3261 §16.5).

    The contact of the highest q becomes `$ru`, the others become branches; only the user part counts, the host does
    not.  1 found · -1 none · -3 there is no SIP URI to look for.   Kamailio: registrar/lookup.c
    """
    aor = _asked_for(ksr, uri)
    if aor is None:
        return -3
    contacts = ksr._proxy.module(UsrLoc).live(table, aor, ksr._now)
    if ksr._proxy.settings.rfc and ksr._uri.lower().startswith("sips:"):  # §26.2.2: TLS all the way, or not at all
        contacts = [contact for contact in contacts if contact.contact.sip_uri.address.proto == "tls"]
    if not contacts:
        return -1
    first, *others = map(_target, contacts)
    ksr._uri, ksr._dst_uri, ksr._path, ksr._uri_is_new = first.uri, first.dst_uri, first.path, True
    ksr._q = first.q
    ksr._targets += others
    return 1


def _target(contact: Contact) -> Target:
    """Where a contact is reached: by the way its REGISTER came (RFC 3327 §5.4), or from where, if that was kept."""
    first = NameAddr.parse(split_list(contact.path)[0]).uri if contact.path else contact.received or None
    return Target(contact.uri, first, contact.path, contact.q)


@word(*ANY)
def registered(ksr: Routing, /, table: str, uri: str = "") -> int:
    """Is anybody registered for the Request-URI, or for `uri`? 1 yes · -1 no.   Kamailio: registrar/lookup.c"""
    aor = _asked_for(ksr, uri)
    return 1 if aor is not None and ksr._proxy.module(UsrLoc).live(table, aor, ksr._now) else -1


@word(*ANY)
def unregister(ksr: Routing, /, table: str, uri: str) -> int:
    """Remove all contacts of the user in `uri`. 1, also if there were none.   Kamailio: registrar/save.c"""
    usrloc, aor = ksr._proxy.module(UsrLoc), _aor(ksr, checked_uri(uri))
    with usrloc.at_once(table, aor):
        usrloc.remove(table, aor)
    return 1


def _is_quiet(flags: int | str) -> bool:
    if str(flags) not in ("0", str(NO_REPLY)):
        raise LabError(f'save takes the flags 0 and 2 (send no answer), not {flags!r}; write save("location")')
    return str(flags) == str(NO_REPLY)


def _asked_for(ksr: Routing, uri: str) -> str | None:
    """The AoR of `uri`, which a learner wrote, or of the Request-URI; None if that is no SIP URI."""
    if uri:
        return _aor(ksr, checked_uri(uri))
    try:
        return _aor(ksr, SipUri.parse(ksr._uri))
    except BadMessage:
        return None


def _aor(ksr: Routing, uri: SipUri) -> str:
    """The AoR a URI stands for: its user part, with use_domain its host too; escapes count for what they mean.

    Users differ by case, hosts don't (RFC 3261 §10.3 step 5, §19.1.4).
    """
    return unquote(uri.user or "") + _at_domain(ksr, uri)


def _at_domain(ksr: Routing, uri: SipUri) -> str:
    return f"@{uri.host.lower()}" if ksr._proxy.settings.use_domain else ""


def _store(ksr: Routing, usrloc: UsrLoc, table: str, aor: str) -> int:
    request = ksr._request
    values = request.values("Contact")
    if "*" in values:
        return _remove_all(ksr, usrloc, table, aor, values)
    contacts = [NameAddr.parse(value) for value in values]
    for contact in contacts:
        _ = contact.sip_uri, contact.q
    grants = [_granted(ksr, contact) for contact in contacts]  # all are read before any is stored
    known = [usrloc.find(table, aor, contact) for contact in contacts]
    _check_order(ksr, usrloc, table, aor, filter(None, known))
    wanted = list(zip(contacts, grants, strict=True))
    _check_room(ksr, usrloc, table, aor, wanted)
    with usrloc.at_once(table, aor):
        results = [_bind(ksr, usrloc, table, aor, *pair) for pair in wanted]
    return next((result for result in reversed(results) if result), 1) if contacts else 4


def _check_sizes(ksr: Routing, aor: str) -> None:
    """What is kept has its size: nobody may fill the table, or have a list sent that is too long to be one."""
    request = ksr._request
    domain = len(_at_domain(ksr, request.to.sip_uri))
    if len(aor) > AOR_SIZE + domain or domain > ID_SIZE:
        raise BadMessage("Address Of Record too long", 500)
    if any(len(contact.uri) > CONTACT_SIZE for contact in request.contacts):
        raise BadMessage("Contact/received too long")
    if len(request.call_id) > ID_SIZE:
        raise BadMessage("Callid too long")


def _remove_all(ksr: Routing, usrloc: UsrLoc, table: str, aor: str, values: list[str]) -> int:
    """`Contact: *` with Expires 0 (§10.2.2, §10.3 step 6); in Kamailio whatever its CSeq."""
    if len(values) > 1:
        raise BadMessage("* used in contact and more than 1 contact")
    if ksr._request.expires != 0:
        raise BadMessage("* used in contact and expires is not zero")
    if ksr._proxy.settings.rfc:
        _check_order(ksr, usrloc, table, aor, usrloc.contacts(table, aor))
    with usrloc.at_once(table, aor):
        usrloc.remove(table, aor)
    return 3


def _check_order(ksr: Routing, usrloc: UsrLoc, table: str, aor: str, known: Iterable[Contact]) -> None:
    """An older REGISTER may not undo a newer one (§10.3 step 7); an equal CSeq passes in Kamailio."""
    request = ksr._request
    oldest = request.cseq.number - ksr._proxy.settings.rfc
    for old in known:
        if old.call_id == request.call_id and oldest < old.cseq:
            _list_contacts(ksr, usrloc.live(table, aor, ksr._now))
            raise BadMessage("Invalid CSeq number")


def _check_room(ksr: Routing, usrloc: UsrLoc, table: str, aor: str, wanted: Sequence[tuple[NameAddr, int]]) -> None:
    """One user may take only so many places (max_contacts); who leaves one may take another."""
    most = ksr._proxy.settings.max_contacts
    places = {contact.uri for contact in usrloc.live(table, aor, ksr._now)}
    for contact, seconds in wanted:
        old = usrloc.find(table, aor, contact)
        place = contact.uri if old is None else old.uri
        places = places | {place} if seconds else places - {place}
    if most and len(places) > most:
        raise BadMessage("Too many registered contacts", 503)


def _bind(ksr: Routing, usrloc: UsrLoc, table: str, aor: str, contact: NameAddr, seconds: int) -> int:
    """Store or remove one contact: 1 inserted · 2 updated · 3 removed · 0 nothing changed."""
    request = ksr._request
    old = usrloc.find(table, aor, contact)
    if old is not None and _is_repeat(request, old) and ksr._now < old.modified + CSEQ_DELAY:
        return 0
    if seconds == 0:
        return 3 if old is not None and usrloc.remove(table, aor, old.ruid) else 0
    record = Contact(
        aor=aor,
        contact=NameAddr(contact.uri, tuple(param for param in contact.params if _is_kept(*param))),
        q=contact.q,
        expires_at=ksr._now + seconds,
        call_id=request.call_id,
        cseq=request.cseq.number,
        user_agent=(request.get("User-Agent") or "n/a")[:ID_SIZE],
        socket=ksr._socket,
        methods=_methods(contact.param("methods") or request.get("Allow")),
        ruid=usrloc.new_ruid() if old is None else old.ruid,
        modified=ksr._now,
        path=_path(ksr),
        received=ksr._received,
        domain=_at_domain(ksr, request.to.sip_uri)[1:],
    )
    usrloc.save(table, record)
    ksr._proxy.copies.registered(ksr._datagram.src.host, record.expires_at)
    return 1 if old is None else 2


def _is_kept(name: str, value: str | None) -> bool:
    return name.lower() in ("+sip.instance", "reg-id") and len(value or "") <= ID_SIZE


def _path(ksr: Routing) -> str:
    """The Path of a REGISTER, if it is kept (use_path). Raises BadMessage if it can't be read."""
    values = ksr._request.values("Path") if ksr._proxy.settings.use_path else []
    for value in values:
        _ = NameAddr.parse(value).sip_uri
    return ", ".join(values)


def _is_repeat(request: Request, old: Contact) -> bool:
    return (old.call_id, old.cseq) == (request.call_id, request.cseq.number)


def _granted(ksr: Routing, contact: NameAddr) -> int:
    """Seconds a contact gets: its parameter, else the Expires header, else the default; within the limits."""
    settings = ksr._proxy.settings
    asked = contact.param("expires") or ksr._request.get("Expires")
    try:
        seconds = settings.default_expires if asked is None else parse_number(asked, "Expires")
    except BadMessage:  # §20.10: malformed values SHOULD be treated as 3600
        seconds = settings.default_expires
    if seconds == 0:
        return 0
    if settings.reject_brief and seconds < settings.min_expires:
        ksr._reply_headers.append(("Min-Expires", str(settings.min_expires)))
        raise BadMessage("Interval Too Brief", 423)  # §10.3 step 7
    seconds = max(seconds, settings.min_expires)
    return min(seconds, settings.max_expires) if settings.max_expires else seconds


def _methods(text: str | None) -> int:
    if text is None:
        return -1
    names = text.strip('"').upper().replace(",", " ").split()
    return sum({METHODS.get(name, 0) for name in names})


def _list_contacts(ksr: Routing, contacts: Sequence[Contact]) -> None:
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
