"""What somebody adds from outside the package, through public names alone: a command, a module, a transport,
an engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import pytest

from labsip import STEPS, Ksr, Lab, Module, Request, Turn, command, parse_message
from labsip.engine import Site
from labsip.engine.protocol import Build
from labsip.net import sockets
from labsip.net.carrier import Ends, Enter
from labsip.net.sockets import SocketNet
from labsip.proxy.dialect import Source
from labsip.proxy.exports import Variable
from labsip.proxy.fault import RouteError
from labsip.proxy.receive import Proxy
from labsip.proxy.script import REQUEST, Routes
from labsip.proxy.settings import Settings
from labsip.proxy.turn import ModuleState
from labsip.sip.build import build_request, build_response
from labsip.sip.transport import TRANSPORTS, Address, Datagram, Transport
from labsip.vocabulary import build_proxy

# --- a command ----------------------------------------------------------------------------------------------------


@command(REQUEST, returns=bool)
def is_number(turn: Turn, /, least: int = 3) -> int:
    """Is the user of the Request-URI a number of at least so many digits? 1 yes · -1 no."""
    user = turn.uri.partition(":")[2].partition("@")[0]
    return 1 if user.isdigit() and len(user) >= least else -1


def test_a_command() -> None:
    with Lab(net="memory", modules=[is_number]) as lab:

        @lab.request_route
        def request_route(ksr: Ksr) -> None:
            ksr.sl_reply(200 if ksr.is_number(4) else 404)

        phone = lab.phone("106")
        assert phone.message("0612", "hi").flow.status.max() == 200
        assert phone.message("108", "hi").flow.status.max() == 404
        assert lab.steps().command.str.startswith("is_number(4)").any()


# --- a module -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QuotaParameters:
    """Parameters of quota."""

    most: int = 10
    """Requests of one address that are served."""
    period: float = 60.0
    """For how long they are counted, in seconds."""


class Quota(ModuleState):
    """How many requests came from where."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.counts: dict[str, int] = {}
        self.began = 0.0

    @property
    def parameters(self) -> QuotaParameters:
        return self.proxy.settings.of(QuotaParameters)

    def before_request(self, turn: Turn) -> bool:
        """Count it; it goes on."""
        host = turn.datagram.src.host
        self.counts[host] = self.counts.get(host, 0) + 1
        return False

    def wake(self, now: float) -> list[Datagram]:
        """Begin to count anew."""
        due = self.next_wake()
        if due is not None and due <= now:
            self.counts.clear()
            self.began = now
        return []

    def next_wake(self) -> float | None:
        """At the end of the period, if there is anything to forget."""
        return self.began + self.parameters.period if self.counts else None

    def held(self) -> dict[str, int]:
        """Addresses counted."""
        return {"quota": len(self.counts)}


@command(REQUEST, returns=bool)
def over_quota(turn: Turn, /) -> int:
    """Have there been more than `most` from there? 1 yes · -1 no."""
    quota = turn.module(Quota)
    return 1 if quota.counts[turn.datagram.src.host] > quota.parameters.most else -1


QUOTA = Module(
    "quota",
    commands=(over_quota,),
    variables={
        "$quota": Variable("requests from there", lambda turn: turn.module(Quota).counts[turn.datagram.src.host])
    },
    parameters=QuotaParameters,
    state=Quota,
    hooks=(Quota.before_request, Quota.wake, Quota.next_wake, Quota.held),
)


def quota(ksr: Ksr) -> None:
    ksr.xlog("$quota so far")
    ksr.sl_reply(503 if ksr.over_quota() else 200)


def test_a_module_with_a_state_and_parameters() -> None:
    with Lab(net="memory", modules=[QUOTA], most=1, period="30") as lab:
        lab.run(quota)
        phone = lab.phone("106")
        assert [phone.message("108", "hi").flow.status.max() for _ in range(2)] == [200, 503]
        assert [text for text in lab.steps().text if text] == ["1 so far", "2 so far"]
        lab.wait(60)
        assert phone.message("108", "hi").flow.status.max() == 200


# --- a transport --------------------------------------------------------------------------------------------------


class Pigeons:
    """Carries messages within this network, and does so at once."""

    due = inf
    quiet = True

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self.held: dict[str, int] = {}

    def open(self, address: Address) -> Address:
        return address

    def listen(self, address: Address) -> None: ...

    def shut(self, address: Address) -> None: ...

    def drain(self) -> bool:
        return True

    def send(self, datagram: Datagram, enter: Enter) -> None:
        row = enter(False)
        self._ends.loop.call_soon(self._ends.came, datagram, row, True)


class Asker:
    """A node that asks once."""

    def __init__(self, address: Address) -> None:
        self.addresses = (address,)
        self.heard: list[bytes] = []

    def asks(self, proxy: Address, now: float) -> list[Datagram]:  # noqa: ARG002
        (own,) = self.addresses
        lines = [("Via", f"SIP/2.0/{own.transport.via} {own.sent_by};branch=z9hG4bK1"), ("From", "<sip:a@x>;tag=1")]
        lines += [("To", "<sip:b@x>"), ("Call-ID", "1"), ("CSeq", "1 INVITE"), ("Max-Forwards", "70")]
        request = build_request("INVITE", f"sip:b@{proxy};transport={proxy.proto}", lines)
        return [Datagram(request.raw, own, proxy)]

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:  # noqa: ARG002
        self.heard.append(datagram.data)
        return []

    def wake(self, now: float) -> list[Datagram]:  # noqa: ARG002
        return []

    def next_wake(self) -> float | None:
        return None


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[SocketNet]:
    carriers: dict[str, Callable[[Ends], object]] = sockets.CARRIERS
    monkeypatch.setitem(TRANSPORTS, "rfc1149", Transport(port=1149, via="RFC1149"))
    monkeypatch.setitem(carriers, "rfc1149", Pigeons)
    with SocketNet() as network:
        yield network


def test_a_transport(network: SocketNet) -> None:
    ours, theirs = Address.parse("rfc1149:127.0.0.1"), Address.parse("rfc1149:127.0.0.2")
    asker = Asker(theirs)
    network.attach(build_proxy(STEPS["stub480"], [ours], trace=network.trace), "proxy")
    network.attach(asker, "106")
    network.do(lambda now: asker.asks(ours, now))
    assert network.wait(lambda: bool(asker.heard), 30)
    assert asker.heard[0].startswith(b"SIP/2.0 480 Temporarily Unavailable\r\nVia: SIP/2.0/RFC1149 127.0.0.2:1149;")
    assert [row.proto for row in network.trace.datagrams] == ["rfc1149", "rfc1149"]


# --- an engine ----------------------------------------------------------------------------------------------------


class Operator:
    """An engine that runs no route: it answers every request 200, and remembers who asked."""

    def __init__(self, site: Site, routes: Routes) -> None:
        self.address = site.address
        self.addresses = (site.address,)
        self.settings = Settings()
        self.errors: Sequence[RouteError] = ()
        self.stats: Mapping[str, int] = {"requests": 0}
        self.held: Mapping[str, int] = {}
        self.log: Sequence[tuple[float, str]] = ()
        self.routes = [routes]
        site.net.attach(self, "proxy")

    def run(self, routes: Routes) -> None:
        self.routes.append(routes)

    def restart(self) -> None:
        self.log = (*self.log, (0.0, "good morning"))

    def location(self, table: str = "location") -> Sequence[Mapping[str, object]]:  # noqa: ARG002
        return []

    def rows(self, table: str) -> Sequence[Mapping[str, object]]:  # noqa: ARG002
        return []

    def source(self, label: str) -> Source:  # noqa: ARG002
        return Source()

    def close(self) -> None: ...

    # --- the node ---

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:  # noqa: ARG002
        request = parse_message(datagram.data)
        if not isinstance(request, Request) or request.method == "ACK":
            return []
        self.stats = {"requests": self.stats["requests"] + 1}
        return [Datagram(build_response(request, 200, "OK", to_tag="operator").raw, self.address, datagram.src)]

    def wake(self, now: float) -> list[Datagram]:  # noqa: ARG002
        return []

    def next_wake(self) -> float | None:
        return None


def test_an_engine() -> None:
    made: Build = Operator
    with Lab(seed=1, net="memory", step="cancel", engine=made) as lab:
        assert repr(lab.phone("106").register()) == "<REGISTER 106: 200 OK>"
        lab.restart()
        assert lab.log["text"].tolist() == ["good morning"]
        assert lab.stats.to_numpy().tolist() == [["requests", 1]]
        assert lab.location.empty
        assert lab.flow["dst"].tolist() == ["proxy", "106"]
        lab.panel()
