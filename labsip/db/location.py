"""The location table in an SQLite file, in the columns of Kamailio's own table `location` (usrloc, db_mode 1)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from secrets import token_bytes

from labsip.db.sqlite import connect
from labsip.modules.usrloc import Change, Contact, Report
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import NameAddr
from labsip.sip.transport import Address

# fmt: off
COLUMNS = {
    "ruid": "VARCHAR(64) UNIQUE NOT NULL", "username": "VARCHAR(64) NOT NULL", "domain": "VARCHAR(64)",
    "contact": "VARCHAR(512) NOT NULL", "received": "VARCHAR(255)", "path": "VARCHAR(512)",
    "expires": "TIMESTAMP NOT NULL", "q": "REAL NOT NULL", "callid": "VARCHAR(255) NOT NULL",
    "cseq": "INTEGER NOT NULL", "last_modified": "TIMESTAMP NOT NULL", "flags": "INTEGER DEFAULT 0 NOT NULL",
    "cflags": "INTEGER DEFAULT 0 NOT NULL", "user_agent": "VARCHAR(255) NOT NULL", "socket": "VARCHAR(64)",
    "methods": "INTEGER", "instance": "VARCHAR(255)", "reg_id": "INTEGER DEFAULT 0 NOT NULL",
    "server_id": "INTEGER DEFAULT 0 NOT NULL", "connection_id": "INTEGER DEFAULT 0 NOT NULL",
    "keepalive": "INTEGER DEFAULT 0 NOT NULL", "partition": "INTEGER DEFAULT 0 NOT NULL",
}
# fmt: on
"""Kamailio's, in its order, behind `id`; times are UTC, q is -1 where it was not said."""
KEPT = (
    "ruid", "username", "contact", "expires", "q", "callid", "cseq", "last_modified", "user_agent", "socket", "methods",
    "instance", "reg_id", "path", "received", "domain", "cflags",
)  # fmt: skip
"""Those that have something to say, in the order of a row here."""

LAST = 253_402_300_799
"""The end of the year 9999, for what never ends."""

Value = str | bytes | int | float | None


class Rows:
    """Rows of contacts, by one clock.

    began: what the clock on the wall said (seconds since 1970) when the proxy's clock was 0.
    """

    def __init__(self, began: float) -> None:
        self._began = began

    def row(self, contact: Contact) -> tuple[Value, ...]:
        """The columns KEPT."""
        instance, reg_id = contact.instance
        domain = contact.domain
        return (
            contact.ruid,
            _text(contact.aor.removesuffix(f"@{domain}") if domain else contact.aor),
            _text(contact.uri),
            self._date(contact.expires_at),
            -1.0 if contact.q is None else contact.q,
            _text(contact.call_id),
            contact.cseq,
            self._date(contact.modified),
            _text(contact.user_agent),
            contact.socket.with_proto if contact.socket.host else None,
            None if contact.methods < 0 else contact.methods,
            _text(instance) if instance else None,
            reg_id,
            _text(contact.path) if contact.path else None,
            contact.received or None,
            _text(domain) if domain else None,
            contact.flags,
        )

    def contacts(self, rows: Iterable[Sequence[object]]) -> Iterator[Contact]:
        """The contacts of rows; what many of them say is kept once. Raises LabError for a row without a contact."""
        seen: dict[object, object] = {}
        for row in rows:
            try:
                contact = self._contact(row)
            except (BadMessage, LabError, ValueError, TypeError) as error:
                raise LabError(f"row {row[0]} of the location table can't be read: {error}") from None
            for name in ("user_agent", "path", "domain", "socket"):
                value = getattr(contact, name)
                setattr(contact, name, seen.setdefault(value, value))
            yield contact

    def _contact(self, row: Iterable[object]) -> Contact:
        ruid, user, uri, expires, q, call_id, cseq, modified, user_agent, socket, methods, instance, reg_id, *more = row
        path, received, domain = (_read(value) if value else "" for value in more[:3])
        params = [("+sip.instance", f'"{_read(instance)}"')] if instance else []
        params += [("reg-id", str(reg_id))] if reg_id else []
        preference = float(str(q))
        return Contact(
            aor=f"{_read(user)}@{domain}" if domain else _read(user),
            contact=NameAddr(_read(uri), tuple(params)),
            q=None if preference < 0 else preference,
            expires_at=self._seconds(expires),
            call_id=_read(call_id),
            cseq=int(str(cseq)),
            user_agent=_read(user_agent),
            socket=Address.parse(str(socket)) if socket else Address(""),
            methods=-1 if methods is None else int(str(methods)),
            ruid=str(ruid),
            modified=self._seconds(modified),
            path=path,
            received=received,
            domain=domain,
            flags=int(str(more[3] or 0)),
        )

    def _date(self, now: float) -> str:
        """`2026-11-24 16:30:00`: a whole second, the next one, that no binding ends before its time."""
        return datetime.fromtimestamp(ceil(min(self._began + now, LAST)), UTC).strftime("%Y-%m-%d %H:%M:%S")

    def _seconds(self, date: object) -> float:
        return datetime.fromisoformat(str(date)).replace(tzinfo=UTC).timestamp() - self._began


def _text(text: str) -> str | bytes:
    """Text, or the bytes where a phone sent what is no UTF-8."""
    if text.isascii():
        return text
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _read(value: object) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


PATIENCE = 2.0
"""How long a change waits for somebody else who writes to the file, in seconds; then its REGISTER is answered 500.

With those that were being written when it came, that is twice as long at most, far less than a phone waits (Timer F).
"""
AT_ONCE = (32, 8, 1)
"""Rows of a statement, as many as there are: each statement waits for Python's lock anew, each size is a new one."""
SECRET = 32
"""Bytes of it."""
OTHERS = 0o077
"""The bits of a file's mode that let others than its owner have it."""
_ROW = f"({', '.join('?' * len(KEPT))})"
_NEW = ", ".join(f"{name} = excluded.{name}" for name in KEPT)


class LocationFile:
    """Contacts on disk. What is saved here survives the end of the process at any moment; a power cut, up to the last
    moments before it (WAL, synchronous=NORMAL).

    A new file is its owner's alone: who is where, and a secret, are nobody else's business.

    began: what the clock on the wall said (seconds since 1970) when the proxy's clock was 0.
    Raises LabError if the file is no SQLite file, or its table `location` is another.
    """

    def __init__(self, path: Path, began: float) -> None:
        self.path = path
        self._rows = Rows(began)
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        try:
            with suppress(FileExistsError):
                path.touch(mode=0o600, exist_ok=False)
            self._db = connect(self, path, PATIENCE)
        except (OSError, sqlite3.Error) as error:
            raise LabError(f"{path} can't keep the location table: {error}") from None
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute(f"CREATE TABLE IF NOT EXISTS location (id INTEGER PRIMARY KEY NOT NULL, {columns})")
            self._db.execute(f"SELECT {', '.join(KEPT)} FROM location LIMIT 0")
        except sqlite3.Error as error:
            self._db.close()
            raise LabError(f"{path} can't keep the location table: {error}") from None

    @property
    def exposed(self) -> bool:
        """Whether others than the owner may read the file, or write to it."""
        return bool(self.path.stat().st_mode & OTHERS)

    def secret(self) -> bytes:
        """32 bytes that nobody else knows, the same as long as the file is there. Raises LabError."""
        try:
            self._db.execute("CREATE TABLE IF NOT EXISTS labsip (name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL)")
            self._db.execute("INSERT OR IGNORE INTO labsip VALUES ('secret', ?)", (token_bytes(SECRET),))
            (value,) = self._db.execute("SELECT value FROM labsip WHERE name = 'secret'").fetchone()
        except sqlite3.Error as error:
            raise LabError(f"{self.path} can't keep a secret: {error}") from None
        if not isinstance(value, bytes) or len(value) < SECRET:
            raise LabError(f"the secret in {self.path} is none; DELETE FROM labsip, and a new one is made")
        return value

    def load(self) -> Iterator[Contact]:
        """All contacts, in the order they came. Raises LabError for a row that can't be read."""
        try:
            yield from self._rows.contacts(self._db.execute(f"SELECT {', '.join(KEPT)} FROM location ORDER BY id"))
        except sqlite3.Error as error:  # a page of the file is damaged
            raise LabError(f"the location table can't be read: {error}") from None

    def write(self, change: Change, told: Report | None = None) -> bool:  # noqa: ARG002  # it is over when this returns
        """Make a change. Raises LabError if it can't be made."""
        (error,) = self.write_all([change])
        if error:
            raise LabError(error)
        return True

    def write_all(self, changes: Sequence[Change]) -> list[str]:
        """Make changes of different contacts; what went wrong with each, "" for nothing.

        They are written as one, for that costs hardly more than a single one does. Where one is refused, each is
        written by itself.
        """
        try:
            with self._transaction():
                self._keep([contact for change in changes for contact in change.kept])
                self._drop([contact for change in changes for contact in change.gone])
        except (sqlite3.Error, OverflowError, ValueError) as error:
            # locked, full, not to be written: what holds for one holds for all
            if len(changes) > 1 and not isinstance(error, sqlite3.OperationalError):
                return [text for change in changes for text in self.write_all([change])]
            return [f"the location table can't be written: {error}"] * len(changes)
        return [""] * len(changes)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All that is written within is in the file, or nothing of it, whenever the process ends."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.rollback()

    def _keep(self, contacts: Sequence[Contact]) -> None:
        for some in _portions(contacts):
            rows = [self._rows.row(contact) for contact in some]
            self._db.execute(
                f"INSERT INTO location ({', '.join(KEPT)}) VALUES {', '.join([_ROW] * len(rows))} "
                f"ON CONFLICT (ruid) DO UPDATE SET {_NEW}",
                [value for row in rows for value in row],
            )

    def _drop(self, contacts: Sequence[Contact]) -> None:
        for some in _portions(contacts):
            ruids = [contact.ruid for contact in some]
            self._db.execute(f"DELETE FROM location WHERE ruid IN ({', '.join('?' * len(ruids))})", ruids)


def _portions(contacts: Sequence[Contact]) -> Iterator[Sequence[Contact]]:
    at = 0
    while at < len(contacts):
        size = next(size for size in AT_ONCE if size <= len(contacts) - at)
        yield contacts[at : at + size]
        at += size
