"""What kamailio.cfg sets: the core's parameters, and those of modules, each module's in a class of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from labsip.proxy.policy import KAMAILIO, Policy

MiB = 1024 * 1024
P = TypeVar("P")


@dataclass(frozen=True, eq=False)  # each is its own: what depends on them is looked up thousands of times a second
class Settings:
    """The parameters of one proxy. Times in seconds, sizes in bytes."""

    domains: tuple[str, ...] = ()
    """Host names that mean this proxy, besides its own addresses (`alias` in kamailio.cfg)."""
    server: str = "labsip"
    """The Server header of responses made here."""
    udp_mtu: int = 0
    """A request of more bytes goes by `udp_mtu_try_proto`, if the proxy listens on that (§18.1.1); 0: never (core)."""
    udp_mtu_try_proto: str = "udp"
    """`tcp` or `tls` (core)."""
    debug: int = 3
    """How much routes log: lines of xlog up to this level, L_ERR is -1, L_INFO 2, L_DBG 3 (core)."""
    max_message: int = 65_535
    """Bytes of a message; a larger request is answered 513, as one beyond the next two."""
    max_headers: int = 2000
    """Header lines of a message (the runaway loop of lesson 3 makes some 800)."""
    max_line: int = 65_535
    """Bytes of a header line."""
    max_unanswered: int = 0
    """Requests and their repeats sent in 64*T1 by UDP to a host that has not answered any yet, and where no REGISTER
    came from: whoever wrote it into a Contact need not be there. 0: no limit."""
    retry_after: int = 5
    """What Retry-After of that 503 says, in seconds."""
    shares: bool = False
    """That memory is counted as it is, and shared among those who send (`proxy.shares`): a request inside a call is
    served though nothing is left. Else it is counted as Kamailio's, and goes to whoever comes first."""
    policy: Policy = KAMAILIO
    """What it does where Kamailio and the RFCs differ; docs/rfc-differences.md has each choice."""
    max_lines: int = 0
    """Lines a block of the script may take for one message; one beyond that is stopped, its request answered 500. Only
    a lab looks: 100,000 unless told otherwise. 0: no limit. (Kamailio's `max_while_loops` is of that kind.)"""
    max_route_time: float = 0.0
    """Seconds it may take; a lab has 1. One line counts for a tenth of it at most."""
    onsend_route_reply: bool = False
    """Whether the onsend_route sees responses that are passed on, too (core)."""
    max_while_loops: int = 100
    """Rounds of a `while` in a kamailio.cfg; the loop ends then, and the script goes on (core)."""
    max_recursive_level: int = 256
    """Blocks and routes within each other; one beyond is not run, -1 (core)."""
    own: Mapping[str, int | str] = field(default_factory=dict)
    """The script's own settings, by group.name: `$sel(cfg_get.group.name)`."""
    defines: Mapping[str, str] = field(default_factory=dict)
    """The defines of a kamailio.cfg: `$def(NAME)`."""
    modules: dict[type, Any] = field(default_factory=dict)
    """The parameters of modules, by the class of each."""

    def of(self, kind: type[P]) -> P:
        """The parameters of a module: an object of the class its EXPORTS names."""
        try:
            found: P = self.modules[kind]
        except KeyError:
            found = self.modules[kind] = kind()
        return found
