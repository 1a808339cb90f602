"""What a route is, and what it holds in its hand: the routing of one message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import CodeType
from typing import TYPE_CHECKING, Any

from labsip.proxy.lump import Lumps
from labsip.proxy.settings import Settings
from labsip.sip.errors import LabError, NoSuchName
from labsip.sip.memory import kept
from labsip.sip.message import HeaderLine, Request, Response
from labsip.sip.transport import Address, Datagram

if TYPE_CHECKING:
    from labsip.proxy.receive import Proxy

Route = Callable[[Any], object]
"""A block of the script: it takes the routing at hand; what an ordinary route returns is its return code."""


class Kind(StrEnum):
    """The kinds of route, as kamailio.cfg calls them."""

    REQUEST = "request_route"
    FAILURE = "failure_route"
    ONREPLY = "onreply_route"
    BRANCH = "branch_route"


REQUEST, FAILURE, ONREPLY, BRANCH = Kind.REQUEST, Kind.FAILURE, Kind.ONREPLY, Kind.BRANCH
ANY = (REQUEST, FAILURE, ONREPLY, BRANCH)


class Exit(Exception):
    """The script ends here, whatever route said so (`exit`, or a command that returned 0)."""


class Drop(Exit):
    """As Exit, and the response (onreply_route) or the branch (branch_route) is not sent."""


class Code(int):
    """A return code of Kamailio: true above zero, so that `if not ksr.lookup("location")` means what it does there."""

    def __bool__(self) -> bool:
        return self > 0


CODES = {code: Code(code) for code in range(-10, 10)}
"""Those that commands return most, made once."""


@dataclass
class Routes:
    """The script: every block a route file can have."""

    request_route: Route
    routes: dict[str, Route] = field(default_factory=dict)
    onreply_route: Route | None = None
    onreply_routes: dict[str, Route] = field(default_factory=dict)
    failure_routes: dict[str, Route] = field(default_factory=dict)
    branch_routes: dict[str, Route] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The parameters it runs with unless told otherwise, by their names in `Settings`: the head of a kamailio.cfg."""

    def parameters(self, **given: Any) -> Settings:
        """The settings of a proxy that runs it; what is given here goes before its own."""
        return Settings(**{**self.settings, **given})

    def block(self, kind: Kind, name: str = "") -> Route:
        """The block of that kind and name, without a name the main one. Raises NoSuchName with the nearest there is."""
        if not name:
            main = self.request_route if kind is REQUEST else self.onreply_route if kind is ONREPLY else None
            if main is not None:
                return main
        blocks = {ONREPLY: self.onreply_routes, FAILURE: self.failure_routes, BRANCH: self.branch_routes}
        known = blocks.get(kind, self.routes)
        if name not in known:
            raise NoSuchName("route" if kind is REQUEST else kind, name, known)
        return known[name]

    def labels(self) -> dict[CodeType, str]:
        """What each block is called, by the code of its function."""
        kinds = {
            "route": self.routes,
            ONREPLY: self.onreply_routes,
            FAILURE: self.failure_routes,
            BRANCH: self.branch_routes,
        }
        named = {f"{kind}[{name}]": block for kind, blocks in kinds.items() for name, block in blocks.items()}
        blocks = {str(REQUEST): self.request_route, str(ONREPLY): self.onreply_route, **named}
        codes = {label: getattr(block, "__code__", None) for label, block in blocks.items()}
        return {code: label for label, code in codes.items() if isinstance(code, CodeType)}


@dataclass
class Target:
    """One place a request may go: a member of the target set (RFC 3261 §16.5)."""

    uri: str
    dst_uri: str | None = None
    path: str = ""
    """Routes to put into the request: how the phone's registration came (RFC 3327)."""
    q: float | None = None
    """A contact's preference, None if it has none."""

    @property
    def contact(self) -> str:
        """Its value in a Contact header."""
        return f"<{self.uri}>" if self.q is None else f"<{self.uri}>;q={self.q:g}"


@dataclass(slots=True)
class Armed:
    """Names of the blocks that t_on_failure, t_on_reply and t_on_branch asked for, "" for none."""

    on_failure: str = ""
    on_reply: str = ""
    on_branch: str = ""


class Routing:
    """One message on its way through the script; `Ksr` adds the commands. Variables: `ksr["$ru"]`."""

    # how each begins; an own value only where a command sets one, for most messages need few of them
    _kind = REQUEST
    _route = str(REQUEST)
    _dst_uri: str | None = None
    _path = ""
    """Routes for the Request-URI (Kamailio's path vector)."""
    _uri_is_new = True
    """The Request-URI has not been used for a branch yet (Kamailio's ruri_mark_new)."""
    _q: float | None = None
    """Of the contact that is the Request-URI."""
    _force_rport = False
    _received = ""
    """Where the REGISTER came from, as a URI, if save is to keep it (Kamailio's received_avp)."""
    _command: int | None = None
    """Row of the command being said."""
    _printed = ""
    _branch_index = 0
    _tm: Any = None
    """The transaction the message belongs to (tm's `Cell`), None before there is one."""
    _dialog: Any = None
    """The dialog the request belongs to (dialog's `Dialog`), None if it is not remembered."""
    _waits = False
    """Its answer is still to come, when something else has happened (what Kamailio calls suspended)."""
    _fr: float | None = None
    _fr_inv: float | None = None
    _credentials: HeaderLine | None = None
    """The credentials that were checked."""
    _user = ""
    """Who has proved to have sent it, where somebody has."""
    _goes_on = False
    """It belongs to a dialog that is known to have begun here: it is served whatever others take."""
    _refused = False
    """There was no room for its transaction."""

    def __init__(self, proxy: Proxy, message: Request | Response, datagram: Datagram, now: float) -> None:
        self._proxy = proxy
        self._message = message
        self._datagram = datagram
        self._now = now
        self._uri = message.uri if isinstance(message, Request) else ""
        self._targets: list[Target] = []
        self._serial: list[list[Target]] = []
        """What t_load_contacts put aside, the best first; failure routes take from the same list."""
        self._lumps = Lumps()
        self._reply_headers: list[tuple[str, str]] = []
        """Lines for whatever response is made here (Kamailio's reply lumps)."""
        self._avps: dict[str, object] = {}
        self._vars: dict[str, object] = {}
        self._out: list[Datagram] = []
        self._armed = Armed()

    def __repr__(self) -> str:
        return f"<{self._route} for {self._message.summary} from {self._datagram.src}>"

    @kept
    def _socket(self) -> Address:
        """The address of ours the message came in on."""
        return self._datagram.dst

    @kept
    def _request(self) -> Request:
        """The message, where it must be a request."""
        if not isinstance(self._message, Request):
            raise LabError(f"{self._route} runs for a response; this needs a request")
        return self._message

    def _send(self, data: bytes, src: Address, dst: Address) -> None:
        self._out.append(Datagram(data, src, dst, self._command))
