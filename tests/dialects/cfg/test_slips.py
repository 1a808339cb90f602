"""Slips that learners make, and what they are told: all at once, and each once."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg import BadCfg, Fault, script_of
from tests.dialects.cfg.texts import FILE, MODULES, brief


def faults(text: str, *, head: str = MODULES) -> list[Fault]:
    """Those of form and meaning together; line 1 is the first behind the modules."""
    with pytest.raises(BadCfg) as caught:
        script_of(head + text, file=FILE)
    lines = head.count("\n")
    return [Fault(one.spot._replace(line=one.spot.line - lines), one.message, one.hint) for one in caught.value.faults]


def told(text: str) -> list[tuple[str, str]]:
    return [(brief(fault), fault.hint) for fault in faults(text)]


@pytest.mark.parametrize(
    ("statement", "message", "hint"),
    [
        ('if ($rm = "REGISTER") exit;', "5 = sets $rm, which can only be read", "write == to compare"),
        ('if (method = "REGISTER") exit;', "12 behind method comes ==, != or =~, not =", "write method == …"),
        (
            'if ksr.is_method("A") exit;',
            "4 ksr. belongs to another language",
            "write is_method(…) alone, as a kamailio.cfg has it",
        ),
        (
            "KSR.tm.t_relay();",
            "1 KSR. belongs to another language",
            "write t_relay(…) alone, as a kamailio.cfg has it",
        ),
        ("if ($rU == NULL) exit;", "12 there is no NULL", "write $null"),
        ("if ($rU is $null) exit;", "9 is is no operator here", "write =="),
        ('if (is_method("A") AND 1) exit;', "20 AND is no operator here", "write and; capitals count"),
        ('if is_method("A") then exit;', "19 then is no operator here", "the statement follows the condition at once"),
        ("RELAY();", "1 no command RELAY", "write route(RELAY)"),
        ("xlog(hello world);", "6 hello is no text", 'write it in quotes: "hello world…"'),
        ('sl_send_reply(404 "x");', '19 , or ) is missing before "x"', "arguments have commas between them"),
        (
            'sl_send_reply("404" "x");',
            "1 sl_send_reply takes 2 arguments, not 1",
            "texts side by side are one; arguments have commas between them",
        ),
        ('sl_send_reply "404", "x";', '15 ( is missing behind sl_send_reply, before "404"', "write sl_send_reply(…)"),
        ("$var[x] = 5;", "5 $var has no [", "write $var(x), or $(var[0])"),
        ("${x} = 5;", "1 a $ alone is no variable", "write $var(x)"),
        (
            "switch ($rm) { case INVITE: exit; }",
            "21 INVITE is no text",
            'write it in quotes: "INVITE"; or #!define it',
        ),
        (
            'switch ($rm) { case "A", "B": exit; }',
            "24 : is missing before ,",
            "each case has one constant; write one below the other",
        ),
    ],
)
def test_a_statement_is_told_once_with_what_is_meant(statement: str, message: str, hint: str) -> None:
    assert told(f"request_route {{\n{statement}\n}}\nroute[RELAY] {{ exit; }}\n") == [(f"2:{message}", hint)]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("request_route() {\n exit;\n}\n", "1:14 ( can't stand behind request_route", "write request_route { … }"),
        ("route(A) {\n exit;\n}\n", "1:6 the name A stands in square brackets", "write route[A] { … }"),
        (
            "def route(ksr):\n ksr.exit()\n",
            "1:1 nothing begins with def here",
            "that is Python; a route is request_route { … } here",
        ),
        (
            "route {\n exit;\n}\n}\n t_relay();\n",
            "4:1 } can't stand here, outside of routes",
            "there is one } more than {",
        ),
        (
            "route {\n if (1) {\n  exit;\n }\n }\n t_relay();\n}\n",
            "6:2 t_relay can't stand here, outside of routes",
            "the } in line 11 ends the route before it; is it one too many?",
        ),
        (
            "route {\n if (1) {\n  exit;\n t_relay();\n}\nroute[A] {\n exit;\n}\n",
            "6:1 route begins inside the { of line 7, which is not closed",
            "the } in line 11 closes the { of line 8, which stands further right; is a } missing there?",
        ),
        (
            "loadmodule kex.so\nroute { exit; }\n",
            "1:12 a module is a text in quotes, not kex",
            'write it as in loadmodule "tm.so"',
        ),
    ],
)
def test_a_block_or_a_declaration_is_told_once_with_what_is_meant(text: str, message: str, hint: str) -> None:
    assert told(text) == [(message, hint)]


def test_typographic_quotes_are_named() -> None:
    messages = [fault.message for fault in faults("route { xlog(“hello”); }\n")]
    assert messages == ["“ and ” are no quotes here", "hello is no text", "“ and ” are no quotes here"]


def test_elseif_goes_on_as_else_if() -> None:
    text = 'route {\n if (is_method("A")) { exit; }\n elseif (is_methd("B")) { exit; }\n else { $nosuch = 1; }\n}\n'
    assert [brief(fault) for fault in faults(text)] == [
        "3:2 there is no elseif",
        "3:10 no command is_methd",
        "4:9 no variable $nosuch",
    ]


def test_form_and_meaning_are_told_together() -> None:
    text = """request_route {
    xlog("$nosuch\\n")
    t_relya();
    if (method = "A") { route(NOWHERE); }
}
"""
    assert [brief(fault) for fault in faults(text)] == [
        "2:11 no variable $nosuch",
        "3:5 ; is missing at the end of line 8, before t_relya",
        "3:5 no command t_relya",
        "4:16 behind method comes ==, != or =~, not =",
        "4:31 no route[NOWHERE]",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        "route[A {\n exit;\n}\n",
        "route[A] exit;\n",
        "route(A) {\n exit;\n}\n",
        "route[A] { if (1) { exit;\n",
        'route[A] { xlog("a); }\n',
        "#!ifdef X\nroute[A] { exit; }\n",
        'include_file "not_there.cfg"\n',
        "/* route[A] { exit; }\n",
    ],
)
def test_a_route_that_could_not_be_read_is_not_called_missing(broken: str) -> None:
    messages = [fault.message for fault in faults("request_route { route(A); t_relya(); }\n" + broken)]
    assert "no route[A]" not in messages
    assert "no command t_relya" in messages
    assert len(messages) == 2


def test_what_a_broken_declaration_declares_is_not_called_missing() -> None:
    text = 'loadmodule maxfwd\nflags FIRST SECOND;\nmodparam("maxfwd", "max_limit", 5)\n'
    text += 'route { if (!mf_process_maxfwd_header("10")) setflag(SECOND); }\n'
    assert [brief(fault) for fault in faults(text)] == [
        "1:12 a module is a text in quotes, not maxfwd",
        "2:13 nothing begins with SECOND here",
    ]
