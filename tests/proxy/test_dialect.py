"""A proxy knows nothing of how its blocks are written: that is its dialect's affair."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import labsip
from labsip.proxy.dialect import Plain, Position, Source
from labsip.proxy.script import Route
from labsip.proxy.turn import Turn
from labsip.vocabulary import Ksr
from tests.ends import Bench

PACKAGE = Path(labsip.__file__).parent
STACK = re.compile(r"_getframe|currentframe|getsource|settrace|sys\.monitoring|walk_tb|extract_tb|f_lineno|f_back")


class Numbered(Plain):
    """A dialect whose text is numbers: each command that runs stands one line below the last."""

    def __init__(self) -> None:
        self.line = 0
        self.ran: list[str] = []

    def run(self, block: Route, turn: Turn) -> object:
        self.ran.append(turn.route)
        return super().run(block, turn)

    def caller(self) -> Position:
        self.line += 1
        return Position("numbers", self.line)

    def named(self, error: BaseException, turn: Turn) -> BaseException:  # noqa: ARG002
        return ValueError(f"better than {error}")

    def trail(self, error: BaseException, turn: Turn) -> list[str]:  # noqa: ARG002
        return [f"line {self.line}"]

    def source(self, block: Route) -> Source:
        return Source((block.__name__,), 7, "numbers")


def request_route(ksr: Ksr) -> None:
    ksr.xlog("one")
    ksr.xlog("two")
    raise ValueError("this")


def played(dialect: Any) -> Bench:
    bench = Bench(request_route)
    bench.proxy.dialect = dialect
    bench.end("106").send(bench.end("106").request("MESSAGE"))
    return bench


def test_a_dialect_runs_blocks_and_says_where_commands_stand_and_what_went_wrong() -> None:
    dialect = Numbered()
    proxy = played(dialect).proxy
    assert dialect.ran == ["request_route"]
    assert [(row.text, row.file, row.line) for row in proxy.trace.commands] == [
        ("one", "numbers", 1),
        ("two", "numbers", 2),
    ]
    assert proxy.errors[0].text == "line 2\nValueError: better than this"
    assert proxy.source("request_route") == Source(("request_route",), 7, "numbers")


def test_without_a_dialect_there_are_no_lines_and_the_error_alone_is_told() -> None:
    proxy = played(Plain()).proxy
    assert [(row.text, row.file, row.line) for row in proxy.trace.commands] == [("one", "", 0), ("two", "", 0)]
    assert proxy.errors[0].text == "ValueError: this"
    assert proxy.source("request_route") == Source()


def test_the_python_dialect_alone_reads_the_stack_and_the_source() -> None:
    readers = {path.relative_to(PACKAGE).parent for path in PACKAGE.rglob("*.py") if STACK.search(path.read_text())}
    assert readers == {Path("dialects/python")}
