"""What a REGISTER asks for (RFC 3261 §10.3 steps 6 and 7): its contacts, for how long, and whether there is room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labsip.modules.auth import AuthParameters
from labsip.modules.registrar.answer import RegistrarParameters, list_contacts
from labsip.modules.usrloc import Change, Contact, Origin, UsrLoc, UsrLocParameters, domain_of, match
from labsip.proxy.shares import source_of
from labsip.proxy.turn import Turn
from labsip.sip.errors import LONGEST, BadMessage, parse_seconds
from labsip.sip.headers import NameAddr
from labsip.sip.message import Request

AOR_SIZE, CONTACT_SIZE, PATH_SIZE, ID_SIZE = 64, 512, 512, 255
"""Characters of a user name, of a contact's URI, of a Path, and of all else, as the columns of Kamailio's table."""
CSEQ_DELAY = 20.0
"""For how long the same REGISTER again is taken for a repeat and changes nothing, in seconds (usrloc's cseq_delay)."""
MOST_SECONDS = 2**31 - 1
"""Kamailio counts no further: what asks for more gets default_expires."""
_BITS = "INVITE CANCEL ACK BYE INFO REGISTER SUBSCRIBE NOTIFY MESSAGE OPTIONS PRACK UPDATE REFER PUBLISH"
METHODS = {name: 1 << bit for bit, name in enumerate(_BITS.split())}
"""Kamailio's bit for each method, as column Methods shows them."""


@dataclass(slots=True)
class Asked:
    """What a REGISTER asks of one user's contacts; its contacts share what they have in common."""

    turn: Turn
    usrloc: UsrLoc
    table: str
    aor: str
    path: str
    domain: str
    user_agent: str
    source: str

    @classmethod
    def read(cls, turn: Turn, usrloc: UsrLoc, table: str, aor: str) -> Asked:
        """Raises BadMessage for what is too long to be kept, or can't be read."""
        request, settings = turn.request, turn.proxy.settings
        domain = domain_of(request.to.sip_uri) if settings.of(UsrLocParameters).use_domain else ""
        user_agent = (request.get("User-Agent") or "n/a")[:ID_SIZE]
        # a user who has shown a password is a source of his own, wherever he is
        source = f"user {aor}" if settings.of(AuthParameters).users else source_of(turn.datagram.src.host)
        asked = cls(turn, usrloc, table, aor, _path(turn), domain, user_agent, source)
        _check_sizes(request, aor, domain)
        return asked

    def change(self) -> tuple[int, Change]:
        """What save returns, and what becomes of the user's contacts. Raises BadMessage if that is not to be."""
        before = list(self.usrloc.tables.get(self.table, {}).get(self.aor, ()))
        values = self.turn.request.values("Contact")
        if "*" in values:
            return 3, self._remove_all(before, values)
        if self._too_many(len(values) // 2):
            raise BadMessage("Too many registered contacts", 503)  # it could not even leave so many places
        contacts = [NameAddr.parse(value) for value in values]
        for contact in contacts:
            _ = contact.sip_uri, contact.q
        grants = [self._granted(contact) for contact in contacts]  # all are read before any is stored
        known = [self._match(before, contact) for contact in contacts]
        self._check_order(filter(None, known))
        after, results = list(before), []
        for contact, seconds in zip(contacts, grants, strict=True):
            results.append(self._bind(after, contact, seconds))
        self._check_room(before, after)
        result = next((result for result in reversed(results) if result), 1) if contacts else 4
        kept, gone = _without(after, before), _without(before, after)
        ruids = {contact.ruid for contact in kept}
        return result, Change(tuple(kept), tuple(contact for contact in gone if contact.ruid not in ruids))

    def _match(self, records: Sequence[Contact], contact: NameAddr) -> Contact | None:
        return match(records, contact, equal_uris=self.turn.proxy.settings.policy.equal_uris)

    def _remove_all(self, before: list[Contact], values: list[str]) -> Change:
        """`Contact: *` with Expires 0 (§10.2.2, §10.3 step 6); in Kamailio whatever its CSeq."""
        if len(values) > 1:
            raise BadMessage("* used in contact and more than 1 contact")
        if self.turn.request.expires != 0:
            raise BadMessage("* used in contact and expires is not zero")
        if self.turn.proxy.settings.policy.star_cseq:
            self._check_order(before)
        return Change(gone=tuple(before))

    def _check_order(self, known: Iterable[Contact]) -> None:
        """An older REGISTER may not undo a newer one (§10.3 step 7); an equal CSeq passes in Kamailio."""
        request = self.turn.request
        oldest = request.cseq.number - self.turn.proxy.settings.policy.rising_cseq
        for old in known:
            if old.call_id == request.call_id and oldest < old.cseq:
                list_contacts(self.turn, self.usrloc.live(self.table, self.aor, self.turn.now))
                raise BadMessage("Invalid CSeq number")

    def _too_many(self, number: int) -> bool:
        return 0 < self.turn.proxy.settings.of(UsrLocParameters).max_contacts < number

    def _check_room(self, before: list[Contact], after: list[Contact]) -> None:
        """One user may take only so many places (max_contacts), and one source (max_registered).

        Whoever leaves a place may take another, and what is there may be refreshed.
        """
        now = self.turn.now
        places, taken = (sum(contact.expires_at > now for contact in contacts) for contacts in (after, before))
        if places > taken and self._too_many(places):
            raise BadMessage("Too many registered contacts", 503)
        if not self.usrloc.has_room(self.source, len(after) - len(before), now):
            raise BadMessage("No room for another contact", 503)

    def _bind(self, records: list[Contact], contact: NameAddr, seconds: int) -> int:
        """Store or remove one contact: 1 inserted · 2 updated · 3 removed · 0 nothing changed."""
        request, now = self.turn.request, self.turn.now
        old = self._match(records, contact)
        if old is not None and _is_repeat(request, old) and now < old.modified + CSEQ_DELAY:
            return 0
        if seconds == 0:
            if old is None:
                return 0
            records.remove(old)
            return 3
        new = self._contact(contact, seconds, self.usrloc.new_ruid() if old is None else old.ruid)
        if old is None:
            records.append(new)
            return 1
        records[records.index(old)] = new
        return 2

    def _contact(self, contact: NameAddr, seconds: int, ruid: str) -> Contact:
        request = self.turn.request
        return Contact(
            aor=self.aor,
            contact=NameAddr(contact.uri, tuple(param for param in contact.params if _is_kept(*param))),
            q=contact.q,
            expires_at=self.turn.now + seconds,
            call_id=request.call_id,
            cseq=request.cseq.number,
            user_agent=self.user_agent,
            socket=self.turn.socket,
            methods=_methods(contact.param("methods"), request.get_all("Allow")),
            ruid=ruid,
            modified=self.turn.now,
            path=self.path,
            received=self.turn.note(Origin).uri,
            domain=self.domain,
            source=self.source,
            flags=self.turn.branch_flags,
        )

    def _granted(self, contact: NameAddr) -> int:
        """Seconds a contact gets: its parameter, else the Expires header, else the default; within the limits."""
        settings = self.turn.proxy.settings.of(RegistrarParameters)
        seconds = self._wanted(contact.param("expires") or self.turn.request.get("Expires"))
        if seconds == 0:
            return 0
        if settings.reject_brief and seconds < settings.min_expires:
            self.turn.reply_headers.append(("Min-Expires", str(settings.min_expires)))
            raise BadMessage("Interval Too Brief", 423)  # §10.3 step 7
        seconds = max(seconds, settings.min_expires)
        longest = self.turn.proxy.settings.of(UsrLocParameters).max_expires
        return min(seconds, longest) if longest else seconds

    def _wanted(self, text: str | None) -> int:
        """Seconds asked for; one beyond 2**32-1 is no reason to refuse anything, in the header or behind a Contact.

        Kamailio gives the default beyond 2**31-1: always, where it does not count over the end of its number.
        """
        settings = self.turn.proxy.settings.of(RegistrarParameters)
        try:
            seconds = settings.default_expires if text is None else parse_seconds(text, "Expires")
        except BadMessage:  # §10.2.1.1: malformed values SHOULD be treated as 3600
            return settings.default_expires
        longest = LONGEST if self.turn.proxy.settings.policy.longest_expires else MOST_SECONDS
        return seconds if seconds <= longest else settings.default_expires


def _check_sizes(request: Request, aor: str, domain: str) -> None:
    """What is kept has its size: nobody may fill the table, or have a list sent that is too long to be one."""
    if len(aor) > AOR_SIZE + len(domain) + bool(domain) or len(domain) >= ID_SIZE:
        raise BadMessage("Address Of Record too long", 500)
    if any(len(contact.uri) > CONTACT_SIZE for contact in request.contacts):
        raise BadMessage("Contact/received too long")
    if len(request.call_id) > ID_SIZE:
        raise BadMessage("Callid too long")


def _path(turn: Turn) -> str:
    """The Path of a REGISTER, if it is kept (use_path). Raises BadMessage if it can't be read, or is too long.

    400, as in Kamailio, which takes 254 characters: what a Path leads through can't be left out of it.
    """
    values = turn.request.values("Path") if turn.proxy.settings.of(RegistrarParameters).use_path else []
    for value in values:
        _ = NameAddr.parse(value).sip_uri
    path = ", ".join(values)
    if len(path) > PATH_SIZE:
        raise BadMessage("Path too long")
    return path


def _without(contacts: list[Contact], others: list[Contact]) -> list[Contact]:
    known = set(map(id, others))
    return [contact for contact in contacts if id(contact) not in known]


def _is_kept(name: str, value: str | None) -> bool:
    return name.lower() in ("+sip.instance", "reg-id") and len(value or "") <= ID_SIZE


def _is_repeat(request: Request, old: Contact) -> bool:
    return (old.call_id, old.cseq) == (request.call_id, request.cseq.number)


def _methods(text: str | None, allowed: Sequence[str]) -> int:
    if text is None and not allowed:
        return -1
    names = (text or ",".join(allowed)).strip('"').upper().replace(",", " ").split()
    return sum({METHODS.get(name, 0) for name in names})
