"""Arguments of commands: which variables in a text are filled in."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg import script_of
from tests.dialects.cfg.plays import HEAD, bench_of

GIVEN = '$var(x) = "ex"; $var(y) = "why"; $var(c) = 404;'


def reason(statements: str) -> str:
    """Of the response to an OPTIONS."""
    bench = bench_of(f"request_route {{ {GIVEN} {statements} }}")
    caller = bench.end("106")
    caller.send(caller.request("OPTIONS"))
    return caller.response(404).reason


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("$var(x) more", "ex"),
        (" $var(x) more", "ex"),
        ("$var(x)-$var(y)", "ex"),
        ("$(var(x){s.len}) more", "2"),
        ("more $var(x)", "more ex"),
        ("more $var(x) $var(y)", "more ex why"),
        ("$hdr(X-No) more", "Not Found"),
    ],
)
@pytest.mark.parametrize("command", ["sl_reply", "sl_send_reply", "send_reply"])
def test_a_reason_that_begins_with_a_variable_is_that_variable_alone(command: str, text: str, sent: str) -> None:
    assert reason(f'{command}("404", "{text}");') == sent


@pytest.mark.parametrize(("text", "sent"), [("$var(x) more", "ex"), ("more $var(x)", "more $var(x)")])
@pytest.mark.parametrize("command", ["t_reply", "t_send_reply"])
def test_a_reason_of_tm_is_a_variable_or_a_text_as_it_is(command: str, text: str, sent: str) -> None:
    assert reason(f't_newtran(); {command}("404", "{text}");') == sent


def test_a_code_that_begins_with_a_variable_is_that_variable_alone() -> None:
    assert reason('sl_reply("$var(c)9", "No");') == "No"


@pytest.mark.parametrize(
    ("call", "warning"),
    [
        ('sl_reply("404", "$var(x) more")', "sl_reply takes $var(x) alone: the text begins with it"),
        ('t_reply("404", "more $var(x)")', "t_reply takes this text as it is: variables are not filled in"),
    ],
)
def test_a_text_that_is_not_filled_in_is_a_warning(call: str, warning: str) -> None:
    assert [fault.message for fault in script_of(f"{HEAD}request_route {{ {call}; }}").warnings] == [warning]


@pytest.mark.parametrize("call", ['sl_reply("404", "$var(x)")', 'sl_reply("404", "more $var(x)")'])
def test_a_text_that_is_filled_in_is_none(call: str) -> None:
    assert not script_of(f"{HEAD}request_route {{ {call}; }}").warnings
