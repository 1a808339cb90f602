"""A route to translate: its blocks as text, and the parameters that go with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from labsip.dialects.translation.route_function import RouteFunction, function_of
from labsip.proxy.script import Kind, Routes

ORDER = (Kind.REQUEST, "route", Kind.BRANCH, Kind.ONREPLY, Kind.FAILURE, Kind.ONSEND, Kind.EVENT)


@dataclass(frozen=True)
class RouteScript:
    """What is translated."""

    blocks: tuple[tuple[str, str, RouteFunction], ...]
    """Kind, name ("" for the main one) and function of each, the request_route first."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """By the names `Lab(...)` has."""

    def functions(self) -> tuple[RouteFunction, ...]:
        """The blocks' functions, and those that they call with the handle, each once."""
        found: dict[RouteFunction, None] = {}
        waiting = [function for _, _, function in self.blocks]
        while waiting:
            function = waiting.pop(0)
            if function not in found:
                found[function] = None
                waiting += [callee for _, callee in function.calls()]
        return tuple(found)

    def names(self, kind: str) -> tuple[str, ...]:
        """The names of the blocks of a kind."""
        return tuple(name for one, name, _ in self.blocks if one == kind and name)


def script_of_routes(routes: Routes, settings: Mapping[str, Any]) -> RouteScript:
    """The script that functions at hand are. Raises LabError where their text can't be had.

    settings: parameters that go before those of the routes.
    """
    return RouteScript(tuple(_blocks(routes)), {**routes.settings, **settings})


def _blocks(routes: Routes) -> Iterator[tuple[str, str, RouteFunction]]:
    for label, function in routes.blocks().items():
        kind, _, name = label.partition("[")
        yield kind, name.removesuffix("]"), function_of(function)
