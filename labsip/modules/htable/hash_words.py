"""What a route says of hash tables: `$sht` and its like, and commands."""

from __future__ import annotations

import re
from collections.abc import Callable

from labsip.modules.htable.hash_table import Expired
from labsip.modules.htable.hash_tables import HTables
from labsip.proxy.arguments import checked_number
from labsip.proxy.command import command
from labsip.proxy.exports import NamedVariable
from labsip.proxy.posix import searcher
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError, NoSuchName


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


def _stepped(by: int) -> Callable[[Turn, str], object]:
    """`$shtinc(a=>key)`: one more, and read; $null, and not set, where there is no number to add to."""

    def step(turn: Turn, inner: str) -> object:
        name, key = _parts(inner)
        value = read(turn, inner)
        if not isinstance(value, int):
            return None
        turn.module(HTables).set(name, key, value + by, turn.now)
        return value + by

    return step


def read_expired(turn: Turn, part: str) -> object:
    """$shtrecord(key), $shtrecord(value): the item that has expired, in the block of that event; else $null."""
    if part not in Expired._fields:
        raise NoSuchName("part of $shtrecord", part, Expired._fields, hint="it has key and value")
    return getattr(turn.find_note(Expired), part, None)


def count_names(turn: Turn, inner: str) -> int:
    """`$shtcn(a=>key)`: 1 or 0; `$shtcn(a=>~~regex)`: how many keys match."""
    name, wanted = _parts(inner)
    holds = _wanted(wanted)
    return sum(1 for key, _ in turn.module(HTables).table(name).live(turn.now) if holds(key))


def count_values(turn: Turn, inner: str) -> int:
    """`$shtcv(a=>text)`, `$shtcv(a=>~~regex)`: how many items have such a text; numbers are none."""
    name, wanted = _parts(inner)
    holds = _wanted(wanted)
    items = turn.module(HTables).table(name).live(turn.now)
    return sum(1 for _, value in items if isinstance(value, str) and holds(value))


def _wanted(text: str) -> Callable[[str], bool]:
    return _operator("re", text[2:]) if text.startswith("~~") else _operator("eq", text)


def _parts(inner: str) -> tuple[str, str]:
    name, arrow, key = inner.partition("=>")
    if not arrow:
        raise LabError(f"{inner!r} names no item of an htable; write table=>key, as in $sht(a=>$si)")
    return name.strip(), key


# ---- commands


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


def _operator(name: str, text: str) -> Callable[[str], bool]:
    """What `eq`, `ne`, `sw` or `re` asks of a key or value. Raises LabError."""
    if name == "re":
        try:
            search = searcher(text, ignore_case=False)
        except re.error as error:
            raise LabError(f"{text!r} is no regular expression ({error})") from None
        return search
    operators: dict[str, Callable[[str], bool]] = {
        "eq": lambda one: one == text,
        "ne": lambda one: one != text,
        "sw": lambda one: one.startswith(text),
    }
    if name not in operators:
        raise NoSuchName("operator", name, (*operators, "re"))
    return operators[name]


@command(*ANY)
def sht_rm(turn: Turn, /, htable: str, itname: str) -> int:
    """Take an item out. 1.   Kamailio: htable/htable.c"""
    turn.module(HTables).table(htable).remove([itname])
    return 1


@command(*ANY)
def sht_rm_name(turn: Turn, /, htable: str, op: str, val: str) -> int:
    """Take out the items whose keys are (`eq`), are not (`ne`), begin so (`sw`), or match (`re`). 1.

    Kamailio: htable/htable.c
    """
    table, holds = turn.module(HTables).table(htable), _operator(op, val)
    table.remove([key for key in table.items if holds(key)])
    return 1


@command(*ANY)
def sht_rm_value(turn: Turn, /, htable: str, op: str, val: str) -> int:
    """The same for items by their texts. 1.   Kamailio: htable/htable.c"""
    table, holds = turn.module(HTables).table(htable), _operator(op, val)
    table.remove([key for key, value in table.live(turn.now) if isinstance(value, str) and holds(value)])
    return 1


@command(*ANY, kemi="")
def sht_has_name(turn: Turn, /, htable: str, op: str, val: str) -> int:
    """Is there an item with such a key? 1 yes · -1 no.   Kamailio: htable/htable.c"""
    holds = _operator(op, val)
    return 1 if any(holds(key) for key, _ in turn.module(HTables).table(htable).live(turn.now)) else -1


@command(*ANY, kemi="")
def sht_has_str_value(turn: Turn, /, htable: str, op: str, val: str) -> int:
    """Is there an item with such a text? 1 yes · -1 no.   Kamailio: htable/htable.c"""
    holds, items = _operator(op, val), turn.module(HTables).table(htable).live(turn.now)
    return 1 if any(isinstance(value, str) and holds(value) for _, value in items) else -1


@command(*ANY)
def sht_lock(turn: Turn, /, htable_key: str, key: str = "") -> int:
    """Let nobody else write to an item, "a=>key". 1; nobody else can, while a message is dealt with.

    `key`: KEMI has the two apart.   Kamailio: htable/htable.c
    """
    turn.module(HTables).table(htable_key if key else _parts(htable_key)[0])
    return 1


@command(*ANY)
def sht_unlock(turn: Turn, /, htable_key: str, key: str = "") -> int:
    """Let others write to it again. 1.   Kamailio: htable/htable.c"""
    return sht_lock(turn, htable_key, key)


COMMANDS = (
    sht_reset,
    sht_rm_name_re,
    sht_rm,
    sht_rm_name,
    sht_rm_value,
    sht_has_name,
    sht_has_str_value,
    sht_lock,
    sht_unlock,
)
VARIABLES = {
    "$sht": NamedVariable("kept in an htable: $sht(table=>key)", read, write, expands=True),
    "$shtex": NamedVariable("seconds until that item ends", read_expire, write_expire, expands=True),
    "$shtinc": NamedVariable("that item, and one more", _stepped(1), expands=True),
    "$shtdec": NamedVariable("that item, and one less", _stepped(-1), expands=True),
    "$shtrecord": NamedVariable("the item that has expired: $shtrecord(key), $shtrecord(value)", read_expired),
    "$shtcn": NamedVariable("$shtcn(table=>~~^49): how many keys match", count_names, expands=True),
    "$shtcv": NamedVariable("$shtcv(table=>~~^49): how many values match", count_values, expands=True),
}
