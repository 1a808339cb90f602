"""POSIX extended regular expressions: what matches, and that the search always ends."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labsip.proxy.automaton import MOST_WORK, Automaton, Match
from labsip.proxy.expression import parse_expression
from labsip.proxy.plain_search import plain_search
from labsip.proxy.posix import automaton, searcher
from tests.proxy import glibc

CATASTROPHES = [
    "(a*)*b",
    "(a|aa)+$",
    "(x+x+)+y",
    "^(a+)+$",
    "(.*a){12}b",
    ".*.*.*=.*",
    "((a?){10}){10}b",
    "(a?){40}a{40}b",
]
EXPRESSIONS = st.text("ab()|*+?.^$[]{}1,<_", max_size=12)


def matches(expression: str, text: str, *, lines: bool = False) -> list[Match]:
    return list(automaton(expression, lines=lines).matches(text))


@pytest.mark.parametrize(
    ("expression", "text", "is_"),
    [
        ("^sip:", "SIP:106@x", True),
        ("10[68]$", "108", True),
        ("10[68]$", "108\n", False),
        ("^[[:digit:]]+$", "0049", True),
        ("^[^[:alpha:]]+$", "12a", False),
        ("^(00|\\+)49", "+4930", True),
        ("^a{2,3}$", "aaaa", False),
        ("^a{2,3}$", "aaa", True),
        ("a.c", "a\nc", True),
        ("^[]a]+$", "]a", True),
        ("\\.example\\.", "x.example.org", True),
        ("\\<one\\>", "some one else", True),
        ("(a|b)*c", "ababc", True),
        ("", "anything", True),
        ("a**", "b", True),
        ("a)", "a)", True),
        ("()", "", True),
        ("(|b)$", "a", True),
        ("x{,0}", "a", True),
        ("^..$", "ä", True),
        ("ä", "Ä", False),
    ],
)
def test_it_matches_as_in_kamailio(expression: str, text: str, is_: bool) -> None:
    assert searcher(expression)(text) is is_


@pytest.mark.parametrize(
    "expression",
    [
        "(a",
        "[a",
        "a\\",
        "a{3,1}",
        "[z-a]",
        "[[:nope:]]",
        "(a)\\1",
        "a{999}",
        "*a",
        "^*a",
        "(*a)",
        "a|*b",
        "+",
        "a{b",
        "{1}",
    ],
)
def test_what_is_none_is_refused(expression: str) -> None:
    with pytest.raises(re.error):
        searcher(expression)


def test_an_expression_that_is_too_large_is_refused() -> None:
    with pytest.raises(re.error, match="too large"):
        searcher("((a{200}){200}){200}")


PLAIN = ["^49", "10[68]$", "scanner|sipcli", "(scanner|sipcli)", "^sip:.*@127", "^1[0-9]{2,3}$", "", "a|", "()", "."]


@pytest.mark.parametrize("expression", [*PLAIN, *CATASTROPHES, "a+", "a.*b", "^a*a*b", "^(a|b)c", "\\<a"])
def test_python_searches_where_no_two_ways_compete(expression: str) -> None:
    tree = parse_expression(expression)
    assert (plain_search(tree, re.ASCII) is not None) is (expression in PLAIN)


@given(EXPRESSIONS, st.text("aab1_ \n", max_size=10))
def test_whoever_searches_finds_the_same(expression: str, text: str) -> None:
    tried = expression_of(expression, lines=False)
    if tried is not None:
        assert tried.search(text) is (next(tried.matches(text), None) is not None)


@pytest.mark.parametrize("expression", CATASTROPHES)
@pytest.mark.parametrize("text", ["a" * 5000 + "!", "x" * 5000, "ab" * 2500])
def test_one_that_would_never_end_looks_at_few_states(expression: str, text: str) -> None:
    """A set of states is looked at once for each character it meets, however long the text is."""
    tried = Automaton(parse_expression(expression))
    assert len(list(tried.matches(text))) <= len(text) + 1
    tried.search(text)
    assert tried.steps() < 2 * len(tried.free) * 300


def test_in_a_text_that_is_too_long_for_so_large_an_expression_nothing_is_found() -> None:
    large = automaton("(a{9}){9}")
    assert large.search("a" * 81)
    assert not large.search("a" * (MOST_WORK // len(large.free) + 1))


def test_the_match_is_the_leftmost_and_of_those_the_longest() -> None:
    assert matches("a*(ab)?", "xaab")[0] == Match(0, 0, ("", None))
    assert matches("a*(ab)|a", "xaab") == [Match(1, 4, ("aab", "ab"))]
    assert matches("a|ab|abc", "abcd") == [Match(0, 3, ("abc",))]


def test_groups_are_those_of_the_first_branch_that_leads_there() -> None:
    assert matches("(a|ab)(c|bcd)", "abcd") == [Match(0, 4, ("abcd", "a", "bcd"))]
    assert matches("(a*)*", "ab")[0] == Match(0, 1, ("a", "a"))
    assert matches("(x)?b", "ab") == [Match(1, 2, ("b", None))]


def test_with_lines_anchors_are_at_each_of_them_and_no_sign_reaches_over_their_ends() -> None:
    assert [match.start for match in matches("^a|b$", "a\na b\nc", lines=True)] == [0, 2, 4]
    assert matches("a.b|a[^x]b", "a\nb", lines=True) == []
    assert [match.start for match in matches("^a", "a\na")] == [0]


def expression_of(expression: str, *, lines: bool) -> Automaton | None:
    try:
        return automaton(expression, lines=lines)
    except re.error as error:
        assume("can't be" not in str(error))  # glibc takes larger numbers
        return None


@pytest.mark.skipif(not glibc.HERE, reason="needs glibc, whose regular expressions are Kamailio's")
@given(EXPRESSIONS, st.text("aab1_ ", max_size=10), st.booleans())
def test_the_c_library_finds_the_same(expression: str, text: str, lines: bool) -> None:
    text = text.replace("_", "\n") if lines else text
    theirs = glibc.first_match(expression.encode(), text.encode(), lines=lines)
    tried = expression_of(expression, lines=lines)
    assert (tried is None) is (theirs is None)
    if tried is None:
        return
    match = next(tried.matches(text), None)
    assert tried.search(text) is (match is not None)
    if match is None:
        assert theirs == ()
        return
    assert theirs
    assert match[:2] == theirs[0]
    spans = [text[start:end] if start >= 0 else None for start, end in theirs[1 : tried.groups + 1]]
    assert [one or "" for one in match.groups[1:10]] == [one or "" for one in spans]


@given(st.text(max_size=20), st.text(max_size=40))
def test_any_text_is_an_expression_or_refused(expression: str, text: str) -> None:
    try:
        search = searcher(expression)
    except re.error:
        return
    search(text)
