"""The four transaction machines of RFC 3261 §17 with RFC 6026, as the tables of its figures.

`transaction` runs them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
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

    __slots__ = ("moves", "state", "timers")

    def __init__(self, state: State, timers: frozenset[str]) -> None:
        self.state = state
        self.timers = timers
        """Those that go on running here: the state has a row for them."""
        self.moves: dict[str, Move] = {}


class Move(NamedTuple):
    """A row, ready to run."""

    to: Place
    do: tuple[Do, ...]
    start: tuple[str, ...]
    again: bool
    """What it starts is the timer that fired."""


@dataclass(frozen=True)
class Machine:
    """A table, ready to run: where it begins, which timers run from there, and its rows."""

    name: str
    rows: tuple[Row, ...]
    first: State
    start: str = ""
    starts: tuple[str, ...] = field(init=False, repr=False, compare=False)
    places: dict[State, Place] = field(init=False, repr=False, compare=False)
    place: Place = field(init=False, repr=False, compare=False)
    """The first of them."""

    def __post_init__(self) -> None:
        places = {
            state: Place(state, frozenset(timers_of(row for row in self.rows if row.state is state))) for state in State
        }
        for row in self.rows:
            again = row.event == f"timer {row.start}"
            places[row.state].moves[row.event] = Move(places[row.next], row.do, tuple(row.start.split()), again)
        object.__setattr__(self, "starts", tuple(self.start.split()))
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "place", places[self.first])


MACHINES = {
    machine.name: machine
    for machine in (
        Machine("INVITE client", INVITE_CLIENT, CALLING, "A B"),
        Machine("client", CLIENT, TRYING, "E F"),
        Machine("INVITE server", INVITE_SERVER, PROCEEDING),
        Machine("server", SERVER, TRYING),
    )
}
