"""usrloc: the location table, which user is at which address (Kamailio's module of that name, in memory)."""

from __future__ import annotations

from dataclasses import dataclass

from labsip.proxy.receive import Module, Proxy
from labsip.sip.headers import NameAddr
from labsip.sip.transport import Address, Datagram

NOT_SET = "[not set]"


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

    @property
    def uri(self) -> str:
        """Where a request for the user is sent."""
        return self.contact.uri

    def row(self, now: float) -> dict[str, object]:
        """The binding as `kamcmd ul.dump` prints it, its AoR first. Expires: seconds left, or `expired`."""
        left = round(self.expires_at - now)
        instance, reg_id = self.contact.param("+sip.instance"), self.contact.param("reg-id")
        return {
            "AoR": self.aor,
            "Address": self.uri,
            "Expires": left if self.expires_at > now else "expired",
            "Q": -1 if self.q is None else self.q,
            "Call-ID": self.call_id,
            "CSeq": self.cseq,
            "User-Agent": self.user_agent,
            "Received": NOT_SET,
            "Path": NOT_SET,
            "State": "CS_NEW",
            "Flags": 0,
            "CFlags": 0,
            "Socket": self.socket.with_proto,
            "Methods": self.methods,
            "Ruid": self.ruid,
            "Instance": NOT_SET if instance is None else instance.strip('"'),
            "Reg-Id": int(reg_id) if reg_id and reg_id.isdigit() else 0,
            "Server-Id": 0,
            "Tcpconn-Id": -1,
            "Keepalive": 0,
            "Last-Keepalive": int(self.modified),
            "KA-Roundtrip": 0,
            "Last-Modified": int(self.modified),
        }


class UsrLoc(Module):
    """The tables of one proxy, by name, each from AoR to its contacts in the order they came."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.tables: dict[str, dict[str, list[Contact]]] = {}
        self._start = proxy.ids.getrandbits(32)
        self._count = 0
        self._next_sweep: float | None = None

    def contacts(self, table: str, aor: str) -> list[Contact]:
        """All contacts of a user, expired ones too; highest q first, then as they came."""
        records = self.tables.get(table, {}).get(aor, [])
        return sorted(records, key=lambda c: -1.0 if c.q is None else c.q, reverse=True)

    def live(self, table: str, aor: str, now: float) -> list[Contact]:
        """The contacts of a user that have not expired."""
        return [contact for contact in self.contacts(table, aor) if contact.expires_at > now]

    def find(self, table: str, aor: str, uri: str) -> Contact | None:
        """The contact of a user at an address: letter by letter, which is Kamailio's default (matching_mode 0)."""
        return next((contact for contact in self.tables.get(table, {}).get(aor, []) if contact.uri == uri), None)

    def save(self, table: str, contact: Contact) -> None:
        """Insert a contact, or put it in the place of the one with the same address."""
        records = self.tables.setdefault(table, {}).setdefault(contact.aor, [])
        if self._next_sweep is None:
            self._next_sweep = contact.modified + self.proxy.settings.timer_interval
        for place, old in enumerate(records):
            if old.uri == contact.uri:
                records[place] = contact
                return
        records.append(contact)

    def remove(self, table: str, aor: str, uri: str | None = None) -> int:
        """Take out one contact of a user, or all of them; returns how many."""
        records = self.tables.get(table, {}).get(aor, [])
        kept = [] if uri is None else [contact for contact in records if contact.uri != uri]
        removed = len(records) - len(kept)
        if kept:
            self.tables[table][aor] = kept
        elif removed:
            del self.tables[table][aor]
        return removed

    def new_ruid(self) -> str:
        """A record's id, as Kamailio makes it: start, process, counter in hex."""
        self._count += 1
        return f"uloc-{self._start:08x}-{self._start & 0xFFFF:04x}-{self._count:x}"

    def rows(self, now: float, table: str = "location") -> list[dict[str, object]]:
        """The whole table as rows of `ul.dump`, by user, each with the contact of the highest q first."""
        return [contact.row(now) for aor in sorted(self.tables.get(table, {})) for contact in self.contacts(table, aor)]

    def next_wake(self) -> float | None:
        """When the table is swept next (seconds)."""
        return self._next_sweep

    def wake(self, now: float) -> list[Datagram]:
        """Sweep: expired contacts stay in the table until here, as in Kamailio (timer_interval)."""
        if self._next_sweep is None or now < self._next_sweep:
            return []
        for users in self.tables.values():
            for aor in list(users):
                users[aor] = [contact for contact in users[aor] if contact.expires_at > now]
                if not users[aor]:
                    del users[aor]
        self._next_sweep = now + self.proxy.settings.timer_interval if any(self.tables.values()) else None
        return []
