"""The proxy: a node that takes datagrams in, runs the script for them, and says what goes out."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import md5
from random import Random
from typing import NamedTuple, TypeVar, cast

from labsip.proxy.forward import received, reply_address, response_bytes
from labsip.proxy.route import ONREPLY, REQUEST, Drop, Exit, Kind, Route, Routes, Routing
from labsip.sip.errors import BadMessage
from labsip.sip.headers import PHRASES, Via
from labsip.sip.message import Request, Response, build_response, parse_message
from labsip.sip.transport import DEFAULT_PORT, Address, Datagram
from labsip.sip.uri import SipUri
from labsip.trace import Trace

MiB = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """What kamailio.cfg sets by parameters. Times in seconds, sizes in bytes."""

    domains: tuple[str, ...] = ()
    """Host names that mean this proxy, besides its own addresses (`alias` in kamailio.cfg)."""
    fr_timer: float = 30.0
    """No response at all to a forwarded request (tm)."""
    fr_inv_timer: float = 120.0
    """Ringing, no final response (tm)."""
    min_expires: int = 60
    max_expires: int = 0
    """0: no limit (registrar)."""
    default_expires: int = 3600
    timer_interval: float = 60.0
    """How often expired contacts are swept from the table (usrloc)."""
    shm_bytes: int = 64 * MiB
    """Memory for transactions, counted as `tm.lookup` says."""
    server: str = "labsip"
    """The Server header of responses made here."""


class RouteError(NamedTuple):
    """A route that raised: where, and the traceback as text, its innermost frames only."""

    route: str
    request: str
    text: str


class Module:
    """A module's state in one proxy, and where it hooks into the journey."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy

    def before_request(self, ksr: Routing) -> bool:  # noqa: ARG002
        """Called before the script; True swallows the request."""
        return False

    def on_response(self, ksr: Routing) -> bool:  # noqa: ARG002
        """Called for each response; True: it was ours, and is done with."""
        return False

    def on_error(self, ksr: Routing) -> bool:  # noqa: ARG002
        """The route raised; True: answered with a 500."""
        return False

    def send_failed(self, datagram: Datagram, now: float) -> list[Datagram]:  # noqa: ARG002
        """The transport could not send this; returns what goes out instead."""
        return []

    def wake(self, now: float) -> list[Datagram]:  # noqa: ARG002
        """Do what is due."""
        return []

    def next_wake(self) -> float | None:
        """When `wake` is due next, None if nothing is pending."""
        return None


M = TypeVar("M", bound=Module)


class Proxy:
    """A SIP proxy and registrar: what it does is in `routes`, which may be replaced at any time."""

    def __init__(
        self,
        routes: Routes,
        listen: Sequence[Address],
        *,
        ids: Random,
        routing: type[Routing],
        modules: Sequence[Callable[[Proxy], Module]],
        trace: Trace | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.routes = routes
        self.addresses = tuple(listen)
        self.ids = ids
        self.trace = trace or Trace()
        self.settings = settings or Settings()
        self.routing = routing
        self.errors: deque[RouteError] = deque(maxlen=100)
        self.tag_seed = md5(str(self.addresses[0]).encode(), usedforsecurity=False).hexdigest()
        made = [make(self) for make in modules]
        self.modules: dict[type[Module], Module] = {type(module): module for module in made}

    def __repr__(self) -> str:
        return f"<proxy on {', '.join(f'udp:{address}' for address in self.addresses)}>"

    def module(self, kind: type[M]) -> M:
        """The state of that module."""
        return cast(M, self.modules[kind])

    # --- the node ---------------------------------------------------------------------------------------------

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:
        """Take one datagram; returns what goes out because of it."""
        if not datagram.data.strip(b"\r\n\0 "):
            return []  # keepalive (RFC 5626 §3.5.1)
        try:
            message = parse_message(datagram.data)
            ksr = self.routing(self, message, datagram, now)
            if isinstance(message, Request):
                return self._request(ksr, message)
            return self._response(ksr, message)
        except BadMessage as bad:
            return self._bad(datagram, bad, now)

    def wake(self, now: float) -> list[Datagram]:
        """Let the modules do what is due."""
        return [out for module in self.modules.values() for out in module.wake(now)]

    def next_wake(self) -> float | None:
        """When a module has something to do next (seconds)."""
        return min((due for m in self.modules.values() if (due := m.next_wake()) is not None), default=None)

    def send_failed(self, datagram: Datagram, now: float) -> list[Datagram]:
        """The transport could not send this datagram."""
        return [out for module in self.modules.values() for out in module.send_failed(datagram, now)]

    # --- the journey ------------------------------------------------------------------------------------------

    def _request(self, ksr: Routing, request: Request) -> list[Datagram]:
        check_request(request)
        if not any(module.before_request(ksr) for module in self.modules.values()):
            self.run(self.routes.request_route, ksr, REQUEST)
        return ksr._out

    def _response(self, ksr: Routing, response: Response) -> list[Datagram]:
        if not self.is_own_via(response.via):
            self.trace.note(ksr._now, f"{response.summary}: its topmost Via is not ours, dropped")
            return []
        if self.routes.onreply_route is not None:
            try:
                self.run(self.routes.onreply_route, ksr, ONREPLY)
            except Drop:
                return ksr._out
        if any(module.on_response(ksr) for module in self.modules.values()):
            return ksr._out
        return ksr._out + self._stateless_response(ksr, response)

    def _stateless_response(self, ksr: Routing, response: Response) -> list[Datagram]:
        """No transaction knows it: on to the next Via, statelessly (RFC 3261 §16.11)."""
        vias = response.vias
        if len(vias) < 2:
            return []  # ours alone: the transaction it answered is gone (§16.7 step 3)
        data = response_bytes(response, ksr._lumps)
        return [Datagram(data, ksr._socket, vias[1].reply_address)]

    def run(self, route: Route, ksr: Routing, kind: Kind, name: str = "") -> object:
        """Run one block of the script for a message; returns what it returns.

        A block that raises gets its request answered 500 and leaves a RouteError. Raises Drop if the block said so.
        """
        before = ksr._kind, ksr._route
        ksr._kind, ksr._route = kind, f"{kind}[{name}]" if name else str(kind)
        try:
            return route(ksr)
        except Drop:
            if kind is REQUEST:
                return None
            raise
        except Exit:
            return None
        except BadMessage:
            raise  # the peer's fault: answered as such by `receive`
        except Exception as error:  # a learner's route may raise anything; the proxy goes on (the lab shows it)
            self.errors.append(RouteError(ksr._route, ksr._message.start_line, _told(error, route)))
            self.trace.note(ksr._now, f"{ksr._route} raised {type(error).__name__}: {error}")
            any(module.on_error(ksr) for module in self.modules.values())
            return None
        finally:
            ksr._kind, ksr._route = before

    def _bad(self, datagram: Datagram, bad: BadMessage, now: float) -> list[Datagram]:
        """A message that can't be processed: said in the record, and answered where it can be (RFC 3261 §16.3)."""
        self.trace.note(now, f"{datagram.src} sent something unusable: {bad.reason}")
        try:
            request = parse_message(datagram.data)
            if not isinstance(request, Request) or request.method == "ACK":
                return []
            check_request(request)
        except BadMessage:
            return []  # without Via, From, To, Call-ID and CSeq there is nobody to answer and nothing to say
        ksr = self.routing(self, request, datagram, now)
        response = self.response(ksr, bad.status, PHRASES.get(bad.status, "Bad Request"), to_tag=self.tag_seed)
        return [Datagram(response.raw, datagram.dst, self.reply_address(ksr))]

    # --- what modules build on --------------------------------------------------------------------------------

    def is_own_via(self, via: Via) -> bool:
        """Whether a Via names this proxy."""
        return self.is_own(via.host, via.port)

    def is_own(self, host: str, port: int | None) -> bool:
        """Whether host and port are this proxy: an address it listens on, or one of its domains."""
        bare = host.strip("[]").lower()
        if bare in self.settings.domains:
            return port is None or any(address.port == port for address in self.addresses)
        return Address(bare, port or DEFAULT_PORT) in self.addresses

    def resolve(self, uri: SipUri) -> Address | None:
        """Where a URI leads; names are known only if they are ours: no DNS here."""
        address = uri.address
        if address.host.lower() in self.settings.domains:
            return Address(self.addresses[0].host, uri.port or self.addresses[0].port)
        if address.host.lower() == "localhost":
            return Address("127.0.0.1", address.port)
        return address if _is_ip(address.host) else None

    def socket_for(self, dst: Address, preferred: Address) -> Address:
        """The address of ours to send from: where the request came in, unless that is the wrong IP version."""
        if (":" in dst.host) == (":" in preferred.host):
            return preferred
        return next((a for a in self.addresses if (":" in a.host) == (":" in dst.host)), preferred)

    def response(
        self, ksr: Routing, status: int, reason: str, *, to_tag: str = "", headers: Sequence[tuple[str, str]] = ()
    ) -> Response:
        """A response made here to the request at hand, with our Server header."""
        request = ksr._request
        via = received(request.via, ksr._datagram.src, force_rport=ksr._force_rport, at_end=True)
        extra = [*headers, ("Server", self.settings.server)]
        return build_response(request, status, reason, to_tag=to_tag, headers=extra, via=via)

    def reply_address(self, ksr: Routing) -> Address:
        """Where responses to the request at hand go."""
        return reply_address(ksr._request.via, ksr._datagram.src, force_rport=ksr._force_rport)


def check_request(request: Request) -> None:
    """What every request must have before a script sees it (RFC 3261 §8.1.1). Raises BadMessage."""
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        if request.get(name) is None:
            raise BadMessage(f"{name} header is missing")
    _ = request.via, request.from_, request.to, request.cseq


def _is_ip(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _told(error: Exception, route: Route) -> str:
    """The traceback a learner needs: the frames of the route itself and what it called of its own, then the error."""
    frames = traceback.extract_tb(error.__traceback__)
    code = getattr(route, "__code__", None)
    own = [f for f in frames if code is None or f.filename == code.co_filename]
    lines = traceback.format_list(own or frames[-1:])
    return "".join(["Traceback (in the route):\n", *lines, *traceback.format_exception_only(error)])
