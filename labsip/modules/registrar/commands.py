"""What a route says of registrations: save, lookup, registered, unregister."""

from __future__ import annotations

from functools import partial
from urllib.parse import unquote

from labsip.modules.registrar.answer import RegistrarParameters, come_again, confirm, refuse
from labsip.modules.registrar.binding import METHODS, Asked
from labsip.modules.tm import Tm
from labsip.modules.tm.events import after_request
from labsip.modules.usrloc import Contact, UsrLoc, UsrLocParameters, aor_of
from labsip.proxy.arguments import checked_uri
from labsip.proxy.command import command
from labsip.proxy.script import ANY, FAILURE, REQUEST, Target
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import NameAddr, split_list
from labsip.sip.transaction import server_key
from labsip.sip.transport import Datagram, plain
from labsip.sip.uri import SipUri

NO_REPLY = 2
"""Flag of save: do not send the 200."""


@command(REQUEST, FAILURE)
def save(turn: Turn, /, table: str, flags: int | str = 0) -> int:
    """Store the Contacts of a REGISTER under the user of its To, and answer it (RFC 3261 §10.3).

    1 inserted, or nothing changed · 2 updated · 3 removed · 4 nothing to store, the list was sent · -1 refused, and
    answered so.   `flags` 2: send no answer. Kamailio: registrar/save.c

    A time shorter than min_expires is raised to it without a 423, unless reject_brief is set, and an equal CSeq is
    taken, both unlike §10.3. More than max_contacts of one user are refused with 503.

    Where the table is kept in a file that is written beside the loop, the code is what will be so; the answer goes
    out when it is, 500 if it can't be, and `lookup` finds what was there before until then.
    """
    usrloc, quiet = turn.module(UsrLoc), _is_quiet(flags)
    try:
        aor = _aor(turn, SipUri.parse(turn.request.to.uri))
        asked = Asked.read(turn, usrloc, table, aor)
        result, change = asked.change()
    except BadMessage as bad:
        if not quiet:
            refuse(turn, bad)
        return -1
    if any(change) and (aor in usrloc.waiting or usrloc.waiting.full):
        come_again(turn, 503)
        return -1
    if not usrloc.change(table, change, partial(_written, asked, quiet)):
        _wait(usrloc, turn, quiet)
    else:
        _made(asked, quiet)
    return result


def _made(asked: Asked, quiet: bool) -> None:
    """The change of a REGISTER is in the table."""
    turn, contacts = asked.turn, asked.usrloc.live(asked.table, asked.aor, asked.turn.now)
    if contacts:
        turn.proxy.copies.registered(turn.datagram.src.host, max(contact.expires_at for contact in contacts))
    if not quiet:
        confirm(turn, contacts, asked.path)


def _wait(usrloc: UsrLoc, turn: Turn, quiet: bool) -> None:
    """The answer comes when the change is written; until then the request's repeats are dropped (`UsrLoc`)."""
    usrloc.waiting.keys.add(server_key(turn.request))
    turn.suspended = not quiet


def _written(asked: Asked, quiet: bool, error: str, now: float) -> list[Datagram]:
    """The change of a REGISTER is written, or can't be."""
    turn = asked.turn
    turn.now, turn.outbox = now, []
    asked.usrloc.waiting.keys.discard(server_key(turn.request))
    if error:
        turn.proxy.trace.note(now, error)
    turn.suspended = False
    if not error:
        _made(asked, quiet)
    elif not quiet:
        come_again(turn, 500)
    after_request(turn.module(Tm), turn)
    turn.request.forget()
    return turn.outbox


@command(REQUEST, FAILURE)
def lookup(turn: Turn, /, table: str, uri: str = "") -> int:
    """Send the request to the contacts saved for its Request-URI, or for `uri` (RFC 3261 §16.5).

    The contact of the highest q becomes `$ru`, the others become branches; only the user part counts, the host does
    not.  1 found · -1 none · -2 none that takes this method (method_filtering) · -3 there is no SIP URI to look for.
    Kamailio: registrar/lookup.c
    """
    aor = _asked_for(turn, uri)
    if aor is None:
        return -3
    contacts = turn.module(UsrLoc).live(table, aor, turn.now)
    # §26.2.2: TLS all the way, or not at all
    if turn.proxy.settings.policy.sips and turn.uri.lower().startswith("sips:"):
        contacts = [contact for contact in contacts if contact.contact.sip_uri.address.transport.secure]
    if not contacts:
        return -1
    given = turn.proxy.settings.of(RegistrarParameters)
    if given.method_filtering:
        bit = METHODS.get(turn.request.method, -1)
        contacts = [contact for contact in contacts if contact.methods & bit]
        if not contacts:
            return -2
    first, *others = map(_target, contacts if given.append_branches else contacts[:1])
    turn.uri, turn.dst_uri, turn.path, turn.uri_is_new = first.uri, first.dst_uri, first.path, True
    turn.q, turn.branch_flags = first.q, first.flags
    turn.targets += others
    return 1


def _target(contact: Contact) -> Target:
    """Where a contact is reached: by the way its REGISTER came (RFC 3327 §5.4), or from where, if that was kept."""
    first = NameAddr.parse(split_list(contact.path)[0]).uri if contact.path else contact.received or None
    return Target(contact.uri, first, contact.path, contact.q, contact.flags)


@command(*ANY)
def registered(turn: Turn, /, table: str, uri: str = "") -> int:
    """Is anybody registered for the Request-URI, or for `uri`? 1 yes · -1 no.   Kamailio: registrar/lookup.c"""
    aor = _asked_for(turn, uri)
    return 1 if aor is not None and turn.module(UsrLoc).live(table, aor, turn.now) else -1


@command(*ANY)
def unregister(turn: Turn, /, table: str, uri: str) -> int:
    """Remove all contacts of the user in `uri`. 1, also if there were none.   Kamailio: registrar/save.c"""
    turn.module(UsrLoc).clear(table, _aor(turn, checked_uri(uri)), turn.now)
    return 1


@command(*ANY, returns=bool, of="labsip")
def registered_at(turn: Turn, /, table: str, uri: str, host: str) -> int:
    """Has the user in `uri` registered a phone at that host? 1 yes · -1 no, or it is no SIP URI.

    Kamailio: none; labsip's own (there, reg_fetch_contacts and a loop over $ulc)
    """
    try:
        user = unquote(SipUri.parse(uri).user_name or "")
    except BadMessage:
        return -1
    contacts = turn.module(UsrLoc).live(table, user, turn.now)
    return 1 if any(_host(contact.uri) == plain(host) for contact in contacts) else -1


def _host(uri: str) -> str:
    try:
        return plain(SipUri.parse(uri, any_scheme=True).host)
    except BadMessage:
        return ""


def _is_quiet(flags: int | str) -> bool:
    if str(flags) not in ("0", str(NO_REPLY)):
        raise LabError(f'save takes the flags 0 and 2 (send no answer), not {flags!r}; write save("location")')
    return str(flags) == str(NO_REPLY)


def _asked_for(turn: Turn, uri: str) -> str | None:
    """The AoR of `uri`, which a learner wrote, or of the Request-URI; None if that is no SIP URI."""
    if uri:
        return _aor(turn, checked_uri(uri))
    try:
        return _aor(turn, SipUri.parse(turn.uri))
    except BadMessage:
        return None


def _aor(turn: Turn, uri: SipUri) -> str:
    return aor_of(uri, use_domain=turn.proxy.settings.of(UsrLocParameters).use_domain)
