"""htable: values kept between messages, by key, in tables the settings declare (Kamailio's module of that name).

A route reads and sets `ksr["$sht(a=>$si)"]`; None takes an item out. Kamailio's `sht_lock` and `sht_unlock` are not
here: one message is dealt with at a time, so nobody else can write between a read and a write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from labsip.proxy.arguments import checked_number
from labsip.proxy.command import command
from labsip.proxy.exports import Module, NamedVariable
from labsip.proxy.posix import searcher
from labsip.proxy.receive import Proxy
from labsip.proxy.script import ANY
from labsip.proxy.settings import MiB
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import LabError, NoSuchName
from labsip.sip.transport import Datagram


@dataclass(frozen=True)
class HTableParameters:
    """Parameters of htable."""

    htable: str | tuple[str, ...] = ()
    """Tables for `$sht`, each as htable's parameter of that name has it: "a=>size=8;autoexpire=7200"."""


MOST = 16 * MiB
"""What a table holds, at most 65536 items; more is not kept (Kamailio's shared memory ends somewhere, too)."""
ITEM = 256
"""What an item weighs besides the text of its key and value."""
INTERVAL = 20.0
"""Seconds between two looks for expired items (htable's timer_interval)."""
ATTRIBUTES = ("size", "autoexpire", "initval", "updateexpire")
"""What a table's declaration may say; `size` changes nothing here."""
USAGE = 'write "a=>size=8;autoexpire=7200"'


@dataclass(slots=True)
class Item:
    """A value, and when it ends (seconds of the proxy's clock), None if never."""

    value: object
    expires_at: float | None


@dataclass(slots=True)
class HTable:
    """One hash table. Its parameters are those of htable's `htable`, times in seconds."""

    autoexpire: float = 0.0
    """How long an item stays, 0 for ever."""
    initval: int | None = None
    """What is read where there is no item."""
    updateexpire: bool = True
    """Whether an item that is set again begins its time again."""
    items: dict[str, Item] = field(default_factory=dict)
    size: int = 0
    """What they weigh."""

    def item(self, key: str, now: float) -> Item | None:
        """The item of that key, unless it has expired."""
        item = self.items.get(key)
        return None if item is None or (item.expires_at is not None and item.expires_at <= now) else item

    def get(self, key: str, now: float) -> object:
        """A value; `initval`, None unless declared, where there is none."""
        item = self.item(key, now)
        return self.initval if item is None else item.value

    def set(self, key: str, value: object, now: float) -> bool:
        """Keep a value, or take it out (None). False if there is no room for another."""
        if value is None:
            self.remove([key])
            return True
        old, live = self.items.get(key), self.item(key, now)
        size = self.size + _weight(key, value) - (0 if old is None else _weight(key, old.value))
        if size > MOST:
            return False
        end = now + self.autoexpire if self.autoexpire else None
        self.items[key] = Item(value, end if live is None or self.updateexpire else live.expires_at)
        self.size = size
        return True

    def remove(self, keys: Iterable[str]) -> None:
        """Take out items, where they are there."""
        for key in keys:
            item = self.items.pop(key, None)
            self.size -= 0 if item is None else _weight(key, item.value)

    def sweep(self, now: float) -> None:
        """Take out what has expired."""
        over = (key for key, item in self.items.items() if item.expires_at is not None and item.expires_at <= now)
        self.remove(list(over))


def _weight(key: str, value: object) -> int:
    return ITEM + len(key) + (len(value) if isinstance(value, str) else 0)


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
            self._declared, self._tables = declared, new
        return self._tables

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
        """Sweep."""
        if self._next_sweep is not None and now >= self._next_sweep:
            for table in self.tables.values():
                table.sweep(now)
            left = any(table.items for table in self.tables.values() if table.autoexpire)
            self._next_sweep = now + INTERVAL if left else None
        return []


def declare(text: str) -> tuple[str, HTable]:
    """A table's name and the table, of `a=>size=8;autoexpire=7200`. Raises LabError with what is wrong in it."""
    name, arrow, rest = text.partition("=>")
    if not arrow or not name.strip():
        raise LabError(f"htable: {text!r} declares no table; {USAGE}")
    given: dict[str, int] = {}
    for attribute in filter(None, (part.strip() for part in rest.split(";"))):
        key, _, value = (part.strip() for part in attribute.partition("="))
        if key not in ATTRIBUTES:
            raise NoSuchName(f"attribute of htable {name.strip()}", key, ATTRIBUTES)
        given[key] = checked_number(value, f"{key} of htable {name.strip()}")
    expire, update = float(given.get("autoexpire", 0)), bool(given.get("updateexpire", 1))
    return name.strip(), HTable(expire, given.get("initval"), update)


# --- pseudo-variables -------------------------------------------------------------------------------------


def read(turn: Turn, inner: str) -> object:
    """$sht(a=>key)"""
    name, key = _parts(inner)
    return turn.module(HTables).table(name).get(key, turn.now)


def write(turn: Turn, inner: str, value: object) -> None:
    """$sht(a=>key) = value"""
    name, key = _parts(inner)
    turn.module(HTables).set(name, key, value, turn.now)


def read_expire(turn: Turn, inner: str) -> object:
    """$shtex(a=>key): seconds left, 0 if it stays for ever or is not there."""
    name, key = _parts(inner)
    item = turn.module(HTables).table(name).item(key, turn.now)
    return 0 if item is None or item.expires_at is None else round(item.expires_at - turn.now)


def write_expire(turn: Turn, inner: str, value: object) -> None:
    """$shtex(a=>key) = seconds, where the table has autoexpire, as in Kamailio."""
    name, key = _parts(inner)
    table = turn.module(HTables).table(name)
    item = table.item(key, turn.now)
    if item is not None and table.autoexpire:
        item.expires_at = turn.now + checked_number(str(value), f"$shtex({inner})")


def increment(turn: Turn, inner: str) -> object:
    """$shtinc(a=>key): one more, and read; $null, and not set, where there is no number to add to."""
    name, key = _parts(inner)
    value = read(turn, inner)
    if not isinstance(value, int):
        return None
    turn.module(HTables).set(name, key, value + 1, turn.now)
    return value + 1


def _parts(inner: str) -> tuple[str, str]:
    name, arrow, key = inner.partition("=>")
    if not arrow:
        raise LabError(f"{inner!r} names no item of an htable; write table=>key, as in $sht(a=>$si)")
    return name.strip(), key


# --- commands ---------------------------------------------------------------------------------------------


@command(*ANY)
def sht_reset(turn: Turn, /, htable: str) -> int:
    """Take all items out of a table. 1 · -1 there is no such table.   Kamailio: htable/htable.c"""
    table = turn.module(HTables).tables.get(htable)
    if table is None:
        return -1
    table.remove(list(table.items))
    return 1


@command(*ANY)
def sht_rm_name_re(turn: Turn, /, htable_regexp: str) -> int:
    """Take out the items whose keys match, as in sht_rm_name_re("a=>^106"). Case does not count.

    1 however many there were · -1 it is no regular expression. Raises NoSuchName for a table that does not exist.
    Kamailio: htable/htable.c
    """
    name, regexp = _parts(htable_regexp)
    table = turn.module(HTables).table(name)
    try:
        matches = searcher(regexp)
    except re.error as error:
        turn.proxy.trace.note(turn.now, f"sht_rm_name_re: {regexp!r} is no regular expression ({error})")
        return -1
    table.remove([key for key in table.items if matches(key)])
    return 1


EXPORTS = Module(
    "htable",
    commands=(sht_reset, sht_rm_name_re),
    variables={
        "$sht": NamedVariable("kept in an htable: $sht(table=>key)", read, write, expands=True),
        "$shtex": NamedVariable("seconds until that item ends", read_expire, write_expire, expands=True),
        "$shtinc": NamedVariable("that item, and one more", increment, expands=True),
    },
    parameters=HTableParameters,
    state=HTables,
    hooks=(HTables.wake, HTables.next_wake),
    events=("htable:mod-init",),
)
