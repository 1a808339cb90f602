"""The rows of a database that are the items of a hash table: read at the start, written at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress

from labsip.modules.databases import Database, SqlValue, insert
from labsip.modules.databases import name as name_of
from labsip.modules.htable.hash_table import MOST, HTable
from labsip.sip.errors import LabError

COLUMNS = ("key_name", "key_type", "value_type", "key_value", "expires")
"""Of Kamailio's table `htable`."""
NUMBER = 1
"""Type of a value that is a number; type of a key of which several rows make a list."""


def load(table: HTable, rows: Iterable[Sequence[SqlValue]], began: float | None) -> None:
    """Make items of rows. Several rows of a list are `key[0]`, `key[1]` and so on, and `key::size` how many.

    began: seconds since 1970 at 0 of the proxy's clock, where rows say when they end. Raises LabError if there is no
    room.
    """
    sizes: dict[str, int] = {}
    for name, kind, type_, value, expires in rows:
        key = str(name)
        if kind == NUMBER:
            key = f"{name}[{sizes.get(key, 0)}]"
            sizes[str(name)] = sizes.get(str(name), 0) + 1
        end = float(expires or 0) - began if began is not None and expires else None
        if end is not None and end <= 0:
            continue
        if not table.set(key, _number(value) if type_ == NUMBER else str(value), 0.0):
            raise LabError(f"the table {table.dbtable} has more than an htable holds ({MOST} bytes)")
        if end is not None:
            table.items[key].expires_at = end
    for name, size in sizes.items():
        table.set(f"{name}::size", size, 0.0)


def save(table: HTable, database: Database, began: float | None) -> None:
    """Make rows of the items, in the place of those there are: all of them, or none. Raises LabError."""
    database.query("BEGIN IMMEDIATE")
    try:
        database.query(f"DELETE FROM {name_of(table.dbtable)}")
        for key, item in table.items.items():
            ends = 0 if began is None or item.expires_at is None else round(began + item.expires_at)
            number = isinstance(item.value, int)
            row = (key, 0, int(number), str(item.value), ends)
            database.query(insert(table.dbtable, dict(zip(COLUMNS, row, strict=True))))
        database.query("COMMIT")
    except LabError:
        with suppress(LabError):
            database.query("ROLLBACK")
        raise


def _number(value: SqlValue) -> int:
    return int(str(value)) if re.fullmatch(r"-?\d{1,10}", str(value), re.ASCII) else 0
