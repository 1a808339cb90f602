"""What is well formed and makes no sense."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg import parse_cfg, review
from tests.dialects.cfg.texts import FILE, KNOWN, MODULES, read, reviewed, reviewed_route


def test_a_configuration_that_makes_sense_has_no_faults() -> None:
    assert (
        reviewed(
            """
flags SEEN:3;
request_route {
    if (is_method("REGISTER") && !save("location")) { sl_reply_error(); exit; }
    setflag(SEEN);
    $var(x) = $(ru{uri.user}) + 1;
    route(RELAY);
}
route[RELAY] {
    t_on_failure("NEXT");
    if (!t_relay()) { xlog("not sent: $rm $hdr(From)\\n"); }
}
failure_route[NEXT] { if (t_check_status("486")) { exit; } }
"""
        )
        == []
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("t_relya();", "no command t_relya"),
        ("route(NOWHERE);", "no route[NOWHERE]"),
        ('route("NO" + "WHERE");', "no route[NOWHERE]"),
        ('is_method("A", "B");', "is_method takes 1 argument, not 2"),
        ("$nosuch = 1;", "no variable $nosuch"),
        ('xlog("at $nosuch");', "no variable $nosuch"),
        ('xlog("at $rm.");', "no variable $rm."),
        ('xlog("at $(ru{s.nosuch})");', "no transformation {s.nosuch}"),
        ("$var(x) = $(ru{s.nosuch});", "no transformation {s.nosuch}"),
        ('xlog("at $(ru{s.substr,0,$nosuch})");', "no variable $nosuch"),
        ('xlog("at $(hdr(X)[$nosuch])");', "no variable $nosuch"),
        ('xlog("at $sht(t=>$nosuch)");', "no variable $nosuch"),
        ('xlog("costs 5$");', "a $ alone is no variable"),
        ('$rm = "BYE";', "$rm can only be read"),
        ("$(ru{s.len}) = 5;", "$(ru{s.len}) can't be set: it has a transformation"),
        ("$var = 5;", "$var needs a name in brackets"),
        ("$var() = 5;", "$var() has no name in its brackets"),
        ("$ru(x) = 5;", "$ru takes no name in brackets"),
        ("$var(x) = $(ru[1]);", "$ru takes no index"),
        ("setflag(FLAG);", "flag FLAG is not declared"),
        ("setflag(32);", "there is no flag 32"),
        ('$var(x) = 1 + "2";', "a number on the left of + can't have a text on its right"),
        ('return "abc";', "return takes a number"),
        ("is_method($var(x));", "argument 1 of is_method must be a constant"),
        ('xlog("a" + $var(x));', "argument 1 of xlog must be a constant"),
        ('xlog(is_method("A"));', "a command can't be an argument of xlog"),
        ('t_drop_replies("a");', "t_drop_replies can't be used in request_route"),
        ('lookup("location"); sd_lookup("a");', "sd_lookup is a command of speeddial, which is not loaded"),
        ("if (to_ip == 10.0.0.1) exit;", "to_ip is only known in onsend_route"),
        ("switch ($rm) { case 1: break; case 1: break; }", "case 1 is there already, in line 7"),
        ('switch ($rm) { case 1: break; case "a": break; }', "the cases of a switch are all numbers, or all texts"),
        ("switch ($rm) { default: break; default: break; }", "default is there already, in line 7"),
    ],
)
def test_what_is_meant_is_told(body: str, message: str) -> None:
    assert message in reviewed_route(body)


@pytest.mark.parametrize(
    "body",
    [
        't_check_status("^4[0-9]+$");',
        'is_method("A" "B");',
        'xlog("a" + "b" + 5);',
        "route(0);",
        "route($var(x));",
        "remove_hf($var(x));",
        'switch ($rm) { case "a": case /"^a": case "b": break; }',
        'xlog("$$5 $(ru{uri.user})");',
        "return -1;",
        "setflag(31);",
    ],
)
def test_what_kamailio_takes_is_taken(body: str) -> None:
    assert reviewed_route(body) == []


def test_the_nearest_name_is_told() -> None:
    cfg, _ = read(f'{MODULES}request_route {{ t_relya(); xlog("$fuu"); route(RELAYY); }} route[RELAY] {{ exit; }}')
    hints = [fault.hint for fault in review(cfg, KNOWN)]
    assert hints == ["did you mean t_relay?", "did you mean $fu?", "did you mean RELAY?"]


def test_a_variable_in_a_text_is_told_at_its_place() -> None:
    cfg, _ = read(f'{MODULES}route {{\n  xlog("\\t$nosuch");\n}}\n')
    (fault,) = review(cfg, KNOWN)
    assert (fault.spot.line, fault.spot.column, fault.spot.end) == (8, 11, 18)


def test_a_command_needs_its_module() -> None:
    assert reviewed("route { t_relay(); }", head="") == ["t_relay is a command of tm, which is not loaded"]
    assert reviewed("route { $var(x) = $rc; }", head="")[0] == "$var is a variable of pv, which is not loaded"


def test_the_line_that_kamailio_names_is_told_where_it_is_another() -> None:
    cfg, _ = read(f'{MODULES}route {{\n  t_relya(\n   "x"\n  );\n}}\n')
    (fault,) = review(cfg, KNOWN)
    assert (fault.spot.line, fault.kamailio) == (8, 10)
    assert "Kamailio reports it at line 10" in fault.told()


def test_a_command_in_a_block_it_is_not_for_is_told() -> None:
    assert reviewed('onreply_route[R] { sl_reply("200", "OK"); }') == ["sl_reply can't be used in onreply_route"]
    assert reviewed("reply_route { t_relay(); }") == ["t_relay can't be used in reply_route"]
    assert reviewed("route[A] { t_relay(); } event_route[core:pre-routing] { t_relay(); }") == []
    assert reviewed('onsend_route { xlog("a"); t_relay(); }') == ["t_relay can't be used in onsend_route"]
    assert reviewed('onreply_route { t_on_failure("F"); } failure_route[F] { exit; }') == [
        "t_on_failure can't be used in onreply_route"
    ]


def test_the_same_route_twice_is_told_and_two_request_routes_are_not() -> None:
    assert reviewed("route[A] { exit; } route[A] { drop; }") == ["there is a route[A] already"]
    assert reviewed("request_route { exit; } route { drop; } reply_route { exit; } reply_route { exit; }") == []


def test_a_block_that_is_only_named_to_tm_is_a_warning() -> None:
    cfg, _ = read(f'{MODULES}route {{ t_on_failure("NO"); }}')
    (fault,) = review(cfg, KNOWN)
    assert (fault.message, fault.severe) == ("no failure_route[NO]", False)
    assert ": warning: no failure_route[NO]" in fault.told()


def test_commands_of_a_module_that_is_accepted_may_have_any_name() -> None:
    from labsip.dialects.cfg import known_of
    from labsip.vocabulary import EXPORTS

    text = 'loadmodule "presence.so"\nroute { handle_publish(); }\n'
    cfg, _ = parse_cfg(text, FILE)
    module, command = review(cfg, KNOWN)
    assert module.message == "labsip has no module presence"
    assert command.message == "labsip does not have handle_publish, a command of presence"
    assert command.hint == "--accept-module presence lets it answer, without effect"
    (missing,) = review(parse_cfg(text.partition("\n")[2], FILE)[0], KNOWN)
    assert missing.message == "handle_publish is a command of presence, which is not loaded"
    assert missing.hint.endswith("give --accept-module presence: labsip has no such module")
    assert review(cfg, known_of(EXPORTS, ["presence"])) == ()


def test_setting_a_variable_in_a_condition_is_a_warning() -> None:
    cfg, _ = read(f"{MODULES}route {{ if ($var(x) = 5) exit; while (($var(y) = 0)) drop; }}")
    assert [(fault.message, fault.severe) for fault in review(cfg, KNOWN)] == [
        ("= in a condition sets the variable", False),
        ("= in a condition sets the variable", False),
    ]
