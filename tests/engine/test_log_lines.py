"""Kamailio's log, line by line: what is shown, what went wrong, which command ran, and where."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.engine.kamailio.log_lines import Executed, LogPlace, executed, parse_line, place_of
from labsip.engine.kamailio.log_reader import arguments_of


def line(message: str, level: str = "ERROR", module: str = "tm", function: str = "t_relay", mark: str = "") -> bytes:
    told = {"level": level, "module": module, "function": function, "pid": 7, "logprefix": mark, "message": message}
    return json.dumps(told).encode()


def test_what_kamailio_says_has_level_and_module_before_it_and_what_a_script_prints_has_not() -> None:
    said = parse_line(line("no memory\n", mark="12 1 INVITE a b@c"))
    assert (said.told, said.severe) == ("ERROR: tm: no memory", True)
    assert (said.number, said.key) == (12, "1 INVITE a b@c")
    printed = parse_line(line("hello\n", module="xlog", function=""))
    assert (printed.told, printed.severe) == ("hello", False)
    assert parse_line(line("hello\n", module="core", function="sr_kemi_core_err")).told == "hello"


def test_a_line_in_another_form_is_shown_as_it_is() -> None:
    assert parse_line(b"segfault at 0").told == "segfault at 0"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (
            "request_route=[DEFAULT_ROUTE] c=[a.cfg] l=16 a=25 n=lookup",
            Executed("request_route", "a.cfg", 16, "lookup"),
        ),
        ("request_route=[SUB] c=[/x y/a.cfg] l=2 a=26 n=xlog", Executed("route[SUB]", "/x y/a.cfg", 2, "xlog")),
        ("failure_route=[F] c=[a.cfg] l=3 a=24 n=t_relay", Executed("failure_route[F]", "a.cfg", 3, "t_relay")),
        ("onreply_route=[DEFAULT_ONREPLY] c=[a.cfg] l=3 a=25 n=xlog", Executed("onreply_route", "a.cfg", 3, "xlog")),
        ("something else", None),
    ],
)
def test_a_command_is_told_with_its_block_and_line(text: str, command: Executed | None) -> None:
    assert executed(parse_line(line(text + "\n", level="exec", module="debugger"))) == command


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("parse error in config file a.cfg, line 4, column 12-19: failed", LogPlace("a.cfg", 4, 12, 20)),
        (
            "parse error in config file /a b.cfg, from line 4, column 5 to line 5, column 1:",
            LogPlace("/a b.cfg", 4, 5, 6),
        ),
        ("fixing failed (code=-1) at cfg:a.cfg:23", LogPlace("a.cfg", 23)),
        ('route "X" not found at a.cfg:14', LogPlace("a.cfg", 14)),
        ('Traceback\n  File "a.py", line 2, in f\n  File "b.py", line 5, in g\nNameError: x', LogPlace("b.py", 5)),
        ("nothing of the kind", None),
    ],
)
def test_a_place_is_found_in_each_of_its_forms(text: str, place: LogPlace | None) -> None:
    assert place_of(text) == place


@given(st.binary(max_size=200) | st.text().map(str.encode) | st.text().map(line))
def test_any_bytes_are_a_line(raw: bytes) -> None:
    parsed = parse_line(raw)
    assert isinstance(parsed.told, str)
    executed(parsed)
    place_of(parsed.text)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('    xlog("a) (b", $var(x));', '"a) (b", $var(x)'),
        ("xlog(\n  'x',\n  1);", "'x', 1"),
        ("t_relay();", ""),
        ("xlogl(1)", ""),
        ("xlog(never ends", ""),
    ],
)
def test_arguments_are_what_stands_between_the_brackets(text: str, arguments: str) -> None:
    assert arguments_of(text.split("\n"), 1, "xlog") == arguments
