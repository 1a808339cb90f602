"""One run through a machine of `machines`: its state and its timers.

`Run.fire` is all that moves it, and it knows no method and no clock.
"""

from __future__ import annotations

from operator import itemgetter

from labsip.sip.machines import TERMINATED, Do, Machine, State
from labsip.sip.timing import GROWING, RFC, Timing

_when = itemgetter(1, 0)
"""Which of two running timers fires first: by time, then by name."""


class Run:
    """One run through a machine. It holds no message; whoever owns it does what `fire` says."""

    __slots__ = ("_place", "due", "lengths", "machine", "next_due", "timing")

    def __init__(self, machine: Machine, now: float, timing: Timing = RFC) -> None:
        self.machine = machine
        self._place = machine.place
        self.timing = timing
        self.due: dict[str, float] = {}
        """Running timers: name → when (seconds)."""
        self.next_due: float | None = None
        """When the first of them fires, None if none runs."""
        self.lengths: dict[str, float] = {}
        for timer in machine.starts:
            self._start(timer, now, again=False)
        self.next_due = min(self.due.values()) if self.due else None

    def __repr__(self) -> str:
        return f"<{self.machine.name} transaction: {self.state}>"

    @property
    def state(self) -> State:
        """Where it is."""
        return self._place.state

    @property
    def over(self) -> bool:
        """Whether nothing moves it any more."""
        return self._place.state is TERMINATED

    def knows(self, event: str) -> bool:
        """Whether there is an arrow for this event here."""
        return event in self._place.moves

    def fire(self, event: str, now: float) -> tuple[Do, ...]:
        """Take the arrow for this event, if there is one; returns what is to be done."""
        move = self._place.moves.get(event)
        if move is None:
            return ()
        if move.to is not self._place:
            self._place = move.to
            if self.due:
                self.due = {timer: when for timer, when in self.due.items() if timer in move.to.timers}
        for timer in move.start:
            self._start(timer, now, again=move.again)
        self.next_due = min(self.due.values()) if self.due else None
        return move.do

    def retime(self, timing: Timing, now: float) -> None:
        """Other lengths for the timers; a running one whose length changes begins again."""
        old, self.timing = self.timing, timing
        for timer in [t for t in self.due if t not in GROWING and getattr(old, t) != getattr(timing, t)]:
            del self.due[timer]
            self._start(timer, now, again=False)
        self.next_due = min(self.due.values(), default=None)

    def stop(self) -> None:
        """Stop all timers; from now on only other events move it."""
        self.due.clear()
        self.next_due = None

    def wake(self, now: float) -> list[tuple[str, tuple[Do, ...]]]:
        """Fire the timers due at `now`, earliest first: (timer, what is to be done) each."""
        done: list[tuple[str, tuple[Do, ...]]] = []
        while self.next_due is not None and self.next_due <= now:
            timer = min(self.due.items(), key=_when)[0]
            del self.due[timer]
            self.next_due = min(self.due.values(), default=None)
            done.append((timer, self.fire(f"timer {timer}", now)))
        return done

    def _start(self, timer: str, now: float, *, again: bool) -> None:
        length = self.timing.seconds(timer, self.lengths.get(timer) if again else None, self._place.state)
        if length is not None:
            self.lengths[timer] = length
            self.due[timer] = now + length


def status_class(status: int) -> str:
    """A status as the tables call it: 1xx, 2xx, 3xx-6xx."""
    return "1xx" if status < 200 else "2xx" if status < 300 else "3xx-6xx"
