"""Substitutions: how `/RE/TEXT/flags` is read, and what it makes of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.proxy.replacement import around_variables, joined, read_substitution
from labsip.sip.errors import LabError

ODD = st.text("/ab\\0123$gis()*.", max_size=16)


@pytest.mark.parametrize(
    ("text", "substitution", "found"),
    [
        ("abcabc", "/b/X/", "aXcabc"),
        ("abcabc", "/B/X/gi", "aXcaXc"),
        ("a/b", "/\\//X/", "aXb"),
        ("abc", "!b!\\!!", "a!c"),
        ("abc", "/(a)(b)/<\\0|\\1|\\2|\\3>/", "<ab|a|b|>c"),
        ("abc", "/b/<\\10&\\x\\t>/", "a<0&x\t>c"),
        ("a\nb", "/a.b/X/", "a\nb"),
        ("a\nb", "/a.b/X/s", "X"),
        ("äb", "/b/ö/", "äö"),
        ("abc", "/x*/-/", None),
        ("bab", "/b*/-/g", None),
    ],
)
def test_it_is_done_as_in_kamailio(text: str, substitution: str, found: str | None) -> None:
    assert read_substitution(substitution).apply(text) == found


@pytest.mark.parametrize(
    "text", ["", "/", "/a/b", "\\a\\b\\", "/a/b/q", "/a/b/ g", "/a/b\\/", "/a\\/b/", "/(/x/", "/(a)\\1/x/"]
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(LabError):
        read_substitution(text)


def test_a_value_that_comes_in_is_text_whatever_stands_in_it() -> None:
    begin, rest = around_variables("/a$/<\\$x>/")
    assert (begin, rest) == ("/a$/", "<$$x>/")
    assert read_substitution(joined(("/b/<", "\\1/$&\n", ">/"))).apply("abc") == "a<\\1/$&\n>c"


def test_what_would_be_too_large_is_not_done() -> None:
    assert read_substitution(f"/a/{'b' * 2000}/g").apply("a" * 2000) is None


@given(ODD, ODD)
def test_any_text_is_a_substitution_or_refused(substitution: str, text: str) -> None:
    try:
        read = read_substitution(substitution)
    except LabError:
        return
    read.apply(text)
