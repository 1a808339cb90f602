"""What a route says of hash tables: `$sht` and its like, and commands."""

from __future__ import annotations

import re

from labsip.modules.htable.hash_tables import HTables
from labsip.proxy.arguments import checked_number
from labsip.proxy.command import command
from labsip.proxy.exports import NamedVariable
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError


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
    """Take out the items whose keys match, as in sht_rm_name_re("a=>^106"). 1, however many there were.

    Raises NoSuchName for a table that does not exist, LabError for what is no regular expression.
    Kamailio: htable/htable.c
    """
    name, regexp = _parts(htable_regexp)
    table = turn.module(HTables).table(name)
    try:
        matches = re.compile(regexp).search
    except re.error as error:
        raise LabError(f"{regexp!r} is no regular expression ({error})") from None
    table.remove([key for key in table.items if matches(key)])
    return 1


COMMANDS = (sht_reset, sht_rm_name_re)
VARIABLES = {
    "$sht": NamedVariable("kept in an htable: $sht(table=>key)", read, write, expands=True),
    "$shtex": NamedVariable("seconds until that item ends", read_expire, write_expire, expands=True),
    "$shtinc": NamedVariable("that item, and one more", increment, expands=True),
}
