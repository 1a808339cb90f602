"""A carrier takes messages over one kind of transport: what it must be able to do, and what its network gives it.

Datagrams over UDP are one (`udp`), streams over TCP another (`stream`); TLS wraps a stream, WebSocket frames it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from labsip.net.connection import Limits
from labsip.net.tls import Tls
from labsip.sip.transport import Address, Datagram

GRACE = 0.25
"""Seconds a message between two nodes may take before timers go on without it, and a datagram counts as lost."""

Enter = Callable[[bool], int | None]
"""Enters a message into the trace once it is known to leave, lost (True) or not; gives its row, None if unrecorded."""


@dataclass(frozen=True)
class Ends:
    """A network, as its carriers know it. All of it runs in the loop's thread."""

    loop: asyncio.AbstractEventLoop
    limits: Limits
    """Of connections."""
    tls: Tls | None
    now: Callable[[], float]
    """Seconds since the network began."""
    came: Callable[[Datagram, int | None, bool], None]
    """A message came; if a node of this network sent it (the bool), it has its row already."""
    failed: Callable[[Datagram, int | None, OSError], None]
    """A message that was sent will not be read: its sender hears of it."""
    lose: Callable[[int | None], None]
    """The message of that row will not arrive, and nobody hears of it."""
    note: Callable[[str], None]
    """Something to note, in a sentence."""
    turned: Callable[[], None]
    """A carrier's turn is over: timers and whoever waits may have theirs."""
    served: Callable[[Address], bool]
    """Whether a node of this network has that address."""
    http: Callable[[Address], bool]
    """Whether the node of that address takes HTTP, too."""
    gone: Callable[[Address], bool]
    """Whether a node had that address, and is there no longer."""


class Carrier(Protocol):
    """Takes messages over its transports. `sockets.CARRIERS` says which transport has which."""

    def open(self, address: Address) -> Address:
        """Take an address; port 0 lets the system choose. Returns what it is. Raises LabError."""

    def listen(self, address: Address) -> None:
        """From now on there is a node to take what comes to an open address."""

    def send(self, datagram: Datagram, enter: Enter) -> None:
        """Send a message. Raises OSError if that fails at once."""

    def shut(self, address: Address) -> None:
        """Give an address back; what is on its way there is lost."""

    def drain(self) -> bool:
        """Handle what has arrived; False if a message between nodes here is still worth waiting for."""

    @property
    def due(self) -> float:
        """Until when timers wait for a message between nodes here; inf if there is none to wait for."""

    @property
    def quiet(self) -> bool:
        """Whether no message is on its way between nodes here."""

    @property
    def held(self) -> dict[str, int]:
        """How much it keeps at the moment, by name."""
