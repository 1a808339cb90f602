"""What is compiled from a text of its own shows that text, wherever Python's would be shown."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import Any, NamedTuple

from labsip.dialects.python import Patience, Python
from labsip.proxy.dialect import Position, Source
from labsip.proxy.script import Routes
from tests.ends import Bench

FILE = "/etc/kamailio/kamailio.cfg"
CFG = """\
#!KAMAILIO
request_route {
    xlog("$rm");
    route("NEXT");
}

route[NEXT] {
    sl_reply(404, "Who?");
}

route[WRONG] {
    lookup(5);
}

route[ENDLESS] {
    while (1) xlog("again");
}
""".splitlines()


class Cfg(NamedTuple):
    """A text whose lines are counted as in its file."""

    lines: list[str]

    def position(self, line: int) -> Position:
        return Position(FILE, line)

    def text(self, line: int) -> str:
        return self.lines[line - 1]


def compiled(first: int) -> FunctionType:
    """The block that begins at that line of the cfg, and has one or two lines more, as a function with those lines."""
    inside = CFG[first : CFG.index("}", first)]
    lines = [line.strip().rstrip(";").replace("while (1) ", "while True: ksr.") for line in inside]
    source = ["def block(ksr):", *(f"    {line if line.startswith('while') else f'ksr.{line}'}" for line in lines)]
    tree = ast.increment_lineno(ast.parse("\n".join(source)), first - 1)
    names: dict[str, Any] = {"__source_map__": Cfg(CFG)}
    exec(compile(tree, FILE, "exec"), names)
    block = names["block"]
    assert isinstance(block, FunctionType)
    return block


def played(first: int) -> Bench:
    """What came of a MESSAGE, where `route[NEXT]` is the block that begins at that line."""
    bench = Bench(Routes(compiled(2), routes={"NEXT": compiled(first)}), max_lines=100)
    bench.proxy.dialect = Python(Patience(lambda: 0.0))
    bench.end("106").send(bench.end("106").request("MESSAGE"))
    return bench


def test_a_command_stands_at_its_line_of_the_file() -> None:
    commands = sorted(played(7).proxy.trace.commands)
    assert [(row.route, row.name, row.line, row.file) for row in commands] == [
        ("request_route", "xlog", 3, FILE),
        ("request_route", "route", 4, FILE),
        ("route[NEXT]", "sl_reply", 8, FILE),
    ]


def test_a_block_shows_its_own_lines() -> None:
    proxy = played(7).proxy
    assert proxy.source("route[NEXT]") == Source(tuple(CFG[6:8]), 7, FILE)
    assert proxy.source("route[NONE]") == Source()


def test_a_fault_is_told_in_lines_of_the_file() -> None:
    (error,) = played(11).proxy.errors
    assert error.text.splitlines()[:2] == [
        'request_route, line 4 of kamailio.cfg: route("NEXT");',
        "route[NEXT], line 12 of kamailio.cfg: lookup(5);",
    ]


def test_one_that_never_ends_is_stopped_at_its_line() -> None:
    (error,) = played(15).proxy.errors
    assert 'route[NEXT], line 16 of kamailio.cfg: while (1) xlog("again");' in error.text
    assert "TooLong: stopped after 100 lines" in error.text
