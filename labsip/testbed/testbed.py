"""The testbed: a network, an engine on it, phones to call through it, and the record of all they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from random import Random
from types import MappingProxyType
from typing import Any, Self, TypeVar

from labsip.engine.own import OwnProxy
from labsip.engine.protocol import Build, Site, TextEngine
from labsip.flow.rows import Flow
from labsip.net.addresses import Addresses
from labsip.net.network import Network
from labsip.net.wire import Wire
from labsip.proxy.exports import Exports
from labsip.proxy.script import Routes, no_route
from labsip.sip.errors import LabError, NoSuchName
from labsip.sip.transport import Address
from labsip.testbed.handset import Handset
from labsip.trace import PROXY, RING
from labsip.vocabulary import EXPORTS

T = TypeVar("T")

LIMITS: dict[str, float] = {"max_lines": 100_000, "max_route_time": 1.0}
"""Settings for a route that somebody is still writing: it may never end. A proxy for real phones has no such limits."""
PATIENCE = 5.0
"""How long an act waits for things to come to rest, in seconds of the testbed's time."""


class Testbed:
    """A network with an engine and phones on it.

    net: with a trace, where nobody listens yet. routes: what the engine runs at first. seed: branches, tags and
    Call-IDs are the same in every run with the same seed. exports: the commands there are. settings: parameters by
    name, which go before those of the routes. engine: makes who routes. Raises LabError if no address is left.
    """

    def __init__(
        self,
        net: Network,
        routes: Routes,
        *,
        seed: int = 0,
        exports: Exports = EXPORTS,
        settings: Mapping[str, Any] = MappingProxyType({}),
        engine: Build = OwnProxy,
    ) -> None:
        self.net = net
        self.trace = net.trace
        self.seed = seed
        self.exports = exports
        self.settings = settings
        """Parameters that were given for all routes."""
        self.routes = routes
        """What the engine runs; `run` replaces it."""
        self.phones: dict[str, Handset] = {}
        """By name, in the order they were made."""
        self.closed = False
        self.at_rest: list[Callable[[], object]] = []
        """Called each time things have come to rest, or time has passed."""
        self.at_close: list[Callable[[], object]] = []
        """Called once, the last one first, before it closes."""
        self._addresses = Addresses(net)
        try:
            self.engine = engine(Site(net, self._addresses.proxy, exports, self.ids(PROXY), settings), routes)
        except BaseException:
            net.close()  # nobody else will
            raise

    def __repr__(self) -> str:
        return f"<testbed: {self.summary}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def summary(self) -> str:
        """Where the proxy listens, whether it has a route, which phones there are, in a line."""
        if self.closed:
            return "closed"
        route = "a route" if self.has_route else "no route yet"
        phones = f"phones {', '.join(self.phones)}" if self.phones else "no phones yet"
        return f"proxy on udp:{self.address}, {route}, {phones}"

    @property
    def address(self) -> Address:
        """Where the proxy listens."""
        return self.engine.address

    @property
    def has_route(self) -> bool:
        """Whether the proxy answers anybody."""
        return self.routes.request_route is not no_route

    def ids(self, name: str) -> Random:
        """Where a node's ids come from: its own source, so that one phone more changes nobody else's."""
        return Random(f"{self.seed}/{name}")

    # --- what is on it --------------------------------------------------------------------------------------------

    def run(self, routes: Routes) -> None:
        """Run these blocks from the next message on, and no others, with their settings."""
        self.engine.run(routes)
        self.routes = routes

    def phone(self, name: str, user: str | None = None) -> Handset:
        """The phone of that name; a new one the first time, `user`'s or its namesake's.

        Raises LabError if the phone is another user's, or no address is left.
        """
        self.check_open()
        known = self.phones.get(name)
        if known is None:
            known = self.phones[name] = Handset(self, name, user or name, self._addresses.phone(name))
        elif user not in (None, known.user):
            raise LabError(f"phone {name} is {known.user}'s already; give {user}'s phone another name")
        return known

    @property
    def parties(self) -> tuple[str, ...]:
        """The names there are on the network."""
        return PROXY, *self.phones

    def wire(self, src: str | None = None, dst: str | None = None) -> Wire:
        """The wire from one party to another, None for any. Raises NoSuchName for a party that is not there."""
        for name in (src, dst):
            if name is not None and name not in self.parties:
                raise NoSuchName("party", name, self.parties, hint=f"there are {', '.join(self.parties)}")
        return self.net.wire(src, dst)

    # --- time -----------------------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.check_open()
        self.net.advance(seconds)
        self.rest()

    def settle(self, waits: Callable[[], bool] = lambda: False) -> None:
        """Wait until nothing more happens by itself and nobody `waits`, but not longer than PATIENCE."""
        self.check_open()
        phones = list(self.phones.values())
        self.net.settle(lambda: any(phone.node.busy for phone in phones) or waits(), PATIENCE)
        self.rest()

    def restart(self) -> None:
        """Restart the proxy: its tables and transactions are gone, as in Kamailio; the route stays."""
        self.check_open()
        self.engine.restart()

    def close(self) -> None:
        """End it; the record stays. May be called twice."""
        if self.closed:
            return
        while self.at_close:
            self.at_close.pop()()
        self.closed = True
        self.engine.close()
        self.net.close()

    def check_open(self) -> None:
        """Raises LabError if it is closed."""
        if self.closed:
            raise LabError("this lab is closed; run the cell that makes it again")

    def check_ready(self) -> None:
        """Raises LabError if nobody would be answered."""
        self.check_open()
        if not self.has_route:
            raise LabError(
                "the proxy has no route yet, so nobody would be answered; write one under @lab.request_route, "
                'or borrow one: lab.use("cancel")'
            )
        if isinstance(self.engine, TextEngine):
            self.engine.get_ready()

    def rest(self) -> None:
        """Tell whoever wants to know that things have come to rest."""
        for hear in self.at_rest:
            hear()

    # --- the record -----------------------------------------------------------------------------------------------

    def read(self, question: Callable[[float], T]) -> T:
        """The answer of `question(now)`, asked where the nodes live, of a closed testbed too.

        What a node raised is raised here; a view that only looks on takes `net.peek`.
        """
        return self.net.peek(question) if self.closed else self.net.ask(question)

    def flow(self, last: int = RING) -> Flow:
        """The last messages of the record, oldest first."""
        trace = self.trace
        rows = self.net.peek(lambda _: list(islice(reversed(trace.datagrams), last)))
        return Flow.of_datagrams(reversed(rows), trace.names, trace.marks)

    def clear(self) -> None:
        """Forget the record and begin a new one, at 0 s; numbering goes on."""
        self.net.ask(self.trace.clear)
