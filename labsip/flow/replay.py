"""The transactions behind a flow: the machines of `sip.machines`, run again over what was recorded.

A record holds messages, not the events of machines; but each event is a message sent, a message that arrived, or a
timer. So the rows of the machines that ran then run here once more. Retransmissions are taken from the record, all
other timers from the transaction's own lengths. A message counts as arrived when it was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from labsip.flow.rows import Flow, FlowRow
from labsip.sip.machines import MACHINES, Machine, State
from labsip.sip.run import Run, status_class
from labsip.sip.timing import Timing

if TYPE_CHECKING:
    import pandas as pd

RESENDING = ("A", "E", "G")
"""Timers that send something again: they fired when the record says so."""

SET = "t_set_fr"
"""The event of a step that is no arrow: a route changed the lengths of the timers that run."""

Lengths = Sequence[tuple[float, Timing]]
"""The lengths of a transaction's timers, each with the time from which they hold, in seconds as the flow's."""
Timings = Callable[[str, str, str, str], Lengths]
"""The lengths of a transaction's timers, by party, side (`client`, `server`), branch and method."""


class Step(NamedTuple):
    """One arrow of the machine, taken."""

    t: float
    """Seconds, as the flow's."""
    event: str
    before: State | None
    """None for the beginning."""
    state: State
    timers: tuple[tuple[str, float], ...]
    """Timers that run from then on, and when each is due, in seconds as `t`."""


class Replay(NamedTuple):
    """What one party's transaction did; `peer` is at the other end of the hop, `branch` its name (§8.1.1.7)."""

    party: str
    peer: str
    machine: Machine
    method: str
    branch: str
    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        """`INVITE client transaction of 106, towards proxy`."""
        name = self.machine.name if self.method == "INVITE" else f"{self.method} {self.machine.name}"
        return f"{name} transaction of {self.party}, towards {self.peer}"

    def lines(self) -> list[str]:
        """A line a step: time, event, state, the timers that run and for how long."""
        return [f"{step.t:7.3f}  {step.event:16} → {step.state:11} {timers_of(step)}".rstrip() for step in self.steps]


def timers_of(step: Step) -> str:
    """The timers that run after a step: `timers A 0.500 s, B 32.000 s`; "" if none does."""
    left = ", ".join(f"{timer} {due - step.t:.3f} s" for timer, due in step.timers)
    return f"timers {left}" if left else ""


def runs_of(flow: Flow | pd.DataFrame, timings: Timings, until: float) -> list[Replay]:
    """Every run in a flow, in the order they began: at the sender of a request, and at its receiver.

    until: when to stop looking, in seconds as the flow's.
    """
    found = []
    for (branch, method), rows in _transactions(Flow.of(flow)).items():
        first = rows[0]
        for side, party in (("client", first.src), ("server", first.dst)):
            lengths = timings(party, side, branch, method)
            if (steps := _run(side, party, method, rows, lengths, until)) is not None:
                peer = first.dst if side == "client" else first.src
                machine = MACHINES[f"INVITE {side}" if method == "INVITE" else side]
                found.append(Replay(party, peer, machine, method, branch, steps))
    return found


def _transactions(flow: Flow) -> dict[tuple[str, str], list[FlowRow]]:
    """Rows by branch and method; an ACK belongs to the INVITE of its branch, and so does a CANCEL, too (§9.1)."""
    groups: dict[tuple[str, str], list[FlowRow]] = {}
    for one in flow:
        method, branch = one.method, one.branch
        if method in ("ACK", "CANCEL") and (branch, "INVITE") in groups:
            groups[branch, "INVITE"].append(one)
        if method != "ACK" and branch and (one.kind == "request" or (branch, method) in groups):
            groups.setdefault((branch, method), []).append(one)
    return groups


def _run(
    side: str, party: str, method: str, rows: list[FlowRow], lengths: Lengths, until: float
) -> tuple[Step, ...] | None:
    """None if the party never had such a transaction, because no request reached it."""
    events = list((_client_events if side == "client" else _server_events)(party, method, rows))
    if not events:
        return None
    machine = MACHINES[f"INVITE {side}" if method == "INVITE" else side]
    began, first = events[0]
    transaction = Run(machine, began, lengths[0][1])
    steps = [_step(transaction, began, first, None)]
    later = dict(lengths[1:])
    for t, event in sorted([*events[1:], *((t, SET) for t in later), (until, "")], key=lambda one: one[0]):
        steps += _timers(transaction, t)
        before = transaction.state
        if event == SET:
            transaction.retime(later[t], t)
            steps.append(_step(transaction, t, event, before))
        elif transaction.knows(event):
            transaction.due.pop(event.removeprefix("timer "), None)
            transaction.fire(event, t)
            steps.append(_step(transaction, t, event, before))
    return tuple(steps)


def _timers(transaction: Run, t: float) -> Iterator[Step]:
    """The timers that fired up to `t`, except those that send something again."""
    while due := sorted((when, timer) for timer, when in transaction.due.items() if timer not in RESENDING):
        when, timer = due[0]
        if when > t:
            return
        before = transaction.state
        del transaction.due[timer]
        transaction.fire(f"timer {timer}", when)
        yield _step(transaction, when, f"timer {timer}", before)


def _step(transaction: Run, t: float, event: str, before: State | None) -> Step:
    timers = () if transaction.over else tuple(sorted(transaction.due.items(), key=lambda item: item[1]))
    return Step(t, event, before, transaction.state, timers)


def _client_events(party: str, method: str, rows: list[FlowRow]) -> Iterator[tuple[float, str]]:
    """The events of the machine at the sender of a request."""
    resend = "timer A" if method == "INVITE" else "timer E"
    begun = False
    for row in rows:
        if row.src == party and row.kind == "request" and row.method == method:
            yield row.t, resend if begun else f"{method} sent"
            begun = True
        elif row.src == party and row.method == "CANCEL" and row.kind == "request" and not row.repeat:
            yield row.t, "cancel"
        elif row.dst == party and row.method == method and row.kind != "request" and not row.lost:
            yield row.t, status_class(row.status or 0)


def _server_events(party: str, method: str, rows: list[FlowRow]) -> Iterator[tuple[float, str]]:
    """The events of the machine at the receiver of a request."""
    begun = False
    arrived = set()
    for row in rows:
        if row.dst == party and row.kind == "request" and not row.lost and row.method in (method, "ACK"):
            known = row.method if method == "INVITE" else "request"
            yield row.t, known if begun else f"{method} arrived"
            begun = True
            arrived.add(row.row)
        elif row.src == party and row.method == method and row.kind != "request" and begun:
            status = status_class(row.status or 0)
            if row.repeat and row.cause in arrived:
                continue  # the machine's own answer to a request that came again
            yield row.t, "timer G" if row.repeat and status == "3xx-6xx" else f"send {status}"
