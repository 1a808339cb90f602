"""How a mistake is told."""

from __future__ import annotations

from labsip.dialects.cfg import Fault, Spot, told_all
from labsip.dialects.cfg.faults import WIDTH, nearest


def fault(line: int, column: int, end: int, message: str = "wrong", **others: int) -> Fault:
    return Fault(Spot("a.cfg", line, column, end), message, "write it right", **others)


def test_the_line_is_shown_with_a_caret_under_each_character_and_tabs_as_spaces() -> None:
    assert fault(7, 3, 6).told("\t\tfoo(5);").splitlines() == [
        "a.cfg:7:3: wrong",
        "     7 |         foo(5);",
        "       |         ^^^",
        "       = write it right",
    ]


def test_of_a_long_line_the_part_around_the_mistake_is_shown() -> None:
    _, shown, carets, _ = fault(1, 5001, 5004).told("a" * 5000 + "foo" + "b" * 5000).splitlines()
    assert len(shown) == WIDTH + 9
    assert shown[carets.index("^") :].startswith("foo")


def test_what_moves_a_cursor_is_not_printed() -> None:
    assert "\x1b" not in fault(1, 1, 2).told("\x1b[2Jfoo")


def test_the_line_that_kamailio_names_is_told_only_if_it_is_another() -> None:
    assert "Kamailio reports it at line 9" in fault(7, 1, 2, kamailio=9).told()
    assert "Kamailio" not in fault(7, 1, 2, kamailio=7).told()


def test_the_same_mistake_in_several_lines_is_told_once() -> None:
    text = told_all([fault(1, 1, 2), fault(3, 1, 2), fault(2, 1, 2, "other"), fault(3, 5, 6), fault(4, 1, 2)], {})
    assert text.splitlines() == [
        "a.cfg:1:1: wrong",
        "       = write it right",
        "       = also in lines 3, 4",
        "",
        "a.cfg:2:1: other",
        "       = write it right",
    ]


def test_the_nearest_name_is_sought_for_names_of_a_usual_length() -> None:
    assert nearest("t_relya", ["t_relay", "t_reply"]) == "did you mean t_relay?"
    assert nearest("relay", ["RELAY", "REPLY"]) == "did you mean RELAY?"
    assert nearest("x" * 1_000_000, ["x" * 999_999]) == ""
