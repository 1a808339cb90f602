"""What a testbed asks of whoever routes on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol, runtime_checkable

from labsip.net.network import Network
from labsip.proxy.dialect import Source
from labsip.proxy.exports import Exports
from labsip.proxy.fault import RouteError
from labsip.proxy.rpc import Value
from labsip.proxy.script import Routes
from labsip.proxy.settings import Settings
from labsip.sip.transport import Address


@dataclass(frozen=True)
class Site:
    """Where an engine is put, and what it finds there."""

    net: Network
    address: Address
    """Reserved for it on the network."""
    exports: Exports
    """The commands that routes may run."""
    ids: Random
    """Makes its branches, tags and record ids: the same in every run with the same seed."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Parameters by name, which go before those of the routes."""


class Engine(Protocol):
    """A proxy that runs routes. Its methods may be called from any thread, and while a view looks on."""

    @property
    def address(self) -> Address:
        """Where it listens."""

    @property
    def settings(self) -> Settings:
        """The parameters it runs with: the site's, else the routes' own, else the defaults."""

    def run(self, routes: Routes) -> None:
        """Run these blocks from the next message on, and no others, with their settings.

        Called again with the same object when a block of it was replaced.
        """

    def restart(self) -> None:
        """As if its process had been started again: tables and transactions are gone, the routes stay."""

    def location(self, table: str = "location") -> Sequence[Mapping[str, object]]:
        """A row a contact, with the fields of `kamcmd ul.dump`: `flow.tables.LOCATION` has them."""

    def rows(self, table: str) -> Sequence[Mapping[str, object]]:
        """What a module keeps, a row each: "acc" what calls came of, "dialogs" those that dlg_manage looks after."""

    def rpc(self, name: str, arguments: Sequence[Value]) -> Sequence[Value]:
        """What a command of Kamailio's RPC answers, as `ul.dump`. Raises RpcFault; LabError if nobody answers."""

    def source(self, label: str) -> Source:
        """The text of the block of that label, as in `failure_route[BUSY]`; without lines if it can't be had."""

    @property
    def errors(self) -> Sequence[RouteError]:
        """Routes that raised, oldest first."""

    @property
    def stats(self) -> Mapping[str, int]:
        """What it dropped or refused by itself, and how often."""

    @property
    def log(self) -> Sequence[tuple[float, str]]:
        """What its routes printed and what it says itself, in order: seconds since the record began, and a line."""

    @property
    def held(self) -> Mapping[str, int]:
        """What it keeps at the moment, by name and how many: transactions, timers, contacts; 0 at rest."""

    def close(self) -> None:
        """End it; the network closes after it. May be called twice."""


@runtime_checkable
class TextEngine(Protocol):
    """An engine that reads a learner's text itself, and knows best what is wrong with it."""

    def cfg(self, source: str | Path, defines: Mapping[str, str | None]) -> Routes:
        """What `run` takes, of a kamailio.cfg: a text, or the path of a file. Raises LabError."""

    def kemi(self, path: str | Path) -> Routes:
        """The same of a KEMI script. Raises LabError."""

    @property
    def no_steps(self) -> str:
        """Why nobody knows which commands ran, in a sentence; "" if it is known."""

    def get_ready(self) -> None:
        """Called before somebody sends something: start what has to be started. Raises LabError."""


Build = Callable[[Site, Routes], Engine]
"""Makes an engine; a class that takes these two is one."""
