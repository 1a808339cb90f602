"""KSR.pv, and what reads and sets variables by other names: KSR.pvx, KSR.htable.sht_*, KSR.kx.

A variable that does not exist, or can't be set so, is logged with the script's line; the function then gives None,
False, or what it gives for `$null`, as in Kamailio.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from labsip.dialects.kemi.hand import tell
from labsip.modules import pv
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError

TEXTS = ("$ru", "$rU", "$rd", "$du", "$fu", "$fU", "$fd", "$fn", "$tu", "$tU", "$td", "$tn")
"""Variables that take a text only."""
TEXTS_FIRST = frozenset({"$rp", "$cs", "$fp", "$tp", "$dp"})
"""Numbers that a script gets as texts."""
Reading = Callable[..., Any]


def get(turn: Turn, name: str) -> object:
    """A variable's value: int, str, or None for `$null`."""
    try:
        value = pv.read(turn, name)
        return str(value) if name in TEXTS_FIRST and isinstance(value, int) else value
    except LabError as error:
        tell(turn, f"KSR.pv: {error}")
        return None


def _or(turn: Turn, name: str, instead: object) -> object:
    value = get(turn, name)
    return instead if value is None else value


def geti(turn: Turn, name: str) -> int:
    """Its value where that is a number, else 0."""
    value = get(turn, name)
    return value if isinstance(value, int) else 0


def put(turn: Turn, name: str, value: object) -> bool:
    """Set a variable; False if it does not exist, or takes a text."""
    try:
        if isinstance(value, int) and name in TEXTS:
            raise LabError(f"{name} takes a text; write KSR.pv.sets")
        found = pv.find(turn.proxy.exports, name)
        pv.write(turn, name, value)
    except LabError as error:
        tell(turn, f"KSR.pv: {error}")
        return "found" in locals() and found.variable.set is None  # to one that can't be set Kamailio says True
    return True


def unset(turn: Turn, name: str) -> bool:
    """Set it to `$null`."""
    return put(turn, name, None)


PV: dict[str, Reading] = {
    "get": get,
    "gete": lambda turn, name: _or(turn, name, ""),
    "getw": lambda turn, name: _or(turn, name, "<null>"),
    "getvn": _or,
    "getvs": _or,
    "geti": geti,
    "seti": put,
    "sets": put,
    "unset": unset,
    "is_null": lambda turn, name: get(turn, name) is None,
}


def _done(done: bool) -> int:
    return 1 if done else -1


def _stored(kind: str, name: str) -> dict[str, Reading]:
    """KSR.pvx's functions of one kind of variable, `$avp(name)` or another."""
    variable = f"${kind}({{}})".format
    return {
        f"{name}_get": lambda turn, key: get(turn, variable(key)),
        f"{name}_seti": lambda turn, key, value: _done(put(turn, variable(key), value)),
        f"{name}_sets": lambda turn, key, value: _done(put(turn, variable(key), value)),
    }


def _item(table: str, key: str, variable: str = "sht") -> str:
    return f"${variable}({table}=>{key})"


def _counted(turn: Turn, table: str, key: str, by: int) -> int:
    """The number that an item is then; -255 where there is none to count from."""
    value = get(turn, _item(table, key))
    if not isinstance(value, int):
        return -255
    put(turn, _item(table, key), value + by)
    return value + by


def _set_for(turn: Turn, table: str, key: str, value: object, seconds: int) -> int:
    """Set an item that goes away after so many seconds."""
    return _done(put(turn, _item(table, key), value) and put(turn, _item(table, key, "shtex"), seconds))


HTABLE: dict[str, Reading] = {
    "sht_get": lambda turn, table, key: get(turn, _item(table, key)),
    "sht_gete": lambda turn, table, key: _or(turn, _item(table, key), ""),
    "sht_getw": lambda turn, table, key: _or(turn, _item(table, key), "<null>"),
    "sht_seti": lambda turn, table, key, value: _done(put(turn, _item(table, key), value)),
    "sht_sets": lambda turn, table, key, value: _done(put(turn, _item(table, key), value)),
    "sht_rm": lambda turn, table, key: _done(unset(turn, _item(table, key))),
    "sht_is_null": lambda turn, table, key: _done(get(turn, _item(table, key)) is None),
    "sht_inc": lambda turn, table, key: _counted(turn, table, key, 1),
    "sht_dec": lambda turn, table, key: _counted(turn, table, key, -1),
    "sht_setex": lambda turn, table, key, seconds: _done(put(turn, _item(table, key, "shtex"), seconds)),
    "sht_setxi": _set_for,
    "sht_setxs": _set_for,
    "sht_lock": lambda _turn, _table, _key: 1,  # one message is dealt with at a time
    "sht_unlock": lambda _turn, _table, _key: 1,
}

# fmt: off
KX = {
    "ruri": "$ru", "ruser": "$rU", "rhost": "$rd", "furi": "$fu", "fuser": "$fU", "fhost": "$fd", "turi": "$tu",
    "tuser": "$tU", "thost": "$td", "duri": "$du", "ouri": "$ou", "method": "$rm", "callid": "$ci", "ua": "$ua",
    "au": "$au", "body": "$rb", "srcip": "$si", "srcport": "$sp", "rcvip": "$Ri", "rcvport": "$Rp", "proto": "$pr",
    "msgbuf": "$mb", "msglen": "$ml", "bodylen": "$bl", "msgtype": "$mt", "status": "$rs", "cturi": "$ct",
}
# fmt: on
"""What KSR.kx reads, and the variable that has it."""

FUNCTIONS: dict[str, Reading] = {
    **{f"pv.{name}": function for name, function in PV.items()},
    **{f"pvx.{name}": f for kind in ("avp", "var", "shv", "xavp") for name, f in _stored(kind, kind).items()},
    "pvx.avp_rm": lambda turn, key: _done(unset(turn, f"$avp({key})")),
    "pvx.xavp_rm": lambda turn, key: _done(unset(turn, f"$xavp({key})")),
    "pvx.xavp_is_null": lambda turn, key: _done(get(turn, f"$xavp({key})") is None),
    "pvx.xavp_child_get": lambda turn, key, child: get(turn, f"$xavp({key}=>{child})"),
    "pvx.xavp_child_seti": lambda turn, key, child, value: _done(put(turn, f"$xavp({key}[0]=>{child})", value)),
    "pvx.xavp_child_sets": lambda turn, key, child, value: _done(put(turn, f"$xavp({key}[0]=>{child})", value)),
    **{f"htable.{name}": function for name, function in HTABLE.items()},
    **{f"kx.get_{name}": partial(get, name=variable) for name, variable in KX.items()},
    **{f"kx.gete_{name}": partial(_or, name=variable, instead="") for name, variable in KX.items()},
    **{f"kx.getw_{name}": partial(_or, name=variable, instead="<null>") for name, variable in KX.items()},
}
"""By their names behind `KSR.`; those that Kamailio does not list are left out by `ksr`."""
