"""One binding of the location table: an address one user can be reached at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple
from urllib.parse import unquote

from labsip.sip.headers import NameAddr
from labsip.sip.memo import remembered
from labsip.sip.transport import Address, bracketed, plain
from labsip.sip.uri import SipUri


@dataclass(slots=True)
class Origin:
    """Where a REGISTER came from, as a URI, if save is to keep it: a note on its turn (Kamailio's received_avp)."""

    uri: str = ""


@dataclass(frozen=True)
class UsrLocParameters:
    """Parameters of usrloc."""

    use_domain: bool = False
    """A user is user@host, not user alone (registrar)."""
    timer_interval: float = 60.0
    """How often expired contacts are swept from the table (usrloc)."""
    max_expires: int = 0
    """0: no limit (registrar)."""
    max_contacts: int = 0
    """How many contacts a user may have; 0: no limit (registrar)."""
    location_db_url: str = ""
    """Where the table `location` is kept, if db_mode is above 0 (usrloc's db_url)."""
    db_mode: int = 0
    """0: in memory alone; 1, 2 or 3: in that database, too, each change at once (usrloc)."""
    nat_bflag: int = -1
    """The flag of contacts behind NAT (usrloc)."""
    max_registered: int = 0
    """Contacts of all users together, of which no source takes another's share (`proxy.shares`); 0: no limit."""


NOT_SET = "[not set]"
LAST_WAY = 2**31 - 1
"""The largest reg-id (RFC 5626 §4.2); a larger one counts as none."""


@dataclass(slots=True)
class Contact:
    """One binding. Times in seconds of the proxy's clock."""

    aor: str
    contact: NameAddr
    q: float | None
    """Its preference, 0 to 1, None if it did not say."""
    expires_at: float
    call_id: str
    cseq: int
    user_agent: str
    socket: Address
    methods: int
    """Bit mask of the methods it takes, -1 if it did not say."""
    ruid: str
    modified: float
    path: str = ""
    """The Path its REGISTER came by, values of a Route (RFC 3327)."""
    received: str = ""
    """Where its REGISTER came from, as a URI, if that is not where it says it is (nathelper)."""
    domain: str = ""
    """What the AoR has behind its @, if it has a domain (use_domain)."""
    source: str = ""
    """Whose share of the table it takes (`proxy.shares`); "" if it was in the table before this process began."""
    flags: int = 0
    """Of the branches that go to it: those its REGISTER had (`setbflag`)."""

    @property
    def uri(self) -> str:
        """Where a request for the user is sent."""
        return self.contact.uri

    @property
    def instance(self) -> tuple[str, int]:
        """Which phone it is, by its own account, and which of its ways (RFC 5626 §4.2); "" and 0 if it did not say."""
        return instance_of(self.contact)

    def row(self, now: float) -> dict[str, object]:
        """The binding as `kamcmd ul.dump` prints it, its AoR first. Expires: seconds left, or a word."""
        left = "permanent" if self.expires_at == inf else round(self.expires_at - now)
        instance, reg_id = self.instance
        return {
            "AoR": self.aor,
            "Address": self.uri,
            "Expires": left if self.expires_at > now else "expired",
            "Q": -1 if self.q is None else self.q,
            "Call-ID": self.call_id,
            "CSeq": self.cseq,
            "User-Agent": self.user_agent,
            "Received": self.received or NOT_SET,
            "Path": self.path or NOT_SET,
            "State": "CS_NEW",
            "Flags": 0,
            "CFlags": self.flags,
            "Socket": self.socket.with_proto if self.socket.host else NOT_SET,
            "Methods": self.methods,
            "Ruid": self.ruid,
            "Instance": instance or NOT_SET,
            "Reg-Id": reg_id,
            "Server-Id": 0,
            "Tcpconn-Id": -1,
            "Keepalive": 0,
            "Last-Keepalive": int(self.modified),
            "KA-Roundtrip": 0,
            "Last-Modified": int(self.modified),
        }


class ExpiredContact(NamedTuple):
    """A contact whose time is over: what the block of that event is about."""

    contact: Contact
    table: str


def instance_of(contact: NameAddr) -> tuple[str, int]:
    """`+sip.instance` and `reg-id` of a Contact."""
    instance, text = contact.param("+sip.instance"), contact.param("reg-id") or ""
    reg_id = int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else 0
    return (instance or "").strip('"'), reg_id if reg_id <= LAST_WAY else 0


def match(records: Sequence[Contact], contact: NameAddr, *, equal_uris: bool) -> Contact | None:
    """Which of a user's contacts is at that address: letter by letter, Kamailio's default (matching_mode 0).

    Where the RFC is kept, URIs that mean the same are one address (RFC 3261 §10.3 step 7, §19.1.4). A phone that
    says which it is, and by which way, has one address for that way: the new one (RFC 5626 §6).
    """
    asked = instance_of(contact)
    if all(asked) and (same := next((record for record in records if record.instance == asked), None)):
        return same
    same = next((record for record in records if record.uri == contact.uri), None)
    if same is None and equal_uris:
        uri = _read(contact.uri)
        same = next((record for record in records if _read(record.uri).same_as(uri)), None)
    return same


@remembered(1024)  # of many contacts of one user each is compared with each
def _read(uri: str) -> SipUri:
    return SipUri.parse(uri, any_scheme=True)


def aor_of(uri: SipUri, *, use_domain: bool) -> str:
    """The AoR a URI stands for: its user part, with use_domain its host too; escapes count for what they mean.

    Users differ by case, hosts don't (RFC 3261 §10.3 step 5, §19.1.4).
    """
    user = unquote(uri.user_name or "")
    return f"{user}@{domain_of(uri)}" if use_domain else user


def domain_of(uri: SipUri) -> str:
    """The host of a URI as an AoR has it: in one spelling, an IPv6 address in brackets."""
    return bracketed(plain(uri.host)).lower()
