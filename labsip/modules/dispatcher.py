"""dispatcher: one of several destinations, and the next if it fails (Kamailio's module of that name).

The setting `dispatcher_list` holds what Kamailio's dispatcher.list does, a line each, the last columns may be missing;
with `dispatcher_db_url` they are rows of the table `dispatcher`, read at the start:

    # set  destination             flags  priority  attributes
    1      sip:127.0.10.200        0      10
    1      sip:127.0.10.201

A destination marked inactive stays so until it is marked otherwise: nothing is sent to find out (ds_ping_interval 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from labsip.modules import pv
from labsip.modules.core_hash import core_hash
from labsip.modules.databases import Databases, all_rows
from labsip.proxy.arguments import checked_lines, checked_number, checked_uri
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.script import FAILURE, ONREPLY, REQUEST
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import LabError
from labsip.sip.uri import SipUri


@dataclass(frozen=True)
class DispatcherParameters:
    """Parameters of dispatcher."""

    dispatcher_list: str = ""
    """Sets of destinations: lines as Kamailio's dispatcher.list has them (dispatcher)."""
    dispatcher_db_url: str = ""
    """Where they are in a table, and not in that list (dispatcher's db_url)."""
    dispatcher_table: str = "dispatcher"
    dispatcher_flags: int = 0
    """2: those of a set that were not taken are kept for ds_next_dst (dispatcher's `flags`)."""


CALL_ID, ROUND_ROBIN, PRIORITY = 0, 4, 8
"""Algorithms of ds_select_dst."""
INACTIVE, TRYING, DISABLED, PROBING = 1, 2, 4, 8
"""Flags of a destination; those with the first or the third are passed over."""
STATES = {"a": 0, "i": INACTIVE, "t": INACTIVE, "d": DISABLED}
"""What ds_mark_dst takes. t, one failure more, is i here, for one failure is enough (ds_probing_threshold 1)."""
FAILOVER = 2
"""Flag of `dispatcher_flags`: the destinations not taken are kept for ds_next_dst."""
XAVP = "_dsdst_"
"""Under which name they are kept with the transaction (xavp_dst): the one that was taken, and those that are left."""


@dataclass(slots=True)
class Destination:
    """One line of the list."""

    uri: str
    flags: int = 0
    priority: int = 0
    attributes: str = ""
    """As the list has them: `weight=50;duid=abc`."""

    @property
    def usable(self) -> bool:
        """Whether it may be taken."""
        return not self.flags & (INACTIVE | DISABLED)


@dataclass(slots=True)
class Set:
    """The destinations of one number: highest priority first, of equal ones the last line first, as in Kamailio."""

    destinations: list[Destination]
    turn: int = 0
    """Whose turn it is (round robin)."""

    def choose(self, algorithm: int, call_id: str) -> list[Destination]:
        """All that are usable, the chosen one first, the others as they follow in the set."""
        count = len(self.destinations)
        first = {CALL_ID: core_hash(call_id) % count, ROUND_ROBIN: self.turn, PRIORITY: 0}[algorithm]
        places = [(first + place) % count for place in range(count)]
        chosen = [place for place in places if self.destinations[place].usable]
        if algorithm == ROUND_ROBIN and chosen:
            self.turn = (chosen[0] + 1) % count
        return [self.destinations[place] for place in chosen]


class Dispatcher(ModuleState):
    """The sets of one proxy, by number."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self._list = ""
        self._sets: dict[int, Set] = {}
        self._rows: str | None = None
        self.read_again()
        _ = self.sets  # a list that can't be read is refused at once

    def read_again(self) -> None:
        """Read the table again, if the destinations are in one. Raises LabError, and keeps those it had."""
        given = self.proxy.settings.of(DispatcherParameters)
        if given.dispatcher_db_url:
            database = self.proxy.module(Databases).at(given.dispatcher_db_url, "dispatcher")
            rows = all_rows(database, given.dispatcher_table, ("setid", "destination", "flags", "priority"))
            self._rows = "".join(" ".join(map(str, row)) + "\n" for row in rows)

    @property
    def sets(self) -> dict[int, Set]:
        """Those the settings list now, or the table did; another list begins anew."""
        listed = self.proxy.settings.of(DispatcherParameters).dispatcher_list if self._rows is None else self._rows
        if self._list != listed:
            self._list, self._sets = listed, read_list(listed)
        return self._sets

    def mark(self, uri: str, state: str) -> None:
        """Put a destination into a state, one of STATES, and if a p stands behind it, on probation."""
        for destinations in self.sets.values():
            for destination in destinations.destinations:
                if destination.uri == uri:
                    destination.flags = STATES[state[0]] | (PROBING if state[1:] else 0)


def read_list(text: str) -> dict[int, Set]:
    """The sets of a list. Raises LabError with what is wrong in which line."""
    sets: dict[int, list[Destination]] = {}
    for setid, destination in checked_lines(text, "dispatcher_list", _line):
        sets.setdefault(setid, []).insert(0, destination)
    return {setid: Set(sorted(members, key=lambda one: -one.priority)) for setid, members in sets.items()}


def _line(columns: list[str]) -> tuple[int, Destination]:
    setid, uri, flags, priority, attributes = (*columns[:5], *("", "", "0", "0", "")[len(columns) :])
    if not uri:
        raise LabError("a set alone, no destination")
    checked_uri(uri)
    numbers = checked_number(flags, "flags"), checked_number(priority, "the priority")
    destination = Destination(uri, *numbers, attributes)
    return checked_number(setid, "the set"), destination


@command(REQUEST, FAILURE)
def ds_select_dst(turn: Turn, /, setid: int | str, alg: int | str, limit: int | str = 0) -> int:
    """Choose a destination of a set, and make it the next hop ($du); the Request-URI stays.

    `alg` 0: by a hash of the Call-ID, 4: in turn, 8: the highest priority first. With dispatcher_flags=2 the others are
    kept for ds_next_dst, `limit` of all if it is not 0. 1 done · -1 no such set, or none of it may be taken. Raises
    LabError for another algorithm.   Kamailio: dispatcher/dispatch.c
    """
    return _take(turn, _chosen(turn, setid, alg, limit), domain=False)


@command(REQUEST, FAILURE)
def ds_select_domain(turn: Turn, /, setid: int | str, alg: int | str, limit: int | str = 0) -> int:
    """The same, but the destination takes the place of all behind the user in the Request-URI.

    Kamailio: dispatcher/dispatch.c
    """
    return _take(turn, _chosen(turn, setid, alg, limit), domain=True)


@command(REQUEST, FAILURE)
def ds_next_dst(turn: Turn, /) -> int:
    """Take the next destination there is left. 1 done · -1 there is none, or dispatcher_flags is not 2.

    Kamailio: dispatcher/dispatch.c
    """
    return _take(turn, _left(turn), domain=False)


@command(REQUEST, FAILURE)
def ds_next_domain(turn: Turn, /) -> int:
    """The same for a destination chosen by ds_select_domain.   Kamailio: dispatcher/dispatch.c"""
    return _take(turn, _left(turn), domain=True)


@command(REQUEST, FAILURE, ONREPLY)
def ds_mark_dst(turn: Turn, /, state: str = "i") -> int:
    """Mark the destination taken last: "i" inactive, "t" failed once more, "d" disabled, "a" active; "p" may follow.

    One that is inactive or disabled is passed over from now on. 1 done · -1 there is none, or no such state.
    Kamailio: dispatcher/dispatcher.c
    """
    kept, said = _kept(turn), state.lower()
    if not kept or said[:1] not in STATES or said[1:] not in ("", "p"):
        return -1
    turn.module(Dispatcher).mark(kept[0], said)
    return 1


def _chosen(turn: Turn, setid: int | str, alg: int | str, limit: int | str) -> list[str]:
    algorithm = checked_number(alg, "alg")
    if algorithm not in (CALL_ID, ROUND_ROBIN, PRIORITY):
        raise LabError(f"no algorithm {alg} here; there are 0 (hash of the Call-ID), 4 (in turn) and 8 (by priority)")
    chosen = turn.module(Dispatcher).sets.get(checked_number(setid, "setid"))
    uris = [] if chosen is None else [one.uri for one in chosen.choose(algorithm, turn.request.call_id)]
    return uris[: checked_number(limit, "limit") or None]


def _kept(turn: Turn) -> list[str]:
    return cast(list[str], turn.avps.get(XAVP, []))


def _left(turn: Turn) -> list[str]:
    if not turn.proxy.settings.of(DispatcherParameters).dispatcher_flags & FAILOVER:
        turn.proxy.trace.note(turn.now, "dispatcher keeps no destinations for later: set dispatcher_flags=2")
    return _kept(turn)[1:]


def _take(turn: Turn, uris: list[str], *, domain: bool) -> int:
    """The first of these is the next hop, the others are kept."""
    if turn.proxy.settings.of(DispatcherParameters).dispatcher_flags & FAILOVER:
        turn.avps[XAVP] = uris
    if not uris:
        return -1
    if domain:
        caller = SipUri.parse(turn.uri, any_scheme=True)
        pv.write(turn, "$ru", str(SipUri.parse(uris[0])._replace(user=caller.user, password=caller.password)))
    else:
        pv.write(turn, "$du", uris[0])
    return 1


EXPORTS = Module(
    "dispatcher",
    commands=(ds_select_dst, ds_select_domain, ds_next_dst, ds_next_domain, ds_mark_dst),
    parameters=DispatcherParameters,
    state=Dispatcher,
)
