"""The hash tables of one proxy."""

from __future__ import annotations

from dataclasses import dataclass

from labsip.modules.databases import Databases, all_rows
from labsip.modules.htable.hash_rows import COLUMNS, load, save
from labsip.modules.htable.hash_table import HTable, declare
from labsip.proxy.happenings import run_event
from labsip.proxy.receive import Proxy
from labsip.proxy.turn import ModuleState
from labsip.sip.errors import LabError, NoSuchName
from labsip.sip.transport import Datagram


@dataclass(frozen=True)
class HTableParameters:
    """Parameters of htable."""

    htable: str | tuple[str, ...] = ()
    """Tables for `$sht`, each as htable's parameter of that name has it: "a=>size=8;autoexpire=7200"."""
    htable_db_url: str = ""
    """Where the rows of those with a `dbtable` are (htable's db_url)."""
    db_expires: bool = False
    """A row says when its item ends; without that, it begins its time at the start."""


INTERVAL = 20.0
"""Seconds between two looks for expired items (htable's timer_interval)."""

EXPIRED = "htable:expired:"
"""The event of an item that has expired, with its table's name behind it."""


class HTables(ModuleState):
    """The tables of one proxy, by name."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self._declared: str | tuple[str, ...] = ()
        self._tables: dict[str, HTable] = {}
        self._next_sweep: float | None = None
        _ = self.tables  # what can't be declared is refused at once

    @property
    def tables(self) -> dict[str, HTable]:
        """Those the settings declare now; where these change (`Lab.run`), a table of the same name keeps its items."""
        declared = self.proxy.settings.of(HTableParameters).htable
        if declared != self._declared:
            new = dict(declare(text) for text in ((declared,) if isinstance(declared, str) else declared))
            for name in new.keys() & self._tables.keys():
                new[name].items, new[name].size = self._tables[name].items, self._tables[name].size
            for name, table in new.items():
                if table.dbtable and name not in self._tables:
                    self._load(name, table)
            self._declared, self._tables = declared, new
        return self._tables

    def _load(self, name: str, table: HTable) -> None:
        """Its items, from the database. Raises LabError where that can't be asked, or there is no room for them."""
        given = self.proxy.settings.of(HTableParameters)
        if given.htable_db_url:
            database = self.proxy.module(Databases).at(given.htable_db_url, "htable")
            load(table, all_rows(database, table.dbtable, COLUMNS), self.proxy.began if given.db_expires else None)
            if table.autoexpire and table.items:
                self._next_sweep = self._next_sweep or INTERVAL
        elif table.dbtable:
            raise LabError(f"htable {name} has a dbtable, and there is no db_url; give htable_db_url")

    def end(self, now: float) -> None:
        """Write those with dbmode=1 into their tables, whose rows then are the items there are. Raises LabError."""
        given = self.proxy.settings.of(HTableParameters)
        for table in self.tables.values():
            if table.dbmode and table.dbtable and given.htable_db_url:
                table.sweep(now)
                database = self.proxy.module(Databases).at(given.htable_db_url, "htable")
                save(table, database, self.proxy.began if given.db_expires else None)

    def table(self, name: str) -> HTable:
        """The table of that name. Raises NoSuchName, with how to declare it."""
        if name not in self.tables:
            raise NoSuchName("htable", name, self.tables, hint=f'declare it: htable="{name}=>size=8;autoexpire=60"')
        return self.tables[name]

    def set(self, name: str, key: str, value: object, now: float) -> None:
        """Keep a value in a table; a note says so if there is no room."""
        table = self.table(name)
        if not table.set(key, value, now):
            self.proxy.trace.note(
                now, f"htable {name} is full: it holds {len(table.items)} items, {key[:40]} was not kept"
            )
        elif table.autoexpire and self._next_sweep is None:
            self._next_sweep = now + INTERVAL

    def next_wake(self) -> float | None:
        """When expired items are looked for next (seconds)."""
        return self._next_sweep

    def wake(self, now: float) -> list[Datagram]:
        """Sweep, and run the blocks for what goes."""
        out: list[Datagram] = []
        if self._next_sweep is not None and now >= self._next_sweep:
            for name, table in self.tables.items():
                for gone in table.sweep(now):
                    out += run_event(self.proxy, f"{EXPIRED}{name}", now, gone)
            left = any(table.items for table in self.tables.values() if table.autoexpire)
            self._next_sweep = now + INTERVAL if left else None
        return out
