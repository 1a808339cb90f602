"""A call as one of its phones sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from labsip.sip.dialog import Dialog
from labsip.sip.message import Response
from labsip.sip.sdp import INACTIVE, RECVONLY, SENDONLY, SENDRECV, SessionDescription
from labsip.sip.transaction import ClientTransaction, ServerTransaction
from labsip.sip.transport import Datagram


class CallState(StrEnum):
    """How far a call is."""

    CALLING = "calling"  # the INVITE is out, or in; nothing was answered yet
    TRYING = "trying"  # a provisional response, not 180 yet
    RINGING = "ringing"
    CANCELLING = "cancelling"  # the caller gave up; the INVITE's final response is awaited
    ANSWERED = "answered"
    ENDED = "ended"  # after it was answered
    CANCELLED = "cancelled"
    FAILED = "failed"  # refused, redirected, or no answer


class Direction(StrEnum):
    """Seen from the phone that holds the call."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


OVER = frozenset({CallState.ENDED, CallState.CANCELLED, CallState.FAILED})


@dataclass(eq=False)
class Acceptance:
    """A 2xx to an INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4)."""

    server: ServerTransaction
    raw: bytes
    interval: float
    """Until it is sent again, in seconds."""
    until: float
    """When the waiting ends (seconds)."""
    offered: bool
    """Whether its description is an offer: the INVITE brought none, the ACK brings the answer."""


@dataclass(eq=False, repr=False)
class PhoneCall:
    """A call of the phone `user`; all times in seconds."""

    user: str
    peer: str
    direction: Direction
    dialog: Dialog
    started: float
    state: CallState = CallState.CALLING
    status: int | None = None
    """Of the last response in it, received by the caller or sent by the callee; None before the first."""
    reason: str = ""
    rang: float | None = None
    answered: float | None = None
    ended: float | None = None
    ended_by: str = ""
    """The user who cancelled or hung up, "" if nobody did."""
    media: str = ""
    """Which way the voice goes, seen from here: sendrecv, sendonly, recvonly, inactive; "" before it was agreed on."""
    holding: bool = False
    """Whether this end has put the other on hold."""
    held: bool = False
    """Whether the other end has put this one on hold."""

    # how it stands on the wire
    described: SessionDescription | None = None
    """The last session description this end sent."""
    client: ClientTransaction | None = None
    """Its last INVITE that went out."""
    server: ServerTransaction | None = None
    """Its INVITE, at the called end."""
    early: dict[str, Dialog] = field(default_factory=dict)
    """Early dialogs by the callee's tag: a forked INVITE makes several."""
    acks: dict[tuple[str, int], Datagram] = field(default_factory=dict)
    """The ACKs sent, by the callee's tag and the INVITE's CSeq number: a 2xx that comes again gets the same one."""
    unacked: Acceptance | None = None
    bye_wanted: bool = False
    """Whether it was hung up before the ACK came: BYE has to wait for that."""
    reinviting: bool = False
    """Whether a re-INVITE of this end is not answered yet."""

    def __repr__(self) -> str:
        caller, callee = (self.user, self.peer) if self.outgoing else (self.peer, self.user)
        notes = [str(self.state)]
        if self.status is not None and self.status >= 300 and self.state is not CallState.CANCELLED:
            notes.append(f"{self.status} {self.reason}")
        if self.state is CallState.ANSWERED and (self.holding or self.held):
            notes.append("on hold")
        return f"<call {caller} → {callee}: {', '.join(notes)}>"

    @property
    def outgoing(self) -> bool:
        """Whether this phone made it."""
        return self.direction is Direction.OUTGOING

    @property
    def over(self) -> bool:
        """Whether it has ended, was cancelled or failed."""
        return self.state in OVER

    @property
    def given_up(self) -> bool:
        """Whether nobody wants it any more."""
        return self.over or self.state is CallState.CANCELLING

    @property
    def call_id(self) -> str:
        """The Call-ID of all its requests."""
        return self.dialog.call_id

    @property
    def takes_a_line(self) -> bool:
        """Whether the phone is busy with it; an incoming call that got no response yet keeps nobody busy."""
        if self.state is CallState.CALLING:
            return self.outgoing
        return not self.given_up

    def hear(self, response: Response) -> None:
        """Note a response that came."""
        self.status, self.reason = response.status, response.reason

    def end(self, state: CallState, now: float, by: str = "") -> None:
        """It is over."""
        self.state, self.ended, self.ended_by = state, now, by or self.ended_by

    @property
    def wish(self) -> str:
        """The direction that this end wants, whatever the other wants."""
        return SENDONLY if self.holding else SENDRECV

    @property
    def offer_direction(self) -> str:
        """The direction to offer; if the other end has put us on hold, that stays so (RFC 3264 §8.4)."""
        if self.held:
            return INACTIVE if self.holding else RECVONLY
        return self.wish
