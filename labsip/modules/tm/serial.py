"""Serial forking (RFC 3261 §16.6): the contacts of the highest q first, the next ones when those have failed."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from labsip.modules.tm.cell import Plan
from labsip.proxy.command import command
from labsip.proxy.script import FAILURE, REQUEST, Target
from labsip.proxy.turn import Turn


@command(REQUEST, FAILURE)
def t_load_contacts(turn: Turn, /) -> int:
    """Put the target set aside, sorted by q, for t_next_contacts to take from. 1.

    Where there is one target alone, nothing is done.   Kamailio: tm/t_serial.c
    """
    targets = [Target(turn.uri, turn.dst_uri, turn.path, turn.q)] if turn.uri_is_new else []
    targets += turn.targets
    if len(targets) > 1:
        turn.note(Plan).serial[:] = [list(group) for _, group in groupby(_best_first(targets), key=_preference)]
        turn.targets.clear()
        turn.uri_is_new = False
    return 1


@command(REQUEST, FAILURE)
def t_next_contacts(turn: Turn, /) -> int:
    """Make the contacts of the highest q that are left the target set; t_relay then calls them, all at once.

    1 done · -2 there are none left, or t_load_contacts found one alone.   Kamailio: tm/t_serial.c
    """
    serial = turn.note(Plan).serial
    if not serial:
        return -2
    first, *others = serial.pop(0)
    turn.uri, turn.dst_uri, turn.path, turn.uri_is_new = first.uri, first.dst_uri, first.path, True
    turn.targets += [replace(other, q=0.0) for other in others]  # as in Kamailio: its q is used up
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
