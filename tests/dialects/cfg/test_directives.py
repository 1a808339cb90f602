"""The preprocessor: defines, conditions, replacements in texts."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg import directives
from labsip.dialects.cfg.nodes import Assignment, Text
from tests.dialects.cfg.texts import read, told, words


def test_a_define_is_read_in_place_of_its_name() -> None:
    assert words('#!define A 5\n#!define T "x y"\n#!define E 1 + 2\nA T E AA\n') == ["5", "x y", "1", "+", "2", "AA"]


def test_a_define_may_be_several_statements_over_several_lines() -> None:
    assert words('#!define S xlog("x"); \\\n exit;\nS\n') == ["xlog", "(", "x", ")", ";", "exit", ";"]


def test_a_define_within_a_define_is_read_too() -> None:
    assert words("#!define A B\n#!define B 7\nA\n") == ["7"]


def test_a_define_between_texts_stays_a_text_of_its_own_until_the_next_one() -> None:
    assert words('#!define T "b"\nT "c"\n') == ["b", "c"]
    assert told('#!define T "b"\nrequest_route { $var(x) = "a" T; }\n')[0].startswith("2:31 ;")


def test_names_in_texts_and_in_variables_are_no_defines() -> None:
    assert words('#!define A 5\n"A" $var(A) $A\n') == ["A", "$var(A)", "$A"]


def test_a_word_of_the_language_is_never_replaced() -> None:
    assert words("#!define children 5\nchildren=2\n") == ["children", "=", "2"]


def test_what_comes_out_of_a_define_has_the_place_of_its_name() -> None:
    cfg, _ = read('#!define T "x"\nrequest_route {\n  $var(a) = T;\n}\n')
    (statement,) = cfg.blocks[0].body
    assert isinstance(statement, Assignment)
    assert isinstance(statement.value, Text)
    assert (statement.value.spot.line, statement.value.spot.column) == (3, 13)


def test_a_comment_in_a_define_goes_on_behind_its_name() -> None:
    assert words("#!define A 1 # one\nA + 2\n3\n") == ["1", "3"]


@pytest.mark.parametrize("second", ["#!define A 2", "#!def A 2", "!!define A"])
def test_a_name_can_be_defined_once(second: str) -> None:
    assert told(f"#!define A 1\n{second}\n") == ["2:1 A is defined already"]


def test_trydef_keeps_and_redefine_changes() -> None:
    assert words("#!trydef A 2\n#!trydef B 3\n#!redefine B 4\nA B\n", A="1") == ["1", "4"]


def test_a_define_of_itself_is_told() -> None:
    assert (
        told("#!define A 1 + A\nroute[A] { exit; }\n")[0]
        == "2:7 A is defined as something with A in it, which never ends"
    )


def test_defines_that_grow_without_end_are_told() -> None:
    lines = "".join(f"#!define A{n} {f'A{n + 1} ' * 10}\n" for n in range(30))
    faults = told(f"{lines}#!define A30 x\nA0\n")
    assert any("defines within defines without end" in fault for fault in faults)


def test_a_name_has_no_dash() -> None:
    assert told("#!define A-B 1\n") == ["1:1 a name has no - in it: #!define A-"]


def test_conditions_nest_and_what_is_left_out_need_not_be_well_formed() -> None:
    text = """\
#!define A
#!ifdef A
one
#!ifdef B
 ( " '
#!else
two
#!endif
#!else
this ( is
#!endif
#!ifndef B
three
#!endif
"""
    assert words(text) == ["one", "two", "three"]


def test_a_condition_asks_for_what_was_given_too() -> None:
    assert words("#!ifdef A\none\n#!else\nno\n#!endif\n", A=None) == ["one"]
    assert words("!!ifdef A\none\n!!endif\ntwo\n") == ["two"]


def test_directives_stand_anywhere_but_in_comments_and_texts() -> None:
    assert words('debug #!define A 1\n# #!define B 2\nA B "#!define C 3"\n') == ["debug", "1", "B", "#!define C 3"]


def test_an_ifdef_without_endif_is_told_where_it_begins() -> None:
    assert told("#!ifdef A\ndebug=1\n") == ["1:1 #!ifdef A has no #!endif"]
    assert told("#!ifdef A\n#!ifdef B\n#!endif\n") == ["1:1 #!ifdef A has no #!endif"]


@pytest.mark.parametrize("word", ["endif", "else"])
def test_an_endif_or_else_without_ifdef_is_told(word: str) -> None:
    assert told(f"debug=1\n#!{word}\n") == [f"2:1 this #!{word} has no #!ifdef"]


def test_an_endif_with_something_behind_it_is_a_comment_as_in_kamailio() -> None:
    (fault,) = read("#!ifdef A\n#!endif # A\n").faults
    assert fault.message == "#!ifdef A has no #!endif"
    assert "line 2" in fault.hint


def test_an_unknown_directive_is_a_comment() -> None:
    assert words("#!defexp A 1 + 2\n#!ifexp X\nA\n") == ["A"]


def test_subst_replaces_in_texts_alone() -> None:
    assert words('#!subst "/NET/192.0.2.7/"\nNET "NET NET"\n') == ["NET", "192.0.2.7 NET"]


def test_subst_has_flags_groups_and_any_sign_between() -> None:
    assert words('#!subst "!b(.)!<\\1\\0>!gi"\n"bx-BY"\n') == ["<xbx>-<YBY>"]


def test_subst_changes_the_texts_of_those_behind_it() -> None:
    assert words('#!subst "/ghi/X/g"\n#!subst "/abc/ghi/g"\n"abc"\n') == ["X"]


def test_subst_resolves_the_escapes_of_its_text_and_of_what_comes_in() -> None:
    assert words('#!subst "/\\x41B\\/C/\\$1\\n\\1/"\n"AB/C"\n') == ["$1\n"]


def test_subst_leaves_a_text_as_it_is_where_a_match_is_empty() -> None:
    assert words('#!subst "/b*/X/g"\n"bab"\n') == ["bab"]


@pytest.mark.parametrize("old", ["(a*)*b", "(a|aa)+c", "(a+a+)+y"])
def test_a_subst_that_would_never_end_ends(old: str) -> None:
    text = "a" * 5000
    assert words(f'#!subst "/{old}/X/g"\n"{text}"\n') == [text]


def test_too_many_substs_for_so_much_text_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directives, "MOST_SEARCHED", 10_000)
    substs = "".join(f'#!subst "/x{number}y/z/"\n' for number in range(10))
    assert told(f'{substs}"{"a" * 1500}"\n') == ["11:1 too much text for so many #!subst"]


def test_substdef_is_a_define_too() -> None:
    assert words('#!substdef "!PORT!5060!g"\n#!substdefs "!WORD!hi!"\nPORT WORD "aPORT WORD"\n') == [
        "5060",
        "hi",
        "a5060 hi",
    ]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('"/a/b"', "#!subst: '/a/b' is no substitution; write it as in /old/new/g"),
        ('"/a/b/x"', "#!subst: '/a/b/x': there is no flag 'x'"),
        ('"/a(/b/"', "#!subst: 'a(' is no regular expression"),
        ('"/a/$rm/"', "#!subst: $rm can't be filled in here"),
        ("/a/b/", "#!subst has no text behind it"),
    ],
)
def test_a_replacement_that_can_not_be_one_is_told(written: str, message: str) -> None:
    assert message in told(f"#!subst {written}\n")[0]


def test_def_reads_what_is_defined() -> None:
    cfg, _ = read('#!define T "abc"\n#!define N 5\n', A=None, B="7")
    assert cfg.defines == {"A": "", "B": "7", "T": '"abc"', "N": "5"}


@pytest.mark.parametrize("value", ["\\\n5", "1 + \\\r\n5"])
def test_a_backslash_that_does_not_continue_the_line_is_told(value: str) -> None:
    assert told(f"#!define A {value}\n") == ["1:1 the \\ behind #!define A does not continue the line"]
