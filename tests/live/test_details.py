"""The details of one message: headers explained, changes, the lines of the route."""

from __future__ import annotations

from typing import Any

import pytest

from labsip import Call, Lab
from labsip.live.details import NO_TABLES, Details, details_of
from labsip.live.glossary import about
from labsip.sip.headers import COMPACT


def row_of(call: Call, summary: str, src: str) -> int:
    flow = call.flow
    return int(flow.index[(flow["summary"] == summary) & (flow["src"] == src)][0])


def details(lab: Lab, call: Call, summary: str, src: str) -> Details:
    found = details_of(call.messages, row_of(call, summary, src), lab.testbed)
    assert found is not None
    return found


@pytest.fixture
def call(lab: Lab) -> Call:
    return lab.phone("106").call("108")


def test_all_lines_of_the_message_are_there_and_every_header_is_explained(lab: Lab, call: Call) -> None:
    invite = details(lab, call, "INVITE", "106")
    named = [line for line in invite["lines"] if line["name"]]
    assert named[0] == {
        "name": "Via",
        "value": named[0]["value"],
        "mark": "",
        "about": "Via: The way back: each hop puts its own on top, a response takes them off. (RFC 3261 §20.42)",
    }
    assert not [line["name"] for line in named if "An extension" in line["about"]]


@pytest.mark.parametrize("name", sorted(set(COMPACT.values())))
def test_every_header_with_a_short_form_is_explained(name: str) -> None:
    assert "An extension" not in about(name)


def test_of_a_header_nobody_knows_is_told_what_that_means() -> None:
    assert about("X-Lesson") == "X-Lesson: An extension: who does not know it passes it on. (RFC 3261 §7.3.1)"


def test_the_lines_that_ran_are_marked_in_the_source_with_what_they_returned(lab: Lab, call: Call) -> None:
    [block] = details(lab, call, "INVITE", "106")["route"]
    assert block["label"] == "request_route"
    ran = {
        line["text"].strip(): [command["result"] for command in line["commands"]]
        for line in block["lines"]
        if line["commands"]
    }
    assert ran == {
        'if ksr.is_method("CANCEL"):': ["-1"],
        "if ksr.has_totag():": ["-1"],
        'if ksr.is_method("REGISTER"):': ["-1"],
        'if ksr.is_method("INVITE"):': ["1"],
        "ksr.record_route()": ["1"],
        'if not ksr.lookup("location"):': ["1"],
        "ksr.t_relay()": ["1"],
    }


def test_the_command_that_sent_a_message_is_told(lab: Lab, call: Call) -> None:
    [block] = details(lab, call, "INVITE", "proxy")["route"]
    assert [w["command"] for line in block["lines"] for w in line["commands"] if w["sent"]] == ["t_relay()"]


def test_what_came_in_shows_the_same_changes_as_what_went_out(lab: Lab, call: Call) -> None:
    came, went = (details(lab, call, "INVITE", src)["changes"] for src in ("106", "proxy"))
    assert came == went
    assert came["title"] == "106 → proxy → 108"
    assert [line["name"] for line in came["lines"] if line["mark"] == "+"] == ["Record-Route", "Via"]


def test_a_message_the_proxy_made_itself_has_no_changes(lab: Lab, call: Call) -> None:
    trying = next(s for s in call.flow["summary"] if s.startswith("100"))
    assert details(lab, call, trying, "proxy")["changes"] is None


def test_a_response_ran_through_no_route(lab: Lab, call: Call) -> None:
    assert details(lab, call, "180 Ringing", "108")["route"] == []


def test_of_a_route_that_was_replaced_the_commands_are_left_and_it_is_said(lab: Lab, call: Call) -> None:
    @lab.request_route
    def request_route(ksr: Any) -> None:
        ksr.sl_reply(480, "Not now")

    [block] = details(lab, call, "INVITE", "106")["route"]
    assert "has been replaced" in block["note"]
    assert [command["command"] for line in block["lines"] for command in line["commands"]][-1] == "t_relay()"


def test_the_tables_before_and_after_are_those_of_the_text(lab: Lab, call: Call) -> None:
    shown = details(lab, call, "INVITE", "106")["tables"]
    text = call.tables("INVITE")
    assert [table["title"] for table in shown["tables"]] == ["location table", "transactions"]
    rows = [[(row["mark"], tuple(row["cells"])) for row in table["rows"]] for table in shown["tables"]]
    assert rows == [list(map(tuple, rows)) for rows in text.tables.values()]
    assert rows[1][0] == ("+", ("INVITE from 106", "Proceeding", "100", ""))


def test_of_a_capture_no_route_and_no_table_is_known_and_it_is_said(call: Call) -> None:
    found = details_of(call.messages, int(call.flow.index[0]), None)
    assert found is not None
    assert found["route"] == []
    assert found["tables"] == {"note": NO_TABLES, "tables": []}


def test_what_is_no_longer_in_the_record_is_told_as_none(lab: Lab, call: Call) -> None:
    assert details_of(call.messages, 10_000, lab.testbed) is None
