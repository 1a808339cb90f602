"""Variables of the script itself: return codes, defines, the environment, branches, what is on its way out."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from labsip.proxy.exports import NamedVariable, Value, Variable
from labsip.proxy.script import Target
from labsip.proxy.turn import Turn
from labsip.sip.transport import Address


def _define(turn: Turn, name: str) -> Value:
    return turn.proxy.settings.defines.get(name)


def _number_define(turn: Turn, name: str) -> Value:
    text = (_define(turn, name) or "").strip()  # type: ignore[attr-defined]
    try:
        return int(text, 0)
    except ValueError:
        return None


def _environment(_: Turn, name: str) -> Value:
    return os.environ.get(name)


def _branch(turn: Turn, name: str) -> Value:
    """`$branch(count)`, `$(branch(uri)[0])`: the branches that append_branch and lookup made."""
    name, _, index = name.removesuffix("]").partition("[")
    if name == "count":
        return len(turn.targets)
    at = int(index) if index not in ("", "*") else 0
    if not -len(turn.targets) <= at < len(turn.targets):
        return None
    return _part_of_branch(turn.targets[at], name)


def _part_of_branch(target: Target, name: str) -> Value:
    parts: dict[str, Value] = {
        "uri": target.uri,
        "dst_uri": target.dst_uri,
        "path": target.path or None,
        "q": None if target.q is None else f"{target.q:g}",
        "flags": target.flags,
    }
    return parts.get(name)


def _first_branch(turn: Turn) -> Value:
    return turn.targets[0].uri if turn.targets else None


def _branches(turn: Turn) -> Value:
    return ", ".join(target.contact for target in turn.targets) or None


def _place(address: Address | None, name: str) -> Value:
    if address is None:
        return None
    parts: dict[str, Value] = {
        "ip": address.host,
        "port": address.port,
        "proto": address.proto,
        "af": 6 if ":" in address.host else 4,
        "buf": None,
    }
    return parts.get(name)


def _sent_to(turn: Turn, name: str) -> Value:
    """`$sndto(ip)`, in an onsend_route."""
    return _place(None if turn.sent is None else turn.sent.dst, name)


def _sent_from(turn: Turn, name: str) -> Value:
    return _place(None if turn.sent is None else turn.sent.src, name)


def _seconds(turn: Turn) -> int:
    return int(turn.proxy.began + turn.now)


def _date(turn: Turn) -> Value:
    return datetime.fromtimestamp(_seconds(turn), UTC).strftime("%a %b %d %H:%M:%S %Y")


# fmt: off
SCRIPT: dict[str, Variable | NamedVariable] = {
    "$rc": Variable("what the last command or route returned", lambda turn: int(turn.code)),
    "$retcode": Variable("what the last command or route returned", lambda turn: int(turn.code)),
    "$def": NamedVariable("$def(NAME): a #!define of kamailio.cfg, as a text", _define),
    "$defn": NamedVariable("$defn(NAME): a #!define of kamailio.cfg, as a number", _number_define),
    "$env": NamedVariable("$env(HOME): of the environment of the process", _environment),
    "$br": Variable("URI of the first branch", _first_branch),
    "$bR": Variable("all branches, as in a Contact", _branches),
    "$branch": NamedVariable("$(branch(uri)[0]): of a branch; $branch(count): how many", _branch, indexed=True),
    "$sndto": NamedVariable("$sndto(ip): where what leaves is going, in an onsend_route", _sent_to),
    "$sndfrom": NamedVariable("$sndfrom(ip): the address of ours it leaves from", _sent_from),
    "$Ts": Variable("seconds since 1970", _seconds),
    "$TS": Variable("seconds since 1970", _seconds),
    "$Tf": Variable("date and time", _date),
    "$TF": Variable("date and time", _date),
    "$_s": NamedVariable("$_s(text): a text with variables in it", lambda turn, text: text, expands=True),  # noqa: ARG005
}
# fmt: on
