"""A route that says one thing: what a command returns, and what is sent on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labsip.sip.message import Request
from labsip.vocabulary import Ksr
from tests.ends import Bench

AT_108 = "sip:108@127.0.10.108"


def codes(*said: Callable[[Ksr], object], settings: dict[str, Any] | None = None, **options: Any) -> list[object]:
    """What each of these gives, one after the other, for one request."""
    given: list[object] = []

    def route(ksr: Ksr) -> None:
        for one in said:
            value = one(ksr)
            given.append(int(value) if isinstance(value, int) else value)

    bench = Bench(route, **(settings or {}))
    caller = bench.end("106")
    caller.send(caller.request(options.pop("method", "MESSAGE"), options.pop("uri", AT_108), **options))
    assert not bench.proxy.errors, bench.proxy.errors
    return given


def relayed(route: Callable[[Ksr], object], uri: str = AT_108, method: str = "MESSAGE", **options: Any) -> Request:
    """What 108 gets when a route does this and relays."""
    bench = Bench(lambda ksr: [route(ksr), ksr.t_relay()])
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request(method, uri, **options))
    assert not bench.proxy.errors, bench.proxy.errors
    return callee.hears(method)


def raised(route: Callable[[Ksr], object]) -> str:
    """What a route that does this is told."""
    bench = Bench(route)
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE", AT_108))
    (error,) = bench.proxy.errors
    return error.text
