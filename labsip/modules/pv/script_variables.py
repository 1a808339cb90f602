"""Variables of the script itself: return codes, defines, the environment, branches, what is on its way out."""

from __future__ import annotations

import os

from labsip.proxy.exports import NamedVariable, Value, Variable
from labsip.proxy.script import Target
from labsip.proxy.turn import Turn
from labsip.sip.transport import Address


def _define(turn: Turn, name: str) -> Value:
    return turn.proxy.settings.defines.get(name)


def _number_define(turn: Turn, name: str) -> Value:
    return _number(turn.proxy.settings.defines.get(name)) or 0


def _number(text: str | None) -> int | None:
    try:
        return int((text or "").strip(), 0)
    except ValueError:
        return None


def _environment(_: Turn, name: str) -> Value:
    return os.environ.get(name)


def _number_environment(_: Turn, name: str) -> Value:
    return _number(os.environ.get(name))


def _branch(turn: Turn, name: str) -> Value:
    """`$branch(count)`, `$(branch(uri)[0])`: the branches that append_branch and lookup made."""
    name, _, index = name.removesuffix("]").partition("[")
    if name == "count":
        return len(turn.targets) or None
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


# fmt: off
SCRIPT: dict[str, Variable | NamedVariable] = {
    "$rc": Variable("what the last command or route returned", lambda turn: int(turn.code)),
    "$retcode": Variable("what the last command or route returned", lambda turn: int(turn.code)),
    "$def": NamedVariable("$def(NAME): a #!define of kamailio.cfg, as a text", _define),
    "$defn": NamedVariable("$defn(NAME): a #!define of kamailio.cfg, as a number", _number_define),
    "$env": NamedVariable("$env(HOME): of the environment of the process", _environment),
    "$envn": NamedVariable("$envn(COLUMNS): of the environment, as a number", _number_environment),
    "$pp": Variable("id of the process", lambda turn: os.getpid()),  # noqa: ARG005
    "$br": Variable("URI of the first branch", _first_branch),
    "$bR": Variable("all branches, as in a Contact", _branches),
    "$branch": NamedVariable("$(branch(uri)[0]): of a branch; $branch(count): how many", _branch, indexed=True),
    "$sndto": NamedVariable("$sndto(ip): where what leaves is going, in an onsend_route", _sent_to),
    "$sndfrom": NamedVariable("$sndfrom(ip): the address of ours it leaves from", _sent_from),
    "$_s": NamedVariable("$_s(text): a text with variables in it", lambda turn, text: text, expands=True),  # noqa: ARG005
}
# fmt: on
