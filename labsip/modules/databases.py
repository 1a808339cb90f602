"""Databases that modules name by a `db_url` (Kamailio's db_mysql, db_sqlite and their like).

labsip speaks to no database server. `db_urls` says what is asked instead, by the URL's scheme or by the whole URL: an
SQLite file with Kamailio's tables, as `labsip.db.databases` opens it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import LabError

SqlValue = str | int | None


class Result(NamedTuple):
    """What a query brought; without rows no columns either, as in Kamailio."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[SqlValue]] = ()


class Database(Protocol):
    """A database a route may ask. It takes so little time that nobody waits for it (docs/hostile-input.md)."""

    def query(self, text: str) -> Result:
        """Run one statement. Raises LabError, with what the database says, if it can't be, or takes too long."""


@dataclass(frozen=True)
class DatabaseParameters:
    """Where a db_url leads."""

    db_urls: Mapping[str, Any] = field(default_factory=dict)
    """By scheme ("mysql") or whole URL, a `Database`, or what makes one of the part behind `scheme://`."""


PASSWORD = re.compile(r"(?<=:)[^:@/]*(?=@)")
PAGE = 500
"""Rows that are asked for at once."""
_COLUMN = re.compile(r"\w+", re.ASCII)


class Databases(ModuleState):
    """The databases of one proxy, each opened when somebody first asks."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self._open: dict[str, Database] = {}
        self._own: list[Database] = []
        """Those that nobody else has."""

    def at(self, url: str, whose: str) -> Database:
        """The database of a db_url. Raises LabError if it leads nowhere; `whose`: the module that asks."""
        database = self._open.get(url)
        if database is None:
            database = self._open[url] = self._opened(url, whose)
        return database

    def _opened(self, url: str, whose: str) -> Database:
        scheme, colon, rest = url.partition("://")
        known = self.proxy.settings.of(DatabaseParameters).db_urls
        found = known.get(url, known.get(scheme))
        if found is None:
            shown = PASSWORD.sub("…", url)
            hint = (
                f'labsip serve --db-url \'{scheme}=sqlite:///FILE\', or Lab(db_urls={{"{scheme}": "sqlite:///FILE"}})'
            )
            if not colon:
                raise LabError(f"{whose}: db_url {shown!r} is none; write it as in sqlite:///FILE")
            raise LabError(f"{whose}: db_url {shown!r} leads nowhere, for labsip speaks to no such server; give {hint}")
        if hasattr(found, "query"):
            database: Database = found
        else:
            database = found(rest)
            self._own.append(database)
        return database

    def end(self, now: float) -> None:  # noqa: ARG002
        """Close those that were opened here."""
        for database in self._own:
            if (close := getattr(database, "close", None)) is not None:
                close()
        self._own.clear()
        self._open.clear()


def select(
    turn: Turn, url: str, whose: str, table: str, columns: Sequence[str], where: Mapping[str, SqlValue]
) -> Result | None:
    """The rows of a table in which these columns have these values; None if it can't be asked, which the log tells."""
    try:
        database = turn.module(Databases).at(url, whose)
        return database.query(query(table, columns, where))
    except LabError as error:
        turn.proxy.trace.note(turn.now, str(error) if str(error).startswith(whose) else f"{whose}: {error}")
        return None


def all_rows(database: Database, table: str, columns: Sequence[str]) -> Iterator[Sequence[SqlValue]]:
    """All rows of a table, however many, in the order they came. Raises LabError."""
    text, at = query(table, columns, {}), 0
    while rows := database.query(f"{text} LIMIT {PAGE} OFFSET {at}").rows:
        yield from rows
        at += len(rows)


def query(table: str, columns: Sequence[str], where: Mapping[str, SqlValue]) -> str:
    """A SELECT. Raises LabError for a table or column that is no name."""
    names = ", ".join(map(name, columns))
    conditions = " AND ".join(f"{name(column)} = {quoted(value)}" for column, value in where.items())
    return f"SELECT {names} FROM {name(table)}" + (f" WHERE {conditions}" if conditions else "")


def insert(table: str, row: Mapping[str, SqlValue]) -> str:
    """An INSERT of one row. Raises LabError for a table or column that is no name."""
    return f"INSERT INTO {name(table)} ({', '.join(map(name, row))}) VALUES ({', '.join(map(quoted, row.values()))})"


def quoted(value: object) -> str:
    """A value as SQL writes it: 'o''neil', 7, NULL. Kamailio's {sql.val}."""
    return (
        "NULL" if value is None else str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
    )


def name(text: str) -> str:
    """A table's or column's name. Raises LabError for what is none."""
    if not _COLUMN.fullmatch(text):
        raise LabError(f"{text!r} is no name of a table or column")
    return text


Opener = Callable[[str], Database]
DRIVERS = tuple(Module(f"db_{driver}") for driver in ("mysql", "postgres", "unixodbc", "text"))
"""Names that `loadmodule` may say; none does anything by itself."""
EXPORTS = Module("db_sqlite", parameters=DatabaseParameters, state=Databases, hooks=(Databases.end,))
