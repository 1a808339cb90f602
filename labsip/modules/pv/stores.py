"""What a script keeps: `$var` and its like in the process, `$avp`, `$xavp` and `$xavi` with the transaction, `$shv` for
all processes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from labsip.proxy.exports import NamedVariable, Value
from labsip.proxy.receive import Proxy
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import LabError

RECORD = re.compile(r"([\w:]+)(?:\[(-?\d+|\*)\])?(?:=>([\w:]+)(?:\[(-?\d+|\*)\])?)?\Z")
"""`$xavp(x[0]=>a)`: the name, its index, the field, its index."""
XAVP, XAVI = "$xavp ", "$xavi "
"""What the key of an `$xavp` or `$xavi` begins with where all are kept; no `$avp` can have such a name."""


@dataclass(frozen=True)
class PvParameters:
    """Parameters of pv."""

    shvset: str | tuple[str, ...] = ()
    """What `$shv` begins with: "name=i:5" a number, "name=s:text" a text."""
    varset: str | tuple[str, ...] = ()
    """The same of `$var`."""


class ProcessVariables(ModuleState):
    """`$var` and `$shv` of one proxy: they outlive a request, and end with the process."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.vars: dict[str, Value] = {}
        self.other: dict[str, Value] = {}
        """Of `$vn`, `$vz` and `$xavu`, by their names: `$vn x`."""
        self._shared: dict[str, Value] = {}
        self._begun = PvParameters()
        _ = self.shared  # what can't be is refused at once

    @property
    def shared(self) -> dict[str, Value]:
        """Those of `$shv`; where the settings change, what they begin with is set anew."""
        given = self.proxy.settings.of(PvParameters)
        if given != self._begun:
            self._begun = given
            self.vars |= _begin(given.varset, "varset")
            self._shared |= _begin(given.shvset, "shvset")
        return self._shared


def _begin(texts: str | tuple[str, ...], parameter: str) -> list[tuple[str, Value]]:
    """Raises LabError with what is wrong."""
    found: list[tuple[str, Value]] = []
    for text in (texts,) if isinstance(texts, str) else texts:
        match = re.fullmatch(r"\s*(\w+)\s*=\s*(?:([is]):)?(.*)", text, re.DOTALL)
        if match is None or (match[2] == "i" and not re.fullmatch(r"-?\d+", match[3], re.ASCII)):
            raise LabError(f'{parameter}: {text!r} sets nothing; write "name=i:5" or "name=s:text"')
        found.append((match[1], int(match[3]) if match[2] == "i" else match[3]))
    return found


def read_var(turn: Turn, name: str) -> Value:
    """`$var(x)`: 0 if never set."""
    return turn.module(ProcessVariables).vars.get(name, 0)


def write_var(turn: Turn, name: str, value: Value) -> None:
    """`$var(x) = …`; None makes it 0."""
    turn.module(ProcessVariables).vars[name] = 0 if value is None else value


def read_shv(turn: Turn, name: str) -> Value:
    """`$shv(x)`: 0 if never set."""
    return turn.module(ProcessVariables).shared.get(name, 0)


def write_shv(turn: Turn, name: str, value: Value) -> None:
    """`$shv(x) = …`; None makes it 0."""
    turn.module(ProcessVariables).shared[name] = 0 if value is None else value


# ---- $avp, a stack: the newest first


def _indexed(name: str) -> tuple[str, str]:
    """`x[1]` as `x` and `1`; a type in front of the name is no part of it: `s:a` is `a`, but `i:5` another than `5`."""
    name, _, index = name.removesuffix("]").partition("[")
    return name.removeprefix("s:"), index


def _stack(turn: Turn, name: str) -> list[Value]:
    return cast(list[Value], turn.avps.get(name, []))


def read_avp(turn: Turn, name: str) -> Value:
    """`$avp(x)`, the newest; [1] the one before; [*] all, newest first; None where there is none."""
    name, index = _indexed(name)
    values = _stack(turn, name)
    if index == "*":
        return ", ".join(map(str, values)) or None
    at = int(index or 0)
    return values[at] if 0 <= at < len(values) else None


def write_avp(turn: Turn, name: str, value: Value) -> None:
    """A value comes on top, None takes the newest away; [*]: in the place of all, [n]: in that one's place."""
    name, index = _indexed(name)
    values = list(_stack(turn, name))
    if index == "*":
        values = []
    at = int(index) if index and index != "*" else 0
    if value is None:
        del values[at : at + 1]
    elif index and index != "*" and 0 <= at < len(values):
        values[at] = value
    else:
        values.insert(0, value)
    _keep(turn, name, values)


def _keep(turn: Turn, name: str, values: list[Value]) -> None:
    if values:
        turn.avps[name] = values
    else:
        turn.avps.pop(name, None)


# ---- $xavp, a stack of records; a field of a record is a stack again

Record = dict[str, list[Value]]


def _record(inner: str, kind: str) -> tuple[str, str, str, str]:
    match = RECORD.match(inner)
    if match is None:
        said = kind.strip()
        raise LabError(f"{said}({inner}) is no {said}; write it as in {said}(x=>a) or {said}(x[0]=>a)")
    name, index, field, at = match.groups(default="")
    return kind + name, index, field, at


def read_xavp(turn: Turn, inner: str, kind: str = XAVP) -> Value:
    """`$xavp(x=>a)`: the field of the newest record; of a record itself, that it is there."""
    name, index, field, at = _record(inner, kind)
    records = cast(list[Record], turn.avps.get(name, []))
    which = 0 if index in ("", "*") else int(index)
    if not -len(records) <= which < len(records):
        return None
    if not field:
        return "<<xavp>>"
    values = records[which].get(field, [])
    if at == "*":
        return ",".join(map(str, values)) or None
    return values[int(at or 0)] if -len(values) <= int(at or 0) < len(values) else None


def write_xavp(turn: Turn, inner: str, value: Value, kind: str = XAVP) -> None:
    """Without an index, a value begins a record; with one, it is a field of that record. None takes away."""
    name, index, field, at = _record(inner, kind)
    records = [dict(one) for one in cast(list[Record], turn.avps.get(name, []))]
    which = 0 if index in ("", "*") else int(index)
    if value is None and not field:
        records = [] if index == "*" else records[:which] + records[which + 1 :]
    elif not index and value is not None:
        records.insert(0, {field: [value]} if field else {})
    elif -len(records) <= which < len(records):
        records[which] = _with_field(records[which], field, at, value)
    turn.avps.pop(name, None)
    if records:
        turn.avps[name] = records


def _with_field(record: Record, field: str, at: str, value: Value) -> Record:
    values = list(record.get(field, []))
    place = int(at) if at not in ("", "*") else 0
    if value is None:
        values = [] if at == "*" else values[:place] + values[place + 1 :]
    else:
        values[place : place + 1] = [value]
    others = {name: kept for name, kept in record.items() if name != field}
    return {field: values, **others} if values else others


def read_xavi(turn: Turn, inner: str) -> Value:
    """`$xavi(x=>a)`: as `$xavp`, whatever the case of its names."""
    return read_xavp(turn, inner.lower(), XAVI)


def write_xavi(turn: Turn, inner: str, value: Value) -> None:
    """As `$xavp`, whatever the case of its names."""
    write_xavp(turn, inner.lower(), value, XAVI)


# ---- $vn, $vz and $xavu: one value each, in the process


def _other(kind: str, begun: Value = None) -> NamedVariable:
    def read(turn: Turn, name: str) -> Value:
        return turn.module(ProcessVariables).other.get(f"{kind} {name}", begun)

    def write(turn: Turn, name: str, value: Value) -> None:
        kept, key = turn.module(ProcessVariables).other, f"{kind} {name}"
        for field in [one for one in kept if one.startswith(f"{key}=>")]:  # a value takes the place of its fields
            del kept[field]
        kept[key] = begun if value is None else value

    return NamedVariable(
        f"kept in the process, over requests; {'$null' if begun is None else begun} if never set", read, write
    )


STORES = {
    "$avp": NamedVariable(
        "kept with the transaction, a stack: the newest; $(avp(x)[1]) the one before, $(avp(x)[*]) all",
        read_avp,
        write_avp,
        indexed=True,
    ),
    "$xavp": NamedVariable(
        "kept with the transaction, a stack of records: $xavp(x=>a) a field of the newest", read_xavp, write_xavp
    ),
    "$xavi": NamedVariable("as $xavp, whatever the case of its names", read_xavi, write_xavi),
    "$xavu": _other("$xavu"),
    "$vn": _other("$vn"),
    "$vz": _other("$vz", 0),
    "$var": NamedVariable("kept in the process, over requests; 0 if never set", read_var, write_var),
    "$shv": NamedVariable("kept for all requests; 0 if never set", read_shv, write_shv),
}
