"""A phone on a testbed: a softphone that can be plugged in and out, and what it can be told to do.

Each act goes out at once; then it waits until things have come to rest, unless it is told not to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from labsip.flow.rows import Flow
from labsip.phone.behaviour import Behaviour
from labsip.phone.phone_call import PhoneCall
from labsip.phone.softphone import Softphone
from labsip.sip.errors import LabError
from labsip.sip.machines import State
from labsip.sip.message import Request, parse_message
from labsip.sip.transaction import ClientTransaction, Key
from labsip.sip.transport import Address, Datagram

if TYPE_CHECKING:
    from labsip.testbed.testbed import Testbed

Act = Callable[[float], list[Datagram]]
"""What a softphone does at a time, and what goes out because of it."""
UNHEARD = (State.CALLING, State.TRYING)
"""A request nobody has said anything to yet."""
LINES = 10
"""Calls a phone can be in: a cell that calls and runs again must not find the other end busy with its first call."""


class Trail(NamedTuple):
    """What finds the messages of a call, or of one request, in a record."""

    call_id: str
    cseqs: frozenset[str] | None = None
    """Of the request, and of the same request sent again with credentials; None: all of the call's."""
    title: str = ""
    """The request in words: `MESSAGE 106 → 108`."""

    def in_flow(self, flow: Flow) -> Flow:
        """Its messages."""
        return flow.of_call(self.call_id, self.cseqs)


class Handset:
    """One phone; made by `testbed.phone("106")`. Times are in seconds.

    Every act raises LabError if the phone is not plugged in, or the proxy has no route.
    """

    def __init__(self, testbed: Testbed, name: str, user: str, address: Address) -> None:
        self.testbed = testbed
        self.name = name
        self.user = user
        self.node = Softphone(user, address, testbed.address, ids=testbed.ids(name))
        self.node.lines = LINES
        self.online = False
        """Whether it is plugged in."""
        self.plug_in()

    def __repr__(self) -> str:
        return f"<phone {self.name}: {self.node.doing}{'' if self.online else ', offline'}>"

    # --- what it does ---------------------------------------------------------------------------------------------

    def register(self, expires: int = 3600, q: float | None = None) -> Trail:
        """Tell the proxy where it is, for `expires` seconds, and again in time; q: its rank among its user's phones."""
        return self.request(lambda now: self.node.register(now, expires, q))

    def unregister(self, *, everything: bool = False) -> Trail:
        """Take its address out of the location table; with `everything`, all of this user's."""
        return self.request(self.node.unregister_all if everything else self.node.unregister)

    def call(self, target: str, *, wait: bool = True) -> PhoneCall:
        """Call `108`, `108@host` or a URI. Raises LabError for what is none of them."""
        made: list[PhoneCall] = []

        def dial(now: float) -> list[Datagram]:
            call, out = self.node.call(target, now)
            made.append(call)
            return out

        self.do(dial, wait=wait)
        return made[0]

    def cancel(self, call: PhoneCall) -> None:
        """Give up before the other end answers; if it has, hang up."""
        self.do(partial(self.node.cancel, call))

    def hang_up(self, call: PhoneCall) -> None:
        """End a call, however far it is."""
        self.do(partial(self.node.hang_up, call))

    def message(self, target: str, text: str) -> Trail:
        """Send a text; it comes into the other phone's inbox."""
        return self.request(lambda now: self.node.message(target, text, now)[1])

    def options(self, target: str = "") -> Trail:
        """Ask what somebody can do; without a target, the proxy."""
        to = target or f"sip:{self.node.domain}"
        return self.request(lambda now: self.node.options(to, now)[1])

    def send(self, raw: bytes) -> Trail:
        """Send this request to the proxy as it is."""
        return self.request(lambda _: [Datagram(raw, self.node.address, self.testbed.address)])

    def behave(self, behaviour: Behaviour, act: Callable[[PhoneCall, float], list[Datagram]] | None = None) -> None:
        """Do this with calls that come in; `act` is for each that waits for an answer now."""
        self.node.behaviour = behaviour
        if act is None:
            return
        for call in self.node.active:
            if not call.outgoing and call.answered is None:
                self.do(partial(act, call))

    def unplug(self) -> None:
        """Close its socket: it hears nothing. It remembers what it knew."""
        if self.online:
            self.testbed.net.detach(self.node)
            self.online = False

    def plug_in(self) -> None:
        """Open its socket again."""
        if not self.online:
            self.testbed.net.attach(self.node, self.name)
            self.online = True

    # --- how ------------------------------------------------------------------------------------------------------

    def do(self, act: Act, *, wait: bool = True) -> list[Datagram]:
        """Act, and let things come to rest; returns what went out at once."""
        self.testbed.check_ready()
        if not self.online:
            raise LabError(f'phone {self.name} is offline; lab.phone("{self.name}").online() plugs it in again')
        sent: list[Datagram] = []
        earlier: set[Key] = set()

        def act_now(now: float) -> list[Datagram]:
            earlier.update(self.node.clients)
            sent.extend(act(now))
            return sent

        self.testbed.net.do(act_now)
        if wait:
            self.testbed.settle(lambda: any(client.run.state in UNHEARD for client in self._clients_since(earlier)))
        return sent

    def request(self, act: Act) -> Trail:
        """Act with one request, and say what finds its messages."""
        earlier = set(self.node.clients)
        request = parse_message(self.do(act)[0].data)
        assert isinstance(request, Request)
        title = f"{request.method} {self.name}"
        if request.method != "REGISTER":
            title += f" → {request.to.sip_uri.user_name or 'proxy'}"
        sent = [request, *(client.request for client in self._clients_since(earlier))]
        cseqs = frozenset(str(one.cseq) for one in sent if one.call_id == request.call_id)
        return Trail(request.call_id, cseqs, title)

    def _clients_since(self, earlier: set[Key]) -> list[ClientTransaction]:
        return [client for key, (client, _) in list(self.node.clients.items()) if key not in earlier]
