"""The softphone: a node that does what it is asked to, and answers what comes in.

Each of its verbs returns the datagrams that go out because of it; one that begins something returns that as well: a
call, a request.
"""

from __future__ import annotations

from random import Random
from typing import Any, Generic, TypeVar

from labsip.phone import callee, caller, session, uac, uas
from labsip.phone.agent import TextMessage, UserAgent
from labsip.phone.behaviour import Behaviour
from labsip.phone.layer import Listener
from labsip.phone.phone_call import CallState, PhoneCall
from labsip.phone.registration import Registration
from labsip.phone.uac import LoneRequest
from labsip.sip.dialog import Dialog, DialogId
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.message import Response, parse_message
from labsip.sip.timing import RFC, Timing
from labsip.sip.transaction import ClientTransaction, Key, ServerTransaction
from labsip.sip.transport import Address, Datagram

T = TypeVar("T")


class Mirror(Generic[T]):
    """An attribute of one of the phone's parts, to be read and set as the phone's own."""

    def __init__(self, part: str) -> None:
        self.part = part

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, phone: Any, owner: type) -> T:
        value: T = getattr(getattr(phone, self.part), self.name)
        return value

    def __set__(self, phone: Any, value: T) -> None:
        setattr(getattr(phone, self.part), self.name, value)


class Softphone:
    """One phone of one user: `Softphone("106", address, proxy, ids=Random("1/106"))`. Times are in seconds.

    `agent` is what its two cores share, `layer` its transactions; what others ask of them, the phone has as well.
    """

    proxy = Mirror[Address]("agent")
    domain = Mirror[str]("agent")
    password = Mirror[str]("agent")
    behaviour = Mirror[Behaviour]("agent")
    lines = Mirror[int]("agent")
    slow = Mirror[float]("agent")
    calls = Mirror[list[PhoneCall]]("agent")
    inbox = Mirror[list[TextMessage]]("agent")
    dialogs = Mirror[dict[DialogId, tuple[PhoneCall, Dialog]]]("agent")
    aor = Mirror[str]("agent")
    contact = Mirror[str]("agent")
    active = Mirror[list[PhoneCall]]("agent")
    address = Mirror[Address]("layer")
    timing = Mirror[Timing]("layer")
    clients = Mirror[dict[Key, tuple[ClientTransaction, Listener]]]("layer")
    servers = Mirror[dict[Key, ServerTransaction]]("layer")

    def __init__(
        self,
        user: str,
        address: Address,
        proxy: Address,
        *,
        ids: Random,
        domain: str = "",
        password: str = "",
        timing: Timing = RFC,
        user_agent: str = "labsip",
        outbound: bool = False,
        media_port: int = 40000,
    ) -> None:
        self.user = user
        self.addresses: tuple[Address, ...] = (address,)
        self.agent = UserAgent(
            user,
            address,
            proxy,
            ids=ids,
            domain=domain,
            password=password,
            timing=timing,
            user_agent=user_agent,
            outbound=outbound,
            media_port=media_port,
        )
        self.layer = self.agent.layer
        self.registration = Registration(self.agent)
        """Where it stands with its registrar."""

    def __repr__(self) -> str:
        return f"<phone {self.user}: {self.doing}>"

    @property
    def doing(self) -> str:
        """What it is doing, in words: `registered, in a call with 108`."""
        registered = "registered" if self.registered else "not registered"
        return ", ".join([registered, *map(_doing, self.active)])

    # --- the node ---------------------------------------------------------------------------------------------

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:
        """Take one datagram; returns what goes out because of it."""
        try:
            message = parse_message(datagram.data)
            if isinstance(message, Response):
                return self.layer.receive(message, now)
            return uas.take_request(self.agent, message, datagram.src, now)
        except BadMessage:
            return []  # nothing that could be answered: a keepalive, or a response that can't be read

    def next_wake(self) -> float | None:
        """When `wake` is due next (seconds), None if nothing is pending."""
        return min((due for due in (self.layer.next_due, self.agent.agenda.next_due) if due is not None), default=None)

    def wake(self, now: float) -> list[Datagram]:
        """Do what is due; returns what it sends."""
        return self.layer.wake(now) + self.agent.agenda.wake(now)

    def send_failed(self, datagram: Datagram, now: float) -> list[Datagram]:
        """The transport could not send this datagram; if it is a request, that is as good as a 503 (§8.1.3.1)."""
        return self.layer.send_failed(datagram, now)

    @property
    def busy(self) -> bool:
        """Whether a scripted action is still to come: an answer in two seconds, a slow reply.

        Retransmissions and the refresh of a registration don't count.
        """
        return self.agent.agenda.busy

    # --- registering ------------------------------------------------------------------------------------------

    @property
    def registered(self) -> bool:
        """Whether a registrar knows where it is."""
        return self.registration.until is not None

    def register(self, now: float, expires: int = 3600, q: float | None = None) -> list[Datagram]:
        """Tell the registrar where this phone is, for `expires` seconds; the binding is refreshed from then on.

        q: this phone's rank among several of one user, 0 to 1. Raises LabError if one of them is out of range.
        """
        return self.registration.register(now, expires, q)

    def unregister(self, now: float) -> list[Datagram]:
        """Remove the binding of this phone."""
        return self.registration.unregister(now)

    def unregister_all(self, now: float) -> list[Datagram]:
        """Remove the bindings of all phones of this user (`Contact: *`)."""
        return self.registration.unregister(now, everything=True)

    # --- calls that go out ------------------------------------------------------------------------------------

    def call(self, target: str, now: float) -> tuple[PhoneCall, list[Datagram]]:
        """Call `108`, `108@host` or `sip:108@host:port`. Raises LabError if that is no name."""
        return caller.invite(self.agent, target, now)

    def cancel(self, call: PhoneCall, now: float) -> list[Datagram]:
        """Give up a call that is not answered yet; an answered one is hung up.

        Raises LabError for a call that came in: whoever is called can `reject` it.
        """
        if not call.outgoing and not call.over and call.state is not CallState.ANSWERED:
            raise LabError(f"{call!r}: only the caller can cancel; reject it")
        return self.hang_up(call, now)

    def hang_up(self, call: PhoneCall, now: float) -> list[Datagram]:
        """End a call, however far it is: BYE if it is answered, else CANCEL by the caller, 603 by the callee."""
        if call.state is CallState.ANSWERED:
            return session.hang_up(self.agent, call, now)
        if call.over or call.state is CallState.CANCELLING:
            return []
        return caller.cancel(self.agent, call, now) if call.outgoing else self.reject(call, now, 603)

    # --- calls that came in -----------------------------------------------------------------------------------

    def answer(self, call: PhoneCall, now: float) -> list[Datagram]:
        """Pick up. Raises LabError if there is nothing to be answered."""
        self._check_waiting(call)
        return callee.answer(self.agent, call, now)

    def reject(self, call: PhoneCall, now: float, status: int = 603, reason: str = "") -> list[Datagram]:
        """Refuse, with a status from 300 to 699. Raises LabError if there is nothing to be answered."""
        self._check_waiting(call)
        if not 300 <= status <= 699:
            raise LabError(f"{status} refuses nothing; a status from 300 to 699 does, for example 486 or 603")
        return callee.refuse(self.agent, call, status, now, reason)

    def _check_waiting(self, call: PhoneCall) -> None:
        if call.outgoing or call.over or call.state is CallState.ANSWERED:
            raise LabError(f"{call!r} does not wait for an answer of {self.user}")

    # --- within a call ----------------------------------------------------------------------------------------

    def hold(self, call: PhoneCall, now: float) -> list[Datagram]:
        """Put the other end on hold. Raises LabError if the call is not answered, or in the middle of a change."""
        self._check_settled(call)
        return [] if call.holding else session.reinvite(self.agent, call, now, holding=True)

    def resume(self, call: PhoneCall, now: float) -> list[Datagram]:
        """Take the other end off hold. Raises LabError as `hold` does."""
        self._check_settled(call)
        return session.reinvite(self.agent, call, now, holding=False) if call.holding else []

    def _check_settled(self, call: PhoneCall) -> None:
        if call.state is not CallState.ANSWERED:
            raise LabError(f"{call!r}: only an answered call can be put on hold")
        if call.reinviting or call.unacked is not None:  # §14.1: one INVITE at a time
            raise LabError(f"{call!r}: its last INVITE is not settled yet; wait for the answer and its ACK")

    # --- without a call ---------------------------------------------------------------------------------------

    def message(self, target: str, text: str, now: float) -> tuple[LoneRequest, list[Datagram]]:
        """Send a text; it comes into the other's `inbox`. Raises LabError if the target is no name."""
        return uac.message(self.agent, target, text, now)

    def options(self, target: str, now: float) -> tuple[LoneRequest, list[Datagram]]:
        """Ask what a phone can do, or a proxy whether it is there. Raises LabError if the target is no name."""
        return uac.options(self.agent, target, now)


def _doing(call: PhoneCall) -> str:
    if call.state is CallState.ANSWERED:
        return f"in a call with {call.peer}"
    return f"calling {call.peer}" if call.outgoing else f"called by {call.peer}"
