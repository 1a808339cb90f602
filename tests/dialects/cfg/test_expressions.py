"""Operators, how they bind, and old tests."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg.nodes import (
    Assignment,
    Bare,
    Binary,
    CommandCall,
    Expression,
    If,
    Myself,
    Number,
    OldTest,
    Pvar,
    RouteCall,
    Select,
    Text,
    Unary,
)
from tests.dialects.cfg.texts import in_route, route, value


def shape(node: Expression) -> str:
    """An expression with all its brackets."""
    if isinstance(node, Binary):
        return f"({shape(node.left)} {node.operator} {shape(node.right)})"
    if isinstance(node, Unary):
        return f"{node.operator}[{shape(node.operand)}]"
    if isinstance(node, OldTest):
        return f"<{node.subject} {node.operator} {shape(node.against)}>"
    if isinstance(node, Assignment):
        return f"{{{shape(node.target)} = {shape(node.value)}}}"
    if isinstance(node, CommandCall):
        return f"{node.name}({', '.join(map(shape, node.arguments))})"
    if isinstance(node, RouteCall):
        return f"route({shape(node.name)})"
    if isinstance(node, Text):
        return f'"{node.value}"'
    if isinstance(node, Pvar):
        return node.text
    if isinstance(node, Select):
        return f"@{node.path}"
    return "myself" if isinstance(node, Myself) else str(node.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("10 - 4 - 3", "((10 - 4) - 3)"),
        ("6 & 3 == 3", "(6 & (3 == 3))"),
        ("2 << 1 == 4", "(2 << (1 == 4))"),
        ("5 == 5 > 0", "(5 == (5 > 0))"),
        ("1 | 2 & 2 + 4", "(1 | (2 & (2 + 4)))"),
        ("6 & 3 ^ 1", "(6 & (3 ^ 1))"),
        ("1 | 2 ^ 3 & 4", "(1 | ((2 ^ 3) & 4))"),
        ("!$x == 1", "(![$x] == 1)"),
        ("not 1 or 2 and 3", "(![1] || (2 && 3))"),
        ("7 mod 3 / 2", "((7 mod 3) / 2)"),
        ("2 - -3", "(2 - -3)"),
        ("-$var(x) * 2", "(-[$var(x)] * 2)"),
        ('(int)"4" + 1', '(int["4"] + 1)'),
        ("(str)5 + 1", "(str[5] + 1)"),
        ("defined $avp(x) && 1", "(defined[$avp(x)] && 1)"),
        ('strlen("ab" + "c") > 2', '(strlen[("ab" + "c")] > 2)'),
        ("strempty($avp(x)) || 0", "(strempty[$avp(x)] || 0)"),
        ('$rU =~ "^1" && $rm eq "INVITE"', '(($rU =~ "^1") && ($rm eq "INVITE"))'),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("($var(b) = 5) + 1", "({$var(b) = 5} + 1)"),
        ("route(N) + 1", '(route("N") + 1)'),
        ('is_method("A") || is_method("B")', '(is_method("A") || is_method("B"))'),
        ("@cfg_get.mine.number + 1", "(@cfg_get.mine.number + 1)"),
        ('@via[0].host == @hf_value["X"]', "(@via[0].host == @hf_value[X])"),
    ],
)
def test_operators_bind_as_in_kamailio(written: str, meant: str) -> None:
    assert shape(value(written)) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('method == "INVITE"', '<method == "INVITE">'),
        ("method != INVITE", "<method != INVITE>"),
        ("uri == myself", "<uri == myself>"),
        ("myself == uri", "<uri == myself>"),
        ('uri =~ "^sip:" && !(from_uri == MYSELF)', '(<uri =~ "^sip:"> && ![<from_uri == myself>])'),
        ("src_ip == 10.0.0.0/8 || dst_ip == [::1]", "(<src_ip == 10.0.0.0/8> || <dst_ip == ::1>)"),
        ("src_ip != myself", "<src_ip != myself>"),
        ("src_ip == host.example.com", "<src_ip == host.example.com>"),
        ('src_ip == "10.0.0.1"', '<src_ip == "10.0.0.1">'),
        ("src_port >= 5060", "<src_port >= 5060>"),
        ("proto == UDP and af == INET6", "(<proto == udp> && <af == inet6>)"),
        ('status =~ "2.." || status == 404', '(<status =~ "2.."> || <status == 404>)'),
        ("msg:len > 300 + 1", "<msg:len > (300 + 1)>"),
        ("src_ip == $var(x)", "<src_ip == $var(x)>"),
        ('uri == "a" + "b"', '<uri == ("a" + "b")>'),
    ],
)
def test_old_tests_are_tests_of_their_own(written: str, meant: str) -> None:
    assert shape(value(written)) == meant


def test_brackets_around_a_condition_may_be_left_out() -> None:
    first, second = route("if $var(n) == 2 { exit; }\nif (1) && (2) exit;")
    assert isinstance(first, If)
    assert isinstance(second, If)
    assert shape(first.arms[0].condition) == "($var(n) == 2)"
    assert shape(second.arms[0].condition) == "(1 && 2)"


def test_myself_and_addresses_know_their_place() -> None:
    found = value("src_ip == 10.0.0.0/8")
    assert isinstance(found, OldTest)
    assert isinstance(found.against, Bare)
    assert (found.spot.column, found.against.spot.column, found.against.spot.end) == (11, 21, 31)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("7 % 3", "% is no operator here"),
        ('$rU !~ "99"', "!~ is no operator here"),
        ("1 ? 2", "; is missing before 2"),
        ("1 <> 2", "<> is no operator here"),
        ("1 === 2", "=== is no operator here"),
        ("1 =! 2", "=! is no operator here"),
        ("1 +", "a value is missing before ;"),
        ("(1 + 2", ") is missing before ;"),
        ("+5", "a number has no + before it"),
        ("foo", "( is missing behind foo, before ;"),
        ("NOT 1", "NOT is not known"),
        ("exit", "exit is no value"),
        ("status > 200", "behind status comes ==, != or =~, not >"),
        ("src_ip == 10.0.0.300", "10.0.0.300 is no address"),
        ("src_ip == 10.0.0.0/33", "10.0.0.0/33 is no address"),
        ("strlen 5", "( is missing before 5"),
        ("1.5", ". is no operator here"),
        ('"a" . "b"', ". is no operator here"),
    ],
)
def test_what_is_meant_is_told(written: str, message: str) -> None:
    assert in_route(f"$var(x) = {written};")[0] == message


def test_a_long_chain_of_operators_is_told_and_a_shorter_one_is_not() -> None:
    assert in_route(f"$var(x) = 1{' + 1' * 150};") == []
    assert in_route(f"$var(x) = 1{' + 1' * 5000};") == ["more than 200 operators in one expression"]


def test_a_number_on_the_left_is_a_constant_too() -> None:
    assert isinstance(value("yes"), Number)
