"""A phone in the learner's hand: it does what a cell says, and the cell waits until things have come to rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from labsip.lab.call import Call
from labsip.lab.exchange import Exchange
from labsip.phone import behaviour
from labsip.phone.agent import TextMessage
from labsip.phone.behaviour import Behaviour
from labsip.phone.call import Call as PhoneCall
from labsip.phone.softphone import Softphone
from labsip.sip.errors import LabError
from labsip.sip.exchange import ClientTransaction, Key
from labsip.sip.machines import State
from labsip.sip.message import Request, parse_message
from labsip.sip.transport import Address, Datagram

if TYPE_CHECKING:
    from labsip.lab.lab import Lab
    from labsip.live import Panel

UNHEARD = (State.CALLING, State.TRYING)
"""A request nobody has said anything to yet."""
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
        return self._exchange(lambda now: self._node.register(now, expires, q))

    def unregister(self, *, everything: bool = False) -> Exchange:
        """Take this phone's address out of the location table; with `everything`, all of this user's."""
        node = self._node
        return self._exchange(node.unregister_all if everything else node.unregister)

    def call(self, target: str, *, wait: bool = True) -> Call:
        """Call "108", or "sip:108@host:port"; the cell goes on when nothing more happens by itself, or at once.

        Raises LabError if the target is no name, or the phone is offline.
        """
        made: list[PhoneCall] = []

        def dial(now: float) -> list[Datagram]:
            call, out = self._node.call(target, now)
            made.append(call)
            return out

        self._do(dial, wait=wait)
        return Call(self, made[0])

    def hang_up(self) -> None:
        """End the calls it is in, however far they are: one that still rings here is declined with 603."""
        for call in self._node.active:
            self._do(partial(self._node.hang_up, call))

    def message(self, target: str, text: str) -> Exchange:
        """Send a text; it comes into the other phone's `inbox`."""
        return self._exchange(lambda now: self._node.message(target, text, now)[1])

    def options(self, target: str = "") -> Exchange:
        """Ask somebody what their phone can do; without a target, ask the proxy whether it is there."""
        to = target or f"sip:{self._node.domain}"
        return self._exchange(lambda now: self._node.options(to, now)[1])

    def send(self, message: object) -> Exchange:
        """Send these bytes, this text or this message to the proxy as they are, whatever they say.

        The line ends of a text become those of SIP. Raises BadMessage if it is no request with Call-ID and CSeq.
        """
        raw = message.replace("\n", "\r\n").encode() if isinstance(message, str) else bytes(message)  # type: ignore[call-overload]
        address = self._node.address
        return self._exchange(lambda _: [Datagram(raw, address, self.lab.address)])

    # --- what it does with calls that come in ---------------------------------------------------------------------

    def answer(self, *, after: float = 0.0, ring: float = 0.0) -> None:
        """Answer calls, `after` seconds of ringing, which begins `ring` seconds after the INVITE."""
        self._behave(behaviour.answering(after, ring=ring), self._node.answer)

    def ring(self, *, after: float = 0.0) -> None:
        """Ring, and wait."""
        self._behave(behaviour.ringing(ring=after), None)

    def busy(self) -> None:
        """Answer 486 Busy Here."""
        self.reject(486)

    def reject(self, status: int = 603, reason: str = "") -> None:
        """Refuse calls with that status, 300 to 699."""
        self._behave(
            behaviour.rejecting(status, reason), lambda call, now: self._node.reject(call, now, status, reason)
        )

    def ignore(self) -> None:
        """Receive calls and say nothing at all."""
        self._behave(behaviour.ignoring(), None)

    def slow(self, seconds: float) -> None:
        """Think that long about every request before saying anything; 0: no longer."""
        self._node.slow = seconds

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
        return any(client.machine.state in UNHEARD for client in self._new_clients(earlier))

    def _new_clients(self, earlier: set[Key]) -> list[ClientTransaction]:
        return [client for key, (client, _) in list(self._node.clients.items()) if key not in earlier]
