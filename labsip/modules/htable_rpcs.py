"""What htable is asked from outside (Kamailio's htable/htable.c)."""

from __future__ import annotations

from datetime import UTC, datetime

from labsip.modules.core_hash import core_hash
from labsip.modules.htable import HTable, HTables
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import RpcFault, Value, rpc

TEXT = 2
"""Flag of an item whose value is a text."""
NAME_AND_KEY = "Not enough parameters (htable name and key name)"
NAME_KEY_AND_VALUE = "Not enough parameters (htable name, key name and value)"
KEPT = "Ok. Key set to new value."


def _table(proxy: Proxy, name: str) -> HTable:
    table = proxy.module(HTables).tables.get(name)
    if table is None:
        raise RpcFault(500, "No such htable")
    return table


@rpc("htable.get", usage=NAME_AND_KEY)
def htable_get(proxy: Proxy, now: float, name: str, key: str) -> Value:
    """One item of a table."""
    item = _table(proxy, name).item(key, now)
    if item is None:
        raise RpcFault(500, "Key name doesn't exist in htable.")
    end = "NEVER"
    if item.expires_at is not None:
        end = datetime.fromtimestamp(proxy.began + item.expires_at, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    value = item.value if isinstance(item.value, int) else str(item.value)
    return {"item": {"name": key, "value": value, "flags": TEXT * isinstance(value, str), "expire": end}}


@rpc("htable.dump", many=True, usage="No htable name given")
def htable_dump(proxy: Proxy, now: float, name: str) -> list[Value]:
    """All items of a table, by slot."""
    table = _table(proxy, name)
    slots: dict[int, list[Value]] = {}
    for key in table.items:
        if (item := table.item(key, now)) is not None:
            value = item.value if isinstance(item.value, int) else str(item.value)
            row = {"name": key, "value": value, "type": "int" if isinstance(value, int) else "str"}
            slots.setdefault(core_hash(key) % table.slots, []).append(row)
    return [{"entry": entry, "size": len(rows), "slot": rows} for entry, rows in sorted(slots.items())]


def _set(proxy: Proxy, now: float, name: str, key: str, value: object) -> Value:
    _table(proxy, name)
    proxy.module(HTables).set(name, key, value, now)
    return KEPT


@rpc("htable.sets", writes=True, usage=NAME_KEY_AND_VALUE)
def htable_sets(proxy: Proxy, now: float, name: str, key: str, value: str | int) -> Value:
    """Keep a text under a key."""
    return _set(proxy, now, name, key, value)


@rpc("htable.seti", writes=True, usage=NAME_KEY_AND_VALUE)
def htable_seti(proxy: Proxy, now: float, name: str, key: str, value: int) -> Value:
    """Keep a number under a key."""
    return _set(proxy, now, name, key, value)


@rpc("htable.delete", writes=True, usage="Not enough parameters (htable name & key name")
def htable_delete(proxy: Proxy, now: float, name: str, key: str) -> Value:
    """Take out the item of a key."""
    table = _table(proxy, name)
    if table.item(key, now) is None:
        raise RpcFault(404, "Key not found in htable.")
    table.remove([key])
    return "Ok. Key deleted."


@rpc("htable.flush", writes=True, usage="No htable name given")
def htable_flush(proxy: Proxy, _: float, name: str) -> Value:
    """Take out all items of a table."""
    table = _table(proxy, name)
    table.remove(list(table.items))
    return "Ok. Htable flushed."


@rpc("htable.listTables", many=True)
def htable_list_tables(proxy: Proxy, _: float) -> list[Value]:
    """The tables there are."""
    return [
        {
            "name": name, "dbtable": table.dbtable, "dbmode": table.dbmode, "expire": int(table.autoexpire),
            "updateexpire": int(table.updateexpire), "size": table.slots, "dmqreplicate": 0,
        }
        for name, table in reversed(proxy.module(HTables).tables.items())
    ]  # fmt: skip


EXPORTS = Module(
    "htable",
    rpcs=(htable_get, htable_dump, htable_sets, htable_seti, htable_delete, htable_flush, htable_list_tables),
)
"""More of the same module."""
