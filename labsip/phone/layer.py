"""The transaction layer of a phone (RFC 3261 §17): of the requests it sends, and of those it receives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

from labsip.proxy.forward import received, reply_address
from labsip.sip.build import build_response
from labsip.sip.headers import PHRASES
from labsip.sip.message import Request, Response
from labsip.sip.timing import Timing
from labsip.sip.transaction import COOKIE, ClientTransaction, Key, Outcome, ServerTransaction, client_key, server_key
from labsip.sip.transport import Address, Datagram

Listener = Callable[[Response, float], list[Datagram]]
"""Called with each response to a request and the time; returns what is sent because of it."""
Lines = Iterable[tuple[str, str]]
"""Header lines: name and value."""


class TransactionLayer:
    """The transactions of the phone at `address`; its tags and branches come from `ids`."""

    def __init__(self, address: Address, ids: Random, timing: Timing) -> None:
        self.address = address
        self.ids = ids
        self.timing = timing
        """Of the transactions that begin from now on."""
        self.clients: dict[Key, tuple[ClientTransaction, Listener]] = {}
        """Of the requests sent, with whoever waits for the responses."""
        self.servers: dict[Key, ServerTransaction] = {}
        """Of the requests received."""

    def new_tag(self) -> str:
        """A tag for this end of a dialog (§19.3)."""
        return f"{self.ids.getrandbits(32):08x}"

    def new_via(self) -> str:
        """The Via of a new request (§8.1.1.7), which asks for rport (RFC 3581 §3)."""
        branch = f"{COOKIE}{self.ids.getrandbits(64):016x}"
        return f"SIP/2.0/{self.address.transport.via} {self.address};rport;branch={branch}"

    # --- requests that go out ---------------------------------------------------------------------------------

    def begin(self, request: Request, dst: Address, listener: Listener, now: float) -> ClientTransaction:
        """A client transaction; each response that is for the transaction user goes to `listener`."""
        client = ClientTransaction(request, self.address, dst, now, self.timing)
        self.clients[client_key(request)] = client, listener
        return client

    def receive(self, response: Response, now: float) -> list[Datagram]:
        """A response came; one that fits no transaction is dropped (RFC 6026 §8.9)."""
        found = self.clients.get(client_key(response))
        if found is None:
            return []
        client, listener = found
        outcome = client.receive(response, now)
        return outcome.send + (listener(response, now) if outcome.up else [])

    # --- requests that came in --------------------------------------------------------------------------------

    def serve(self, request: Request, src: Address, now: float) -> ServerTransaction:
        """A server transaction for a new request that came from `src`."""
        dst = reply_address(request.via, src, force_rport=False)
        server = ServerTransaction(request, self.address, dst, now, self.timing)
        self.servers[server_key(request)] = server
        return server

    def respond(
        self,
        server: ServerTransaction,
        status: int,
        now: float,
        *,
        reason: str = "",
        tag: str = "",
        headers: Lines = (),
        body: bytes = b"",
    ) -> list[Datagram]:
        """Answer a request (§8.2.6). A To without a tag gets `tag`, a new one if that is empty, none with a 100."""
        request = server.request
        new = status > 100 and request.to.tag is None
        response = build_response(
            request,
            status,
            reason or PHRASES.get(status, "Unknown"),
            to_tag=(tag or self.new_tag()) if new else "",
            headers=headers,
            body=body,
            via=received(request.via, server.dst, force_rport=False, at_end=True),
        )
        return server.respond(status, response.raw, now)

    # --- timers -----------------------------------------------------------------------------------------------

    @property
    def next_due(self) -> float | None:
        """When the first of their timers fires (seconds), None if none runs."""
        due = [client.run.next_due for client, _ in self.clients.values()]
        due += [server.run.next_due for server in self.servers.values()]
        return min((when for when in due if when is not None), default=None)

    def wake(self, now: float) -> list[Datagram]:
        """Fire the timers that are due; returns what is sent. Transactions that are over are forgotten."""
        out: list[Datagram] = []
        for key, server in list(self.servers.items()):
            out += server.wake(now).send
            if server.run.over:
                del self.servers[key]
        for key, (client, listener) in list(self.clients.items()):
            out += self._outcome(client, listener, client.wake(now), now)
            if client.run.over:
                self.clients.pop(key, None)
        return out

    def send_failed(self, datagram: Datagram, now: float) -> list[Datagram]:
        """The transport could not send this datagram; if it is a request, that is as good as a 503 (§8.1.3.1)."""
        for client, listener in list(self.clients.values()):
            if client.request.raw is datagram.data:
                return self._outcome(client, listener, client.fail(now), now)
        return []

    def _outcome(self, client: ClientTransaction, listener: Listener, outcome: Outcome, now: float) -> list[Datagram]:
        """What came without a response: a timeout counts as a 408, a failed transport as a 503 (§8.1.3.1)."""
        if outcome.timeout:
            reason = f"No answer in {getattr(self.timing, outcome.timeout):g} s"
            return outcome.send + listener(build_response(client.request, 408, reason), now)
        if outcome.failed:
            return outcome.send + listener(build_response(client.request, 503, "Could not be sent"), now)
        return outcome.send
