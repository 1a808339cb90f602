"""What an explanation is in the hand: text, table, rows."""

from __future__ import annotations

import pandas as pd
import pytest

from labsip.findings import Explanation, explain
from labsip.sip.errors import LabError
from tests.story import Story


@pytest.fixture
def two() -> Explanation:
    """A call to a silent phone, whose caller is asked for a password first."""
    story = Story()
    story.response(story.request("106", "proxy", "OPTIONS", call_id="o"), 501)
    invite = story.request("proxy", "108", "INVITE")
    for _ in range(6):
        story.wait(0.5)
        story.again(invite)
    return explain(story.flow)


def test_its_text_says_what_where_what_to_do_and_what_is_written_on_it(two: Explanation) -> None:
    assert repr(two).split("\n\n")[1] == (
        "2. silence: proxy sent INVITE to 108 7 times in 3.006 s, and nothing came back.\n"
        "      2  0.003  proxy -> 108  INVITE\n"
        "      3  0.504  proxy -> 108  INVITE\n"
        "      4  1.005  proxy -> 108  INVITE\n"
        "      5  1.506  proxy -> 108  INVITE\n"
        "      6  2.007  proxy -> 108  INVITE\n"
        "         and 2 more\n"
        "   rows 2-8\n"
        "   What to do: Is 108 still there? A phone that left without saying so stays in the table; a NAT\n"
        "   or a firewall may have closed. With t_set_fr you find out sooner.\n"
        "   RFC 3261 §17.1.1.2"
    )


def test_it_is_a_list_of_findings_a_set_of_names_and_a_table(two: Explanation) -> None:
    assert len(two) == 2
    assert [one.name for one in two] == two.names == ["not-implemented", "silence"]
    assert "silence" in two
    assert "circle" not in two
    table = two.table
    assert list(table.columns) == ["rule", "sentence", "do", "reference", "rows", "call_id"]
    assert table.query("rule == 'silence'").rows.iloc[0] == tuple(range(2, 9))
    assert list(table.call_id) == ["o", "c"]


def test_the_rows_that_show_it_are_rows_of_the_flow(two: Explanation) -> None:
    pd.testing.assert_frame_equal(two.rows("silence"), two.flow.loc[2:8])


def test_a_rule_that_does_not_exist_or_found_nothing_is_told_so(two: Explanation) -> None:
    with pytest.raises(LabError, match="no rule silnce; did you mean silence"):
        two.rows("silnce")
    with pytest.raises(LabError, match="circle found nothing here, only not-implemented, silence"):
        two.rows("circle")


def test_its_page_is_escaped_and_says_the_same(two: Explanation) -> None:
    page = two._repr_html_()
    assert "<strong>proxy sent INVITE to 108 7 times in 3.006 s, and nothing came back.</strong>" in page
    assert "proxy -&gt; 108  INVITE" in page


def test_a_table_that_is_no_flow_is_told_so() -> None:
    with pytest.raises(LabError, match="no column t, src"):
        explain(pd.DataFrame({"a": [1]}))


def test_of_many_findings_the_first_are_shown_and_the_others_counted() -> None:
    story = Story()
    for number in range(25):
        story.response(story.request("106", "proxy", "OPTIONS", call_id=str(number)), 501 if number < 22 else 480)
    found = explain(story.flow)
    assert len(found) == len(found.table) == 25
    assert repr(found).endswith(
        "\n\n... and 5 more (not-now 3, not-implemented 2): see .table, or explain(flow, call_id)"
    )
    assert repr(found).count("What to do") == found._repr_html_().count("<li") == 20
