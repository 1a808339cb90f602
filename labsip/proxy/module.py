"""What a module of the proxy may hook into."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from labsip.sip.transport import Datagram

if TYPE_CHECKING:
    from labsip.proxy.receive import Proxy
    from labsip.proxy.route import Routing


class Module:
    """A module's state in one proxy, and where it hooks into the journey."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy

    def before_request(self, ksr: Routing) -> bool:  # noqa: ARG002
        """Called before the script; True swallows the request."""
        return False

    def after_request(self, ksr: Routing) -> None:
        """Called after the script."""

    def on_response(self, ksr: Routing) -> bool:  # noqa: ARG002
        """Called for each response; True: it was ours, and is done with."""
        return False

    def on_error(self, ksr: Routing, status: int, reason: str) -> bool:  # noqa: ARG002
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


HOOKS = ("before_request", "after_request", "on_response", "wake", "next_wake")
"""The hooks that are asked for each message."""


def hooked(modules: Iterable[Module], hook: str) -> list[Module]:
    """Those of the modules that do something there."""
    return [module for module in modules if getattr(type(module), hook) is not getattr(Module, hook)]
