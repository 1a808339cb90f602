"""The Request-URI, rewritten part by part: what a real Kamailio 5.6.3 made of the same."""

from __future__ import annotations

from typing import Any

import pytest

from tests.modules.saying import AT_108, codes, relayed

WHOLE = "sip:108:pw@h:7;p=1?h=2"


@pytest.mark.parametrize(
    ("command", "args", "before", "after"),
    [
        ("strip", (1,), WHOLE, "sip:08:pw@h:7;p=1?h=2"),
        ("strip", ("2",), "sip:+491@h", "sip:91@h"),
        ("strip", (0,), WHOLE, WHOLE),
        ("strip", (99,), "sip:108@h:7;p=1", "sip:h:7;p=1"),
        ("strip_tail", (1,), WHOLE, "sip:10:pw@h:7;p=1?h=2"),
        ("strip_tail", (9,), "sip:108@h:7", "sip:h:7"),
        ("prefix", ("00",), "sip:108@h", "sip:00108@h"),
        ("prefix", ("00",), "sip:h:7;p=1", "sip:00@h:7;p=1"),
        ("rewriteuser", ("bob",), WHOLE, "sip:bob:pw@h:7;p=1?h=2"),
        ("setuser", ("bob",), "sip:h:7", "sip:bob@h:7"),
        ("rewriteuserpass", ("u:p",), "sip:bob@h:9", "sip:u:p@h:9"),
        ("rewritehost", ("h.x",), WHOLE, "sip:108:pw@h.x:7;p=1?h=2"),
        ("sethost", ("10.0.0.1",), "sip:108@h", "sip:108@10.0.0.1"),
        ("rewriteport", ("9",), WHOLE, "sip:108:pw@h:9;p=1?h=2"),
        ("rewriteport", ("",), WHOLE, "sip:108:pw@h;p=1?h=2"),
        ("rewritehostport", ("x:9",), WHOLE, "sip:108:pw@x:9;p=1?h=2"),
        ("rewritehostport", ("x",), WHOLE, "sip:108:pw@x;p=1?h=2"),
        ("rewritehostporttrans", ("x:9",), "sip:1@h;transport=tcp;a=b", "sip:1@x:9;a=b"),
        ("seturi", ("sip:z@w:1",), WHOLE, "sip:z@w:1"),
        ("rewriteuri", ("sip:z@w:1",), WHOLE, "sip:z@w:1"),
    ],
)
def test_a_part_is_rewritten_and_shows_at_once(command: str, args: tuple[Any, ...], before: str, after: str) -> None:
    said = codes(
        lambda k: k.seturi(before), lambda k: getattr(k, command)(*args), lambda k: k["$ru"], lambda k: k.revert_uri(),
        lambda k: k["$ru"],
    )  # fmt: skip
    assert said == [1, 1, after, 1, AT_108]


def test_what_is_no_uri_can_not_be_rewritten() -> None:
    assert codes(lambda k: k.seturi("junk"), lambda k: k.strip(1), lambda k: k.rewritehost("h")) == [1, -1, -1]


def test_a_next_hop_is_set_and_taken_back() -> None:
    said = codes(
        lambda k: k.isdsturiset(), lambda k: k.setdsturi("sip:1.2.3.4"), lambda k: k["$du"], lambda k: k.isdsturiset(),
        lambda k: k.resetdsturi(), lambda k: k.isdsturiset(), lambda k: k.setdsturi("x"),
    )  # fmt: skip
    assert said == [-1, 1, "sip:1.2.3.4", 1, 1, -1, -1]


def test_what_is_rewritten_is_sent() -> None:
    message = relayed(lambda k: [k.strip(2), k.prefix("+49"), k.rewritehostport("127.0.10.108")], "sip:00108@10.9.9.9")
    assert message.uri == "sip:+49108@127.0.10.108"


@pytest.mark.parametrize(("uri", "code"), [(AT_108, 1), ("sip:127.0.10.108", -1)])
def test_has_ruri_user(uri: str, code: int) -> None:
    assert codes(lambda k: k.has_ruri_user(), uri=uri) == [code]
