"""Our own proxy as an engine: a node on the testbed's network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from operator import itemgetter

from labsip.dialects.python import Patience, Python
from labsip.engine.protocol import Site
from labsip.net.clock import monotonic
from labsip.proxy.dialect import Source
from labsip.proxy.fault import RouteError
from labsip.proxy.happenings import run_start
from labsip.proxy.inquiry import answer
from labsip.proxy.rpc import Value
from labsip.proxy.script import Routes
from labsip.proxy.settings import Settings
from labsip.sip.transport import Address
from labsip.trace import PROXY
from labsip.vocabulary import build_proxy, location, rows, settings_of


class OwnProxy:
    """labsip's proxy. `proxy` is the node itself, for whoever wants to see more of it than an engine shows."""

    def __init__(self, site: Site, routes: Routes) -> None:
        self._site = site
        self._net = site.net
        self.proxy = build_proxy(
            routes,
            [site.address],
            ids=site.ids,
            trace=site.net.trace,
            settings=self._settings_for(routes),
            exports=site.exports,
            dialect=Python(Patience(monotonic)),
        )
        site.net.attach(self.proxy, PROXY)

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self._site.address

    @property
    def settings(self) -> Settings:
        """The parameters it runs with."""
        return self.proxy.settings

    def run(self, routes: Routes) -> None:
        """Run these blocks from the next message on, with their settings."""
        if routes is not self.proxy.routes:
            self.proxy.routes, self.proxy.settings = routes, self._settings_for(routes)
            self._net.ask(partial(run_start, self.proxy))

    def restart(self) -> None:
        """Empty its tables and end its transactions; the routes stay, and begin anew."""
        self._net.ask(self.proxy.restart)
        self._net.ask(partial(run_start, self.proxy))

    def location(self, table: str = "location") -> Sequence[Mapping[str, object]]:
        """A row a contact, with the fields of `kamcmd ul.dump`."""
        return self._net.peek(lambda now: location(self.proxy, now, table))

    def rows(self, table: str) -> Sequence[Mapping[str, object]]:
        """What a module keeps, a row each: `vocabulary.TABLES`."""
        return self._net.peek(lambda now: rows(self.proxy, now, table))

    def rpc(self, name: str, arguments: Sequence[Value]) -> Sequence[Value]:
        """What a command of Kamailio's RPC answers. Raises RpcFault."""
        return self._net.ask(lambda now: answer(self.proxy, now, name, arguments, who="the lab"))

    def source(self, label: str) -> Source:
        """The text of a block."""
        return self.proxy.source(label)

    @property
    def errors(self) -> Sequence[RouteError]:
        """Routes that raised, oldest first; the last hundred."""
        return list(self.proxy.errors)

    @property
    def stats(self) -> Mapping[str, int]:
        """What it dropped or refused by itself, and how often; `proxy.limits` has the names."""
        return dict(self.proxy.stats)

    @property
    def log(self) -> Sequence[tuple[float, str]]:
        """What routes printed with xlog, and the proxy's own plain words about what went wrong."""
        trace = self._net.trace
        lines = self._net.peek(lambda _: [*trace.notes, *((one.t, one.text) for one in trace.commands if one.text)])
        return sorted(lines, key=itemgetter(0))

    @property
    def held(self) -> Mapping[str, int]:
        """What its modules keep at the moment."""
        return self._net.peek(lambda _: self.proxy.held)

    def close(self) -> None:
        """Its modules write what is to outlive it; the node ends with its network."""
        self._net.ask(self.proxy.end)

    def _settings_for(self, routes: Routes) -> Settings:
        return settings_of(routes, self._site.exports, **self._site.settings)
