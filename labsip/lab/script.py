"""The route file of a lab: blocks set one by one with decorators, each in force as soon as its cell has run."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TypeVar

from labsip.proxy.exports import Exports
from labsip.proxy.script import Route, Routes
from labsip.sip.errors import LabError
from labsip.vocabulary import check_commands

R = TypeVar("R", bound=Route)


class Script:
    """What a lab's proxy runs. A block that replaces another does so for the next message."""

    def __init__(self, routes: Routes, exports: Exports) -> None:
        self._routes = routes
        self._exports = exports

    def request_route(self, route: R | None = None) -> R:
        """Decorator: run this function for every request that comes in, as kamailio.cfg's `request_route`.

        Raises LabError if it says a command that does not exist, or takes no argument.
        """
        self._routes.request_route = block = checked_block(route, "request_route", self._exports)
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
            self._routes.onreply_route = checked_block(name, "onreply_route", self._exports)
            return name
        return _named(self._routes.onreply_routes, "onreply_route", name, self._exports)


def _named(blocks: dict[str, Route], kind: str, name: str, exports: Exports) -> Callable[[R], R]:
    if not isinstance(name, str) or not name:
        raise LabError(f'a{"n" * (kind[0] == "o")} {kind} needs a name: write @lab.{kind}("NAME") above the function')

    def keep(route: R) -> R:
        blocks[name] = checked_block(route, kind, exports)
        return route

    return keep


def checked_block(route: R | None, kind: str, exports: Exports) -> R:
    """A function that can be such a block. Raises LabError for what can't, or says a command that does not exist."""
    if not callable(route):
        raise LabError(f"@lab.{kind} goes above a function: def {kind}(ksr)")
    name = getattr(route, "__name__", kind)
    try:
        inspect.signature(route).bind(None)
    except (TypeError, ValueError):
        raise LabError(f"a {kind} is handed one thing, the message: write def {name}(ksr)") from None
    if inspect.iscoroutinefunction(route) or inspect.isgeneratorfunction(route) or inspect.isasyncgenfunction(route):
        raise LabError(f"a {kind} does its work when it is called: write def {name}(ksr), without async and yield")
    check_commands(route, exports)
    return route


def copy_of(routes: Routes) -> Routes:
    """The same blocks, in a file of its own: a block set in one is not in the other."""
    return Routes(
        routes.request_route,
        dict(routes.routes),
        routes.onreply_route,
        dict(routes.onreply_routes),
        dict(routes.failure_routes),
        dict(routes.branch_routes),
        routes.settings,
    )
