"""Statements, and what is told when they are not well formed: all at once."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg.nodes import Assignment, CommandCall, If, Jump, Number, Pattern, Switch, Text, While
from tests.dialects.cfg.texts import in_route, read, route, told


def test_else_if_is_an_arm_of_its_own_and_else_belongs_to_the_inner_if() -> None:
    first, second = route("if (1) exit; else if (2) { drop; } else return;\nif (1) if (2) exit; else drop;")
    assert isinstance(first, If)
    assert isinstance(second, If)
    assert (len(first.arms), len(first.otherwise)) == (2, 1)
    assert second.otherwise == ()
    (inner,) = second.arms[0].body
    assert isinstance(inner, If)
    assert len(inner.otherwise) == 1


def test_statements_know_their_lines() -> None:
    statements = route('xlog("a");\n\nif (1) {\n  exit;\n}\nwhile (1) break;')
    assert [statement.spot.line for statement in statements] == [2, 4, 7]


@pytest.mark.parametrize("written", ["exit;", "exit();", "drop;", "return;", "break;", "return();"])
def test_a_jump_needs_no_value(written: str) -> None:
    (found,) = route(written)
    assert isinstance(found, Jump)
    assert found.value is None


@pytest.mark.parametrize("written", ["return 5;", "return(5);", "exit 5;", "drop(5);"])
def test_a_jump_may_have_one(written: str) -> None:
    (found,) = route(written)
    assert isinstance(found, Jump)
    assert isinstance(found.value, Number)


def test_a_semicolon_alone_is_no_statement_and_may_stand_behind_a_block() -> None:
    assert [type(one) for one in route(";; if (1) { exit; }; while (1) ;")] == [If, While]


def test_a_switch_has_numbers_texts_and_patterns() -> None:
    (found,) = route('switch ($rm) { case "A": case /"^B": exit; break; case -1: case 1 + 1: default: drop; }')
    assert isinstance(found, Switch)
    kinds = [type(case.constant) for case in found.cases]
    assert kinds == [Text, Pattern, Number, Number, type(None)]
    values = [case.constant.value for case in found.cases if isinstance(case.constant, Number)]
    assert values == [-1, 2]
    assert [len(case.body) for case in found.cases] == [0, 2, 0, 0, 1]


def test_a_missing_semicolon_is_told_at_the_next_token_with_both_lines() -> None:
    text = 'request_route {\n\t$var(a) = 1\n\txlog("a");\n\texit\n}\n'
    assert told(text) == [
        "3:2 ; is missing at the end of line 2, before xlog",
        "5:1 ; is missing at the end of line 4, before }",
    ]


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = """\
debugg=3
request_route {
\t$var(f) = 7 % 3;
\tfor (;;) { exit; }
\tif ($rU !~ "99") { $var(a) += 1; }
\txlog("fine");
\tcontinue;
}
loadmodule tm
route[A] { }
"""
    assert told(text) == [
        "1:1 the core has no parameter debugg",
        "3:14 % is no operator here",
        "4:2 there is no for",
        "5:10 !~ is no operator here",
        "5:29 += is no operator here",
        "7:2 there is no continue",
        "9:12 a module is a text in quotes, not tm",
        "10:12 route[A] has nothing in it",
    ]


def test_a_brace_that_is_not_closed_is_told_with_its_line_and_what_follows_is_read() -> None:
    text = "request_route {\n if (1) {\n exit;\n}\nroute[B] {\n $x = 7 % 3;\n}\n"
    assert told(text) == ["5:1 route begins inside the { of line 1, which is not closed", "6:9 % is no operator here"]
    (fault,) = read("request_route {\n if (1) {\n exit;\n}\n# end\n").faults
    assert fault.message == "the file ends inside the { of line 1"
    assert fault.kamailio == 5


def test_one_brace_too_many_is_told_at_that_brace() -> None:
    assert told("request_route {\n exit;\n}\n}\n") == ["4:1 } can't stand here, outside of routes"]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{ exit; }", "a statement can't begin with {"),
        ("if (1) { } else exit;", "this if has nothing in it"),
        ("while (1) { }", "this while has nothing in it"),
        ("if (1) exit; ; else drop;", "this else has no if"),
        ('switch ($rm) { case "A": { exit; } }', "a case has no braces"),
        ("switch ($rm) { exit; case 1: break; }", "in a switch, exit comes before any case"),
        ("switch ($rm) { case $rU: break; }", "a case needs a constant"),
        ("switch ($rm) { case /^a/: break; }", "a regular expression is missing behind the /"),
        ("switch ($rm) { case 1 break; }", ": is missing before break"),
        ("case 1: exit;", "case stands outside of switch"),
        ("break 1;", "; is missing before 1"),
        ("$var(a) == 5;", "= is missing: == compares"),
        ("$var(a);", "= is missing behind $var(a), before ;"),
        ("$var(a) = $var(b) = 5;", "only one variable can be set at once"),
        ('@ruri.user = "x";', "a statement can't begin with @"),
        ("debug = 5;", "debug can't be set here"),
        ("5 = 6;", "a statement can't begin with 5"),
        ('"x";', 'a statement can\'t begin with "x"'),
        ("if (1) && ) exit;", "a value is missing before )"),
        ("if ($x = 1) = 2 exit;", "= sets a variable; == compares"),
        ("if (1)) exit;", "this ) has no ("),
        ("IF (1) { exit; }", "; is missing before {"),
        ("strempty($x);", "a statement can't begin with strempty"),
        ("uri == myself;", "a statement can't begin with uri"),
        ("goto X;", "there is no goto"),
        ("if (1) exit; elseif (2) drop;", "there is no elseif"),
    ],
)
def test_what_is_meant_is_told(written: str, message: str) -> None:
    assert in_route(written)[0] == message


def test_a_bad_condition_hides_nothing_of_its_block() -> None:
    assert in_route("if (7 % 3) { $x = 1 ~ 2; }") == ["% is no operator here", "; is missing before ~"]


def test_what_could_be_read_is_there_in_spite_of_mistakes() -> None:
    cfg, faults = read('request_route {\n xlog("a");\n 5;\n $x = 1;\n}\nroute[B] { exit; }\n')
    assert len(faults) == 1
    assert [type(one) for one in cfg.blocks[0].body] == [CommandCall, Assignment]
    assert len(cfg.blocks) == 2


def test_a_thousand_nested_braces_are_told() -> None:
    faults = in_route("if (1) { " * 1000 + "exit;" + "}" * 1000)
    assert faults == ["more than 60 braces and brackets within each other"]
    assert in_route("if (1) { " * 40 + "exit;" + "}" * 40) == []


@pytest.mark.parametrize("nested", ["(", "!", "-", "defined ", "(int)"])
def test_ten_thousand_nested_brackets_or_signs_are_told(nested: str) -> None:
    assert in_route(f"$x = {nested * 10_000}1;")[0].startswith("more than")


def test_a_thousand_arms_are_no_depth() -> None:
    assert in_route("if (1) exit; else " * 1000 + "exit;") == []


def test_a_long_block_is_no_long_expression() -> None:
    assert in_route('$var(a) = $var(a) + 1; xlog("a" + "b");\n' * 300) == []
    assert in_route("if (" + "1 + " * 150 + "1) { $x = " + "1 + " * 150 + "1; }") == []
