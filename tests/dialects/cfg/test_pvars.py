"""Variables in code and in texts."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg.nodes import CommandCall, Pvar, Template, Text
from labsip.dialects.cfg.pvars import template
from tests.dialects.cfg.texts import brief, in_route, read, route, value


def shown(parts: Template | None) -> list[str]:
    return [f"<{part.text}>" if isinstance(part, Pvar) else part for part in parts or ()]


def filled(text: str) -> list[str]:
    parts, faults = template(Text(value("1").spot, text))
    assert faults == ()
    return shown(parts)


def pvar(written: str) -> Pvar:
    found = value(written)
    assert isinstance(found, Pvar)
    return found


def test_a_variable_has_a_name_brackets_an_index_and_transformations() -> None:
    found = pvar("$(avp(x)[-1]{s.substr,0,$var(n)}{s.len})")
    assert (found.name, shown(found.inner), found.index) == ("avp", ["x"], -1)
    assert [(one.name, [shown(argument) for argument in one.arguments]) for one in found.transforms] == [
        ("s.substr", [["0"], ["<$var(n)>"]]),
        ("s.len", []),
    ]


@pytest.mark.parametrize(
    ("written", "name", "inner", "index"),
    [
        ("$ru", "ru", None, None),
        ("$(ru)", "ru", None, None),
        ("$sht(t=>$rm)", "sht", ["t=>", "<$rm>"], None),
        ("$(hdr(Via)[*])", "hdr", ["Via"], "*"),
        ("$xavp(x[0]=>b)", "xavp", ["x[0]=>b"], None),
        ("$avp(s:a)", "avp", ["s:a"], None),
        ("$sel(cfg_get.a.b)", "sel", ["cfg_get.a.b"], None),
        ("$dbr(ra=>[0,0])", "dbr", ["ra=>[0,0]"], None),
    ],
)
def test_variables_have_several_spellings(written: str, name: str, inner: list[str] | None, index: object) -> None:
    found = pvar(written)
    assert (found.name, found.index) == (name, index)
    assert (None if found.inner is None else shown(found.inner)) == inner


def test_an_index_may_be_a_variable() -> None:
    found = pvar("$(hdr(X)[$var(i)])")
    assert isinstance(found.index, Pvar)
    assert found.index.name == "var"


@pytest.mark.parametrize(
    ("written", "arguments"),
    [
        ("{s.select,1,,}", ["1", ","]),
        ("{s.select,-1,;}", ["-1", ";"]),
        ("{s.rm, }", [" "]),
        ("{re.subst,/a{1,2},b/c/g}", ["/a{1,2},b/c/g"]),
        ("{param.value,b}", ["b"]),
    ],
)
def test_a_comma_may_be_an_argument(written: str, arguments: list[str]) -> None:
    (found,) = pvar(f"$(ru{written})").transforms
    assert [shown(argument) for argument in found.arguments] == [[argument] for argument in arguments]


def test_a_text_is_parts_and_variables() -> None:
    assert filled("to $rU at $(hdr(To){s.len}), 5$$ $var(a)") == [
        "to ",
        "<$rU>",
        " at ",
        "<$(hdr(To){s.len})>",
        ", 5$ ",
        "<$var(a)>",
    ]
    assert filled("plain") == ["plain"]
    assert filled("") == []


def test_in_a_text_a_dot_belongs_to_a_bare_name() -> None:
    assert filled("$rm. $(rm).") == ["<$rm.>", " ", "<$(rm)>", "."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5 $ x", "a $ alone is no variable"),
        ("$(ru {s.len})", "$(ru {s.len}) is no variable"),
        ("$(hdr(X){s.len}[0])", "$(hdr(X){s.len}[0]) is no variable"),
        ("$var(a", "this ( is not closed"),
        ("$(hdr(X)[x])", "[x] is no index"),
        ("$()", "$() is no variable"),
    ],
)
def test_what_is_no_variable_is_told_and_stays_as_it_is(text: str, message: str) -> None:
    parts, faults = template(Text(value("1").spot, text))
    assert [fault.message for fault in faults] == [message]
    assert "".join(part for part in parts if isinstance(part, str)) == text


def test_a_mistake_in_a_text_is_told_at_its_place() -> None:
    (statement,) = route('xlog("\\t[$rm]\n" "and $(ru {x}) and\n\\"$( ");')
    assert isinstance(statement, CommandCall)
    (text,) = statement.arguments
    assert isinstance(text, Text)
    parts, faults = template(text)
    assert [brief(fault) for fault in faults] == [
        "3:12 $(ru {x}) is no variable",
        "4:4 this ( is not closed",
    ]
    assert [part.spot[1:3] for part in parts if isinstance(part, Pvar)] == [(2, 10)]


def test_a_variable_in_code_that_is_none_is_told() -> None:
    assert in_route("$var(a) = $(ru {s.len});") == ["$(ru {s.len}) is no variable"]
    assert in_route("$ = 5;") == ["a $ alone is no variable"]


def test_a_megabyte_of_open_brackets_is_no_trouble() -> None:
    text = "$(a(" * 250_000
    parts, faults = template(Text(value("1").spot, text))
    assert len(faults) == 20
    assert "".join(part for part in parts if isinstance(part, str)) == text
    assert read(f'route {{ xlog("{text[:1_000_000]}"); }}').faults == ()
