"""A party on the network that is a process of its own, with its own socket; somebody here knows what it sends."""

from __future__ import annotations

from typing import Protocol

from labsip.sip.transport import Address, Datagram


class Outsider(Protocol):
    """Asked where the nodes live."""

    address: Address

    def row(self, datagram: Datagram, now: float) -> int | None:
        """The row of a datagram that came from it; it is recorded now if it was not before."""

    @property
    def quiet(self) -> bool:
        """Whether it has dealt with all that was sent to it; if that is not known, it is found out meanwhile."""
