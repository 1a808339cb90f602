"""Conditions as values: what a real Kamailio 5.6.3 makes of `||` and `&&`, and of constants that change nothing."""

from __future__ import annotations

import pytest

from tests.dialects.cfg.plays import printed

ROUTES = 'route[M] { return -3; }\nroute[P] { xlog("ran"); return 5; }\n'


def asked(expression: str) -> list[str]:
    """The value that is assigned, and whether a condition holds."""
    given = "$var(e) = -5; $var(f) = 5; $var(z) = 0; $var(s) = '7';"
    told = f'$var(d) = {expression}; xlog("$var(d)"); if ({expression}) xlog("yes"); else xlog("no");'
    return printed(f"{ROUTES}request_route {{ {given} {told} }}")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('is_method("INVITE") || 0', "-1 no"),
        ('0 || is_method("INVITE")', "-1 no"),
        ('1 && is_method("INVITE")', "-1 no"),
        ("route(M) && 1", "-3 no"),
        ("(route(M) || 0) && 1", "-3 no"),
        ("route(M) || $var(z)", "0 no"),
        ("(route(M) || 0) || $var(z)", "0 no"),
        ("route(M) == 0", "1 yes"),
        ("(route(M) || 0) < 0", "0 no"),
        ("route(M) * 1", "-3 no"),
        ("route(M) - 0", "-3 no"),
        ("route(M) / 1", "-3 no"),
        ("route(M) ^ 0", "0 no"),
        ("$var(e) || $var(z)", "1 yes"),
        ("$var(e) && $var(f)", "1 yes"),
        ('$var(e) && is_method("OPTIONS")', "1 yes"),
        ("($var(f) - 10) || $var(z)", "1 yes"),
        ("$var(e) || 0", "-5 no"),
        ("$var(s) && 1", "7 yes"),
        ("$var(s) + 0", "70 yes"),
        ("$var(f) && 5", "1 yes"),
        ("!($var(e) || 0)", "0 no"),
        ("$null || $var(e)", "1 yes"),
    ],
)
def test_a_condition_has_the_value_it_has_in_kamailio(expression: str, value: str) -> None:
    assert asked(expression) == value.split()


@pytest.mark.parametrize("expression", ["route(P) && 0", "route(P) || 1", "0 * route(P)"])
def test_what_a_constant_decides_is_not_run(expression: str) -> None:
    assert "ran" not in asked(expression)


def test_a_command_joined_to_a_text_is_1_or_0() -> None:
    assert asked('"x" + route(M)')[0] == "x0"
