"""A phone in the learner's hand: it does what a cell says, and the cell waits until things have come to rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from labsip.lab.call import Call
from labsip.lab.exchange import Exchange
from labsip.lab.given import target_of
from labsip.phone import behaviour
from labsip.phone.agent import TextMessage
from labsip.phone.behaviour import Behaviour
from labsip.phone.phone_call import PhoneCall
from labsip.phone.softphone import Softphone
from labsip.proxy.arguments import checked_amount, checked_count, checked_reason, checked_seconds, checked_text
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.machines import State
from labsip.sip.message import Request, Response, parse_message
from labsip.sip.transaction import ClientTransaction, Key
from labsip.sip.transport import Address, Datagram

if TYPE_CHECKING:
    from labsip.lab.lab import Lab
    from labsip.live import Panel

UNHEARD = (State.CALLING, State.TRYING)
"""A request nobody has said anything to yet."""
LONGEST = 2**32 - 1
"""Seconds a registration can ask for (RFC 3261 §20.19)."""
LINES = 10
"""Calls a phone can be in: a cell that calls and runs again must not find the other end busy with its first call."""


class Phone:
    """One phone of the lab; made by `lab.phone("106")`. Times are in seconds.

    What it does with calls that come in is set by `answer` (so it begins), `ring`, `busy`, `reject` and `ignore`, each
    of which also deals with a call that waits for an answer now.
    """

    def __init__(self, lab: Lab, name: str, user: str, address: Address) -> None:
        self.lab = lab
        self.name = name
        self.user = user
        self._node = Softphone(user, address, lab.address, ids=lab.ids(name))
        self._node.lines = LINES
        self._on = False
        self.online()

    def __repr__(self) -> str:
        return f"<phone {self.name}: {self._node.doing}{'' if self._on else ', offline'}>"

    # --- what it does ---------------------------------------------------------------------------------------------

    def register(self, expires: int = 3600, *, q: float | None = None) -> Exchange:
        """Tell the proxy where it is, for `expires` seconds; from then on it does so again in time.

        q: its place among several phones of one user, 0 to 1, the highest first.
        """
        seconds = checked_count(expires, "expires", most=LONGEST, unit="seconds")
        share = None if q is None else checked_amount(q, "q", most=1)
        return self._exchange(lambda now: self._node.register(now, seconds, share))

    def unregister(self, *, everything: bool = False) -> Exchange:
        """Take this phone's address out of the location table; with `everything`, all of this user's."""
        node = self._node
        return self._exchange(node.unregister_all if everything else node.unregister)

    def call(self, target: str | int | Phone, *, wait: bool = True) -> Call:
        """Call "108", another phone, or "sip:108@host:port".

        The cell goes on when nothing more happens by itself, or at once if it is not to `wait`.
        Raises LabError if the target is no name, or the phone is offline.
        """
        made: list[PhoneCall] = []
        whom = target_of(target)

        def dial(now: float) -> list[Datagram]:
            call, out = self._node.call(whom, now)
            made.append(call)
            return out

        self._do(dial, wait=wait)
        return Call(self, made[0])

    def hang_up(self) -> None:
        """End the calls it is in, however far they are: one that still rings here is declined with 603."""
        for call in self._node.active:
            self._do(partial(self._node.hang_up, call))

    def message(self, target: str | int | Phone, text: str) -> Exchange:
        """Send a text; it comes into the other phone's `inbox`."""
        whom, said = target_of(target), checked_text(text, "a message", 'message("108", "hello")')
        return self._exchange(lambda now: self._node.message(whom, said, now)[1])

    def options(self, target: str | int | Phone = "") -> Exchange:
        """Ask somebody what their phone can do; without a target, ask the proxy whether it is there."""
        to = f"sip:{self._node.domain}" if target in ("", None) else target_of(target)
        return self._exchange(lambda now: self._node.options(to, now)[1])

    def send(self, message: object) -> Exchange:
        """Send these bytes, this text or this message to the proxy as they are, whatever they say.

        The line ends of a text become those of SIP. Raises LabError if it is no request with Call-ID and CSeq.
        """
        raw = _bytes_of(message)
        address = self._node.address
        return self._exchange(lambda _: [Datagram(raw, address, self.lab.address)])

    # --- what it does with calls that come in ---------------------------------------------------------------------

    def answer(self, *, after: float = 0.0, ring: float = 0.0) -> None:
        """Answer calls, `after` seconds of ringing, which begins `ring` seconds after the INVITE."""
        seconds, before = checked_seconds(after, "after"), checked_seconds(ring, "ring")
        self._behave(behaviour.answering(seconds, ring=before), self._node.answer)

    def ring(self, *, after: float = 0.0) -> None:
        """Ring, and wait."""
        self._behave(behaviour.ringing(ring=checked_seconds(after, "after")), None)

    def busy(self) -> None:
        """Answer 486 Busy Here."""
        self.reject(486)

    def reject(self, status: int | str = 603, reason: str = "") -> None:
        """Refuse calls with that status, 300 to 699."""
        if isinstance(status, str) and not status.isdigit():
            raise LabError(f"{status!r} is no status; write reject(486), or busy() for that one")
        code = checked_count(status, "status", least=300, most=699)
        phrase = checked_reason(code, checked_text(reason, "a reason", 'reject(486, "Busy Here")'))
        self._behave(behaviour.rejecting(code, phrase), lambda call, now: self._node.reject(call, now, code, phrase))

    def ignore(self) -> None:
        """Receive calls and say nothing at all."""
        self._behave(behaviour.ignoring(), None)

    def slow(self, seconds: float) -> None:
        """Think that long about every request before saying anything; 0: no longer."""
        self._node.slow = checked_seconds(seconds, "seconds")

    def offline(self) -> None:
        """Unplug it: it hears nothing, and its socket is closed. It remembers what it knew."""
        if self._on:
            self.lab._net.detach(self._node)
            self._on = False

    def online(self) -> None:
        """Plug it in again."""
        if not self._on:
            self.lab._net.attach(self._node, self.name)
            self._on = True

    # --- what there is to see -------------------------------------------------------------------------------------

    @property
    def address(self) -> Address:
        """Host and port of its socket."""
        return self._node.address

    @property
    def registered(self) -> bool:
        """Whether it believes that the proxy knows where it is."""
        return self._node.registered

    @property
    def inbox(self) -> list[TextMessage]:
        """The texts it received: t [s], sender, text."""
        return list(self._node.inbox)

    @property
    def calls(self) -> list[Call]:
        """Every call it ever had, oldest first."""
        return [Call(self, call) for call in self._node.calls]

    def panel(self) -> Panel:
        """The phone under a hand: buttons for all it can do, and how it stands."""
        from labsip.live import Panel

        return Panel(self.lab, self, ("phones",))

    # --- how ------------------------------------------------------------------------------------------------------

    def _behave(self, new: Behaviour, act: Callable[[PhoneCall, float], list[Datagram]] | None) -> None:
        self._node.behaviour = new
        if act is None:
            return
        for call in self._node.active:
            if not call.outgoing and call.answered is None:
                self._do(partial(act, call))

    def _exchange(self, act: Callable[[float], list[Datagram]]) -> Exchange:
        earlier = set(self._node.clients)
        sent = self._do(act)
        request = parse_message(sent[0].data)
        assert isinstance(request, Request)
        title = f"{request.method} {self.name}"
        if request.method != "REGISTER":
            title += f" → {request.to.sip_uri.user_name or 'proxy'}"
        asked = [request, *(client.request for client in self._new_clients(earlier))]
        cseqs = {str(one.cseq) for one in asked if one.call_id == request.call_id}
        return Exchange(self.lab, title, request.call_id, cseqs)

    def _do(self, act: Callable[[float], list[Datagram]], *, wait: bool = True) -> list[Datagram]:
        """Act, and let things come to rest; returns what went out at once."""
        self.lab._check_ready()
        if not self._on:
            raise LabError(f'phone {self.name} is offline; lab.phone("{self.name}").online() plugs it in again')
        sent: list[Datagram] = []
        earlier: set[Key] = set()

        def do(now: float) -> list[Datagram]:
            earlier.update(self._node.clients)
            sent.extend(act(now))
            return sent

        self.lab._net.do(do)
        if wait:
            self.lab._settle(lambda: self._asks(earlier))
        return sent

    def _asks(self, earlier: set[Key]) -> bool:
        """Nobody has said anything yet to what it asked since then."""
        return any(client.run.state in UNHEARD for client in self._new_clients(earlier))

    def _new_clients(self, earlier: set[Key]) -> list[ClientTransaction]:
        return [client for key, (client, _) in list(self._node.clients.items()) if key not in earlier]


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
