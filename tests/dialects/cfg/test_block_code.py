"""Statements of a kamailio.cfg that runs: loops, switches, routes and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from labsip.dialects.cfg import BadCfg, script_of
from tests.dialects.cfg.plays import HEAD, bench_of, notes, printed, prints
from tests.ends import Bench


def test_a_while_ends_after_its_rounds() -> None:
    bench = bench_of('request_route { while (1) { $var(i) = $var(i) + 1; } sl_reply(200, "$var(i)"); }')
    caller = bench.end("106")
    caller.send(caller.request("OPTIONS"))
    assert caller.response(200).reason == "100"
    assert "a while of more than 100 rounds was ended" in notes(bench)[0]


def test_max_while_loops_says_how_many() -> None:
    head = HEAD + "max_while_loops=5\n"
    text = 'request_route { while ($var(i) < 10) { $var(i) = $var(i) + 1; } xlog("$var(i)"); }'
    assert printed(text, head=head) == ["5"]


def test_a_break_leaves_the_switch_it_is_in_and_not_the_loop_around() -> None:
    body = """
    while ($var(i) < 3) {
        $var(i) = $var(i) + 1;
        switch ($var(i)) { case 2: xlog("two"); break; case 3: xlog("three"); default: xlog("default"); }
    }
    """
    assert prints(body) == ["default", "two", "three", "default"]


def test_a_switch_over_texts_takes_regular_expressions() -> None:
    cases = 'case "OPTIONS": case "INFO": xlog("a"); break; case /"^mess": xlog("b"); break; default: xlog("c");'
    assert prints(f"switch ($rm) {{ {cases} }}", "OPTIONS", "MESSAGE", "REGISTER") == ["a", "b", "c"]


ROUTES = """
route[FIVE] { return 5; }
route[MINUS] { return -3; }
route[NONE] { return; }
route[END] { xlog("end"); }
route[FAILED] { is_method("BYE"); }
route[NOT_TAKEN] { if (is_method("BYE")) { xlog("no"); } }
route[BROKEN] { break; xlog("never"); }
route[ZERO] { return 0; }
route[OUT] { exit; }
route[ASKS] { return is_method("BYE"); }
route[HANDS_ON] { return route(MINUS); }
route[TRUE] { return route(FIVE); }
route[SET] { $var(x) = 1; }
"""


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("FIVE", 5), ("MINUS", -3), ("NONE", 1), ("END", 1), ("FAILED", -1), ("NOT_TAKEN", 1), ("BROKEN", 0),
        ("SET", 1), ("TRUE", 1),
    ],
)  # fmt: skip
def test_a_route_returns_the_value_of_its_last_statement(name: str, code: int) -> None:
    assert printed(ROUTES + f'request_route {{ route({name}); xlog("$rc $retcode"); }}')[-1] == f"{code} {code}"


@pytest.mark.parametrize("name", ["ZERO", "OUT", "ASKS", "HANDS_ON"])
def test_return_0_ends_the_script_as_exit_does(name: str) -> None:
    assert printed(ROUTES + f'request_route {{ route({name}); xlog("after"); }}') == []


def test_a_route_is_its_code_alone_and_its_truth_within_an_expression() -> None:
    body = '$var(a) = route(FIVE); $var(b) = route(FIVE) + 1; if (route(MINUS) == 0) { xlog("$var(a) $var(b)"); }'
    assert printed(f"{ROUTES} request_route {{ {body} }}") == ["5 2"]


def test_a_name_may_be_computed_and_an_unknown_one_is_told() -> None:
    bench = bench_of('route[DO_OPTIONS] { xlog("did"); } request_route { route("DO_" + $rm); route("NO_" + $rm); }')
    caller = bench.end("106")
    caller.send(caller.request("OPTIONS"))
    assert notes(bench) == ["kamailio.cfg:12: no route[NO_OPTIONS], the script goes on"]


def test_routes_within_each_other_end_at_256() -> None:
    text = 'route[R] { $var(n) = $var(n) + 1; route(R); } request_route { route(R); xlog("$var(n)"); }'
    bench = bench_of(text)
    caller = bench.end("106")
    caller.send(caller.request("OPTIONS"))
    assert not bench.proxy.errors
    assert [row.text for row in bench.proxy.trace.commands if row.text] == ["256"]


def test_two_request_routes_are_one() -> None:
    assert printed('request_route { xlog("a"); } request_route { xlog("b"); }') == ["a", "b"]


def test_without_a_request_route_requests_are_ignored() -> None:
    assert printed('route[A] { xlog("a"); }') == []


def test_a_command_stands_in_the_trace_with_its_line() -> None:
    bench = bench_of(
        'request_route {\n\n    if (is_method("OPTIONS")\n        && has_totag()) {\n        exit;\n    }\n}\n'
    )
    caller = bench.end("106")
    caller.send(caller.request("OPTIONS"))
    assert [(row.name, row.line, row.file) for row in bench.proxy.trace.commands] == [
        ("is_method", 14, "kamailio.cfg"),
        ("has_totag", 15, "kamailio.cfg"),
    ]
    source = bench.proxy.source("request_route")
    assert (source.first, source.lines[0], source.lines[-1]) == (12, "request_route {", "}")


def test_a_block_that_includes_something_has_the_lines_of_both_files() -> None:
    files = {
        "main.cfg": HEAD + 'request_route {\n    xlog("one");\ninclude_file "more.cfg"\n    xlog("three");\n}\n',
        "more.cfg": '\n    xlog("two");\n',
    }
    bench = Bench(script_of(Path("main.cfg"), read=lambda file: files[file].encode()).routes)
    caller = bench.end("106")
    caller.send(caller.request("OPTIONS"))
    lines = [(row.text, row.line, row.file) for row in bench.proxy.trace.commands]
    assert lines == [("one", 13, "main.cfg"), ("two", 2, "more.cfg"), ("three", 15, "main.cfg")]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(BadCfg) as bad:
        script_of(HEAD + 'request_route {\n    sl_replay(404, "x");\n    route(NOWHERE);\n    xlog("$nothing");\n}\n')
    assert [fault.spot.line for fault in bad.value.faults] == [13, 14, 15]


def test_an_error_of_a_command_is_told_with_its_line() -> None:
    bench = bench_of('request_route {\n    append_hf("no header");\n}\n')
    caller = bench.end("106")
    caller.send(caller.request("OPTIONS"))
    assert bench.proxy.errors[0].text.startswith('request_route, line 13 of kamailio.cfg: append_hf("no header");')
