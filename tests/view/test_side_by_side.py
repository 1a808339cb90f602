"""Flows side by side."""

from __future__ import annotations

import pandas as pd
import pytest

from labsip.flow.comparison import ALIKE
from labsip.sip.errors import LabError
from labsip.view.side_by_side import compare
from tests.story import Story


def flow(*messages: str) -> pd.DataFrame:
    """A call of these messages: `106>proxy INVITE`, `proxy>106 404`."""
    story = Story()
    requests = {}
    for message in messages:
        way, what = message.split()
        src, dst = way.split(">")
        if what.isdigit():
            story.response(requests[dst, src], int(what))
        else:
            requests[src, dst] = story.request(src, dst, what, branch="z9hG4bK" + src + dst)
    return story.flow


CALL = ("106>proxy INVITE", "proxy>108 INVITE", "108>proxy 180", "proxy>106 180")


def test_what_only_one_of_two_has_stands_alone_in_its_line_and_is_told() -> None:
    both = compare(flow(*CALL, "proxy>106 404"), flow(*CALL, "108>proxy 486", "proxy>106 486"))
    assert repr(both) == (
        "     mine                          theirs\n"
        " 1   106 -> proxy  INVITE          106 -> proxy  INVITE\n"
        " 2   proxy -> 108  INVITE          proxy -> 108  INVITE\n"
        " 3   108 -> proxy  180 Ringing     108 -> proxy  180 Ringing\n"
        " 4   proxy -> 106  180 Ringing     proxy -> 106  180 Ringing\n"
        " 5 - proxy -> 106  404 Not Found\n"
        " 6 -                               108 -> proxy  486 Busy Here\n"
        " 7 -                               proxy -> 106  486 Busy Here\n"
        "5: only in mine\n"
        "6-7: only in theirs"
    )
    assert len(both) == 3
    assert both.only("mine") == ["proxy -> 106  404 Not Found"]


def test_equal_flows_are_alike() -> None:
    both = compare(flow(*CALL), flow(*CALL))
    assert not both
    assert both.verdict == [ALIKE]


def test_the_same_status_in_other_words_is_marked() -> None:
    mine, theirs = flow("106>proxy INVITE", "proxy>106 404"), flow("106>proxy INVITE", "proxy>106 404")
    theirs["summary"] = theirs.summary.replace("404 Not Found", "404 User not Registered")
    both = compare(mine, theirs)
    assert [row.mark for row in both] == ["~"]
    assert both.verdict == ["2: in other words"]


def test_what_stands_at_another_place_is_no_difference() -> None:
    swapped = [CALL[0], CALL[1], CALL[3].replace("180", "100"), CALL[2]]
    other = [CALL[0], CALL[1], CALL[2], CALL[3].replace("180", "100")]
    both = compare(flow(*swapped), flow(*other))
    assert len(both) == 0
    assert [row.mark for row in both.rows].count(":") == 2
    assert both.verdict[0].endswith(": at another place")


def test_three_flows_stand_in_three_columns() -> None:
    three = compare(
        flow(*CALL[:1]), flow(*CALL[:1], "proxy>106 480"), flow(*CALL[:1], "proxy>106 480"),
        titles=("mine", "the solution", "Kamailio"),
    )  # fmt: skip
    assert three.verdict == ["2: only in the solution and Kamailio"]
    assert repr(three).splitlines()[0].split("  ")[-1].strip() == "Kamailio"


def test_a_message_is_compared_header_by_header_by_its_line() -> None:
    both = compare(flow(*CALL), flow(*CALL[:2]))
    assert len(both.changes(1)) == 0
    with pytest.raises(LabError, match="line 3 is not in theirs"):
        both.changes(3)
    with pytest.raises(LabError, match="there is no line 9, only 1 to 4"):
        both.changes(9)


def test_its_page_has_a_column_a_flow_and_is_escaped() -> None:
    page = compare(flow(*CALL), flow(*CALL[:2]), titles=("<mine>", "theirs"))._repr_html_()
    assert "&lt;mine&gt;</th>" in page
    assert "108 -&gt; proxy  180 Ringing" in page
    assert "<div>3-4: only in &lt;mine&gt;</div>" in page


def test_one_flow_or_a_title_nobody_has_is_told_so() -> None:
    with pytest.raises(LabError, match="compare takes 2 to 4 flows"):
        compare(flow(*CALL))
    with pytest.raises(LabError, match="no flow is called 'ours' here, only mine, theirs"):
        compare(flow(*CALL), flow(*CALL)).only("ours")
