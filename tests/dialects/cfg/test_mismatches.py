"""Types that don't fit before anything runs."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg.mismatches import Sort, mismatches, sort_of
from tests.dialects.cfg.texts import value


@pytest.mark.parametrize(
    "written",
    [
        '"a" + 1', '1 + $var(x)', '"a" == 1', '$var(x) == "a"', '($var(x) + 1) == "a"', '"a" =~ 1', '(str)5 + 1 + "a"',
        '(int)"12abc" * 2', '"a" + ("b" == "c")', 'strlen((str)1) + 1', '1 + (src_ip == "a")', "@ruri.user + 1",
        '"a" eq 1', "defined $avp(x) + 1", "~$var(x) & $var(y)",
    ],
)  # fmt: skip
def test_what_kamailio_takes_fits(written: str) -> None:
    assert list(mismatches(value(written))) == []


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ('1 + "2"', 15), ('1 + 2 + "x"', 19), ('1 + $var(x) + "x"', 25), ('-"5"', 12), ('!"a"', 12), ('~"a"', 12),
        ('"a" - 1', 11), ('"a" * "b"', 11), ('1 == "a"', 16), ('(1 + 1) == "a"', 22), ('!$var(b) == "a"', 23),
        ('is_method("X") == "a"', 29), ('$var(b) < "10"', 21), ('"5" && 1', 11), ('1 =~ "a"', 16),
        ('(int)$var(b) + "a"', 26), ("defined is_method(\"X\")", 19), ("strlen(5)", 18), ("1 == @ruri.user", 16),
        ('(str)1 * 2', 11), ('$var(b) ieq "a"', 23),
    ],
)  # fmt: skip
def test_what_kamailio_refuses_is_told_at_the_operand(written: str, column: int) -> None:
    assert next(fault.spot.column for fault in mismatches(value(written))) == column


def test_plus_has_the_type_of_its_leftmost() -> None:
    assert [sort_of(value(written)) for written in ('"a" + 1 + 2', "1 + $x", "$x + 1", "$x - 1", "(str)1")] == [
        Sort.STR,
        Sort.INT,
        Sort.ANY,
        Sort.INT,
        Sort.STR,
    ]
