"""Constants of the language, as Kamailio 5.6.3 takes them."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg.nodes import Number, Text
from labsip.dialects.cfg.tokens import number_of, unescaped, written_at
from tests.dialects.cfg.texts import in_route, value, words


@pytest.mark.parametrize(
    ("written", "number"),
    [("10", 10), ("0", 0), ("0x1f", 31), ("017", 15), ("101b", 5), ("yes", 1), ("off", 0), ("-5", -5), ("-010", -8)],
)
def test_a_number_has_several_notations(written: str, number: int) -> None:
    found = value(written)
    assert isinstance(found, Number)
    assert found.value == number


@pytest.mark.parametrize(
    ("digits", "number"),
    [("2147483647", 2147483647), ("2147483648", -2147483648), ("4294967295", -1), ("99999999999", 1215752191)],
)
def test_a_number_has_32_bits(digits: str, number: int) -> None:
    assert number_of(digits) == number


def test_a_number_of_a_million_digits_is_read_like_any_other() -> None:
    assert number_of("1" * 1_000_000) == number_of("1" * 4000)


@pytest.mark.parametrize("wrong", ["0b101", "12abc", "08", "+5", "1.5"])
def test_what_is_no_number_is_told(wrong: str) -> None:
    assert len(in_route(f"$var(x) = {wrong};")) == 1


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\n\t\r\a\"\\", 'a\n\t\r\a"\\'),
        (r"\x41\101\x4", "AA\x04"),
        (r"\q\b\0b", r"\q\b\0b"),
        ("a\\\nb", "ab"),
        (r"\xc3\xa9", "é"),
        (r"\xe9", "\udce9"),
        ("ends\0here", "ends"),
    ],
)
def test_escapes_are_resolved_between_double_quotes(written: str, meant: str) -> None:
    assert unescaped(written) == meant


def test_single_quotes_have_no_escapes() -> None:
    found = value(r"'\n\x41'")
    assert isinstance(found, Text)
    assert found.value == r"\n\x41"


def test_a_place_in_a_value_is_found_in_what_is_written() -> None:
    assert [written_at(r"a\tb\x41c", offset) for offset in range(6)] == [0, 1, 3, 4, 8, 9]


def test_texts_in_double_quotes_beside_each_other_are_one() -> None:
    found = value('"one " "two "\n\t"three"')
    assert isinstance(found, Text)
    assert found.value == "one two three"
    assert [(piece.offset, piece.spot.line) for piece in found.pieces] == [(0, 2), (4, 2), (8, 3)]


@pytest.mark.parametrize("apart", ["'a' 'b'", "\"a\" 'b'", "'a' \"b\"", '"a" /* c */ "b"'])
def test_other_texts_beside_each_other_are_not(apart: str) -> None:
    assert len(in_route(f"$var(x) = {apart};")) == 1


def test_three_kinds_of_comments_are_passed_over() -> None:
    assert words("a # b\nc // d\ne /* f\n'g */ h") == ["a", "c", "e", "h"]


def test_signs_of_comments_in_a_text_belong_to_it() -> None:
    assert words('"no # comment // here /* nor */ here"') == ["no # comment // here /* nor */ here"]


def test_what_is_no_sign_of_the_language_is_passed_over() -> None:
    assert words("a \x00 b ? \\ ` c\ufeffd é e") == ["a", "b", "c", "d", "e"]
