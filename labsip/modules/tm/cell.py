"""What tm keeps of one request: the transaction that came in, its branches, and what they weigh in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, Protocol

from labsip.proxy.script import Target
from labsip.proxy.settings import MiB, Settings
from labsip.proxy.shares import Account
from labsip.proxy.turn import Turn
from labsip.sip.message import Request
from labsip.sip.timing import Timing
from labsip.sip.transaction import ClientTransaction, Key, ServerTransaction
from labsip.sip.transport import Address


@dataclass(frozen=True)
class TmParameters:
    """Parameters of tm."""

    fr_timer: float = 30.0
    """No response at all to a forwarded request (tm)."""
    fr_inv_timer: float = 120.0
    """Ringing, no final response (tm)."""
    shm_bytes: int = 64 * MiB
    """Memory for transactions, counted as `tm.ledger` does."""
    max_pending: int = 0
    """Transactions without a final response, shared among those who send (`proxy.shares`); what begins one too many is
    answered 503. 0: no limit but memory."""
    detect_loops: bool = False
    """Answer 482 to a request that comes back as it went out (RFC 3261 §16.3 step 4); Kamailio forwards it again."""


WAIT = 5.0
"""How long a transaction is kept after its final response, in seconds (tm's wt_timer)."""

CELL = 12 * 1024
HEADER = 64
VIA = 312
"""Bytes a transaction takes in Kamailio's shared memory (64-bit) besides the text of its messages: the cell with room
for twelve branches and the parsed request; for each header line a hdr_field; for each Via a via_body and the
via_param of its branch."""


def weight(request: Request) -> int:
    """Bytes Kamailio would hold for a request: its text, cloned, and all that was parsed of it."""
    return CELL + len(request.raw) + HEADER * request.line_count + VIA * request.count("Via")


@lru_cache(maxsize=64)
def timing(settings: Settings, fr: float | None = None, fr_inv: float | None = None) -> Timing:
    """Timers as Kamailio sets them: fr_timer for B and F, fr_inv_timer for C, wt_timer for all that wait.

    Timer A stops doubling at T2 and an unacknowledged final is repeated for 5 s only, unlike RFC 3261 §17.1.1.2
    and §17.2.1; where the RFC is kept, all that fr_timer and fr_inv_timer do not set are as in its table 4.
    """
    tm = settings.of(TmParameters)
    fr = tm.fr_timer if fr is None else fr
    fr_inv = tm.fr_inv_timer if fr_inv is None else fr_inv
    if settings.policy.timers:
        return Timing(B=fr, F=fr, cancel=fr, C=fr_inv)
    waits = dict.fromkeys("DHIJKLM", WAIT)
    return Timing(B=fr, F=fr, cancel=fr, C=fr_inv, cap_A=True, repeats=True, **waits)


class Drops(Enum):
    """Responses a failure route leaves behind, counted no more (t_drop_replies, Kamailio's failure_reply_mode)."""

    NONE = "n"
    ALL = "a"
    LAST = "l"
    IF_NEW = ""
    """All, but only if the route opened other branches: what happens unless it says something else."""


class Failure(NamedTuple):
    """Why a request could not be forwarded: what t_relay returns, and what the caller is told."""

    code: int
    status: int
    reason: str


LOOP = Failure(-1, 482, "Loop Detected")
NARROW = Failure(-1, 440, "Max-Breadth Exceeded")
NO_TARGET = Failure(-1, 500, "I'm terribly sorry, server error occurred (6/TM)")
DROPPED = Failure(-6, 500, "I'm terribly sorry, server error occurred (6/TM)")
ALL_DROPPED = Failure(-1, 500, "I'm terribly sorry, server error occurred (1/TM)")
UNSENT = Failure(-477, 477, "Unfortunately error on sending to next hop occurred (477/TM)")
UNRESOLVABLE = Failure(-478, 478, "Unresolvable destination (478/TM)")
NOWHERE = Failure(-478, 500, "Service Unavailable")
"""The same where the RFC is kept: as if the next hop had said 503 (§16.9)."""


class OverUdp(NamedTuple):
    """A request too large for UDP, as it goes by UDP all the same, and from where to where."""

    request: Request
    src: Address
    dst: Address


@dataclass(slots=True)
class Plan:
    """What a route has asked of tm for the transaction of its message: tm's note on a turn."""

    on_failure: str = ""
    on_reply: str = ""
    on_branch: str = ""
    on_branch_failure: str = ""
    """Names of the blocks for the branches that will be opened, "" for none."""
    fr: float | None = None
    fr_inv: float | None = None
    """Timers that t_set_fr set, in seconds."""
    serial: list[list[Target]] = field(default_factory=list)
    """What t_load_contacts put aside, the best first; failure routes take from the same list."""
    refused: bool = False
    """There was no room for its transaction."""
    trying: bool = True
    """An INVITE is answered 100 before it goes on (t_set_auto_inv_100)."""


@dataclass(slots=True)
class Uac:
    """One branch: the request on its way to one target (Kamailio's `ua_client`)."""

    index: int
    target: Target
    client: ClientTransaction
    on_failure: str = ""
    on_reply: str = ""
    on_branch_failure: str = ""
    """The blocks armed when it was opened."""
    status: int = 0
    """Of its last response, 0 before the first; made here if it is final and `response` is None."""
    heard: int = 0
    """Of the response that came last, from before any block sees that."""
    answered: bool = False
    """A response of it came before the one at hand: Kamailio's questions know of no other."""
    response: bytes | None = None
    """Its final response, as it would be relayed."""
    unsent: bool = False
    """The transport refused it: its status counts only if there is no other."""
    superseded: bool = False
    """A failure route went another way because of it: its status counts no more."""
    breadth: int = 0
    """Into how many branches it may be forked, by whoever forks it (Max-Breadth); 0 where that is not kept."""
    over_udp: OverUdp | None = None
    """What is sent if the connection is refused that a large request went on (RFC 3261 §18.1.1)."""
    cancel: ClientTransaction | None = None
    cancel_later: bool = False
    """CANCEL is held back until the first provisional response (RFC 3261 §9.1)."""
    cancel_reasons: Sequence[str] = ()

    @property
    def final(self) -> bool:
        """Its outcome is known."""
        return self.status >= 200

    @property
    def timed_out(self) -> bool:
        """It ended without a final response."""
        return self.status == 408 and self.response is None

    @property
    def given_up(self) -> bool:
        """A CANCEL was sent, or will be."""
        return self.cancel_later or self.cancel is not None


class Keeper(Protocol):
    """Who keeps a transaction: `Tm`."""

    def settle(self, cell: Cell) -> None:
        """Something has happened to it."""


@dataclass(eq=False, slots=True)
class Cell:
    """A transaction of the proxy (Kamailio's `cell`): the request that came in and the branches it went out on.

    Whatever happens to it happens in a block, `with cell:`; leaving the block settles it.
    """

    key: Key
    uas: ServerTransaction
    turn: Turn
    """The turn of the request; failure routes begin with a copy."""
    branch: str
    """What its branches' ids begin with."""
    timing: Timing
    plan: Plan
    """Which blocks its next branches have."""
    keeper: Keeper
    branches: list[Uac] = field(default_factory=list)
    status: int = 0
    """Of the last response sent to the caller."""
    best: int = 0
    """Status of the branch picked, while its failure route runs."""
    last: Uac | None = None
    """The branch that ended last, and made the failure route run."""
    breadth: int = 0
    """What each of the branches opened last has of the request's Max-Breadth."""
    error: Failure | None = None
    """Why nothing went out, if so: the answer, unless the script gives another."""
    canceled: bool = False
    replicated: bool = False
    """What its branches answer goes no further (t_replicate)."""
    leg: int = 0
    """The first branch of the last t_relay: those before it belong to earlier attempts."""
    drop_replies: Drops = Drops.IF_NEW
    """Which responses are dropped when its failure route is over."""
    size: int = 0
    """Bytes counted as held."""
    source: str = ""
    """Who sent it, as the `ledger` tells senders apart."""
    account: Account = field(default_factory=Account)
    """Where that is counted."""
    call: str = ""
    """The Call-ID, if it belongs to a call that had begun."""
    release: float | None = None
    """When it is let go of although nothing answered it."""
    place: tuple[float, int] | None = None
    """Its place in tm's queue of timers."""

    def __repr__(self) -> str:
        return f"<transaction {self.uas.request.method} {self.uas.request.uri}: {self.uas.run.state}>"

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.keeper.settle(self)

    @property
    def clients(self) -> list[ClientTransaction]:
        """All client transactions: of the branches and of their CANCELs."""
        cancels = [uac.cancel for uac in self.branches if uac.cancel is not None]
        return [uac.client for uac in self.branches] + cancels

    def next_due(self) -> float | None:
        """When its next timer fires (seconds)."""
        due = self.uas.run.next_due
        for uac in self.branches:
            at = uac.client.run.next_due
            if at is not None and (due is None or at < due):
                due = at
            if uac.cancel is not None:
                at = uac.cancel.run.next_due
                if at is not None and (due is None or at < due):
                    due = at
        return self.release if due is None else due


def cell_of(turn: Turn) -> Cell | None:
    """The transaction the message at hand belongs to, None before there is one."""
    cell = turn.transaction
    return cell if isinstance(cell, Cell) else None
