"""What the page is told: what changed, and no more."""

from __future__ import annotations

import json

from labsip import Lab
from labsip.live.surface import changed, ink_state, ladder_state
from labsip.view.layout import layout
from labsip.view.palette import INK


def test_what_is_as_it_was_is_not_told_again() -> None:
    assert changed({"a": 1, "b": [2]}, {"a": 1, "b": [3]}) == {"b": [3]}


def test_of_a_table_only_the_rows_that_changed_are_told() -> None:
    before = {"arrows": {"1": {"y": 1}, "2": {"y": 2}, "3": {"y": 3}}}
    after = {"arrows": {"1": {"y": 1}, "2": {"y": 5}, "4": {"y": 6}}}
    assert changed(before, after) == {"arrows": {"put": {"2": {"y": 5}, "4": {"y": 6}}, "gone": ["3"]}}


def test_a_table_nobody_has_seen_is_told_whole() -> None:
    assert changed({}, {"arrows": {"1": {"y": 1}}}) == {"arrows": {"1": {"y": 1}}}


def test_the_page_draws_what_the_static_ladder_draws(lab: Lab) -> None:
    lab.wire("106", "proxy").drop("ACK")
    flow = lab.phone("106").call("108").flow
    at = layout(flow)
    told = ladder_state(at)
    json.dumps(told)
    assert told["lanes"] == list(at.lanes)
    assert [arrow["text"] for arrow in told["arrows"].values()] == [arrow.caption for arrow in at.arrows]
    assert [int(row) for row in told["arrows"]] == [arrow.rows[0] for arrow in at.arrows]
    assert told["arrows"][str(flow.index[-1])]["lost"]


def test_the_page_has_the_inks_of_the_static_ladder() -> None:
    assert {kind: ink["colour"] for kind, ink in ink_state().items()} == {kind: ink.colour for kind, ink in INK.items()}
