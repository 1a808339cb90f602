"""Addresses and destinations for `Settings.address_list` and `Settings.dispatcher_list` (permissions, dispatcher)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from labsip.db.users import SQLITE
from labsip.sip.errors import LabError

ADDRESS = ("grp", "ip_addr", "mask", "port", "tag")
"""Columns of Kamailio's table `address`, as the lines of its address_file have them."""
DISPATCHER = ("setid", "destination", "flags", "priority", "attrs")
"""Columns of its table `dispatcher`, as the lines of dispatcher.list."""


def read_addresses(file: str | Path) -> str:
    """The text of an address list, or of an SQLite file's table `address`. Raises LabError if it can't be read."""
    return _read(Path(file), "address", ADDRESS)


def read_destinations(file: str | Path) -> str:
    """The text of a dispatcher list, or of an SQLite file's table `dispatcher`. Raises LabError if it can't be read."""
    return _read(Path(file), "dispatcher", DISPATCHER)


def _read(path: Path, table: str, columns: tuple[str, ...]) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LabError(f"{path} can't be read: {error.strerror}") from None
    if not raw.startswith(SQLITE):
        return raw.decode("utf-8", "surrogateescape")
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        try:
            rows = db.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY rowid").fetchall()
        except sqlite3.Error as error:
            raise LabError(
                f"{path} has no table {table} with {', '.join(columns)}, as Kamailio's has: {error}"
            ) from None
    return "".join(" ".join(str(value) for value in row if value not in (None, "")) + "\n" for row in rows)
