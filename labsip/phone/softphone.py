"""The softphone: a node that does what it is told, and answers what comes in.

Whatever it is told returns what goes out because of it; what begins something also returns that: a call, a request.
"""

from __future__ import annotations

from functools import cached_property

from labsip.phone import callee, caller, outside, uas, within
from labsip.phone.agent import UserAgent
from labsip.phone.call import Call, CallState
from labsip.phone.outside import Sent
from labsip.phone.registration import Registration
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.message import Response, parse_message
from labsip.sip.transport import Datagram


class Softphone(UserAgent):
    """One phone of one user: `Softphone("106", address, proxy, ids=Random("1/106"))`. Times are in seconds."""

    @cached_property
    def registration(self) -> Registration:
        """Where it stands with its registrar."""
        return Registration(self)

    def __repr__(self) -> str:
        return f"<phone {self.user}: {self.doing}>"

    @property
    def doing(self) -> str:
        """What it is up to, in words: `registered, in a call with 108`."""
        registered = "registered" if self.registered else "not registered"
        return ", ".join([registered, *map(_doing, self.active)])

    # --- the node ---------------------------------------------------------------------------------------------

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:
        """Take one datagram; returns what goes out because of it."""
        try:
            message = parse_message(datagram.data)
            if isinstance(message, Response):
                return self.hear(message, now)
            return uas.asked(self, message, datagram.src, now)
        except BadMessage:
            return []  # nothing that could be answered: a keepalive, or a response that can't be read

    # --- registering ------------------------------------------------------------------------------------------

    @property
    def registered(self) -> bool:
        """Whether a registrar knows where it is."""
        return self.registration.until is not None

    def register(self, now: float, expires: int = 3600, q: float | None = None) -> list[Datagram]:
        """Tell the registrar where this phone is, for `expires` seconds; from then on it is told again in time.

        q: this phone's place among several of one user, 0 to 1. Raises LabError if one of them is out of range.
        """
        return self.registration.register(now, expires, q)

    def unregister(self, now: float) -> list[Datagram]:
        """Take the binding of this phone back."""
        return self.registration.unregister(now)

    def unregister_all(self, now: float) -> list[Datagram]:
        """Take the bindings of all phones of this user back (`Contact: *`)."""
        return self.registration.unregister(now, everything=True)

    # --- calls that go out ------------------------------------------------------------------------------------

    def call(self, target: str, now: float) -> tuple[Call, list[Datagram]]:
        """Call `108`, `108@host` or `sip:108@host:port`. Raises LabError if that is no name."""
        return caller.invite(self, target, now)

    def cancel(self, call: Call, now: float) -> list[Datagram]:
        """Give up a call that is not answered yet; one that is gets hung up.

        Raises LabError for a call that came in: who is called can `reject` it.
        """
        if not call.outgoing and not call.over and call.state is not CallState.ANSWERED:
            raise LabError(f"{call!r}: only the caller can cancel; reject it")
        return self.hang_up(call, now)

    def hang_up(self, call: Call, now: float) -> list[Datagram]:
        """End a call, however far it is: BYE if it is answered, else CANCEL by the caller, 603 by the called."""
        if call.state is CallState.ANSWERED:
            return within.hang_up(self, call, now)
        if call.over or call.state is CallState.CANCELLING:
            return []
        return caller.cancel(self, call, now) if call.outgoing else self.reject(call, now, 603)

    # --- calls that came in -----------------------------------------------------------------------------------

    def answer(self, call: Call, now: float) -> list[Datagram]:
        """Pick up. Raises LabError if there is nothing to be answered."""
        self._check_waiting(call)
        return callee.answer(self, call, now)

    def reject(self, call: Call, now: float, status: int = 603, reason: str = "") -> list[Datagram]:
        """Refuse, with a status from 300 to 699. Raises LabError if there is nothing to be answered."""
        self._check_waiting(call)
        if not 300 <= status <= 699:
            raise LabError(f"{status} refuses nothing; a status from 300 to 699 does, for example 486 or 603")
        return callee.refuse(self, call, status, now, reason)

    def _check_waiting(self, call: Call) -> None:
        if call.outgoing or call.over or call.state is CallState.ANSWERED:
            raise LabError(f"{call!r} does not wait for an answer of {self.user}")

    # --- within a call ----------------------------------------------------------------------------------------

    def hold(self, call: Call, now: float) -> list[Datagram]:
        """Put the other end on hold. Raises LabError if the call is not answered, or in the middle of a change."""
        self._check_settled(call)
        return [] if call.holding else within.reinvite(self, call, now, holding=True)

    def resume(self, call: Call, now: float) -> list[Datagram]:
        """Take the other end back from hold. Raises LabError as `hold` does."""
        self._check_settled(call)
        return within.reinvite(self, call, now, holding=False) if call.holding else []

    def _check_settled(self, call: Call) -> None:
        if call.state is not CallState.ANSWERED:
            raise LabError(f"{call!r}: only an answered call can be put on hold")
        if call.reinviting or call.unacked is not None:  # §14.1: one INVITE at a time
            raise LabError(f"{call!r}: its last INVITE is not settled yet; wait for the answer and its ACK")

    # --- without a call ---------------------------------------------------------------------------------------

    def message(self, target: str, text: str, now: float) -> tuple[Sent, list[Datagram]]:
        """Send a text; it comes into the other's `inbox`. Raises LabError if the target is no name."""
        return outside.message(self, target, text, now)

    def options(self, target: str, now: float) -> tuple[Sent, list[Datagram]]:
        """Ask what a phone can do, or a proxy whether it is there. Raises LabError if the target is no name."""
        return outside.options(self, target, now)


def _doing(call: Call) -> str:
    if call.state is CallState.ANSWERED:
        return f"in a call with {call.peer}"
    return f"calling {call.peer}" if call.outgoing else f"called by {call.peer}"
