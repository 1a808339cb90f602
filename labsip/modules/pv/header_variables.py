"""Variables of headers: by name and place, Vias, what Contacts expire by, and addresses in headers that few have."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from labsip.proxy.exports import NamedVariable, Value, Variable
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage, NoSuchName
from labsip.sip.headers import NameAddr, Via, split_list

_LISTS = """
    via v contact m route record-route path service-route allow supported k require proxy-require accept
    p-asserted-identity p-preferred-identity diversion
"""
LISTS = frozenset(_LISTS.split())
"""Headers whose lines are lists for `$hfl`; a line of another is one value."""


def _header(turn: Turn, name: str) -> Value:
    """The first header of that name; name[n]: the n-th, from 0 or from the end; name[*]: all, as one list."""
    name, index = _indexed(name)
    return _one_of(turn.message.get_all(name), index)


def _value(turn: Turn, name: str) -> Value:
    """The same of the values of a list, whichever lines they stand in."""
    name, index = _indexed(name)
    return _one_of(_values(turn, name), index)


def _indexed(name: str) -> tuple[str, str]:
    name, _, index = name.removesuffix("]").partition("[")
    return name, index


def _one_of(values: Sequence[str], index: str) -> Value:
    if index == "*":
        return ",".join(values) or None
    at = int(index or 0)
    return values[at] if -len(values) <= at < len(values) else None


def _values(turn: Turn, name: str) -> list[str]:
    lines = turn.message.get_all(name)
    return [one for line in lines for one in split_list(line)] if name.lower() in LISTS else list(lines)


def _vias(turn: Turn) -> list[str]:
    return [one for line in turn.message.get_all("Via") for one in split_list(line)]


TRANSPORT_IDS = {"UDP": 1, "TCP": 2, "TLS": 3, "SCTP": 4, "WS": 5, "WSS": 6}
_VIA_PARTS: dict[str, Callable[[Via], Value]] = {
    "host": lambda via: via.host,
    "port": lambda via: 5060 if via.port is None else via.port,
    "proto": lambda via: via.transport,
    "protoid": lambda via: TRANSPORT_IDS.get(via.transport.upper(), 0),
    "branch": lambda via: via.branch,
    "rport": lambda via: via.rport or None,
    "received": lambda via: via.received,
    "i": lambda via: dict(via.params).get("i"),
}


def _via(at: int) -> Callable[[Turn, str], Value]:
    def get(turn: Turn, name: str) -> Value:
        if name not in _VIA_PARTS:
            raise NoSuchName("part of a Via", name, _VIA_PARTS)
        try:
            values = _vias(turn)
            return _VIA_PARTS[name](Via.parse(values[at])) if -len(values) <= at < len(values) else None
        except BadMessage:
            return None

    return get


def _expires(turn: Turn, which: str) -> Value:
    """The least or the most that Contacts ask for; one that does not say asks for what Expires says."""
    if which not in ("min", "max"):
        raise NoSuchName("part of $expires", which, ("min", "max"))
    contacts = [one for line in turn.message.get_all("Contact") for one in split_list(line) if one.strip() != "*"]
    given = [_seconds(NameAddr.parse(one).param("expires")) for one in contacts]
    asked = [seconds for seconds in given if seconds is not None]
    if len(asked) < max(len(contacts), 1) and (said := _seconds(turn.message.get("Expires"))) is not None:
        asked.append(said)
    return (min if which == "min" else max)(asked) if asked else None


def _seconds(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\s*\d{1,10}\s*", text, re.ASCII) else None


def _sizes(turn: Turn, part: str) -> Value:
    sizes = {"len": len(turn.message.raw), "body_len": len(turn.message.body)}
    if part not in sizes:
        raise NoSuchName("part of $msg", part, sizes)
    return sizes[part]


def _address_in(header: str, part: Callable[[NameAddr], Value]) -> Callable[[Turn], Value]:
    """Reads the first address of a header; None without it, and where it can't be read."""

    def get(turn: Turn) -> Value:
        value = turn.message.get(header)
        try:
            return None if value is None else part(NameAddr.parse(split_list(value)[0])) or None
        except BadMessage:
            return None

    return get


def _parameter(name: str) -> Callable[[NameAddr], Value]:
    return lambda address: address.param(name)


def _uri(address: NameAddr) -> Value:
    return address.uri


# fmt: off
HEADERS: dict[str, Variable | NamedVariable] = {
    "$hdr": NamedVariable("first header of that name; $(hdr(name)[*]): all of them", _header, indexed=True),
    "$hdrc": NamedVariable("how many headers of that name", lambda turn, name: len(turn.message.get_all(name))),
    "$hfl": NamedVariable("$(hfl(Via)[1]): the second value of that name, in whichever line", _value, indexed=True),
    "$hflc": NamedVariable("how many values headers of that name have", lambda turn, name: len(_values(turn, name))),
    "$via0": NamedVariable("$via0(host): of the topmost Via; port, proto, branch, rport, received", _via(0)),
    "$via1": NamedVariable("the same of the second Via", _via(1)),
    "$viaZ": NamedVariable("the same of the last Via", _via(-1)),
    "$expires": NamedVariable("$expires(min), $expires(max): what the Contacts ask for", _expires),
    "$msg": NamedVariable("$msg(len), $msg(body_len): bytes", _sizes),
    "$ai": Variable("URI of P-Asserted-Identity", _address_in("P-Asserted-Identity", _uri)),
    "$pu": Variable("URI of P-Preferred-Identity", _address_in("P-Preferred-Identity", _uri)),
    "$pU": Variable("its user", _address_in("P-Preferred-Identity", lambda one: one.sip_uri.user_name)),
    "$pd": Variable("its domain", _address_in("P-Preferred-Identity", lambda one: one.sip_uri.host)),
    "$pn": Variable("its display name", _address_in("P-Preferred-Identity", lambda one: one.display)),
    "$re": Variable("URI of Remote-Party-ID", _address_in("Remote-Party-ID", _uri)),
    "$rt": Variable("URI of Refer-To", _address_in("Refer-To", _uri)),
    "$di": Variable("URI of Diversion", _address_in("Diversion", _uri)),
    "$dir": Variable("its reason", _address_in("Diversion", _parameter("reason"))),
    "$dip": Variable("its privacy", _address_in("Diversion", _parameter("privacy"))),
    "$dic": Variable("its counter", _address_in("Diversion", _parameter("counter"))),
}
# fmt: on
