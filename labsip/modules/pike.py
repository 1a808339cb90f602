"""pike: addresses that send too much (Kamailio's module of that name).

Hits are counted in a tree of the bytes of addresses, as Kamailio does: a byte more is looked at only once the bytes
before it are hit often, so that an address that seldom sends costs nothing, and a neighbour of a flood is watched more
closely.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address

from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import RpcFault, Value, rpc
from labsip.proxy.script import ONREPLY, REQUEST
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import LabError


@dataclass(frozen=True)
class PikeParameters:
    """Parameters of pike."""

    sampling_time_unit: float = 2.0
    """For how long requests of an address are counted (pike)."""
    reqs_density_per_unit: int = 30
    """How many of them are too many (pike)."""
    remove_latency: float = 120.0
    """How long an address is remembered that sends nothing (pike)."""


OK, BLOCKED, NEWLY_BLOCKED = 1, -1, -2
MOST = 20_000
"""Nodes of the tree: 5000 IPv4 addresses, or more with bytes in common. Beyond it no other address is watched."""


@dataclass(slots=True)
class Hits:
    """How often, in the sampling unit before and in this one."""

    before: int = 0
    now: int = 0

    def reach(self, most: int) -> bool:
        """Whether it is too often: in one of the two units, or on average."""
        return max(self.before, self.now, (self.before + self.now) // 2) >= most

    def next_unit(self) -> None:
        """Another sampling unit begins."""
        self.before, self.now = self.now, 0


@dataclass(slots=True)
class Prefix:
    """The first bytes of addresses, or a whole one."""

    hits: Hits = field(default_factory=Hits)
    """By addresses that begin so and are not looked at more closely yet."""
    own: Hits = field(default_factory=Hits)
    """By the address that is no longer than this."""
    whole: bool = False
    """It is an address."""
    red: bool = False
    """And blocked."""
    kids: int = 0
    expires_at: float | None = None
    """When it is forgotten; None while there are nodes below it."""


class Pike(ModuleState):
    """The tree of one proxy: a node for each beginning of addresses that is watched."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        if min(proxy.settings.of(PikeParameters).sampling_time_unit, self.most, self.latency) <= 0:
            raise LabError("sampling_time_unit, reqs_density_per_unit and remove_latency must be more than 0")
        self.nodes: dict[bytes, Prefix] = {}
        self._units = 0.0
        """How many sampling units have begun."""

    @property
    def most(self) -> int:
        """How many requests of a sampling unit are too many."""
        return self.proxy.settings.of(PikeParameters).reqs_density_per_unit

    @property
    def latency(self) -> float:
        """For how long an address that sends nothing is remembered (seconds)."""
        return self.proxy.settings.of(PikeParameters).remove_latency

    def hit(self, host: str, now: float) -> int:
        """One more request from an address; what pike_check_req returns."""
        self._catch_up(now)
        address = ip_address(host).packed
        known = next((size for size in range(len(address)) if address[: size + 1] not in self.nodes), len(address))
        if known == len(address):
            return self._hit_whole(address, host, now)
        if known == 0:
            self._add(address[:1], 1, now)
            return OK
        node = self.nodes[address[:known]]
        node.hits.now += 1
        if node.hits.reach(self.most >> 2):
            if self._add(address[: known + 1], node.hits.now - 1, now):
                node.kids += 1
                node.expires_at = node.expires_at if node.whole else None
        elif (node.whole or not node.kids) and node.hits.now >= self.most >> 2:
            node.expires_at = now + self.latency
        return OK

    def _hit_whole(self, address: bytes, host: str, now: float) -> int:
        node = self.nodes[address]
        node.whole, node.expires_at = True, now + self.latency
        node.own.now += 1
        if node.red:
            return BLOCKED
        if not node.own.reach(self.most):
            return OK
        node.red = True
        self.proxy.trace.note(now, f"pike: {host} sends too much, blocked")
        return NEWLY_BLOCKED

    def _add(self, beginning: bytes, hits: int, now: float) -> bool:
        """Watch addresses that begin so; False if there is no room."""
        if len(self.nodes) >= MOST:
            return False
        self.nodes[beginning] = Prefix(Hits(now=hits), expires_at=now + self.latency)
        return True

    def _catch_up(self, now: float) -> None:
        """Let the sampling units that are over be over, and forget addresses that sent nothing for long."""
        units = now // self.proxy.settings.of(PikeParameters).sampling_time_unit
        if units == self._units:
            return
        for beginning, node in self.nodes.items():
            for _ in range(2 if units > self._units + 1 else 1):
                node.hits.next_unit()
                node.own.next_unit()
            if node.red and not node.own.reach(self.most):
                node.red = False
                self.proxy.trace.note(now, f"pike: {ip_address(beginning)} may send again")
        self._units = units
        for beginning in [
            b for b, node in self.nodes.items() if node.expires_at is not None and node.expires_at <= now
        ]:
            self._forget(beginning, now)

    def _forget(self, beginning: bytes, now: float) -> None:
        node, parent = self.nodes[beginning], self.nodes.get(beginning[:-1])
        if node.kids:  # an IPv4 address that IPv6 addresses begin with
            node.whole, node.own.now, node.expires_at = False, 0, None
            return
        del self.nodes[beginning]
        if parent is not None:
            parent.kids -= 1
            if not parent.kids and not parent.whole:
                parent.expires_at = now + self.latency


@command(REQUEST, ONREPLY)
def pike_check_req(turn: Turn, /) -> int:
    """Count the address the request came from; does it send too much?

    1 no · -2 yes, since now · -1 yes, as before. It is too much from reqs_density_per_unit requests in a
    sampling_time_unit on, up to three times as many for an address that has not been watched yet (IPv6: nine times);
    it is over when a whole unit had fewer.   Kamailio: pike/pike_funcs.c
    """
    return turn.module(Pike).hit(turn.datagram.src.host, turn.now)


LISTED = ("ALL", "HOT", "WARM")
"""What pike.list may be asked for."""


@rpc("pike.list")
def pike_list(proxy: Proxy, now: float, which: str = "HOT") -> Value:
    """The addresses that are watched.

    ALL, HOT (blocked), or WARM (watched, and not blocked).
    """
    if which not in LISTED:
        raise RpcFault(500, "Bad argument. Select: ALL, HOT or WARM")
    pike = proxy.module(Pike)
    rows: list[Value] = []
    for beginning, node in pike.nodes.items():
        status = "HOT" if node.red else "WARM"
        if node.whole and which in ("ALL", status):
            left = 0 if node.expires_at is None else round(node.expires_at - now)
            hits = {"leaf_hits_prev": node.own.before, "leaf_hits_curr": node.own.now}
            rows.append({"ip_addr": str(ip_address(beginning)), **hits, "expires": left, "status": status})
    return {"max_hits": pike.most, "list": rows, "number_of_rows": len(rows)}


def statistics(proxy: Proxy, _: float) -> dict[str, int]:
    """How many addresses are blocked."""
    return {"blocked_ips": sum(node.red for node in proxy.module(Pike).nodes.values())}


EXPORTS = Module(
    "pike",
    commands=(pike_check_req,),
    parameters=PikeParameters,
    state=Pike,
    rpcs=(pike_list,),
    statistics=statistics,
)
