"""Who has which password: pairs, a file of them, or Kamailio's table `subscriber` (auth_db)."""

from __future__ import annotations

import re
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from labsip.db.sqlite import connect
from labsip.sip.digest import Ha1
from labsip.sip.errors import LabError


def read_users(source: str) -> Mapping[str, str]:
    """Passwords by user name.

    source: `106:secret106,108:secret108`; a file of NAME:PASSWORD lines, in which a # at the beginning or after a space
    starts a remark; or an SQLite file with a table `subscriber`, which is looked at anew for each request.
    Raises LabError with what is wrong, and in which line.
    """
    path = users_file(source)
    if path is None:
        if ":" not in source:
            raise LabError(f"{source}: there is no such file, and it is no NAME:PASSWORD,NAME:PASSWORD")
        users = _pairs((f"pair {number}", pair) for number, pair in enumerate(source.split(","), 1))
    else:
        raw = _content(path)
        if raw.startswith(SQLITE):
            return Subscribers(path)
        lines = raw.decode("utf-8-sig", "surrogateescape").splitlines()
        users = _pairs((f"{source}, line {number}", _without_remark(line)) for number, line in enumerate(lines, 1))
    if not users:
        raise LabError(f"{source}: nobody is in it; write a NAME:PASSWORD a line")
    return users


class Subscribers(Mapping[str, str]):
    """The table `subscriber` of an SQLite file: its column password, or ha1 where that is empty, whatever the domain.

    A row written by somebody else counts from the next request on; a row with neither is nobody's. Its ha1b is the hash
    `with_realm`. While another program has the file locked, whoever was looked up before is known as then. Raises
    LabError if there is no such table, and for others while it is locked.
    """

    def __init__(self, path: Path) -> None:
        uri = f"{path.resolve().as_uri()}?mode=ro"
        self._known: OrderedDict[str, str] = OrderedDict()
        # no message waits for another program that writes
        self._db = connect(self, uri, timeout=0, uri=True)
        try:
            self._columns = {row[1] for row in self._rows("PRAGMA table_info(subscriber)")}
        except LabError as error:
            self._db.close()
            raise LabError(f"{path}: {error}") from None
        if missing := {"username", "password", "ha1"} - self._columns:
            self._db.close()
            raise LabError(f"{path} has no table subscriber with {', '.join(sorted(missing))}, as Kamailio's has")

    def __getitem__(self, username: str) -> str:
        try:
            found = self._look_up(username)
        except LabError:
            if username not in self._known:
                raise
            return self._known[username]
        self._known.pop(username, None)
        if not found:
            raise KeyError(username)
        self._known[username] = found
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found

    def _look_up(self, username: str) -> str:
        """The password in that row, or its hash, "" if there is none."""
        ha1b = "ha1b" if "ha1b" in self._columns else "''"
        try:
            rows = self._rows(f"SELECT password, ha1, {ha1b} FROM subscriber WHERE username = ?", username)
        except UnicodeEncodeError:  # bytes that are no UTF-8 are nobody's name
            return ""
        return next((secret for row in rows if (secret := _secret_of(*row))), "")

    def warnings(self, realms: Collection[str]) -> list[str]:
        """Which rows nobody can log in with, in words; `realms`: those that challenges are for."""
        domain = "domain" if "domain" in self._columns else "''"
        rows = self._rows(f"SELECT password, ha1, {domain} FROM subscriber")
        secrets = [(_secret_of(password, ha1), str(realm or "")) for password, ha1, realm in rows]
        empty = sum(1 for secret, _ in secrets if not secret)
        others = [realm for secret, realm in secrets if isinstance(secret, Ha1) and realm and realm not in realms]
        said, of_all = [], f"of {len(rows)} rows of subscriber"
        if empty:
            said.append(f"{empty} {of_all} have neither a password nor an ha1: nobody can log in with them")
        if others:
            named = ", ".join(sorted(set(others))[:3])
            said.append(
                f"{len(others)} {of_all} have an ha1 for another realm ({named}) than {', '.join(realms)}: "
                f"nobody can log in with them; give --domain or --realm"
            )
        return said

    def __iter__(self) -> Iterator[str]:
        return (name for name, *row in self._rows("SELECT username, password, ha1 FROM subscriber") if _secret_of(*row))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        """There is a table to be asked, however many are in it."""
        return True

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise LabError(f"the table subscriber can't be read: {error}") from None


def _secret_of(password: object, ha1: object, ha1b: object = "") -> str:
    """What a row proves its user with: the password, or the hash (32 hex digits, or the 64 of SHA-256); "" for none."""
    if password not in (None, ""):
        return str(password)
    return Ha1(str(ha1), str(ha1b) if _is_hash(ha1b) else "") if _is_hash(ha1) else ""


def _is_hash(text: object) -> bool:
    return re.fullmatch("(?:[0-9a-fA-F]{32}){1,2}", str(text)) is not None


def users_file(source: str) -> Path | None:
    """The file that is meant, None if there is no such file. Raises LabError if nobody may look."""
    path = Path(source)
    try:
        return path if source and path.exists() else None
    except PermissionError as error:
        raise LabError(f"{source} can't be read: {error.strerror}") from None
    except (OSError, ValueError):  # too long to be the name of a file
        return None


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise LabError(f"{path} is {'a folder' if path.is_dir() else 'no ordinary file'}; name a file with the users")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LabError(f"{path} can't be read: {error.strerror}") from None
    if b"\0" in raw and not raw.startswith(SQLITE):
        raise LabError(f"{path} is neither text nor an SQLite file; write a NAME:PASSWORD a line")
    return raw


def _without_remark(line: str) -> str:
    line = line.strip()
    return "" if line.startswith("#") else line.partition(" #")[0].rstrip()


def _pairs(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    """NAME:PASSWORD texts, each with where it stands; empty ones are passed over. The password is never shown."""
    users: dict[str, str] = {}
    for where, line in lines:
        name, colon, password = line.strip().partition(":")
        if not line.strip():
            continue
        if not (name and colon and password):
            raise LabError(f"{where} is no NAME:PASSWORD, as in 106:secret")
        if name in users:
            raise LabError(f"{where}: {name} has a password already")
        users[name] = password
    return users


class ReadAgain(Mapping[str, str]):
    """The users of a source, as `read_users` reads them, until `read_again` has others. Raises LabError."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.is_file = users_file(source) is not None
        """Whether there may be others in it the next time."""
        self._users = read_users(source)

    def read_again(self) -> Callable[[float], None]:
        """What puts the users there are now in the place of those before; to be called where the proxy lives.

        Raises LabError, as `read_users` does; then those before stay.
        """
        if self.is_file and users_file(self.source) is None:
            raise LabError(f"{self.source}: there is no such file any more")
        users = read_users(self.source)

        def replace(_now: float) -> None:
            before, self._users = self._users, users
            if isinstance(before, Subscribers):
                before.close()

        return replace

    def warnings(self, realms: Collection[str]) -> list[str]:
        """Who can't log in, in words; `realms`: those that challenges are for."""
        return self._users.warnings(realms) if isinstance(self._users, Subscribers) else []

    def __getitem__(self, username: str) -> str:
        return self._users[username]

    def __iter__(self) -> Iterator[str]:
        return iter(self._users)

    def __len__(self) -> int:
        return len(self._users)

    def __bool__(self) -> bool:
        """As that of `Subscribers`: there is somebody to be asked for a password."""
        return bool(self._users)


SQLITE = b"SQLite format 3\0"
"""How a file of SQLite begins."""
KEPT = 10_000
"""Users whose passwords are remembered for as long as the table can't be read."""
