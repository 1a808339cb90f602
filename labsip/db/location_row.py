"""A contact as a row of Kamailio's table `location`, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from math import ceil

from labsip.modules.usrloc import Contact
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
            contact.socket.with_proto,
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
            socket=Address.parse(str(socket)),
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
        return datetime.fromtimestamp(ceil(self._began + now), UTC).strftime("%Y-%m-%d %H:%M:%S")

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
