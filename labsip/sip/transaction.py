"""The four transaction machines of RFC 3261 §17 with RFC 6026, as tables that run.

A machine is its rows; `Transaction.fire` below them is all that moves it and knows no method and no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from math import inf
from typing import NamedTuple


class State(StrEnum):
    """States as in the RFC's figures, Accepted from RFC 6026."""

    CALLING = "Calling"
    TRYING = "Trying"
    PROCEEDING = "Proceeding"
    ACCEPTED = "Accepted"
    COMPLETED = "Completed"
    CONFIRMED = "Confirmed"
    TERMINATED = "Terminated"


class Do(StrEnum):
    """What a row does besides changing the state."""

    SEND = "send"  # the message this event brings
    RESEND = "resend"  # what was sent last, once more
    PASS = "pass up"  # give the message to the transaction user
    ACK = "send ACK"
    TIMEOUT = "tell timeout"
    FAIL = "tell transport error"


class Row(NamedTuple):
    """One arrow of an RFC figure. No row: nothing happens."""

    state: State
    event: str
    """A method, a class of status, `send` and a class of status, a timer, `transport error`."""
    next: State
    do: tuple[Do, ...] = ()
    start: str = ""
    """Timers to start; a running one that has no row in `next` is dropped."""
    rfc: str = ""


CALLING, TRYING, PROCEEDING = State.CALLING, State.TRYING, State.PROCEEDING
ACCEPTED, COMPLETED, CONFIRMED, TERMINATED = State.ACCEPTED, State.COMPLETED, State.CONFIRMED, State.TERMINATED
SEND, RESEND, PASS, ACK, TIMEOUT, FAIL = Do.SEND, Do.RESEND, Do.PASS, Do.ACK, Do.TIMEOUT, Do.FAIL

# fmt: off
INVITE_CLIENT = (           # RFC 3261 figure 5, amended by RFC 6026; Timer C is the proxy's (§16.6 step 11)
    Row(CALLING,    "timer A",         CALLING,    (RESEND,),   "A",      "3261 §17.1.1.2"),
    Row(CALLING,    "timer B",         TERMINATED, (TIMEOUT,),            rfc="3261 §17.1.1.2"),
    Row(CALLING,    "1xx",             PROCEEDING, (PASS,),     "C",      "3261 §17.1.1.2"),
    Row(CALLING,    "2xx",             ACCEPTED,   (PASS,),     "M",      "6026 §7.2"),
    Row(CALLING,    "3xx-6xx",         COMPLETED,  (ACK, PASS), "D",      "3261 §17.1.1.2"),
    Row(CALLING,    "transport error", TERMINATED, (FAIL,),               rfc="3261 §17.1.4"),
    Row(PROCEEDING, "1xx",             PROCEEDING, (PASS,),     "C",      "3261 §17.1.1.2"),
    Row(PROCEEDING, "2xx",             ACCEPTED,   (PASS,),     "M",      "6026 §7.2"),
    Row(PROCEEDING, "3xx-6xx",         COMPLETED,  (ACK, PASS), "D",      "3261 §17.1.1.2"),
    Row(PROCEEDING, "timer C",         PROCEEDING, (TIMEOUT,),            rfc="3261 §16.8"),
    Row(PROCEEDING, "cancel",          PROCEEDING, (),          "cancel", "3261 §9.1"),
    Row(PROCEEDING, "timer cancel",    TERMINATED, (TIMEOUT,),            rfc="3261 §9.1"),
    Row(COMPLETED,  "3xx-6xx",         COMPLETED,  (ACK,),                rfc="3261 §17.1.1.2"),
    Row(COMPLETED,  "timer D",         TERMINATED,                        rfc="3261 §17.1.1.2"),
    Row(COMPLETED,  "transport error", TERMINATED, (FAIL,),               rfc="3261 §17.1.4"),
    Row(ACCEPTED,   "2xx",             ACCEPTED,   (PASS,),               rfc="6026 §7.2"),
    Row(ACCEPTED,   "timer M",         TERMINATED,                        rfc="6026 §7.2"),
)

CLIENT = (                  # RFC 3261 figure 6: any request but INVITE and ACK
    Row(TRYING,     "timer E",         TRYING,     (RESEND,),   "E",      "3261 §17.1.2.2"),
    Row(TRYING,     "timer F",         TERMINATED, (TIMEOUT,),            rfc="3261 §17.1.2.2"),
    Row(TRYING,     "1xx",             PROCEEDING, (PASS,),               rfc="3261 §17.1.2.2"),
    Row(TRYING,     "2xx",             COMPLETED,  (PASS,),     "K",      "3261 §17.1.2.2"),
    Row(TRYING,     "3xx-6xx",         COMPLETED,  (PASS,),     "K",      "3261 §17.1.2.2"),
    Row(TRYING,     "transport error", TERMINATED, (FAIL,),               rfc="3261 §17.1.4"),
    Row(PROCEEDING, "timer E",         PROCEEDING, (RESEND,),   "E",      "3261 §17.1.2.2"),
    Row(PROCEEDING, "timer F",         TERMINATED, (TIMEOUT,),            rfc="3261 §17.1.2.2"),
    Row(PROCEEDING, "1xx",             PROCEEDING, (PASS,),               rfc="3261 §17.1.2.2"),
    Row(PROCEEDING, "2xx",             COMPLETED,  (PASS,),     "K",      "3261 §17.1.2.2"),
    Row(PROCEEDING, "3xx-6xx",         COMPLETED,  (PASS,),     "K",      "3261 §17.1.2.2"),
    Row(PROCEEDING, "transport error", TERMINATED, (FAIL,),               rfc="3261 §17.1.4"),
    Row(COMPLETED,  "timer K",         TERMINATED,                        rfc="3261 §17.1.2.2"),
)

INVITE_SERVER = (           # RFC 3261 figure 7, amended by RFC 6026
    Row(PROCEEDING, "INVITE",          PROCEEDING, (RESEND,),             rfc="3261 §17.2.1"),
    Row(PROCEEDING, "send 1xx",        PROCEEDING, (SEND,),               rfc="3261 §17.2.1"),
    Row(PROCEEDING, "send 2xx",        ACCEPTED,   (SEND,),     "L",      "6026 §7.1"),
    Row(PROCEEDING, "send 3xx-6xx",    COMPLETED,  (SEND,),     "G H",    "3261 §17.2.1"),
    Row(PROCEEDING, "transport error", TERMINATED, (FAIL,),               rfc="3261 §17.2.4"),
    Row(COMPLETED,  "INVITE",          COMPLETED,  (RESEND,),             rfc="3261 §17.2.1"),
    Row(COMPLETED,  "ACK",             CONFIRMED,  (),          "I",      "3261 §17.2.1"),
    Row(COMPLETED,  "timer G",         COMPLETED,  (RESEND,),   "G",      "3261 §17.2.1"),
    Row(COMPLETED,  "timer H",         TERMINATED, (TIMEOUT,),            rfc="3261 §17.2.1"),
    Row(COMPLETED,  "transport error", TERMINATED, (FAIL,),               rfc="3261 §17.2.4"),
    Row(CONFIRMED,  "timer I",         TERMINATED,                        rfc="3261 §17.2.1"),
    Row(ACCEPTED,   "send 2xx",        ACCEPTED,   (SEND,),               rfc="6026 §7.1"),
    Row(ACCEPTED,   "ACK",             ACCEPTED,   (PASS,),               rfc="6026 §7.1"),
    Row(ACCEPTED,   "timer L",         TERMINATED,                        rfc="6026 §7.1"),
)

SERVER = (                  # RFC 3261 figure 8: any request but INVITE and ACK
    Row(TRYING,     "send 1xx",        PROCEEDING, (SEND,),               rfc="3261 §17.2.2"),
    Row(TRYING,     "send 2xx",        COMPLETED,  (SEND,),     "J",      "3261 §17.2.2"),
    Row(TRYING,     "send 3xx-6xx",    COMPLETED,  (SEND,),     "J",      "3261 §17.2.2"),
    Row(PROCEEDING, "request",         PROCEEDING, (RESEND,),             rfc="3261 §17.2.2"),
    Row(PROCEEDING, "send 1xx",        PROCEEDING, (SEND,),               rfc="3261 §17.2.2"),
    Row(PROCEEDING, "send 2xx",        COMPLETED,  (SEND,),     "J",      "3261 §17.2.2"),
    Row(PROCEEDING, "send 3xx-6xx",    COMPLETED,  (SEND,),     "J",      "3261 §17.2.2"),
    Row(PROCEEDING, "transport error", TERMINATED, (FAIL,),               rfc="3261 §17.2.4"),
    Row(COMPLETED,  "request",         COMPLETED,  (RESEND,),             rfc="3261 §17.2.2"),
    Row(COMPLETED,  "timer J",         TERMINATED,                        rfc="3261 §17.2.2"),
    Row(COMPLETED,  "transport error", TERMINATED, (FAIL,),               rfc="3261 §17.2.4"),
)
# fmt: on


def timers_of(rows: Iterable[Row]) -> list[str]:
    """Names of the timers a table knows, in order of appearance."""
    names = (row.event.removeprefix("timer ") for row in rows if row.event.startswith("timer "))
    return list(dict.fromkeys(names))


class Place:
    """A state of one machine, ready to run: the way each event leads from here."""

    __slots__ = ("state", "timers", "ways")

    def __init__(self, state: State, timers: frozenset[str]) -> None:
        self.state = state
        self.timers = timers
        """Those that go on running here: the state has a row for them."""
        self.ways: dict[str, Way] = {}


class Way(NamedTuple):
    """A row, ready to run."""

    to: Place
    do: tuple[Do, ...]
    start: tuple[str, ...]


@dataclass(frozen=True)
class Machine:
    """A table, ready to run: where it begins, which timers run from there, and its rows."""

    name: str
    rows: tuple[Row, ...]
    first: State
    start: str = ""
    starts: tuple[str, ...] = field(init=False, repr=False, compare=False)
    places: dict[State, Place] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places = {
            state: Place(state, frozenset(timers_of(row for row in self.rows if row.state is state))) for state in State
        }
        for row in self.rows:
            places[row.state].ways[row.event] = Way(places[row.next], row.do, tuple(row.start.split()))
        object.__setattr__(self, "starts", tuple(self.start.split()))
        object.__setattr__(self, "places", places)


MACHINES = {
    machine.name: machine
    for machine in (
        Machine("INVITE client", INVITE_CLIENT, CALLING, "A B"),
        Machine("client", CLIENT, TRYING, "E F"),
        Machine("INVITE server", INVITE_SERVER, PROCEEDING),
        Machine("server", SERVER, TRYING),
    )
}


_GROWING = "AEG"
"""Timers that restart themselves, longer each time."""


@dataclass(frozen=True)
class Timing:
    """How long each timer runs, in seconds (RFC 3261 table 4, over UDP); None: that timer is not used."""

    T1: float = 0.5
    T2: float = 4.0
    B: float = 32.0  # 64*T1, as are D, F, H, J, L, M and cancel
    C: float | None = None
    D: float = 32.0
    F: float = 32.0
    H: float = 32.0
    I: float = 5.0  # T4  # noqa: E741 - the RFC's name
    J: float = 32.0
    K: float = 5.0  # T4
    L: float = 32.0
    M: float = 32.0
    cancel: float = 32.0
    cap_A: bool = False  # noqa: N815 - the RFC lets Timer A double for ever, Kamailio stops at T2
    repeats: bool = True
    """Whether timers A, E and G run at all: over a reliable transport nothing is sent again."""

    def seconds(self, timer: str, last: float | None, state: State) -> float | None:
        """Length of the timer; `last` is its length before, if it restarts itself (§17.1.1.2, §17.1.2.2, §17.2.1)."""
        if timer not in _GROWING:
            length: float | None = getattr(self, timer)
            return length
        if not self.repeats:
            return None
        if last is None:
            return self.T1
        if timer == "E" and state is PROCEEDING:
            return self.T2
        return min(2 * last, inf if timer == "A" and not self.cap_A else self.T2)


RFC = Timing()


@lru_cache(maxsize=64)
def reliable(timing: Timing) -> Timing:
    """The same over TCP and TLS (RFC 3261 table 4): no repeats, and nobody waits for any."""
    return replace(timing, repeats=False, D=0.0, I=0.0, J=0.0, K=0.0)


class Transaction:
    """One run through a machine. It holds no message; who owns it does what `fire` says."""

    __slots__ = ("_place", "due", "lengths", "machine", "next_due", "timing")

    def __init__(self, machine: Machine, now: float, timing: Timing = RFC) -> None:
        self.machine = machine
        self._place = machine.places[machine.first]
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
        """Nothing moves it any more."""
        return self._place.state is TERMINATED

    def knows(self, event: str) -> bool:
        """Whether there is an arrow for this event here."""
        return event in self._place.ways

    def fire(self, event: str, now: float) -> tuple[Do, ...]:
        """Take the arrow for this event, if there is one; returns what is to be done."""
        way = self._place.ways.get(event)
        if way is None:
            return ()
        if way.to is not self._place:
            self._place = way.to
            for timer in [timer for timer in self.due if timer not in way.to.timers]:
                del self.due[timer]
        for timer in way.start:
            self._start(timer, now, again=event == f"timer {timer}")
        self.next_due = min(self.due.values()) if self.due else None
        return way.do

    def retime(self, timing: Timing, now: float) -> None:
        """Other lengths for the timers; a running one whose length changes begins again."""
        old, self.timing = self.timing, timing
        for timer in [t for t in self.due if t not in _GROWING and getattr(old, t) != getattr(timing, t)]:
            del self.due[timer]
            self._start(timer, now, again=False)
        self.next_due = min(self.due.values(), default=None)

    def stop(self) -> None:
        """Let no timer run any more, and wait for events alone."""
        self.due.clear()
        self.next_due = None

    def wake(self, now: float) -> list[tuple[str, tuple[Do, ...]]]:
        """Fire the timers due at `now`, earliest first: (timer, what is to be done) each."""
        done: list[tuple[str, tuple[Do, ...]]] = []
        if self.next_due is None or now < self.next_due:
            return done
        while (timer := self._first_due(now)) is not None:
            del self.due[timer]
            self.next_due = min(self.due.values(), default=None)
            done.append((timer, self.fire(f"timer {timer}", now)))
        return done

    def _first_due(self, now: float) -> str | None:
        ready = [(when, timer) for timer, when in self.due.items() if when <= now]
        return min(ready)[1] if ready else None

    def _start(self, timer: str, now: float, *, again: bool) -> None:
        length = self.timing.seconds(timer, self.lengths.get(timer) if again else None, self._place.state)
        if length is not None:
            self.lengths[timer] = length
            self.due[timer] = now + length


def status_class(status: int) -> str:
    """A status as the tables call it: 1xx, 2xx, 3xx-6xx."""
    return "1xx" if status < 200 else "2xx" if status < 300 else "3xx-6xx"
