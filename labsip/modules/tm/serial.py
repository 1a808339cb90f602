"""Serial forking (RFC 3261 §16.6): the contacts of the highest q first, the next ones when those have failed."""

from __future__ import annotations

from itertools import groupby

from labsip.proxy.route import FAILURE, REQUEST, Routing, Target
from labsip.proxy.word import word


@word(REQUEST, FAILURE)
def t_load_contacts(ksr: Routing, /) -> int:
    """Put the target set aside, sorted by q, for t_next_contacts to take from. 1.

    Where all have the same q nothing is done: they are called at once, as t_relay does without this word.
    Kamailio: tm/t_serial.c
    """
    targets = [Target(ksr._uri, ksr._dst_uri, ksr._path, ksr._q)] if ksr._uri_is_new else []
    targets += ksr._targets
    groups = [list(group) for _, group in groupby(sorted(targets, key=_preference, reverse=True), key=_preference)]
    if len(groups) > 1:
        ksr._serial[:] = groups
        ksr._targets.clear()
        ksr._uri_is_new = False
    return 1


@word(REQUEST, FAILURE)
def t_next_contacts(ksr: Routing, /) -> int:
    """Make the contacts of the highest q that are left the target set; t_relay then calls them, all at once.

    1 done · -2 there are none left, or t_load_contacts found nothing to sort.   Kamailio: tm/t_serial.c
    """
    if not ksr._serial:
        return -2
    first, *others = ksr._serial.pop(0)
    ksr._uri, ksr._dst_uri, ksr._path, ksr._q, ksr._uri_is_new = first.uri, first.dst_uri, first.path, first.q, True
    ksr._targets = others
    return 1


def _preference(target: Target) -> float:
    """Who did not say comes last, as in Kamailio (Q_UNSPECIFIED)."""
    return -1.0 if target.q is None else target.q
