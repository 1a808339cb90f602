"""What a phone has to do later: ring, answer, repeat a 200, refresh its registration."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from labsip.sip.transport import Datagram

Action = Callable[[float], list[Datagram]]
"""Called with the time (seconds) it is done at; returns what it sends."""


class Appointment(NamedTuple):
    """One thing to do."""

    when: float
    order: int
    action: Action
    owner: object
    """What it is about; once that is over, the appointment is dropped."""
    scripted: bool
    """Whether somebody waits for it: for an answer after two seconds, yes; for a retransmission, no."""


class Agenda:
    """Appointments, in the order they are due."""

    def __init__(self) -> None:
        self._appointments: list[Appointment] = []
        self._order = count()

    def at(self, when: float, action: Action, owner: object, *, scripted: bool = False) -> None:
        """Do something at that time (seconds)."""
        self._appointments.append(Appointment(when, next(self._order), action, owner, scripted))

    def after(self, delay: float, action: Action, owner: object, now: float) -> list[Datagram]:
        """A scripted action: now if there is no delay (seconds), else later. Returns what was sent now."""
        if delay <= 0:
            return action(now)
        self.at(now + delay, action, owner, scripted=True)
        return []

    def drop(self, owner: object) -> None:
        """Drop all appointments about this."""
        self._appointments = [item for item in self._appointments if item.owner is not owner]

    def wake(self, now: float) -> list[Datagram]:
        """Do what is due; returns what was sent."""
        out: list[Datagram] = []
        while due := [item for item in self._appointments if item.when <= now]:
            first = min(due, key=lambda item: (item.when, item.order))
            self._appointments.remove(first)
            out += first.action(now)
        return out

    @property
    def next_due(self) -> float | None:
        """When the next one is due (seconds), None if there is none."""
        return min((item.when for item in self._appointments), default=None)

    @property
    def busy(self) -> bool:
        """Whether something scripted is still to come."""
        return any(item.scripted for item in self._appointments)
