"""An SQLite file that routes may ask (sqlops). No query stops the proxy: each may take so many steps and no more."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from labsip.db.location import LocationFile
from labsip.db.sqlite import connect
from labsip.modules.databases import Result, SqlValue
from labsip.sip.errors import LabError

PATIENCE = 0.02
"""How long a query waits for somebody else who writes to the file, in seconds."""
STEPS = 25
"""Thousands of steps of SQLite's machine a query may take: some 5 to 25 ms. A table of thousands is gone through, in a
larger one a row must be found by an index."""
ROWS = 1_000
"""Rows a result may have."""
LENGTH = 65_536
"""Bytes a query, and a value, may have."""


class Steps:
    """How many thousands of steps a query has taken."""

    def __init__(self) -> None:
        self.taken = 0

    def __call__(self) -> bool:
        """A thousand more; True ends the query."""
        self.taken += 1
        return self.taken > STEPS


class SqlFile:
    """The file of that name; it is there, or is made. It is closed by `close`, or when nobody has it any more.

    Raises LabError if it is no SQLite file.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        try:
            self._db = connect(self, path, PATIENCE)
        except sqlite3.Error as error:
            raise LabError(f"{path} can't be opened: {error}") from None
        self._db.text_factory = _text
        self._db.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, LENGTH)
        self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LENGTH)
        self._steps = Steps()
        self._db.set_progress_handler(self._steps, 1_000)
        try:
            with suppress(sqlite3.OperationalError):  # nobody may write to it
                self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("SELECT 1 FROM sqlite_master")
        except sqlite3.Error as error:
            self._db.close()
            raise LabError(f"{path} is no database: {error}") from None

    def query(self, text: str) -> Result:
        """Run one statement. Raises LabError if it can't be run, takes too long, or has too many rows."""
        if not text.strip():
            raise LabError("there is no query")
        self._steps.taken = 0
        try:
            cursor = self._db.execute(text)
            rows, columns = cursor.fetchmany(ROWS + 1), [str(column[0]) for column in cursor.description or ()]
            cursor.close()
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:  # ValueError: a text SQLite can't take
            if self._steps.taken > STEPS:
                raise LabError("it takes too long, given up; has the table an index for it?") from None
            raise LabError(str(error)) from None
        if len(rows) > ROWS:
            raise LabError(f"it has more than {ROWS} rows; write LIMIT")
        return Result(columns, [tuple(map(_value, row)) for row in rows]) if rows else Result()

    def location(self, began: float) -> LocationFile:
        """Its table `location`, for contacts; `began` as `LocationFile` takes it. Raises LabError."""
        return LocationFile(self.path, began)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _value(value: object) -> SqlValue:
    """What `$dbr` gives: text, a number, nothing; a number with a point as text."""
    if value is None or isinstance(value, int | str):
        return value
    return _text(value) if isinstance(value, bytes) else str(value)
