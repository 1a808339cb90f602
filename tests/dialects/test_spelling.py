"""A misspelt command is found before the route runs."""

from __future__ import annotations

from typing import Any

import pytest

from labsip.dialects.python import check_commands
from labsip.sip.errors import LabError, NoSuchName
from labsip.steps import STEPS


def decorated(function: Any) -> Any:
    return function


@decorated
def plain(ksr: Any) -> None:
    if ksr.is_method("INVITE"):
        ksr.t_relya()


def without_a_call(ksr: Any) -> None:
    relay = ksr.t_relya
    relay()


def alias(ksr: Any) -> None:
    k = ksr
    k.t_relya()


def nested(ksr: Any) -> None:
    def inner() -> None:
        ksr.t_relya()

    inner()


def handed_to_an_inner_one(ksr: Any) -> None:
    def inner(number: int, k: Any) -> None:
        k.t_relya(number)

    inner(1, ksr)


def helper(k: Any) -> None:
    k.t_relya()


def handed_on(ksr: Any) -> None:
    helper(ksr)


def variable(ksr: Any) -> Any:
    return ksr["$rru"]


def set_variable(ksr: Any) -> None:
    ksr["$avp[x]"] = 1


def recursive(ksr: Any) -> None:
    recursive(ksr)
    unknown_yet(ksr)  # type: ignore[name-defined]  # noqa: F821


def right(ksr: Any, other: Any = None) -> None:
    ksr["$var(x)"] = ksr["$hdr(User-Agent)"]
    other.t_relya()
    ksr.t_relay()


@pytest.mark.parametrize(
    ("route", "where"),
    [
        (plain, "line 4 of plain"),
        (without_a_call, "line 2 of without_a_call"),
        (alias, "line 3 of alias"),
        (nested, "line 3 of nested"),
        (handed_to_an_inner_one, "line 3 of handed_to_an_inner_one"),
        (handed_on, "line 2 of helper"),
    ],
)
def test_a_misspelt_command_is_told_with_its_line(route: Any, where: str) -> None:
    with pytest.raises(NoSuchName) as error:
        check_commands(route)
    assert str(error.value) == f"{where}: no command t_relya; did you mean t_relay?"


@pytest.mark.parametrize(
    ("route", "text"),
    [
        (variable, "line 2 of variable: no variable $rru; did you mean $rr or $ru?"),
        (set_variable, "line 2 of set_variable: '$avp[x]' is no variable; write it as in"),
    ],
)
def test_a_variable_that_does_not_exist_is_told_with_its_line(route: Any, text: str) -> None:
    with pytest.raises(LabError) as error:
        check_commands(route)
    assert str(error.value).startswith(text)


@pytest.mark.parametrize("route", [right, recursive, lambda ksr: ksr.t_relay(), print, len, lambda: None])
def test_what_is_right_or_can_t_be_read_passes(route: Any) -> None:
    check_commands(route)


@pytest.mark.parametrize("name", STEPS)
def test_the_lessons_routes_are_spelt_right(name: str) -> None:
    check_commands(STEPS[name].request_route)


def test_a_route_typed_into_a_prompt_has_no_source_and_passes() -> None:
    names: dict[str, Any] = {}
    exec("def route(ksr):\n    ksr.t_relya()\n", names)
    check_commands(names["route"])
