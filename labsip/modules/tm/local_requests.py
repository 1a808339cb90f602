"""Requests that the proxy makes itself, each with a transaction of its own (Kamailio's t_request and its like)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from labsip.modules.tm.cell import Plan, timing
from labsip.modules.tm.fwd import next_hop
from labsip.modules.tm.table import Tm
from labsip.proxy.forward import own_via
from labsip.proxy.lump import Lumps
from labsip.proxy.receive import Proxy
from labsip.proxy.script import ONREPLY, Drop, Target
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.message import Request, Response, parse_message
from labsip.sip.transaction import COOKIE, ClientTransaction, Key, client_key
from labsip.sip.transport import Datagram

LOCAL_REQUEST = "tm:local-request"
"""The event of each of them, before it leaves; what its block adds leaves with it."""


@dataclass(slots=True)
class LocalRequest:
    """One that waits for its answer."""

    client: ClientTransaction
    on_reply: str = ""
    """The onreply_route that its event's block armed."""


class LocalRequests(ModuleState):
    """Those of one proxy."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self._waiting: dict[Key, LocalRequest] = {}

    def send(self, request: Request, turn: Turn, to: str = "") -> bool:
        """Send a request without a Via to that URI, or to its Request-URI. False: that leads nowhere.

        It leaves with what the command at hand sends, from the address its message came in on.
        """
        dst = next_hop(turn.module(Tm), Target(request.uri, to or None))
        if dst is None:
            self.proxy.trace.note(turn.now, f"{request.method} {request.uri} leads nowhere")
            return False
        src = self.proxy.socket_for(dst, turn.socket)
        made = Turn(self.proxy, request, Datagram(request.raw, src, src), turn.now)
        made.dst_uri = to or request.uri
        self.proxy.happens(made, LOCAL_REQUEST)
        branch, plan = f"{COOKIE}{self.proxy.ids.getrandbits(128):032x}.0", made.note(Plan)
        leaving = _with_via(request, made.lumps, own_via(src, branch))
        times = timing(self.proxy.settings, plan.fr, plan.fr_inv)
        client = ClientTransaction(leaving, src, dst, turn.now, times, command=turn.command)
        self._waiting[client.key] = LocalRequest(client, plan.on_reply)
        turn.outbox += client.start()
        return True

    def on_response(self, turn: Turn) -> bool:
        """A response to one of them."""
        response = turn.message
        found = self._waiting.get(client_key(response)) if self._waiting else None
        if found is None or not isinstance(response, Response):
            return False
        outcome = found.client.receive(response, turn.now)
        turn.outbox += outcome.send
        if outcome.up and found.on_reply:
            with suppress(Drop):  # it goes no further anyway
                self.proxy.run(turn, ONREPLY, found.on_reply)
        self._tidy()
        return True

    def wake(self, now: float) -> list[Datagram]:
        """Send again what nobody answered, and give up in time."""
        out = [datagram for one in self._waiting.values() for datagram in one.client.wake(now).send]
        self._tidy()
        return out

    def next_wake(self) -> float | None:
        """When that is due next (seconds)."""
        due = [at for one in self._waiting.values() if (at := one.client.run.next_due) is not None]
        return min(due, default=None)

    def _tidy(self) -> None:
        for key in [key for key, one in self._waiting.items() if one.client.run.over]:
            del self._waiting[key]


def _with_via(request: Request, lumps: Lumps, via: str) -> Request:
    changes = Lumps(lumps)
    changes.prepend_header(request, via)
    made = parse_message(changes.apply(request.raw))
    assert isinstance(made, Request)
    return made
