"""usrloc: the location table, which user is at which address (Kamailio's module of that name)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Protocol

from labsip.proxy.module import Module
from labsip.proxy.receive import Proxy
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import NameAddr
from labsip.sip.transport import Address, Datagram

NOT_SET = "[not set]"
SWEPT = 100
"""Users looked at in one go of a sweep: messages that come meanwhile don't wait for all."""


@dataclass
class Contact:
    """One binding: an address one user can be reached at. Times in seconds of the proxy's clock."""

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

    @property
    def uri(self) -> str:
        """Where a request for the user is sent."""
        return self.contact.uri

    @property
    def instance(self) -> tuple[str, int]:
        """Which phone it is, by its own account, and which of its ways (RFC 5626 §4.2); "" and 0 if it did not say."""
        return instance_of(self.contact)

    def row(self, now: float) -> dict[str, object]:
        """The binding as `kamcmd ul.dump` prints it, its AoR first. Expires: seconds left, or `expired`."""
        left = round(self.expires_at - now)
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
            "CFlags": 0,
            "Socket": self.socket.with_proto,
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


def instance_of(contact: NameAddr) -> tuple[str, int]:
    """`+sip.instance` and `reg-id` of a Contact."""
    instance, reg_id = contact.param("+sip.instance"), contact.param("reg-id")
    return (instance or "").strip('"'), int(reg_id) if reg_id and reg_id.isdecimal() else 0


class Store(Protocol):
    """Where contacts outlive the process. Who is told that a change was made can rely on it: it was written before."""

    def load(self) -> Iterable[Contact]:
        """All contacts it holds."""

    def save(self, contact: Contact) -> None:
        """Keep a contact, in the place of the one with the same ruid. Raises LabError if it can't."""

    def remove(self, ruid: str) -> None:
        """Keep it no longer. Raises LabError if it can't."""

    def at_once(self) -> AbstractContextManager[None]:
        """What is kept or kept no longer within is so as a whole, or not at all. Raises LabError if it can't be."""


class UsrLoc(Module):
    """The tables of one proxy, by name, each from AoR to its contacts in the order they came."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.tables: dict[str, dict[str, list[Contact]]] = {}
        self._start = proxy.ids.getrandbits(32)
        self._count = 0
        self._next_sweep: float | None = None
        self._unswept: list[tuple[str, str]] = []
        """Tables and users the sweep that has begun has still to look at."""
        self._stores: dict[str, Store] = {}
        """By table; one that is in none is in memory alone (db_mode 0)."""
        self._watched = proxy.trace.tables

    def keep(self, table: str, store: Store, now: float) -> None:
        """Go on with the contacts of a store, and write each change to it from now on (db_mode 1, write-through)."""
        for contact in list(store.load()):
            if contact.expires_at > now:
                self._insert(table, contact)
                with suppress(BadMessage):  # whether its REGISTER came from there was not kept
                    self.proxy.copies.registered(contact.contact.sip_uri.address.host, contact.expires_at)
            else:
                store.remove(contact.ruid)
        self._next_sweep = now + self.proxy.settings.timer_interval if self.tables.get(table) else None
        self._stores[table] = store

    def contacts(self, table: str, aor: str) -> list[Contact]:
        """All contacts of a user, expired ones too; highest q first, then as they came."""
        records = self.tables.get(table, {}).get(aor, [])
        return sorted(records, key=lambda c: -1.0 if c.q is None else c.q, reverse=True) if records[1:] else [*records]

    def live(self, table: str, aor: str, now: float) -> list[Contact]:
        """The contacts of a user that have not expired."""
        return [contact for contact in self.contacts(table, aor) if contact.expires_at > now]

    def find(self, table: str, aor: str, contact: NameAddr) -> Contact | None:
        """The contact of a user at that address: letter by letter, which is Kamailio's default (matching_mode 0).

        Where the RFC is kept, URIs that mean the same are one address (RFC 3261 §10.3 step 7, §19.1.4). A phone that
        says which it is, and by which way, has one address for that way: the new one (RFC 5626 §6).
        """
        records = self.tables.get(table, {}).get(aor, [])
        asked = instance_of(contact)
        if all(asked) and (same := next((record for record in records if record.instance == asked), None)):
            return same
        same = next((record for record in records if record.uri == contact.uri), None)
        if same is None and self.proxy.settings.rfc:
            uri = contact.sip_uri
            same = next((record for record in records if record.contact.sip_uri.same_as(uri)), None)
        return same

    @contextmanager
    def at_once(self, table: str, aor: str) -> Iterator[None]:
        """All changes made within to the contacts of a user, or none of them where one fails (RFC 3261 §10.3)."""
        before = list(self.tables.get(table, {}).get(aor, ()))
        store = self._stores.get(table)
        try:
            with nullcontext() if store is None else store.at_once():
                yield
        except BaseException:
            self.tables.setdefault(table, {}).pop(aor, None)
            if before:
                self.tables[table][aor] = before
            self._touched(table, aor)
            raise

    def save(self, table: str, contact: Contact) -> None:
        """Insert a contact, or put it in the place of the one with the same ruid."""
        if table in self._stores:
            self._stores[table].save(contact)
        if self._next_sweep is None:
            self._next_sweep = contact.modified + self.proxy.settings.timer_interval
        self._insert(table, contact)

    def _insert(self, table: str, contact: Contact) -> None:
        records = self.tables.setdefault(table, {}).setdefault(contact.aor, [])
        place = next((place for place, old in enumerate(records) if old.ruid == contact.ruid), len(records))
        records[place : place + 1] = [contact]
        self._touched(table, contact.aor)

    def _touched(self, table: str, aor: str) -> None:
        if self._watched is not None:
            self._watched.touch(table, aor, tuple(self.contacts(table, aor)) or None)

    def remove(self, table: str, aor: str, ruid: str | None = None) -> int:
        """Take out one contact of a user, or all of them; returns how many."""
        records = self.tables.get(table, {}).get(aor, [])
        gone = [contact for contact in records if ruid in (None, contact.ruid)]
        for contact in gone:
            if table in self._stores:
                self._stores[table].remove(contact.ruid)
            records.remove(contact)
        if gone and not records:
            del self.tables[table][aor]
        self._touched(table, aor)
        return len(gone)

    def new_ruid(self) -> str:
        """A record's id, as Kamailio makes it: start, process, counter in hex."""
        self._count += 1
        return f"uloc-{self._start:08x}-{self._start & 0xFFFF:04x}-{self._count:x}"

    def rows(self, now: float, table: str = "location") -> list[dict[str, object]]:
        """The whole table as rows of `ul.dump`, by user, each with the contact of the highest q first."""
        return [contact.row(now) for aor in sorted(self.tables.get(table, {})) for contact in self.contacts(table, aor)]

    def held(self) -> dict[str, int]:
        """Contacts of all tables, expired ones too until they are swept."""
        return {"contacts": sum(len(records) for users in self.tables.values() for records in users.values())}

    def next_wake(self) -> float | None:
        """When the table is swept next (seconds)."""
        return self._next_sweep

    def wake(self, now: float) -> list[Datagram]:
        """Sweep: expired contacts stay in the table until here, as in Kamailio (timer_interval)."""
        if self._next_sweep is None or now < self._next_sweep:
            return []
        if not self._unswept:
            self._unswept = [(table, aor) for table, users in self.tables.items() for aor in users]
        try:
            self._sweep(self._unswept[-SWEPT:], now)
            del self._unswept[-SWEPT:]
        except LabError as error:  # its store is busy: the next sweep takes them
            self.proxy.trace.note(now, str(error))
            self._unswept.clear()
        if not self._unswept:
            self._next_sweep = now + self.proxy.settings.timer_interval if any(self.tables.values()) else None
        return []

    def _sweep(self, users: list[tuple[str, str]], now: float) -> None:
        for table, aor in users:
            for contact in self.contacts(table, aor):
                if contact.expires_at <= now:
                    self.remove(table, aor, contact.ruid)
