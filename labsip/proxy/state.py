"""What a module keeps in one proxy, and where it hooks into a message's journey."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labsip.sip.transport import Datagram

if TYPE_CHECKING:
    from labsip.proxy.receive import Proxy
    from labsip.proxy.turn import Turn


class State:
    """A module's state in one proxy. What it does besides serving its commands are hooks; its EXPORTS name them."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy

    def before_request(self, turn: Turn) -> bool:  # noqa: ARG002
        """Called before the script; True swallows the request."""
        return False

    def after_request(self, turn: Turn) -> None:
        """Called after the script."""

    def on_response(self, turn: Turn) -> bool:  # noqa: ARG002
        """Called for each response; True: it was ours, and is done with."""
        return False

    def on_error(self, turn: Turn, status: int, reason: str) -> bool:  # noqa: ARG002
        """The request can't be processed; True: answered with that status."""
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

    def held(self) -> dict[str, int]:
        """What it keeps at the moment, by name and how many; all of it goes with time."""
        return {}
