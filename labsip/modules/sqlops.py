"""sqlops: SQL in a route, and its result in `$dbr` (Kamailio's module of that name).

The core opens no database: the setting `sqlcon` names connections, as `labsip.db.SqlFile` makes them, by what a route
calls them. What stands in a query is the route's affair: a value that came with a message goes in as `quoted(value)`,
or whoever sent the message writes the query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labsip.modules.databases import Database, Databases, Result, SqlValue, quoted
from labsip.proxy.command import command
from labsip.proxy.exports import Module, NamedVariable, Transformation
from labsip.proxy.receive import Proxy
from labsip.proxy.script import ANY
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import LabError, NoSuchName


@dataclass(frozen=True)
class SqlOpsParameters:
    """Parameters of sqlops."""

    sqlcon: Mapping[str, Any] = field(default_factory=dict)
    """Databases a route may ask, by name: each a `databases.Database`, or a db_url (sqlops)."""


MOST = 32
"""Results kept at a time, by name (sqlops' results_maxsize)."""
ERROR, ROWS, NO_ROWS, NOT_KEPT = -1, 1, 2, 3


class SqlOps(ModuleState):
    """The results of one proxy, by name; they stay until the next query of that name."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.results: dict[str, Result] = {}

    def connection(self, name: str) -> Database:
        """The connection of that name. Raises NoSuchName."""
        known = self.proxy.settings.of(SqlOpsParameters).sqlcon
        if name not in known:
            raise NoSuchName("connection", name, known, hint=f'name it: sqlcon={{"{name}": SqlFile("FILE")}}')
        found: Database | str = known[name]
        return self.proxy.module(Databases).at(found, "sqlops") if isinstance(found, str) else found


@command(*ANY)
def sql_query(turn: Turn, /, connection: str, query: str, result: str = "") -> int:
    """Run a query, and keep what it brings under the name `result`: `ksr["$dbr(result=>[0,1])"]`.

    1 there are rows · 2 there are none · 3 there are, but no name was given, so they are not kept · -1 it can't be run,
    or is not done in time; the trace says why. Raises NoSuchName for a connection that does not exist.
    Kamailio: sqlops/sqlops.c
    """
    sqlops = turn.module(SqlOps)
    database = sqlops.connection(connection)
    sqlops.results.pop(result, None)
    try:
        if result and len(sqlops.results) >= MOST:
            raise LabError(f"there are {MOST} results already; free one: sql_result_free")
        found = database.query(query)
    except LabError as error:
        turn.proxy.trace.note(turn.now, f"sql_query {connection}: {error}")
        return ERROR
    if result:
        sqlops.results[result] = found
    return NO_ROWS if not found.rows else ROWS if result else NOT_KEPT


@command(*ANY)
def sql_result_free(turn: Turn, /, result: str) -> int:
    """Keep that result no longer. 1, also if there was none.   Kamailio: sqlops/sqlops.c"""
    turn.module(SqlOps).results.pop(result, None)
    return 1


_KEY = re.compile(r"(rows|cols)|colname\[(\d+)\]|\[(-?\d+),(-?\d+)\]")


def read(turn: Turn, inner: str) -> SqlValue:
    """$dbr(result=>key): rows, cols, [row,column] or colname[column]; None where there is nothing."""
    name, arrow, key = (part.strip() for part in inner.partition("=>"))
    match = _KEY.fullmatch(key.replace(" ", ""))
    if not arrow or match is None:
        raise LabError(f"$dbr({inner}) is no part of a result; write $dbr(ra=>rows), cols, [0,1] or colname[0]")
    result = turn.module(SqlOps).results.get(name, Result())
    count, column, row, cell = match.groups()
    if count:
        return len(result.rows) if count == "rows" else len(result.columns)
    try:
        if column:
            return result.columns[int(column)]
        return result.rows[int(row)][int(cell)] if min(int(row), int(cell)) >= 0 else None
    except IndexError:
        return None


EXPORTS = Module(
    "sqlops",
    commands=(sql_query, sql_result_free),
    variables={"$dbr": NamedVariable("part of what sql_query brought: $dbr(ra=>rows)", read, expands=True)},
    transformations={
        "sql.val": Transformation("as SQL writes it: a text quoted, $null as NULL", lambda value, _: quoted(value)),
        "sql.val.int": Transformation("the same, $null as 0", lambda value, _: quoted(0 if value is None else value)),
        "sql.val.str": Transformation(
            "the same, $null as ''", lambda value, _: quoted(str("" if value is None else value))
        ),
    },
    parameters=SqlOpsParameters,
    state=SqlOps,
)
