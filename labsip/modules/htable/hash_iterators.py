"""Iterators over hash tables: `while (sht_iterator_next("i")) { ... $shtitkey(i) ... }`."""

from __future__ import annotations

from dataclasses import dataclass, field

from labsip.modules.htable.hash_tables import HTables
from labsip.proxy.arguments import checked_signed
from labsip.proxy.command import command
from labsip.proxy.exports import NamedVariable
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn


@dataclass(slots=True)
class HashIterator:
    """Where one is."""

    table: str
    left: list[str]
    """The keys still to come, the last one first."""
    key: str | None = None


@dataclass(slots=True)
class HashIterators:
    """Those of a message, by name."""

    begun: dict[str, HashIterator] = field(default_factory=dict)


def _iterator(turn: Turn, name: str) -> HashIterator | None:
    return turn.note(HashIterators).begun.get(name)


@command(*ANY)
def sht_iterator_start(turn: Turn, /, iname: str, hname: str) -> int:
    """Begin to go through a table, the items it has now. 1.   Kamailio: htable/htable.c"""
    keys = [key for key, _ in turn.module(HTables).table(hname).live(turn.now)]
    turn.note(HashIterators).begun[iname] = HashIterator(hname, keys[::-1])
    return 1


@command(*ANY)
def sht_iterator_next(turn: Turn, /, iname: str) -> int:
    """Go to the first item, to the next one. 1 there is one · -1 not.   Kamailio: htable/htable.c"""
    iterator = _iterator(turn, iname)
    if iterator is None:
        return -1
    table, iterator.key = turn.module(HTables).table(iterator.table), None
    while iterator.left and iterator.key is None:
        key = iterator.left.pop()
        iterator.key = key if table.item(key, turn.now) is not None else None
    return -1 if iterator.key is None else 1


@command(*ANY)
def sht_iterator_end(turn: Turn, /, iname: str) -> int:
    """It is over. 1.   Kamailio: htable/htable.c"""
    turn.note(HashIterators).begun.pop(iname, None)
    return 1


@command(*ANY)
def sht_iterator_rm(turn: Turn, /, iname: str) -> int:
    """Take the item at hand out. 1 done · -1 there is none.   Kamailio: htable/htable.c"""
    return _changed(turn, iname, None)


@command(*ANY)
def sht_iterator_sets(turn: Turn, /, iname: str, val: str) -> int:
    """Another text for the item at hand. 1 done · -1 there is none.   Kamailio: htable/htable.c"""
    return _changed(turn, iname, val)


@command(*ANY)
def sht_iterator_seti(turn: Turn, /, iname: str, val: int | str) -> int:
    """Another number for the item at hand. 1 done · -1 there is none.   Kamailio: htable/htable.c"""
    return _changed(turn, iname, checked_signed(val, "val"))


def _changed(turn: Turn, name: str, value: object) -> int:
    iterator = _iterator(turn, name)
    if iterator is None or iterator.key is None:
        return -1
    turn.module(HTables).set(iterator.table, iterator.key, value, turn.now)
    return 1


def read_key(turn: Turn, name: str) -> str | None:
    """$shtitkey(i)"""
    iterator = _iterator(turn, name)
    return None if iterator is None else iterator.key


def read_value(turn: Turn, name: str) -> object:
    """$shtitval(i)"""
    iterator = _iterator(turn, name)
    if iterator is None or iterator.key is None:
        return None
    return turn.module(HTables).table(iterator.table).get(iterator.key, turn.now)


ITERATION = (
    sht_iterator_start,
    sht_iterator_next,
    sht_iterator_end,
    sht_iterator_rm,
    sht_iterator_sets,
    sht_iterator_seti,
)
ITEMS = {
    "$shtitkey": NamedVariable("key of the item an iterator is at", read_key),
    "$shtitval": NamedVariable("value of the item an iterator is at", read_value),
}
