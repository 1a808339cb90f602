"""The user agent under the phone: who it is, its transactions, its calls, what it has to do later (RFC 3261 §8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import NamedTuple

from labsip.phone.agenda import Agenda
from labsip.phone.behaviour import Behaviour
from labsip.phone.call import Call, CallState
from labsip.phone.challenged import Asking, Nonces, credentials_of
from labsip.proxy.forward import received, reply_address
from labsip.sip.build import build_response
from labsip.sip.dialog import Dialog, DialogId
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import PHRASES, NameAddr
from labsip.sip.message import Request, Response
from labsip.sip.timing import RFC, Timing
from labsip.sip.transaction import COOKIE, ClientTransaction, Key, Outcome, ServerTransaction, client_key, server_key
from labsip.sip.transport import DEFAULT_PORT, Address, Datagram, bracketed
from labsip.sip.uri import SipUri, as_request_uri

Heard = Callable[[Response, float], list[Datagram]]
"""Called with each response to a request and the time; returns what is sent because of it."""
Lines = Iterable[tuple[str, str]]


class TextMessage(NamedTuple):
    """A MESSAGE that came in."""

    t: float
    """When (seconds)."""
    sender: str
    text: str


class UserAgent:
    """What the calling and the called half of a phone share."""

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
        self.address = address
        self.addresses: tuple[Address, ...] = (address,)
        self.proxy = proxy
        """Where it registers, and sends every request that belongs to no dialog."""
        self.domain = domain or _written(proxy)
        """What stands behind the @ of its address-of-record."""
        self.password = password
        """What it answers challenges with; "": they are not answered."""
        self.nonces = Nonces()
        self.ids = ids
        self.timing = timing
        self.user_agent = user_agent
        self.outbound = outbound
        """Send what belongs to a dialog without route set to the proxy too, not to the other end's Contact."""
        self.media_port = media_port
        self.behaviour = Behaviour()
        """What it does with calls that come in."""
        self.lines = 1
        """How many calls it can be in; a call more is answered 486 Busy Here."""
        self.slow = 0.0
        """Seconds it thinks about each request that comes in, saying nothing, not even 100."""
        self.calls: list[Call] = []
        """Every call it ever had, oldest first."""
        self.inbox: list[TextMessage] = []
        self.dialogs: dict[DialogId, tuple[Call, Dialog]] = {}
        self.agenda = Agenda()
        self.clients: dict[Key, tuple[ClientTransaction, Heard]] = {}
        self.servers: dict[Key, ServerTransaction] = {}
        self.aor = self.uri_of(user)

    # --- who it is --------------------------------------------------------------------------------------------

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

    def new_tag(self) -> str:
        """A tag for this end of a dialog (§19.3)."""
        return f"{self.ids.getrandbits(32):08x}"

    def new_via(self) -> str:
        """The Via of a new request (§8.1.1.7), which asks for rport (RFC 3581 §3)."""
        return (
            f"SIP/2.0/{self.address.transport.via} {self.address};rport;branch={COOKIE}{self.ids.getrandbits(64):016x}"
        )

    def outside(self, uri: str) -> Dialog:
        """What the requests of a new Call-ID to that URI share (§8.1.1)."""
        call_id = f"{self.ids.getrandbits(64):016x}@{bracketed(self.address.host)}"
        me = NameAddr(self.aor, (("tag", self.new_tag()),))
        target = as_request_uri(uri)
        return Dialog(call_id, me, NameAddr(target), remote_target=target)

    # --- requests that go out ---------------------------------------------------------------------------------

    def next_hop(self, dialog: Dialog) -> Address:
        """Where a request goes: the proxy outside a dialog, and the dialog's own way within it (§8.1.2)."""
        if dialog.remote.tag is None or (self.outbound and not dialog.route_set):
            return self.proxy
        return dialog.next_hop

    def request(
        self,
        dialog: Dialog,
        method: str,
        heard: Heard,
        now: float,
        *,
        call: Call | None = None,
        contact: str = "",
        headers: Lines = (),
        body: bytes = b"",
    ) -> ClientTransaction:
        """The dialog's next request, its transaction begun; `start()` gives the datagram.

        `call`: the one it is to make. If it is challenged it is sent again, and `heard` hears of the last answer only.
        """
        lines = [("User-Agent", self.user_agent), *headers]
        request = dialog.build_request(method, self.new_via(), contact=contact, headers=lines, body=body)
        return Asking(self, dialog, heard, call).send(request, now)

    def begin(self, request: Request, dst: Address, heard: Heard, now: float) -> ClientTransaction:
        """A client transaction; each response that is for the transaction user goes to `heard`."""
        client = ClientTransaction(request, self.address, dst, now, self.timing)
        self.clients[client_key(request)] = client, heard
        return client

    def hear(self, response: Response, now: float) -> list[Datagram]:
        """A response came; one that fits no transaction is dropped (RFC 6026 §8.9)."""
        found = self.clients.get(client_key(response))
        if found is None:
            return []
        client, heard = found
        outcome = client.receive(response, now)
        return outcome.send + (heard(response, now) if outcome.up else [])

    def credentials_for(self, response: Response) -> list[tuple[str, str]]:
        """What the ACK for this 2xx brings: the credentials of its INVITE (§13.2.2.4)."""
        found = self.clients.get(client_key(response))
        return credentials_of(found[0].request) if found else []

    # --- requests that came in --------------------------------------------------------------------------------

    def serve(self, request: Request, src: Address, now: float) -> ServerTransaction:
        """A server transaction for a new request."""
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
        """Answer a request (§8.2.6). To a To without tag goes `tag`, a new one if that is empty, none with a 100."""
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

    # --- calls ------------------------------------------------------------------------------------------------

    @property
    def active(self) -> list[Call]:
        """The calls that keep it busy, oldest first."""
        return [call for call in self.calls if call.takes_a_line]

    @property
    def engaged(self) -> bool:
        """All its lines are taken."""
        return len(self.active) >= self.lines

    def keep(self, call: Call, dialog: Dialog) -> None:
        """Let requests within this dialog find it."""
        self.dialogs[dialog.id] = call, dialog

    def forget(self, call: Call, *, but: Dialog | None = None) -> None:
        """Requests within the call's dialogs, except one, get a 481 from now on."""
        gone = [key for key, (owner, dialog) in self.dialogs.items() if owner is call and dialog is not but]
        for key in gone:
            del self.dialogs[key]

    def end(self, call: Call, state: CallState, now: float, by: str = "") -> None:
        """A call is over: nothing more is to be done about it."""
        call.end(state, now, by)
        self.agenda.drop(call)
        if call.client is not None:  # a re-INVITE: its 2xx may never come, for the other end has done with it, too
            call.client.cancel(now)

    # --- timers -----------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """A scripted action is still to come: an answer in two seconds, a slow reply.

        Retransmissions and the refresh of a registration don't count.
        """
        return self.agenda.busy

    def next_wake(self) -> float | None:
        """When `wake` is due next (seconds), None if nothing is pending."""
        due = [client.run.next_due for client, _ in self.clients.values()]
        due += [server.run.next_due for server in self.servers.values()]
        return min((when for when in [*due, self.agenda.next_due] if when is not None), default=None)

    def wake(self, now: float) -> list[Datagram]:
        """Do what is due; returns what it sends."""
        out: list[Datagram] = []
        for key, server in list(self.servers.items()):
            out += server.wake(now).send
            if server.run.over:
                del self.servers[key]
        for key, (client, heard) in list(self.clients.items()):
            out += self._outcome(client, heard, client.wake(now), now)
            if client.run.over:
                self.clients.pop(key, None)
        return out + self.agenda.wake(now)

    def send_failed(self, datagram: Datagram, now: float) -> list[Datagram]:
        """The transport could not send this datagram; if it is a request, that is as good as a 503 (§8.1.3.1)."""
        for client, heard in list(self.clients.values()):
            if client.request.raw is datagram.data:
                return self._outcome(client, heard, client.fail(now), now)
        return []

    def _outcome(self, client: ClientTransaction, heard: Heard, outcome: Outcome, now: float) -> list[Datagram]:
        """What no response told: a timeout is heard as a 408, a failed transport as a 503 (§8.1.3.1)."""
        if outcome.timeout:
            reason = f"No answer in {getattr(self.timing, outcome.timeout):g} s"
            return outcome.send + heard(build_response(client.request, 408, reason), now)
        if outcome.failed:
            return outcome.send + heard(build_response(client.request, 503, "Could not be sent"), now)
        return outcome.send


def name_of(uri: str) -> str:
    """How a URI is shown: its user, or the host if it has none. Raises BadMessage (400) if it can't be read."""
    parsed = SipUri.parse(uri, any_scheme=True)
    return parsed.user_name or parsed.host


def _written(address: Address) -> str:
    return bracketed(address.host) if address.port == DEFAULT_PORT else str(address)
