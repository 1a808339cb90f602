"""The proxy's tables before and after a message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labsip import Lab, LabError
from labsip.flow.history import MANY
from labsip.trace import Tables, Trace
from labsip.view.before_after import BeforeAfter


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(seed=1, net="memory", name="before-after") as lab:
        lab.use("cancel")
        lab.phone("106").register()
        yield lab


def marked(told: BeforeAfter, table: str) -> list[str]:
    """The rows that changed, each as `mark first-cell second-cell ...`."""
    return [" ".join((row.mark, *filter(None, row.cells))) for row in told.tables[table] if row.mark != " "]


def test_a_register_puts_a_binding_into_the_location_table(lab: Lab) -> None:
    told = lab.phone("108").register().tables("REGISTER")
    assert marked(told, "location") == ["+ 108 sip:108@127.0.10.108:5060 3600 -1 1"]
    assert told.location["AoR"].tolist() == ["106", "108"]
    assert told.tables["transactions"] == []


def test_a_binding_that_is_refreshed_is_told_as_it_was_and_as_it_is(lab: Lab) -> None:
    lab.wait(100)
    told = lab.phone("106").register().tables("REGISTER")
    assert marked(told, "location") == [
        "~ 106 sip:106@127.0.10.106:5060 3500 -1 1",
        "> 106 sip:106@127.0.10.106:5060 3600 -1 2",
    ]
    assert marked(lab.phone("106").unregister().tables("REGISTER"), "location")[0].startswith("- 106")


def test_what_the_proxy_sends_shows_the_same_as_what_made_it_send(lab: Lab) -> None:
    registered = lab.phone("108").register()
    assert registered.tables("200").tables == registered.tables("REGISTER").tables


def test_a_cancel_walks_through_the_transactions(lab: Lab) -> None:
    lab.phone("108").register()
    lab.phone("108").ring()
    call = lab.phone("106").call("108")
    call.cancel()
    assert marked(call.tables("INVITE"), "transactions") == [
        "+ INVITE from 106 Proceeding 100",
        "+ INVITE to 108 Calling A 0.500 s, B 30.000 s",
    ]
    told = call.tables("CANCEL")
    assert [row.cells[:3] for row in told.tables["transactions"] if row.mark in " -~"] == [
        ("INVITE from 106", "Proceeding", "180"),
        ("INVITE to 108", "Proceeding", "180"),
    ]
    assert marked(told, "transactions") == [
        "~ INVITE to 108 Proceeding 180 C 119.998 s",
        "> INVITE to 108 Proceeding 180 cancel 30.000 s, C 119.998 s",
        "+ CANCEL to 108 Trying E 0.500 s, F 30.000 s",
        "+ CANCEL from 106 Completed 200 J 5.000 s",
    ]
    assert "> INVITE to 108 Completed 487 D 5.000 s" in marked(call.tables("487"), "transactions")


def test_a_timer_s_message_shows_what_the_timer_changed(lab: Lab) -> None:
    lab.phone("108").register()
    lab.phone("108").ignore()
    call = lab.phone("106").call("108", wait=False)
    lab.wait(40)
    assert marked(call.tables("408"), "transactions") == [
        "~ INVITE from 106 Proceeding 100",
        "> INVITE from 106 Completed 408 G 0.500 s, H 5.000 s",
        "- INVITE to 108 Calling B 0.000 s, A 1.500 s",
    ]


def test_a_repeat_finds_the_transactions_its_first_made(lab: Lab) -> None:
    lab.phone("108").register()
    lab.phone("108").ring()
    lab.wire("106", "proxy").set(duplicate=1)
    flow = lab.phone("106").call("108").flow
    told = lab.tables(int(flow.index[flow["repeat"] & (flow["summary"] == "INVITE")][0]))
    assert told.transactions["Transaction"].tolist() == ["INVITE from 106", "INVITE to 108"]
    assert marked(told, "transactions") == []


def test_a_message_that_was_lost_changed_nothing(lab: Lab) -> None:
    phone = lab.phone("108")
    lab.wire("108", "proxy").drop("REGISTER")
    told = phone.register().tables("REGISTER")
    assert told.note == "It never arrived at the proxy, which had:"
    assert marked(told, "location") == []
    assert "nothing changed" in repr(told)


def test_a_message_between_phones_is_not_the_proxy_s_affair(lab: Lab) -> None:
    @lab.request_route
    def request_route(ksr: Any) -> None:
        ksr.lookup("location")
        ksr.t_relay()  # without Record-Route: the ACK goes past the proxy

    lab.phone("106").answer()
    call = lab.phone("108").call("106")
    told = call.tables("ACK")
    assert told.note == "It did not go by the proxy, which had:"
    assert told.transactions["mark"].unique().tolist() == [" "]


def test_other_calls_come_last_and_in_short(lab: Lab) -> None:
    lab.phone("108").register()
    lab.phone("108").ring()
    for _ in range(4):
        lab.phone("106").call("108")
    told = lab.phone("106").call("108").tables("INVITE").tables["transactions"]
    assert [row.cells[0] for row in told[:2]] == ["INVITE from 106", "INVITE to 108"]
    assert told[2].cells[0] == "INVITE from 106, another call"
    assert told[-1].cells[0] == f"and {8 - MANY} more, as they were"


def test_a_restart_empties_both_tables(lab: Lab) -> None:
    lab.restart()
    told = lab.phone("108").options("sip:127.0.10.1").tables("OPTIONS")
    assert told.tables == {"location": [], "transactions": []}
    assert "nobody is registered" in repr(told)


def test_tables_stand_as_the_proxy_s_own(lab: Lab) -> None:
    """On a bad line: what is told of the last message is what is there."""
    lab.wire().set(loss=0.2)
    lab.phone("108").register()
    for _ in range(5):
        lab.phone("106").call("108", wait=False)
        lab.wait(0.7)
    told = lab.tables(int(lab.flow.index[-1]))
    assert set(told.location["AoR"]) == set(lab.location["AoR"])
    tables = lab.testbed.net.trace.tables
    assert tables is not None
    again: dict[Any, Any] = {}
    for change in tables.changes:  # from the first change on, the other way round
        again[change.table, change.key] = change.after
    assert {place: row for place, row in again.items() if row is not None} == tables.rows


def test_the_text_has_both_tables_in_columns(lab: Lab) -> None:
    told = lab.phone("108").register().tables("REGISTER")
    assert (
        repr(told)
        == """\
108 -> proxy  REGISTER

location table
  AoR  Address                    Expires  Q   CSeq
  106  sip:106@127.0.10.106:5060  3600     -1  1
+ 108  sip:108@127.0.10.108:5060  3600     -1  1

transactions
  none

      + added   - removed   ~ changed, > to this"""
    )
    assert "108" in told._repr_html_()


def test_of_a_message_that_is_not_there_it_is_said(lab: Lab) -> None:
    with pytest.raises(LabError, match="no message has row 4711"):
        lab.tables(4711)


def test_what_is_older_than_the_record_of_the_tables_is_said(lab: Lab) -> None:
    tables = lab.testbed.net.trace.tables
    assert tables is not None
    tables.changes = type(tables.changes)(maxlen=1)
    lab.phone("108").register()
    assert repr(lab.tables(0)).splitlines()[1].startswith("It was too long ago")
    assert lab.tables(0).location.empty


def test_nothing_is_recorded_unless_asked_for() -> None:
    assert Trace().tables is None


def test_a_row_changed_twice_in_a_turn_leaves_one_change() -> None:
    tables = Tables()
    for row in ("a", "b"):
        tables.touch("location", "106", row)
    tables.turn_over(1.0, 7)
    tables.touch("location", "106", "b")
    tables.turn_over(2.0, 8)
    assert [(change.t, change.cause, change.before, change.after) for change in tables.changes] == [(1.0, 7, None, "b")]
