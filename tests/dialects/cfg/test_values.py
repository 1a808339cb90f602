"""Values, operators and conditions of a kamailio.cfg that runs, as measured on a real Kamailio."""

from __future__ import annotations

import pytest

from tests.dialects.cfg.plays import bench_of, holds, notes, prints, value


@pytest.mark.parametrize(
    ("expression", "is_"),
    [
        ("1 + 2 * 3", "7"),
        ('"a" + 1', "a1"),
        ('"1" + 2', "12"),
        ('"abc" + 2 * 3', "abc6"),
        ("-7 / 2", "-3"),
        ("-7 mod 3", "-1"),
        ("7 mod -3", "1"),
        ("6 & 3 == 3", "0"),
        ("2 << 1 == 4", "2"),
        ("5 == 5 > 0", "0"),
        ("!5", "0"),
        ("~1", "-2"),
        ("2147483647 + 1", "-2147483648"),
        ("65536 * 65536", "0"),
        ('(int)"12"', "12"),
        ('(int)"12abc"', "0"),
        ('(str)12 + "a"', "12a"),
        ('strlen("abc")', "3"),
        ("$rp + 1", "50601"),
        ("1 + $rp", "5061"),
        ("(int)$rp + 1", "5061"),
        ("$sp + 1", "5061"),
        ("$var(new) + $rm", "512"),
        ('"" + $rm', "OPTIONS"),
        ('"s" + $avp(none)', "s"),
        ("$avp(none) + 1", "1"),
        ("0x1f + 017", "46"),
        ("yes + true", "2"),
    ],
)
def test_an_expression_comes_to_what_kamailio_says(expression: str, is_: str) -> None:
    assert value(expression) == is_


@pytest.mark.parametrize(
    ("condition", "is_"),
    [
        ("1", True),
        ("0", False),
        ("-1", False),
        ("$fn", False),
        ("$var(x)", False),
        ("!$var(x) == 1", True),
        ("!$var(x)", True),
        ("!(0 - 5)", False),
        ("!!(0 - 5)", True),
        ('!is_method("INVITE")', True),
        ("$avp(x) == $null", True),
        ('$avp(x) == ""', True),
        ("$avp(x) == 0", True),
        ("$avp(x) != $null", False),
        ("$var(x) == $null", False),
        ('$rm == "OPTIONS"', True),
        ('$rm == "options"', False),
        ('$rm =~ "^opt"', True),
        ('$var(s) < 10', True),
        ("$var(x) = 5", True),
        ("defined $avp(x)", False),
        ("1 == 1 && 2 == 2 || 0", True),
        ("is_method(\"OPTIONS\") and not is_method(\"INVITE\")", True),
        ("method == \"OPTIONS\"", True),
        ("method =~ \"^O\"", True),
        ("uri == myself", True),
        ("src_ip == 127.0.0.0/8", True),
        ("src_ip != 10.0.0.0/8", True),
        ("src_ip == myself", False),
        ("dst_port == 5060", True),
        ("proto == UDP", True),
        ("af == INET6", False),
        ("msg:len > 100", True),
        ("status == 200", False),
        ('@ruri.host == "127.0.10.1"', True),
    ],
)  # fmt: skip
def test_a_condition_holds_where_it_is_above_zero(condition: str, is_: bool) -> None:
    assert holds(condition, '$var(s) = "9";') is is_


def test_what_follows_an_operator_that_has_decided_is_not_run() -> None:
    assert prints('if (0 && xlog("never")) { xlog("a"); } if (1 || xlog("never")) { xlog("b"); }') == ["b"]


def test_a_division_by_zero_is_not_assigned_and_does_not_hold() -> None:
    text = (
        'request_route { $var(a) = 7; $var(a) = 1 / $var(no);\nif (1 / $var(no) == 0) { xlog("x"); } xlog("$var(a)"); }'
    )
    bench = bench_of(text)
    caller = bench.end("106")
    caller.send(caller.request("OPTIONS"))
    assert [row.text for row in bench.proxy.trace.commands if row.text] == ["7"]
    assert notes(bench) == [f"kamailio.cfg:{line}: division by zero" for line in (12, 13)]


def test_a_method_is_a_number_in_arithmetic_alone() -> None:
    assert prints('$var(m) = $rm * 1; xlog("$var(m) $rm");') == ["512 OPTIONS"]


def test_what_a_variable_cannot_be_set_to_is_told_and_the_script_goes_on() -> None:
    bench = bench_of('request_route { $ru = "nonsense"; sl_reply(200, "OK"); }')
    caller = bench.end("106")
    caller.send(caller.request("OPTIONS"))
    assert caller.response(200)
    assert notes(bench)[0].startswith("kamailio.cfg:12: 'nonsense' is no URI")


def test_var_outlives_a_request_and_avp_does_not() -> None:
    body = 'xlog("$var(n) $avp(n)"); $var(n) = $var(n) + 1; $avp(n) = 1;'
    assert prints(body, "OPTIONS", "OPTIONS") == ["0 <null>", "1 <null>"]


def test_a_regular_expression_that_would_never_end_does() -> None:
    body = f'$var(a) = "{"a" * 5000}!"; if ($var(a) =~ "^(a+)+$") {{ xlog("yes"); }} else {{ xlog("no"); }}'
    assert prints(body) == ["no"]
