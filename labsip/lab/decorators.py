"""The route file of a lab: blocks set one by one with decorators, each in force as soon as its cell has run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from labsip.dialects.python import check_block
from labsip.proxy.exports import Exports
from labsip.proxy.script import Route, Routes
from labsip.sip.errors import LabError

R = TypeVar("R", bound=Route)


class Script:
    """What a lab's proxy runs. A block that replaces another does so for the next message."""

    def __init__(self, routes: Routes, exports: Exports) -> None:
        self._routes = routes
        self._exports = exports

    def request_route(self, route: R | None = None) -> R:
        """Decorator: run this function for every request that comes in, as kamailio.cfg's `request_route`.

        Raises LabError if it names a command that does not exist, or takes no argument.
        """
        self._routes.request_route = block = check_block(route, "request_route", self._exports)
        return block

    def route(self, name: str = "") -> Callable[[R], R]:
        """Decorator: a block of that name, run by `ksr.route(name)`: kamailio.cfg's `route[name]`."""
        return _named(self._routes.routes, "route", name, self._exports)

    def failure_route(self, name: str = "") -> Callable[[R], R]:
        """Decorator: a block that `ksr.t_on_failure(name)` asks for."""
        return _named(self._routes.failure_routes, "failure_route", name, self._exports)

    def branch_route(self, name: str = "") -> Callable[[R], R]:
        """Decorator: a block that `ksr.t_on_branch(name)` asks for."""
        return _named(self._routes.branch_routes, "branch_route", name, self._exports)

    def onreply_route(self, name: str = "") -> Callable[[R], R]:
        """Decorator: a block that `ksr.t_on_reply(name)` asks for; without a name, one that sees every response."""
        if callable(name):
            self._routes.onreply_route = check_block(name, "onreply_route", self._exports)
            return name
        return _named(self._routes.onreply_routes, "onreply_route", name, self._exports)


def _named(blocks: dict[str, Route], kind: str, name: str, exports: Exports) -> Callable[[R], R]:
    if not isinstance(name, str) or not name:
        raise LabError(f'a{"n" * (kind[0] == "o")} {kind} needs a name: write @lab.{kind}("NAME") above the function')

    def keep(route: R) -> R:
        blocks[name] = check_block(route, kind, exports)
        return route

    return keep
