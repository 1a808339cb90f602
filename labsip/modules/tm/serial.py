"""Serial forking (RFC 3261 §16.6): the contacts of the highest q first, the next ones when those have failed."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from labsip.proxy.command import command
from labsip.proxy.route import FAILURE, REQUEST, Routing, Target


@command(REQUEST, FAILURE)
def t_load_contacts(ksr: Routing, /) -> int:
    """Put the target set aside, sorted by q, for t_next_contacts to take from. 1.

    Where there is one target alone, nothing is done.   Kamailio: tm/t_serial.c
    """
    targets = [Target(ksr._uri, ksr._dst_uri, ksr._path, ksr._q)] if ksr._uri_is_new else []
    targets += ksr._targets
    if len(targets) > 1:
        ksr._serial[:] = [list(group) for _, group in groupby(_best_first(targets), key=_preference)]
        ksr._targets.clear()
        ksr._uri_is_new = False
    return 1


@command(REQUEST, FAILURE)
def t_next_contacts(ksr: Routing, /) -> int:
    """Make the contacts of the highest q that are left the target set; t_relay then calls them, all at once.

    1 done · -2 there are none left, or t_load_contacts found one alone.   Kamailio: tm/t_serial.c
    """
    if not ksr._serial:
        return -2
    first, *others = ksr._serial.pop(0)
    ksr._uri, ksr._dst_uri, ksr._path, ksr._uri_is_new = first.uri, first.dst_uri, first.path, True
    ksr._targets += [replace(other, q=0.0) for other in others]  # as in Kamailio: its q is used up
    return 1


def _best_first(targets: list[Target]) -> list[Target]:
    """By falling q; of equal ones the last first, as in Kamailio, but those behind a path at the end."""
    rising: list[Target] = []
    for target in targets:
        q = _preference(target)
        below = (_preference(other) < q or (_preference(other) == q and not target.path) for other in rising)
        rising.insert(sum(below), target)
    return rising[::-1]


def _preference(target: Target) -> float:
    """Who did not say comes last, as in Kamailio (Q_UNSPECIFIED)."""
    return -1.0 if target.q is None else target.q
