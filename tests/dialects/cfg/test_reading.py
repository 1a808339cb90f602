"""Blocks, and a whole file."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg import BadCfg, load_cfg, parse_cfg
from tests.dialects.cfg.texts import FILE, read, told


@pytest.mark.parametrize(
    ("head", "kind", "name"),
    [
        ("request_route", "request_route", ""),
        ("route", "request_route", ""),
        ("route[0]", "request_route", ""),
        ("route[NAME]", "route", "NAME"),
        ("route [ 1 ]", "route", "1"),
        ('route["WITH-DASH"]', "route", "WITH-DASH"),
        ("onreply_route", "onreply_route", ""),
        ("reply_route", "reply_route", ""),
        ("onreply_route[R]", "onreply_route", "R"),
        ("failure_route[F]", "failure_route", "F"),
        ("failure_route", "failure_route", ""),
        ("branch_route[B]", "branch_route", "B"),
        ("onsend_route", "onsend_route", ""),
        ("event_route[htable:expired:t]", "event_route", "htable:expired:t"),
        ("event_route[tm:local-request]", "event_route", "tm:local-request"),
    ],
)
def test_a_block_has_a_kind_and_may_have_a_name(head: str, kind: str, name: str) -> None:
    cfg, faults = read(f"{head} {{\n exit;\n}}\n")
    assert faults == ()
    (block,) = cfg.blocks
    assert (block.kind, block.name, block.spot.line, block.end.line) == (kind, name, 1, 3)
    assert block.label == (f"{kind}[{name}]" if name else kind)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("request_route[A] { exit; }", "1:14 request_route has no name"),
        ("reply_route[A] { exit; }", "1:12 reply_route has no name"),
        ("route[A-B] { exit; }", "1:8 ] is missing before -"),
        ("route[] { exit; }", "1:7 a name is missing before ]"),
        ("route A { exit; }", "1:7 { is missing before A"),
        ("route[children] { exit; }", "1:7 children is a word of the language, and no name for a route"),
        ("event_route { exit; }", "1:13 event_route needs the name of an event before {"),
        ("event_route[a] { exit; }", "1:13 a is no event"),
        ("request_route exit;", "1:15 { is missing before exit"),
        ("request_route { }", "1:17 request_route has nothing in it"),
        ("main { exit; }", "1:1 nothing begins with main here"),
    ],
)
def test_a_block_that_can_not_be_one_is_told(head: str, message: str) -> None:
    assert told(head + "\n")[0] == message


def test_declarations_and_blocks_may_follow_each_other_in_any_order() -> None:
    cfg, faults = read("route[A] { exit; };;\ndebug=2\nroute { exit; } route { drop; }\n")
    assert faults == ()
    assert (len(cfg.blocks), len(cfg.declarations)) == (3, 1)


def test_a_block_that_does_not_end_is_there_for_those_that_call_it() -> None:
    cfg, faults = read("route[A] {\n if (1) {\n exit;\n}\nroute { route(A); }\n")
    assert len(faults) == 1
    assert [(block.label, len(block.body)) for block in cfg.blocks] == [("route[A]", 1), ("request_route", 1)]


def test_an_empty_file_has_nothing_in_it() -> None:
    cfg, faults = read("")
    assert (cfg.blocks, cfg.declarations) == ((), ())
    assert [fault.message for fault in faults] == ["there is nothing in it"]


def test_load_raises_all_mistakes_with_their_lines() -> None:
    with pytest.raises(BadCfg) as raised:
        load_cfg(FILE, lambda _: b"debugg=3\nroute { $x = 7 % 3; }\n")
    assert str(raised.value).splitlines() == [
        "kamailio.cfg:1:1: the core has no parameter debugg",
        "     1 | debugg=3",
        "       | ^^^^^^",
        "       = did you mean debug?",
        "",
        "kamailio.cfg:2:16: % is no operator here",
        "     2 | route { $x = 7 % 3; }",
        "       |                ^",
        "       = the rest of a division is mod",
    ]
    assert len(raised.value.faults) == 2


def test_nothing_more_than_a_hundred_mistakes_is_told() -> None:
    assert len(told("route {\n" + "$x = 7 % 3;\n" * 1000 + "}\n")) == 100


def test_bytes_in_latin_1_are_read() -> None:
    cfg, faults = parse_cfg(b'# \xe9\nroute { xlog("\xe9\xff"); }\n', FILE)
    assert faults == ()
    assert cfg.texts[FILE][0] == "# \udce9"
