"""One hash table: values by key, each for its time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from labsip.proxy.arguments import checked_number
from labsip.proxy.settings import MiB
from labsip.sip.errors import LabError, NoSuchName

MOST = 16 * MiB
"""What a table holds, at most 65536 items; more is not kept (Kamailio's shared memory ends somewhere, too)."""
ITEM = 256
"""What an item weighs besides the text of its key and value."""
ATTRIBUTES = ("size", "autoexpire", "initval", "updateexpire", "dbtable", "dbmode")
"""What a table's declaration may say."""
USAGE = 'write "a=>size=8;autoexpire=7200"'


class Expired(NamedTuple):
    """An item whose time is over: what the block of that event is about."""

    key: str
    value: object


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
    dbtable: str = ""
    """The table of a database whose rows are its items at the start."""
    dbmode: int = 0
    """1: at the end its items are the rows of that table."""
    slots: int = 256
    """Of Kamailio's table; here it only says how a dump is ordered."""
    items: dict[str, Item] = field(default_factory=dict)
    size: int = 0
    """What they weigh."""

    def item(self, key: str, now: float) -> Item | None:
        """The item of that key, unless it has expired."""
        item = self.items.get(key)
        return None if item is None or (item.expires_at is not None and item.expires_at <= now) else item

    def live(self, now: float) -> list[tuple[str, object]]:
        """Keys and values of what has not expired, in the order they came."""
        found = ((key, self.item(key, now)) for key in self.items)
        return [(key, item.value) for key, item in found if item is not None]

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

    def sweep(self, now: float) -> list[Expired]:
        """Take out what has expired, and tell what that was."""
        over = [
            (key, item) for key, item in self.items.items() if item.expires_at is not None and item.expires_at <= now
        ]
        self.remove([key for key, _ in over])
        return [Expired(key, item.value) for key, item in over]


def _weight(key: str, value: object) -> int:
    return ITEM + len(key) + (len(value) if isinstance(value, str) else 0)


def declare(text: str) -> tuple[str, HTable]:
    """A table's name and the table, of `a=>size=8;autoexpire=7200`. Raises LabError with what is wrong in it."""
    name, arrow, rest = text.partition("=>")
    if not arrow or not name.strip():
        raise LabError(f"htable: {text!r} declares no table; {USAGE}")
    given: dict[str, int] = {}
    dbtable = ""
    for attribute in filter(None, (part.strip() for part in rest.split(";"))):
        key, _, value = (part.strip() for part in attribute.partition("="))
        if key not in ATTRIBUTES:
            raise NoSuchName(f"attribute of htable {name.strip()}", key, ATTRIBUTES)
        if key == "dbtable":
            dbtable = value
        else:
            given[key] = checked_number(value, f"{key} of htable {name.strip()}")
    expire, update = float(given.get("autoexpire", 0)), bool(given.get("updateexpire", 1))
    slots = 1 << max(2, min(given.get("size", 8), 31))
    return name.strip(), HTable(expire, given.get("initval"), update, dbtable, given.get("dbmode", 0), slots)
