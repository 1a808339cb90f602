"""Who has which password: pairs, a file of them, or Kamailio's table `subscriber` (auth_db)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from labsip.sip.digest import Ha1
from labsip.sip.errors import LabError

SQLITE = b"SQLite format 3\0"
"""How a file of SQLite begins."""
PATIENCE = 0.05
"""How long a look-up waits for somebody who writes to the table, in seconds."""


def read_users(source: str) -> Mapping[str, str]:
    """Passwords by user name.

    source: `106:secret106,108:secret108`; a file of NAME:PASSWORD lines, in which a # at the beginning or after a space
    starts a remark; or an SQLite file with a table `subscriber`, which is looked at anew for each request.
    Raises LabError with what is wrong, and in which line.
    """
    path = _file(source)
    if path is None:
        if ":" not in source:
            raise LabError(f"{source}: there is no such file, and it is no NAME:PASSWORD,NAME:PASSWORD")
        users = _pairs((f"pair {number}", pair) for number, pair in enumerate(source.split(","), 1))
    else:
        raw = path.read_bytes()
        if raw.startswith(SQLITE):
            return Subscribers(path)
        lines = raw.decode("utf-8", "surrogateescape").splitlines()
        users = _pairs((f"{source}, line {number}", _without_remark(line)) for number, line in enumerate(lines, 1))
    if not users:
        raise LabError(f"{source}: nobody is in it; write a NAME:PASSWORD a line")
    return users


class Subscribers(Mapping[str, str]):
    """The table `subscriber` of an SQLite file: its column password, or ha1 where that is empty, whatever the domain.

    A row written by somebody else counts from the next request on. Raises LabError if there is no such table.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", PATIENCE, uri=True, check_same_thread=False)
        columns = {row[1] for row in self._db.execute("PRAGMA table_info(subscriber)")}
        if missing := {"username", "password", "ha1"} - columns:
            self._db.close()
            raise LabError(f"{path} has no table subscriber with {', '.join(sorted(missing))}, as Kamailio's has")

    def __getitem__(self, username: str) -> str:
        query = "SELECT password, ha1 FROM subscriber WHERE username = ?"
        try:
            row = self._db.execute(query, (username,)).fetchone()
        except UnicodeEncodeError:  # bytes that are no UTF-8 are nobody's name
            row = None
        if row is None:
            raise KeyError(username)
        password, ha1 = row
        return password or Ha1(ha1)

    def __iter__(self) -> Iterator[str]:
        return (row[0] for row in self._db.execute("SELECT username FROM subscriber"))

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM subscriber").fetchone()[0])

    def __bool__(self) -> bool:
        """There is a table to be asked, however many are in it."""
        return True

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def _file(source: str) -> Path | None:
    try:
        path = Path(source)
        return path if path.is_file() else None
    except (OSError, ValueError):  # too long to be the name of a file
        return None


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
