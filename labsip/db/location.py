"""The location table in an SQLite file, in the columns of Kamailio's own table `location` (usrloc, db_mode 1)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

from labsip.modules.usrloc import Contact
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import NameAddr
from labsip.sip.transport import Address

PATIENCE = 0.05
"""How long a change waits for somebody else who writes to the file, in seconds; then its REGISTER is answered 500."""
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
_KEPT = (
    "ruid, username, contact, expires, q, callid, cseq, last_modified, user_agent, socket, methods, instance, "
    "reg_id, path, received, domain"
)


class LocationFile:
    """Contacts on disk. What is saved here survives the end of the process at any moment; a power cut, up to the last
    moments before it (WAL, synchronous=NORMAL).

    began: what the clock on the wall said (seconds since 1970) when the proxy's clock was 0.
    Raises LabError if the file is no SQLite file, or its table `location` is another.
    """

    def __init__(self, path: Path, began: float) -> None:
        self._began = began
        self._db = sqlite3.connect(path, PATIENCE, isolation_level=None, check_same_thread=False)
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute(f"CREATE TABLE IF NOT EXISTS location (id INTEGER PRIMARY KEY NOT NULL, {columns})")
            self._db.execute(f"SELECT {_KEPT} FROM location LIMIT 0")
        except sqlite3.Error as error:
            self._db.close()
            raise LabError(f"{path} can't keep the location table: {error}") from None

    def load(self) -> Iterator[Contact]:
        """All contacts, in the order they came. Raises LabError for a row that can't be read."""
        for row in self._db.execute(f"SELECT {_KEPT} FROM location ORDER BY id"):
            try:
                yield self._contact(row)
            except (BadMessage, ValueError, TypeError) as error:
                raise LabError(f"row {row[0]} of the location table can't be read: {error}") from None

    def save(self, contact: Contact) -> None:
        """Write a contact, in the place of the one with the same ruid. Raises LabError if it can't be."""
        row = self._row(contact)
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        new = ", ".join(f"{name} = excluded.{name}" for name in row)
        query = f"INSERT INTO location ({names}) VALUES ({marks}) ON CONFLICT (ruid) DO UPDATE SET {new}"
        self._write(query, tuple(row.values()))

    def remove(self, ruid: str) -> None:
        """Take out a contact. Raises LabError if it can't be."""
        self._write("DELETE FROM location WHERE ruid = ?", (ruid,))

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """All that is written within is in the file, or nothing of it, whenever the process ends. Raises LabError."""
        self._write("BEGIN")
        try:
            yield
            self._write("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.rollback()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _write(self, query: str, values: tuple[object, ...] = ()) -> None:
        try:
            self._db.execute(query, values)
        except sqlite3.Error as error:
            raise LabError(f"the location table can't be written: {error}") from None

    def _row(self, contact: Contact) -> dict[str, object]:
        instance, reg_id = contact.instance
        return {
            "ruid": contact.ruid,
            "username": _text(contact.aor.removesuffix(f"@{contact.domain}") if contact.domain else contact.aor),
            "domain": _text(contact.domain) if contact.domain else None,
            "contact": _text(contact.uri),
            "expires": self._date(contact.expires_at),
            "q": -1.0 if contact.q is None else contact.q,
            "callid": _text(contact.call_id),
            "cseq": contact.cseq,
            "last_modified": self._date(contact.modified),
            "user_agent": _text(contact.user_agent),
            "socket": contact.socket.with_proto,
            "methods": None if contact.methods < 0 else contact.methods,
            "instance": _text(instance) if instance else None,
            "reg_id": reg_id,
            "path": _text(contact.path) if contact.path else None,
            "received": contact.received or None,
        }

    def _contact(self, row: tuple[object, ...]) -> Contact:
        ruid, user, uri, expires, q, call_id, cseq, modified, user_agent, socket, methods, instance, reg_id, *more = row
        path, received, domain = (_read(value) if value else "" for value in more)
        params = [("+sip.instance", f'"{instance}"')] if instance else []
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
            socket=Address.parse(str(socket)),
            methods=-1 if methods is None else int(str(methods)),
            ruid=str(ruid),
            modified=self._seconds(modified),
            path=path,
            received=received,
            domain=domain,
        )

    def _date(self, now: float) -> str:
        """`2026-11-24 16:30:00`: a whole second, the next one, that no binding ends before its time."""
        return datetime.fromtimestamp(ceil(self._began + now), UTC).strftime("%Y-%m-%d %H:%M:%S")

    def _seconds(self, date: object) -> float:
        return datetime.fromisoformat(str(date)).replace(tzinfo=UTC).timestamp() - self._began


def _text(text: str) -> str | bytes:
    """Text, or the bytes where a phone sent what is no UTF-8."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _read(value: object) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
