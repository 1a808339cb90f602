"""POSIX extended regular expressions: what matches, and that the search always ends."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.proxy.automaton import Automaton
from labsip.proxy.expression import parse_expression
from labsip.proxy.posix import searcher, translated


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
    ],
)
def test_it_matches_as_posix_says(expression: str, text: str, is_: bool) -> None:
    assert searcher(expression)(text) is is_
    assert Automaton(parse_expression(expression)).search(text) is is_


@pytest.mark.parametrize("expression", ["(a", "a)", "[a", "a\\", "a{3,1}", "[z-a]", "[[:nope:]]", "(a)\\1", "a{999}"])
def test_what_is_none_is_refused(expression: str) -> None:
    with pytest.raises(re.error):
        searcher(expression)


@pytest.mark.parametrize("expression", ["^(a+)+$", "(a|aa)+$", "(.*a){12}b", ".*.*.*=.*"])
def test_one_that_would_never_end_ends(expression: str) -> None:
    assert searcher(expression)("a" * 3000 + "!") is False


@given(st.text("ab()|*+?.^$[]{}1,\\", max_size=12), st.text("ab\n", max_size=12))
def test_automaton_and_python_agree(expression: str, text: str) -> None:
    try:
        python = re.compile(translated(expression), re.DOTALL | re.IGNORECASE)
        automaton = Automaton(parse_expression(expression))
    except re.error:
        return
    assert automaton.search(text) == (python.search(text) is not None)
