"""What a command is given: a turn, one message on its way through the script, and by it the states of the modules."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from labsip.proxy.flags import Flags
from labsip.proxy.lump import Lumps
from labsip.proxy.script import REQUEST, Kind, Target
from labsip.sip.errors import LabError
from labsip.sip.memo import kept
from labsip.sip.message import Request, Response
from labsip.sip.transport import Address, Datagram

if TYPE_CHECKING:
    from labsip.proxy.receive import Proxy


class ModuleState:
    """What a module keeps in one proxy, made when that begins. What it does besides serving commands are its hooks."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy


N = TypeVar("N")
S = TypeVar("S", bound=ModuleState)


class Transaction(Protocol):
    """The transaction a message belongs to, as far as all may know it: tm's `Cell`."""

    status: int
    """Of the last response sent to the caller, 0 before the first."""
    best: int
    """Of the branch whose response is the best, while its failure route runs; else 0."""
    canceled: bool
    """The caller has cancelled."""


class Turn:
    """One message on its way through the script: what a command receives.

    It has the message, the clock (`now`), what goes out (`outbox`), and what the route has changed so far. What a
    module keeps about the message stands in a note of its own: `turn.note(Kind)`.
    """

    # how each begins; an own value only where a command sets one, for most messages need few of them
    kind: Kind = REQUEST
    """Of the block that runs."""
    route = str(REQUEST)
    """Its label, as in `failure_route[BUSY]`."""
    dst_uri: str | None = None
    """The next hop, where it is not the Request-URI (`$du`)."""
    path = ""
    """Routes for the Request-URI (Kamailio's path vector)."""
    uri_is_new = True
    """The Request-URI has not been used for a branch yet (Kamailio's ruri_mark_new)."""
    q: float | None = None
    """Of the contact that is the Request-URI."""
    code = 0
    """What the last command or route returned (`$rc`)."""
    depth = 0
    """How many blocks and routes of the script the one that runs is in."""
    sent: Datagram | None = None
    """What an onsend_route sees, on its way out."""
    branch_index = 0
    branch_flags = 0
    """Flags of the branch at hand, of the one the Request-URI will be before there are any: bit 0 is flag 0."""
    send_socket: Address | None = None
    """The address of ours it leaves from, where a route chose one."""
    user = ""
    """Who has proved to have sent it, where somebody has."""
    within = False
    """It belongs to a dialog that is known to have begun here: it is served whatever others take."""

    def __init__(self, proxy: Proxy, message: Request | Response, datagram: Datagram, now: float) -> None:
        self.proxy = proxy
        self.message = message
        self.datagram = datagram
        self.now = now
        """Seconds of the proxy's clock."""
        self.socket: Address = datagram.dst
        """The address of ours the message came in on."""
        self.uri = message.uri if isinstance(message, Request) else ""
        """The Request-URI as it will be sent (`$ru`)."""
        self.targets: list[Target] = []
        """Where else the request goes (append_branch)."""
        self.lumps = Lumps()
        """Changes to what is forwarded."""
        self.outbox: list[Datagram] = []
        """What goes out because of the message, in order."""
        self.transaction: Transaction | None = None
        """The transaction the message belongs to, None before there is one."""
        self.command: int | None = None
        """Row of the command that runs."""
        self.printed = ""
        """What it has printed."""
        self.force_rport = False
        self.suspended = False
        """Its answer is still to come, when something else has happened."""
        self._notes: dict[type, object] = {}

    def __repr__(self) -> str:
        return f"<{self.route} for {self.message.summary} from {self.datagram.src}>"

    @property
    def place(self) -> Kind:
        """The block that decides which commands are allowed: a `route[NAME]` is a request_route, whoever calls it."""
        return REQUEST if self.route.startswith("route[") else self.kind

    @kept
    def reply_headers(self) -> list[tuple[str, str]]:
        """Lines for whatever response is made here (Kamailio's reply lumps)."""
        return []

    @kept
    def flags(self) -> Flags:
        """Its flags, kept with the transaction."""
        return Flags()

    @kept
    def avps(self) -> dict[str, object]:
        """`$avp`, kept with the transaction."""
        return {}

    @kept
    def request(self) -> Request:
        """The message, where it must be a request. Raises LabError for a response."""
        if not isinstance(self.message, Request):
            raise LabError(f"{self.route} runs for a response; this needs a request")
        return self.message

    def module(self, kind: type[S]) -> S:
        """The state of that module in this proxy."""
        return self.proxy.modules[kind]  # type: ignore[return-value]  # each is kept under its own class

    def note(self, kind: type[N]) -> N:
        """What a module keeps about this message: an object of that class, made when it is first asked for."""
        if kind not in self._notes:
            self._notes[kind] = kind()
        return self._notes[kind]  # type: ignore[return-value]  # each is kept under its own class

    def find_note(self, kind: type[N]) -> N | None:
        """The same, None where nobody has asked for it yet."""
        return self._notes.get(kind)  # type: ignore[return-value]  # as above

    def keep_note(self, note: object) -> None:
        """Keep that as the note of its class."""
        self._notes[type(note)] = note

    def rewrite(self, message: Request | Response) -> None:
        """Another message in the place of the one at hand: the changes so far are in it."""
        self.message, self.lumps = message, Lumps()
        vars(self).pop("request", None)
        if isinstance(message, Request):
            self.uri = message.uri

    def send(self, data: bytes, src: Address, dst: Address) -> None:
        """Let something go out, sent by the command that runs."""
        self.outbox.append(Datagram(data, src, dst, self.command))

    def fork(self) -> Self:
        """Another turn of the same message, with changes of its own from now on: for a branch, or a failure route."""
        _ = self.avps, self.reply_headers, self.flags  # both go on with the same ones
        other = copy.copy(self)
        other.lumps = Lumps(self.lumps)
        other._notes = {kind: copy.copy(note) for kind, note in self._notes.items()}
        return other
