"""A phone in the learner's hand: it does what a cell says, and the cell waits until things have come to rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labsip.lab.inputs import target_of
from labsip.lab.record import Call, Exchange
from labsip.phone import behaviour
from labsip.phone.agent import TextMessage
from labsip.proxy.arguments import checked_amount, checked_count, checked_reason, checked_seconds, checked_text
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.message import Request, Response, parse_message
from labsip.sip.transport import Address
from labsip.testbed import Handset, Trail

if TYPE_CHECKING:
    from labsip.live import Panel

LONGEST = 2**32 - 1
"""Seconds a registration can ask for (RFC 3261 §20.19)."""


class Phone:
    """One phone of the lab; made by `lab.phone("106")`. Times are in seconds.

    What it does with calls that come in is set by `answer` (so it begins), `ring`, `busy`, `reject` and `ignore`, each
    of which also deals with a call that waits for an answer now.
    """

    def __init__(self, handset: Handset) -> None:
        self.handset = handset
        """The same phone on the testbed, as exercises and panels handle it."""

    def __repr__(self) -> str:
        return repr(self.handset)

    @property
    def name(self) -> str:
        """Its name in the lab."""
        return self.handset.name

    @property
    def user(self) -> str:
        """Whose phone it is."""
        return self.handset.user

    # --- what it does ---------------------------------------------------------------------------------------------

    def register(self, expires: int = 3600, *, q: float | None = None) -> Exchange:
        """Tell the proxy where it is, for `expires` seconds; from then on it does so again in time.

        q: its place among several phones of one user, 0 to 1, the highest first.
        """
        seconds = checked_count(expires, "expires", most=LONGEST, unit="seconds")
        return self._exchange(self.handset.register(seconds, None if q is None else checked_amount(q, "q", most=1)))

    def unregister(self, *, everything: bool = False) -> Exchange:
        """Take this phone's address out of the location table; with `everything`, all of this user's."""
        return self._exchange(self.handset.unregister(everything=everything))

    def call(self, target: str | int | Phone, *, wait: bool = True) -> Call:
        """Call "108", another phone, or "sip:108@host:port".

        The cell goes on when nothing more happens by itself, or at once if it is not to `wait`.
        Raises LabError if the target is no name, or the phone is offline.
        """
        return Call(self, self.handset.call(target_of(target), wait=wait))

    def hang_up(self) -> None:
        """End the calls it is in, however far they are: one that still rings here is declined with 603."""
        for call in self.handset.node.active:
            self.handset.hang_up(call)

    def message(self, target: str | int | Phone, text: str) -> Exchange:
        """Send a text; it comes into the other phone's `inbox`."""
        whom, checked = target_of(target), checked_text(text, "a message", 'message("108", "hello")')
        return self._exchange(self.handset.message(whom, checked))

    def options(self, target: str | int | Phone = "") -> Exchange:
        """Ask somebody what their phone can do; without a target, ask the proxy whether it is there."""
        return self._exchange(self.handset.options("" if target in ("", None) else target_of(target)))

    def send(self, message: object) -> Exchange:
        """Send these bytes, this text or this message to the proxy as they are, whatever they say.

        The line ends of a text become those of SIP. Raises LabError if it is no request with Call-ID and CSeq.
        """
        return self._exchange(self.handset.send(_bytes_of(message)))

    # --- what it does with calls that come in ---------------------------------------------------------------------

    def answer(self, *, after: float = 0.0, ring: float = 0.0) -> None:
        """Answer calls, `after` seconds of ringing, which begins `ring` seconds after the INVITE."""
        seconds, before = checked_seconds(after, "after"), checked_seconds(ring, "ring")
        self.handset.behave(behaviour.answering(seconds, ring=before), self.handset.node.answer)

    def ring(self, *, after: float = 0.0) -> None:
        """Ring, and wait."""
        self.handset.behave(behaviour.ringing(ring=checked_seconds(after, "after")))

    def busy(self) -> None:
        """Answer 486 Busy Here."""
        self.reject(486)

    def reject(self, status: int | str = 603, reason: str = "") -> None:
        """Refuse calls with that status, 300 to 699."""
        if isinstance(status, str) and not status.isdigit():
            raise LabError(f"{status!r} is no status; write reject(486), or busy() for that one")
        code = checked_count(status, "status", least=300, most=699)
        phrase = checked_reason(code, checked_text(reason, "a reason", 'reject(486, "Busy Here")'))
        node = self.handset.node
        self.handset.behave(behaviour.rejecting(code, phrase), lambda call, now: node.reject(call, now, code, phrase))

    def ignore(self) -> None:
        """Receive calls and say nothing at all."""
        self.handset.behave(behaviour.ignoring())

    def slow(self, seconds: float) -> None:
        """Think that long about every request before saying anything; 0: no longer."""
        self.handset.node.slow = checked_seconds(seconds, "seconds")

    def offline(self) -> None:
        """Unplug it: it hears nothing, and its socket is closed. It remembers what it knew."""
        self.handset.unplug()

    def online(self) -> None:
        """Plug it in again."""
        self.handset.plug_in()

    # --- what there is to see -------------------------------------------------------------------------------------

    @property
    def address(self) -> Address:
        """Host and port of its socket."""
        return self.handset.node.address

    @property
    def registered(self) -> bool:
        """Whether it believes that the proxy knows where it is."""
        return self.handset.node.registered

    @property
    def inbox(self) -> list[TextMessage]:
        """The texts it received: t [s], sender, text."""
        return list(self.handset.node.inbox)

    @property
    def calls(self) -> list[Call]:
        """Every call it ever had, oldest first."""
        return [Call(self, call) for call in self.handset.node.calls]

    def panel(self) -> Panel:
        """The phone under a hand: buttons for all it can do, and how it stands."""
        from labsip.live import Panel

        return Panel(self.handset.testbed, self.handset, ("phones",))

    def _exchange(self, trail: Trail) -> Exchange:
        return Exchange(self.handset.testbed, trail)


def _bytes_of(message: object) -> bytes:
    """What is sent of a message that a cell wrote itself. Raises LabError for one whose answer nobody could find."""
    if isinstance(message, str):
        raw = checked_text(message, "a message", "").replace("\r\n", "\n").replace("\n", "\r\n").encode()
    elif isinstance(message, (bytes, bytearray, Request, Response)):
        raw = bytes(message)
    else:
        raise LabError(f"{message!r} can't be sent; write a request as a text, as bytes, or as parse_message gives it")
    try:
        request = parse_message(raw)
        if isinstance(request, Request) and request.call_id and request.cseq and request.to.sip_uri:
            return raw
        why = "it is a response"
    except BadMessage as bad:
        why = bad.reason
    raise LabError(f"this can't be sent: {why}; a phone sends requests that have To, Call-ID and CSeq")
