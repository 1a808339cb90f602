"""The four transaction machines of RFC 3261 §17 with RFC 6026, as the tables of its figures.

What they are for
-----------------
A transaction is one request and every response to it, between two neighbours: a phone and its proxy, say. A call
through a proxy has two transactions for its INVITE, one on each side of the proxy, and both are run independently.

SIP mostly travels over UDP, which loses datagrams, doubles them and changes their order. A transaction hides that
from whoever uses it (the RFC's *transaction user*: a phone, or a proxy's route). The side that sends the request, the
client, repeats it until it hears something. The side that receives it, the server, notices that a request has come
before and repeats its last response, instead of handling the request again. Above the transactions, a request arrives
once, and whoever sent it hears of its outcome, even if that is silence.

Each side is a small state machine, and there are two kinds of requests: INVITE, and all the others. That makes four.
ACK has no machine, because nobody answers it. A CANCEL is a request like any other and has a transaction of its own.

Why INVITE is different
-----------------------
An OPTIONS or a BYE is answered by a program, within milliseconds. So the client may simply repeat it until the final
response is there (Timer E: soon at first, every 4 seconds in the end); should that response be lost, the next repeat
fetches it again. Two messages are enough, and the server need not know whether its response has arrived.

An INVITE is answered by a person, who may let it ring for minutes. Nobody wants to repeat it that long, so the client
stops as soon as it has a provisional response: "100 Trying" means *I have it, be quiet*. But then no repeat will
fetch a lost final response. The server has to repeat that itself (Timer G), and it can't know when to stop unless it
is told. That is what ACK is for, and why an INVITE takes three messages where other requests take two (§17.1).

Hence the two states that only INVITE has:

* Confirmed, in the server. The ACK is here, and no more responses are sent. But several of them were on their way,
  and each makes the client send another ACK; for as long as one may arrive (Timer I), the transaction stays to
  swallow it.
* Accepted, in both. It follows a 2xx, and is the subject of the next section.

Two kinds of ACK
----------------
A failure (300 to 699) concerns only the neighbour that sent it: the client transaction sends the ACK by itself, with
the branch of its INVITE, and it goes one hop (§17.1.1.3). That is the row whose action is `send ACK`.

A success makes a dialog between the two ends, and a forked INVITE may succeed at several phones at once. Only the
caller can say which of these dialogs it wants. So every 2xx goes all the way up to the caller, whose core sends an
ACK along the dialog's route, as a request of its own (§13.2.2.4); and it is the callee's core, not its transaction,
that repeats the 2xx until that ACK comes (§13.3.1.4).

How RFC 6026 mends them
-----------------------
As RFC 3261 has it, a 2xx ends both INVITE transactions at once: the cores take it from there. This breaks in two ways
(RFC 6026 §3). A repeat of the INVITE that is late by a moment finds no server transaction, counts as a new request,
and a call that is answered begins once more. And since a proxy's client transaction is gone when the 2xx is repeated,
or comes from a second phone, proxies had to pass on any response that belongs to nothing they know, whoever made it
up.

RFC 6026 adds the state Accepted, and both transactions stay in it for 64*T1. In the server (§7.1, Timer L) it absorbs
repeats of the INVITE, lets the core send its 2xx again, and passes the ACK up. In the client (§7.2, Timer M) it
passes up each 2xx there is, repeated or another phone's. A response that fits no transaction is now dropped (§8.9).

The timers
----------
T1, half a second, is an estimate of the time to a neighbour and back; T2, 4 seconds, the longest pause between two
repeats of anything but an INVITE; T4, 5 seconds, how long the network may hold a message back. From these come all
lengths (§17.1.1.1, table 4; `timing` has the numbers). Each letter does one of three things:

* repeat. A: the INVITE, after T1, 2*T1, 4*T1 and so on. E: any other request, at most T2 apart. G: a failure response
  to an INVITE. Over TCP and its kin none of them runs: there the transport itself repeats.
* give up. B: no response to the INVITE. F: no final response to another request. H: no ACK. All after 64*T1, which
  makes seven INVITEs or eleven of the others. C is the proxy's alone: a phone that has rung for more than three
  minutes is cancelled (§16.8); `cancel` is how long it then has to give its final response (§9.1).
* linger, so that what comes late finds its transaction and is not taken for something new. D and K wait for repeats
  of a response, J for repeats of a request, I for those of an ACK; over TCP, they take no time. L and M are those of
  Accepted.

How to read the tables
----------------------
A row is an arrow of one of the RFC's figures:

    Row(PROCEEDING, "send 3xx-6xx", COMPLETED, (SEND,), "G H", "3261 §17.2.1")

In Proceeding, when the transaction user sends a failure response: go to Completed, send it, start timers G and H. An
event is a message that came (a method, `request` for all but INVITE and ACK, or a class of statuses), one that is to
be sent (`send` and its class), a timer that fires, `cancel` for a CANCEL sent, or a transport that failed. If a state
has no row for an event, nothing happens: that is how an INVITE repeated in Accepted disappears, and why nothing more
can be sent after a failure.

Nothing stops a timer, either. It goes on running for as long as the state has a row for it, and is dropped by the
first state that has none: leaving Calling is the end of timers A and B. A row that starts the very timer it waits
for, as A, E and G do, makes it longer each time.

The tables are all there is. `run.Run` moves along them, `transaction` does what they say with real messages,
`flow.replay` runs them again over a capture, `view.states` draws them, and a test fires every row.
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
