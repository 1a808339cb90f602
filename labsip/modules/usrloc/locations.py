"""The location tables of one proxy, and how they change."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from labsip.modules.databases import Databases
from labsip.modules.usrloc.contact import Contact, ExpiredContact, UsrLocParameters, aor_of
from labsip.modules.usrloc.store import Change, Report, Store, WriteQueue
from labsip.proxy.happenings import run_event
from labsip.proxy.receive import Proxy
from labsip.proxy.shares import Shares
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.transaction import Key, server_key
from labsip.sip.transport import Datagram

SWEPT = 100
"""Users looked at in one go of a sweep: messages that come meanwhile don't wait for all."""

EXPIRED = "usrloc:contact-expired"
"""The event of a contact whose time is over, before it is swept."""


class UsrLoc(ModuleState):
    """The tables of one proxy, by name, each from AoR to its contacts in the order they came."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.tables: dict[str, dict[str, list[Contact]]] = {}
        self.waiting = WriteQueue()
        self.swept = 0
        """Contacts taken out since they had expired."""
        self.shares = Shares(0, 0)
        """What of the room each source's contacts take (max_registered)."""
        self._start = proxy.ids.getrandbits(32)
        self._count = 0
        self._next_sweep: float | None = None
        self._unswept: list[tuple[str, str]] = []
        """Tables and users the sweep that has begun has still to look at."""
        self._sweeping = False
        """Whether a part of it is being written."""
        self._stores: dict[str, Store] = {}
        """By table; one that is in none is in memory alone (db_mode 0)."""
        self._watched = proxy.trace.tables
        if self.parameters.db_mode and self.parameters.location_db_url:
            self.keep("location", self._stored(self.parameters.location_db_url), 0.0)

    def _stored(self, url: str) -> Store:
        """The table `location` of a db_url. Raises LabError where that is no file."""
        database = self.proxy.module(Databases).at(url, "usrloc")
        location = getattr(database, "location", None)
        if location is None:
            raise LabError("usrloc: db_url leads to a database that keeps no contacts; give an SQLite file")
        store: Store = location(self.proxy.began)
        return store

    @property
    def parameters(self) -> UsrLocParameters:
        """Those of the proxy now."""
        return self.proxy.settings.of(UsrLocParameters)

    def keep(self, table: str, store: Store, now: float) -> None:
        """Go on with the contacts of a store, and write each change to it from now on (db_mode 1, write-through)."""
        known, longest = list(store.load()), self.parameters.max_expires
        live = [contact for contact in known if contact.expires_at > now]
        for contact in live if longest else ():
            contact.expires_at = min(contact.expires_at, now + longest)  # it may have been granted without a limit
        self._apply(table, Change(kept=tuple(live)))
        for contact in live:
            with suppress(BadMessage):  # whether its REGISTER came from there was not kept
                self.proxy.copies.registered(contact.contact.sip_uri.address.host, contact.expires_at)
        if over := tuple(contact for contact in known if contact.expires_at <= now):
            store.write(Change(gone=over), _nothing)
        self._next_sweep = now + self.parameters.timer_interval if self.tables.get(table) else None
        self._stores[table] = store

    def contacts(self, table: str, aor: str) -> list[Contact]:
        """All contacts of a user, expired ones too; highest q first, then as they came."""
        records = self.tables.get(table, {}).get(aor, [])
        return sorted(records, key=lambda c: -1.0 if c.q is None else c.q, reverse=True) if records[1:] else [*records]

    def live(self, table: str, aor: str, now: float) -> list[Contact]:
        """The contacts of a user that have not expired."""
        return [contact for contact in self.contacts(table, aor) if contact.expires_at > now]

    def has_room(self, source: str, more: int, now: float) -> bool:
        """Whether a source may have so many contacts more than it has.

        All together may have max_registered, a source always its share of that. Contacts live long, and someone who
        forges addresses is a new source each time, so beyond twice the room nobody has a share.
        """
        most = self.parameters.max_registered
        if not most or more <= 0:
            return True
        self.shares.room, self.shares.least = most, max(1, self.parameters.max_contacts)
        return self.shares.total + more <= 2 * most and self.shares.fits(source, now, more)

    # --- changes ----------------------------------------------------------------------------------------------

    def change(self, table: str, change: Change, told: Report) -> bool:
        """Make a change. True: it is made. False: it will be when it is written, and `told` hears of that.

        None of its users may have another under way (`waiting`). Raises LabError if it can't be made.
        """
        store = self._stores.get(table)
        if store is not None and any(change) and not store.write(change, partial(self._written, table, change, told)):
            self.waiting.begin(change.aors)
            return False
        self._apply(table, change)
        return True

    def clear(self, table: str, aor: str, now: float) -> list[Datagram]:  # noqa: ARG002 - an Act
        """Remove all contacts of a user, after what is being written for that user. Raises LabError if it can't."""
        if aor in self.waiting:
            self.waiting.follow(aor, partial(self.clear, table, aor))
        else:
            self.change(table, Change(gone=tuple(self.contacts(table, aor))), self.noted)
        return []

    def _written(self, table: str, change: Change, told: Report, error: str, now: float) -> list[Datagram]:
        """A store has written a change, or could not."""
        if not error:
            self._apply(table, change)
        out = told(error, now)
        self.proxy.trace.turn_over(now)
        return out + self.waiting.end(change.aors, now)

    def _apply(self, table: str, change: Change) -> None:
        for contact in change.gone:
            self._take_out(table, contact)
        for contact in change.kept:
            self._insert(table, contact)
            if self._next_sweep is None:
                self._next_sweep = contact.modified + self.parameters.timer_interval
        if self._watched is not None:
            for aor in change.aors:
                self._watched.touch(table, aor, tuple(self.contacts(table, aor)) or None)

    def _insert(self, table: str, contact: Contact) -> None:
        records = self.tables.setdefault(table, {}).setdefault(contact.aor, [])
        place = next((place for place, old in enumerate(records) if old.ruid == contact.ruid), len(records))
        for old in records[place : place + 1]:
            self.shares.give_back(old.source)
        records[place : place + 1] = [contact]
        self.shares.take(contact.source)

    def _take_out(self, table: str, contact: Contact) -> None:
        users = self.tables[table]
        users[contact.aor].remove(contact)
        self.shares.give_back(contact.source)
        if not users[contact.aor]:
            del users[contact.aor]

    def noted(self, error: str, now: float) -> list[Datagram]:
        """Nobody waits for the outcome of a change; the log has it if it went wrong."""
        if error:
            self.proxy.trace.note(now, error)
        return []

    # --- REGISTERs behind a change of their user --------------------------------------------------------------

    def before_request(self, turn: Turn) -> bool:
        """A REGISTER for a user whose contacts are being written waits for that; the same again is dropped."""
        if turn.request.method != "REGISTER" or not self.waiting:
            return False
        key = server_key(turn.request)
        if key in self.waiting.keys:
            return True
        try:
            aor = aor_of(turn.request.to.sip_uri, use_domain=self.parameters.use_domain)
        except BadMessage:
            return False
        if aor not in self.waiting or self.waiting.full:
            return False
        self.waiting.keys.add(key)
        self.waiting.follow(aor, partial(self._again, key, turn.datagram))
        return True

    def _again(self, key: Key, datagram: Datagram, now: float) -> list[Datagram]:
        self.waiting.keys.discard(key)
        return self.proxy.receive(datagram, now)

    # --- what is asked of it ----------------------------------------------------------------------------------

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

    # --- the sweep --------------------------------------------------------------------------------------------

    def next_wake(self) -> float | None:
        """When the table is swept next (seconds)."""
        return None if self._sweeping else self._next_sweep

    def wake(self, now: float) -> list[Datagram]:
        """Sweep: expired contacts stay in the table until here, as in Kamailio (timer_interval)."""
        if self._sweeping or self._next_sweep is None or now < self._next_sweep:
            return []
        if not self._unswept:
            self._unswept = [(table, aor) for table, users in self.tables.items() for aor in users]
        return self._sweep(now)

    def _sweep(self, now: float) -> list[Datagram]:
        """The next users, all of one table; those after them when that is written. Returns what their blocks send."""
        table = self._unswept[-1][0] if self._unswept else ""
        aors = [aor for of, aor in self._unswept[-SWEPT:] if of == table]
        del self._unswept[len(self._unswept) - len(aors) :]
        over = [c for aor in aors if aor not in self.waiting for c in self.contacts(table, aor) if c.expires_at <= now]
        self.swept += len(over)
        out = [sent for c in over for sent in run_event(self.proxy, EXPIRED, now, ExpiredContact(c, table))]
        try:
            self._sweeping = not self.change(table, Change(gone=tuple(over)), self._swept)
        except LabError as error:
            self._swept(str(error), now)
        else:
            if not self._sweeping:
                self._swept("", now)
        return out

    def _swept(self, error: str, now: float) -> list[Datagram]:
        self._sweeping = False
        if error:  # its store is busy: the next sweep takes them
            self._unswept.clear()
        if not self._unswept:
            self._next_sweep = now + self.parameters.timer_interval if any(self.tables.values()) else None
        return self.noted(error, now)


def _nothing(_error: str, _now: float) -> list[Datagram]:
    return []
