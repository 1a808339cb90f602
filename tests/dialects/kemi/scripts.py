"""KEMI scripts for tests: written into a file, begun, and run by a proxy between scripted ends."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from labsip.dialects.kemi import Program, load
from tests.ends import Bench

HEAD = """\
import KSR as KSR

def mod_init():
    return Routes()

class Routes:
    def child_init(self, rank):
        return 0

    def ksr_reply_route(self, msg):
        return 1

    def ksr_onsend_route(self, msg):
        return 1

    def ksr_request_route(self, msg):
"""
FIRST = HEAD.count("\n") + 1
"""The line of its file on which a route's first line stands."""


def begun(folder: Path, text: str, name: str = "routes.py") -> Program:
    """The script with that text."""
    file = folder / name
    file.write_text(textwrap.dedent(text))
    return load(file)


def with_route(folder: Path, route: str, more: str = "") -> Program:
    """A script whose ksr_request_route has these lines, and that has more methods behind it."""
    lines = textwrap.indent(textwrap.dedent(route), " " * 8)
    return begun(folder, f"{HEAD}{lines}\n{textwrap.indent(textwrap.dedent(more), '    ')}")


def asked(program: Program, method: str = "MESSAGE", **settings: Any) -> Bench:
    """What came of a request from 106."""
    bench = Bench(program.routes, **settings)
    end = bench.end("106")
    end.send(end.request(method))
    return bench


def printed(bench: Bench) -> list[str]:
    """What the script logged."""
    return [row.text for row in sorted(bench.proxy.trace.commands) if row.text]


def value(folder: Path, expression: str) -> str:
    """What an expression is in a ksr_request_route, as its repr."""
    bench = asked(with_route(folder, f"KSR.info(repr(({expression})))\nreturn 1"))
    assert not bench.proxy.errors, bench.proxy.errors
    return printed(bench)[-1]


def errors(bench: Bench) -> list[str]:
    """What its author is told, by messages."""
    return [error.text for error in bench.proxy.errors]
