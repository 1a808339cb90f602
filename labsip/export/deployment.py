"""How many machines there are, at which addresses, and where registrations outlive them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from secrets import token_urlsafe

from labsip.sip.errors import LabError

SHARED = "192.0.2.10"
"""The shared address unless told otherwise: one that RFC 5737 keeps for documents."""
MOST_NODES = 9
SERVER = "192.0.2.20"
"""Where a database server is unless told otherwise."""
DATABASES: Mapping[str, str] = {"none": "", "sqlite": "db_sqlite", "mysql": "db_mysql", "postgres": "db_postgres"}
"""The module that reads each."""
IMAGE = "localhost/kamailio-lab:5.6"


@dataclass(frozen=True)
class Deployment:
    """Where everything is. Raises LabError for addresses that are none, or twice the same."""

    hosts: tuple[str, ...]
    """The nodes' addresses; one alone is the shared one."""
    shared: str = SHARED
    database: str = "none"
    server: str = SERVER
    password: str = field(default_factory=lambda: token_urlsafe(18))
    """Of the database's user kamailio."""
    nonces: str = field(default_factory=lambda: token_urlsafe(24))
    """What the nodes sign nonces with, so that each takes those of the others."""

    def __post_init__(self) -> None:
        everyone = [self.shared, *(self.hosts if len(self.hosts) > 1 else ())]
        for host in everyone:
            _check(host)
        if len({*everyone}) < len(everyone):
            raise LabError("two of the addresses are the same; the shared address and each node need one of their own")

    @classmethod
    def of(cls, count: int, shared: str = SHARED, nodes: tuple[str, ...] = (), database: str = "none") -> Deployment:
        """So many nodes, at the addresses behind the shared one unless they are named."""
        if nodes and len(nodes) != count:
            raise LabError(f"{count} nodes need {count} addresses, not {len(nodes)}; give --node HOST for each")
        if count == 1:
            return cls((shared,), shared, database)
        _check(shared)
        try:
            behind = tuple(str(IPv4Address(shared) + number) for number in range(1, count + 1))
        except ValueError:
            raise LabError(f"there are no {count} addresses behind {shared}; give --node HOST for each") from None
        return cls(nodes or behind, shared, database)

    @property
    def has_front(self) -> bool:
        """Whether a dispatcher stands before several nodes."""
        return len(self.hosts) > 1

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes' names."""
        return tuple(f"node{number}" for number in range(1, len(self.hosts) + 1))

    @property
    def driver(self) -> str:
        """The module of the database, "" without one."""
        return DATABASES[self.database]

    @property
    def location_url(self) -> str:
        """Where a node keeps its own copy of the location table; `NODE_NAME` is filled in by its cfg."""
        if self.database == "sqlite":
            return "sqlite:////var/lib/kamailio/NODE_NAME.sqlite"
        return f"{self.database}://kamailio:{self.password}@{self.server}/kamailio_NODE_NAME"


def _check(host: str) -> None:
    try:
        IPv4Address(host)
    except ValueError:
        raise LabError(f"{host} is no IPv4 address; write one of a machine, as in 192.0.2.10") from None
