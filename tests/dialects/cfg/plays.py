"""A kamailio.cfg played in virtual time: what it prints, and what it says of a request."""

from __future__ import annotations

from labsip.dialects.cfg import script_of
from labsip.proxy.happenings import run_start
from labsip.trace import Trace
from tests.ends import Bench

HEAD = "".join(
    f'loadmodule "{name}.so"\n'
    for name in ("sl", "tm", "tmx", "rr", "pv", "xlog", "textops", "siputils", "htable", "kex", "corex")
)
"""One line for each module, eleven of them."""
LINES = HEAD.count("\n")


def bench_of(text: str, head: str = HEAD, **defines: str | None) -> Bench:
    """A proxy that runs it."""
    bench = Bench(script_of(head + text, defines).routes)
    run_start(bench.proxy, 0.0)
    return bench


def printed_of(trace: Trace) -> list[str]:
    """What xlog printed, line by line."""
    return [row.text for row in trace.commands if row.text]


def printed(text: str, *methods: str, head: str = HEAD) -> list[str]:
    """What it prints for these requests, one OPTIONS unless told."""
    bench = bench_of(text, head)
    caller = bench.end("106")
    for method in methods or ("OPTIONS",):
        caller.send(caller.request(method))
    assert not bench.proxy.errors, bench.proxy.errors
    return printed_of(bench.proxy.trace)


def prints(body: str, *methods: str) -> list[str]:
    """The same of a request_route with this body."""
    return printed(f"request_route {{\n{body}\n}}\n", *methods)


def value(expression: str, before: str = "") -> str:
    """What an expression comes to, as xlog prints it."""
    return prints(f'{before}\n$var(it) = {expression};\nxlog("$var(it)");')[-1]


def holds(condition: str, before: str = "") -> bool:
    """Whether a condition holds."""
    return prints(f'{before}\nif ({condition}) {{ xlog("yes"); }} else {{ xlog("no"); }}')[-1] == "yes"


def notes(bench: Bench) -> list[str]:
    """What the log says besides."""
    return [text for _, text in bench.proxy.trace.notes]
