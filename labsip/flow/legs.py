"""The legs of one call: Call-IDs that belong together, where a B2BUA, a transfer or a second proxy made several."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from labsip.flow.conversation import Conversation, conversations
from labsip.sip.errors import LabError

NAMING = ("X-Call-ID", "X-CID", "Replaces", "Target-Dialog", "In-Reply-To")
_UUID = re.compile(r"[0-9a-f]{32}")
_ICID = re.compile(r'icid-value="?([^";]+)')
UNANSWERED = 32.0
"""Seconds an INVITE waits for anything at all: Timer B (RFC 3261 §17.1.1.2)."""
_NIL = "0" * 32


class LegRule(NamedTuple):
    """What makes two Call-IDs legs of one call: a key that both have."""

    name: str
    what: str
    keys: Callable[[Conversation], Iterable[str]]
    follows: bool = False
    """Whether one must also follow from the other: begin where the other came to, before that was decided."""


def _named(one: Conversation) -> Iterable[str]:
    """Its own Call-ID, and those its first request names; a Replaces may carry tags behind it (RFC 3891)."""
    yield one.call_id
    for header in NAMING:
        for value in _values(one, header):
            yield from (each.partition(";")[0].strip() for each in value.split(","))


def _session(one: Conversation) -> Iterable[str]:
    """Of both halves of a Session-ID; the nil one says nothing (RFC 7989 §5)."""
    ids = {each for value in _values(one, "Session-ID") for each in _UUID.findall(value.lower())}
    return ids - {_NIL}


def _charging(one: Conversation) -> Iterable[str]:
    return {each for value in _values(one, "P-Charging-Vector") for each in _ICID.findall(value)}


def _users(one: Conversation) -> Iterable[str]:
    caller, callee = one.users
    return [f"{caller} {callee}"] if caller and callee else []


# fmt: off
LEG_RULES = (
    LegRule("named",    "one names the other's Call-ID: " + ", ".join(NAMING),                        _named),
    LegRule("session",  "the same Session-ID (RFC 7989)",                                             _session),
    LegRule("charging", "the same icid-value in P-Charging-Vector (RFC 7315)",                        _charging),
    LegRule("users",    "the same users in From and To, one begun where the other came to, before it was decided",
            _users, follows=True),
)
# fmt: on
"""For calls only, from top to bottom; the first rule that holds is the one that is given."""


def joined(flow: Any, call_id: str) -> dict[str, str]:
    """The Call-IDs of a call's legs, each with the rule of LEG_RULES that joins it, "" for the call itself.

    Raises LabError for a Call-ID that is not in the flow.
    """
    found = conversations(flow)
    group = groups(found).get(call_id)
    if group is None:
        raise LabError(f"no message has the Call-ID {call_id!r}; calls(flow).call_id has those there are")
    why = {call_id: ""}
    for rule, *pair in _pairs([one for one in found if one.call_id in group]):
        for one in pair:
            why.setdefault(one, rule)
    return why


def groups(found: Iterable[Conversation]) -> dict[str, set[str]]:
    """Call-ID → the Call-IDs of its call, its own among them."""
    found = list(found)
    group = {one.call_id: {one.call_id} for one in found}
    for _, one, other in _pairs(found):
        if group[one] is not group[other]:
            joined = group[one] | group[other]
            group.update(dict.fromkeys(joined, joined))
    return group


def _pairs(found: Iterable[Conversation]) -> Iterator[tuple[str, str, str]]:
    """A rule and two Call-IDs that it joins; where many belong together, each with its neighbour."""
    called = [one for one in found if one.method == "INVITE"]
    for rule in LEG_RULES:
        alike: defaultdict[str, list[Conversation]] = defaultdict(list)
        for one in called:
            for key in rule.keys(one):
                alike[key].append(one)
        for bucket in alike.values():
            pairs = _following(bucket) if rule.follows else pairwise(bucket)
            yield from ((rule.name, one.call_id, other.call_id) for one, other in pairs)


def _following(bucket: list[Conversation]) -> Iterator[tuple[Conversation, Conversation]]:
    undecided: list[tuple[float, Conversation, set[str]]] = []  # until when, which one, and the parties it came to
    for later in bucket:
        undecided = [(until, one, parties) for until, one, parties in undecided if until > later.t]
        yield from ((one, later) for _, one, parties in undecided if later.began in parties)
        undecided.append((_decided(later), later, {each.request.dst for each in later.of("INVITE")} - {later.began}))


def _decided(one: Conversation) -> float:
    """When its INVITE had a final response, or, where none was seen, has been given up [s]."""
    final = one.opening.final if one.opening else None
    return final.t if final else max(one.until, one.t + UNANSWERED)


def _values(one: Conversation, header: str) -> list[str]:
    return one.first.message.get_all(header) if one.first.message else []
