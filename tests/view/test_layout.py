"""Where the things of a ladder stand, without a pixel."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from labsip.sip.errors import LabError
from labsip.view.layout import LONGEST, MOST_ARROWS, MOST_LANES, NAMES_EVERY, layout

Told = Callable[..., pd.DataFrame]

CALL = """
    0.000  106   -> proxy  INVITE
    0.001  proxy -> 106    100 trying
    0.001  proxy -> 108    INVITE
    0.501  proxy -> 108    INVITE (again)
"""


def test_lanes_stand_in_the_order_the_parties_appear(told: Told) -> None:
    assert layout(told(CALL)).lanes == ("106", "proxy", "108")


def test_each_message_is_an_arrow_one_step_down_from_sender_to_receiver(told: Told) -> None:
    arrows = layout(told(CALL)).arrows
    assert [(a.src, a.dst, a.kind) for a in arrows] == [
        (0, 1, "request"), (1, 0, "provisional"), (1, 2, "request"), (1, 2, "request")
    ]  # fmt: skip
    assert [a.y for a in arrows] == [1, 2, 3, 5]


def test_a_pause_inside_a_call_is_a_gap(told: Told) -> None:
    (gap,) = layout(told(CALL)).gaps
    assert (gap.y, gap.caption) == (4, "0.500 s")


def test_the_time_until_somebody_dials_is_no_gap(told: Told) -> None:
    first = told("0.000 106 -> proxy REGISTER", "a")
    then = told("60.000 106 -> proxy INVITE", "b")
    assert layout(pd.concat([first, then])).gaps == ()


def test_without_call_ids_every_pause_is_a_gap(told: Told) -> None:
    assert len(layout(told(CALL).drop(columns=["call_id", "repeat", "lost"])).gaps) == 1


def test_what_was_done_to_the_proxy_stands_before_the_next_message(told: Told) -> None:
    flow = told("0.000  106 -> proxy  INVITE\n0.001  proxy -> 106  100 Trying\n1.000  106 -> proxy  CANCEL")
    flow.attrs["marks"] = {0: "long ago", 1: "proxy restarted", 2: "again", 9: "not yet"}
    at = layout(flow)
    assert [(gap.caption, gap.y) for gap in at.gaps] == [("proxy restarted", 2), ("0.999 s", 4), ("again", 5)]
    assert [arrow.y for arrow in at.arrows] == [1, 3, 6]


def test_what_was_sent_again_or_lost_says_so(told: Told) -> None:
    flow = told("0 106 -> proxy INVITE (lost)\n 0.5 106 -> proxy INVITE (again)")
    assert [a.caption for a in layout(flow).arrows] == ["INVITE (lost)", "INVITE (again)"]


def test_a_loop_of_434_messages_is_one_arrow_that_counts(told: Told) -> None:
    flow = told(
        "\n".join(f"{n / 1000} proxy -> proxy INVITE\n{n / 1000} proxy -> proxy 100 trying" for n in range(434))
    )
    arrows = layout(flow).arrows
    assert [a.caption for a in arrows] == ["INVITE ×434 in 0.433 s", "100 trying ×434 in 0.433 s"]
    assert all(a.loop for a in arrows)
    assert arrows[0].rows == tuple(range(0, 868, 2))
    assert len(layout(flow[:40], fold=False).arrows) == 40


def test_a_few_repeats_are_drawn_one_by_one(told: Told) -> None:
    flow = told("0 106 -> proxy INVITE\n" + "\n".join(f"{n / 2} 106 -> proxy INVITE (again)" for n in range(1, 8)))
    assert len(layout(flow).arrows) == 8


def test_many_repeats_of_an_answer_and_its_ack_are_one_arrow_each(told: Told) -> None:
    rounds = "\n".join(f"{n}.5 proxy -> 106 200 OK (again)\n{n}.501 106 -> proxy ACK (again)" for n in range(10))
    flow = told(f"0 proxy -> 106 200 OK\n0.001 106 -> proxy ACK\n{rounds}\n11 106 -> proxy BYE")
    at = layout(flow)
    assert [a.caption for a in at.arrows] == [
        "200 OK", "ACK", "200 OK (again) ×10 in 9.000 s", "ACK (again) ×10 in 9.000 s", "BYE"
    ]  # fmt: skip
    assert [gap.caption for gap in at.gaps] == ["0.499 s", "1.499 s"]


def test_lane_names_come_back_on_the_way_down_and_at_the_foot(told: Told) -> None:
    flow = told("\n".join(f"{n / 1000} 106 -> proxy OPTIONS" for n in range(100)))
    at = layout(flow)
    assert at.names == (0, NAMES_EVERY + 1, 2 * NAMES_EVERY + 2, at.height - 1)
    assert layout(flow[:4]).names == (0,)


def test_a_flow_nobody_can_read_is_cut_and_the_rest_counted(told: Told) -> None:
    long = layout(told("\n".join(f"{n} 106 -> proxy OPTIONS" for n in range(MOST_ARROWS + 50))))
    wide = layout(told("\n".join(f"0 {n} -> proxy OPTIONS" for n in range(MOST_LANES + 50))))
    assert (len(long.arrows), long.more) == (MOST_ARROWS, 50)
    assert (len(wide.lanes), wide.more) == (MOST_LANES, 51)
    assert "51 messages more" in wide.rest


def test_a_long_label_is_cut_but_its_method_stays(told: Told) -> None:
    flow = told("0 proxy -> 106 481 Call/Transaction Does Not Exist (CANCEL)\n0 proxy -> 106 100 " + "x" * 80)
    captions = [a.caption for a in layout(flow).arrows]
    assert captions[0] == "481 Call/Transaction Doe… (CANCEL)"
    assert [len(caption) for caption in captions] == [LONGEST, LONGEST]


def test_an_empty_flow_has_an_empty_ladder(told: Told) -> None:
    assert layout(told(CALL)[:0]).arrows == ()


def test_a_table_that_is_no_flow_is_refused_by_the_name_of_what_it_lacks() -> None:
    with pytest.raises(LabError, match="no column src, dst, summary, kind"):
        layout(pd.DataFrame({"t": [0.0]}))
