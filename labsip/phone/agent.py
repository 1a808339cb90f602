"""The user agent: who the phone is, its calls, what it has to do later; its two cores share it (RFC 3261 §8)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from random import Random
from typing import NamedTuple

from labsip.phone.behaviour import Behaviour
from labsip.phone.layer import TransactionLayer
from labsip.phone.phone_call import CallState, PhoneCall
from labsip.sip.dialog import Dialog, DialogId
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import NameAddr
from labsip.sip.timing import Timing
from labsip.sip.transport import DEFAULT_PORT, Address, Datagram, bracketed
from labsip.sip.uri import SipUri, as_request_uri

Action = Callable[[float], list[Datagram]]
"""Called with the time (seconds) it is done at; returns what it sends."""


class TextMessage(NamedTuple):
    """A MESSAGE that came in."""

    t: float
    """When (seconds)."""
    sender: str
    text: str


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
    """What a phone has to do later: ring, answer, repeat a 200, refresh its registration."""

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


class Nonces:
    """How often this phone has used each realm's last nonce (RFC 7616 §3.4: nc)."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[str, int]] = {}

    def use(self, realm: str, nonce: str) -> int:
        """Use a nonce once more; returns how many times it has been used by then."""
        last, times = self._last.get(realm, ("", 0))
        times = times + 1 if nonce == last else 1
        self._last[realm] = nonce, times
        return times


class UserAgent:
    """What the UAC core (`uac`, `caller`) and the UAS core (`uas`, `callee`) of one phone share."""

    def __init__(
        self,
        user: str,
        address: Address,
        proxy: Address,
        *,
        ids: Random,
        domain: str,
        password: str,
        timing: Timing,
        user_agent: str,
        outbound: bool,
        media_port: int,
    ) -> None:
        self.user = user
        self.proxy = proxy
        """Where it registers, and sends every request that belongs to no dialog."""
        self.domain = domain or _host_port(proxy)
        """What stands behind the @ of its address-of-record."""
        self.password = password
        """What it answers challenges with; "": they are not answered."""
        self.user_agent = user_agent
        self.outbound = outbound
        """Whether requests of a dialog without a route set go to the proxy too, not to the other end's Contact."""
        self.media_port = media_port
        self.behaviour = Behaviour()
        """What it does with calls that come in."""
        self.lines = 1
        """How many calls it can be in; one more is answered 486 Busy Here."""
        self.slow = 0.0
        """Seconds it thinks about each request that comes in, sending nothing, not even 100."""
        self.calls: list[PhoneCall] = []
        """Every call it ever had, oldest first."""
        self.inbox: list[TextMessage] = []
        self.dialogs: dict[DialogId, tuple[PhoneCall, Dialog]] = {}
        self.agenda = Agenda()
        self.nonces = Nonces()
        self.ids = ids
        self.layer = TransactionLayer(address, ids, timing)
        self.aor = self.uri_of(user)

    # --- who it is --------------------------------------------------------------------------------------------

    @property
    def address(self) -> Address:
        """Where it is."""
        return self.layer.address

    @property
    def contact(self) -> str:
        """Its Contact: the user at the address of this phone."""
        transport = f";transport={self.address.proto}" if self.address.reliable else ""
        return f"<sip:{self.user}@{self.address}{transport}>"

    def uri_of(self, target: str) -> str:
        """`108` → `sip:108@domain`; a URI stays as it is. Raises LabError if nobody can be called by that name."""
        known = target if ":" in target else f"sip:{target}" if "@" in target else f"sip:{target}@{self.domain}"
        try:
            SipUri.parse(known)
        except BadMessage:
            raise LabError(f'{target!r} is no name; write "108", "108@host" or "sip:108@host:port"') from None
        return known

    def new_dialog(self, uri: str) -> Dialog:
        """What the requests of a new Call-ID to that URI share (§8.1.1)."""
        call_id = f"{self.ids.getrandbits(64):016x}@{bracketed(self.address.host)}"
        me = NameAddr(self.aor, (("tag", self.layer.new_tag()),))
        target = as_request_uri(uri)
        return Dialog(call_id, me, NameAddr(target), remote_target=target)

    # --- its calls --------------------------------------------------------------------------------------------

    @property
    def active(self) -> list[PhoneCall]:
        """The calls that keep it busy, oldest first."""
        return [call for call in self.calls if call.takes_a_line]

    @property
    def engaged(self) -> bool:
        """Whether all its lines are taken."""
        return len(self.active) >= self.lines

    def keep(self, call: PhoneCall, dialog: Dialog) -> None:
        """Let requests within this dialog find the call."""
        self.dialogs[dialog.id] = call, dialog

    def forget(self, call: PhoneCall, *, but: Dialog | None = None) -> None:
        """Answer 481 to requests within the call's dialogs from now on, except for one of them."""
        gone = [key for key, (owner, dialog) in self.dialogs.items() if owner is call and dialog is not but]
        for key in gone:
            del self.dialogs[key]

    def end(self, call: PhoneCall, state: CallState, now: float, by: str = "") -> None:
        """A call is over: nothing more is to be done about it."""
        call.end(state, now, by)
        self.agenda.drop(call)
        if call.client is not None:  # a re-INVITE: its 2xx may never come, as the other end has ended the call too
            call.client.cancel(now)


def name_of(uri: str) -> str:
    """How a URI is shown: its user, or the host if it has none. Raises BadMessage (400) if it can't be read."""
    parsed = SipUri.parse(uri, any_scheme=True)
    return parsed.user_name or parsed.host


def _host_port(address: Address) -> str:
    return bracketed(address.host) if address.port == DEFAULT_PORT else str(address)
