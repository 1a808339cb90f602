"""The ladder in characters, letter by letter."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pandas as pd

from labsip.flow.rows import ranges
from labsip.view.ladder import Ladder

Told = Callable[..., pd.DataFrame]


def shown(picture: str) -> str:
    """An expected ladder as written in a test."""
    return dedent(picture).strip("\n")


def test_a_cancelled_call(told: Told) -> None:
    flow = told("""
        0.000  106   -> proxy  INVITE
        0.001  proxy -> 106    100 trying
        0.001  proxy -> 108    INVITE
        0.002  108   -> proxy  180 Ringing
        2.000  106   -> proxy  CANCEL
        2.001  proxy -> 106    200 canceling (CANCEL)
        2.002  108   -> proxy  487 Request Terminated
        2.003  proxy -> 108    ACK
    """)
    assert repr(Ladder(flow)) == shown("""
               106                          proxy                          108
        0.000   |---------- INVITE ---------->|                             |
        0.001   |< - - -  100 trying - - - - -|                             |
        0.001   |                             |---------- INVITE ---------->|
        0.002   |                             |< - - -  180 Ringing  - - - -|
                :           1.998 s           :                             :
        2.000   |---------- CANCEL ---------->|                             |
        2.001   |<= 200 canceling (CANCEL) ===|                             |
        2.002   |                             |<~ 487 Request Terminated ~~~|
        2.003   |                             |------------ ACK ----------->|
    """)


def test_loops_losses_repeats_and_ways_past_the_proxy(told: Told) -> None:
    flow = told("""
        0.000  106   -> proxy  INVITE
        0.001  proxy -> proxy  INVITE
        0.001  proxy -> proxy  100 trying (lost)
        0.002  106   -> 108    ACK
        0.003  108   -> 106    200 OK (BYE)
        0.004  proxy -> 108    INVITE (lost)
        0.504  proxy -> 108    INVITE (again)
        9.504  108   -> proxy  486 Busy Here (lost)
    """)
    assert Ladder(flow).text() == shown("""
               106          proxy                        108
        0.000   |-- INVITE -->|                           |
        0.001   |             |--.  INVITE                |
                |             |<-'                        |
        0.001   |             |- .  100 trying (lost)     |
                |             |x-'                        |
        0.002   |---- ACK ------------------------------->|
        0.003   |<=================== 200 OK (BYE) =======|
        0.004   |             |-- INVITE (lost) -x        |
                :   0.500 s   :                           :
        0.504   |             |----- INVITE (again) ----->|
                :   9.000 s   :                           :
        9.504   |             |  x 486 Busy Here (lost) ~~|
    """)


def test_without_times_the_lanes_begin_at_the_margin(told: Told) -> None:
    assert Ladder(told("0 106 -> proxy INVITE"), times=False).text() == shown("""
        106          proxy
         |-- INVITE -->|
    """)


def test_what_is_no_sip_message_has_a_stroke_of_its_own(told: Told) -> None:
    flow = told("0 106 -> proxy unreadable").assign(kind="other")
    assert Ladder(flow, times=False).text().splitlines()[1] == " |.. unreadable ..>|"


def test_two_hundred_messages_are_two_hundred_lines_and_the_names(told: Told) -> None:
    flow = told("\n".join(f"{n / 1000} 106 -> proxy OPTIONS" for n in range(200)))
    lines = Ladder(flow).text().splitlines()
    assert len(lines) == 200 + 6
    assert [n for n, line in enumerate(lines) if "106" in line and "proxy" in line] == [0, 41, 82, 123, 164, 205]
    assert len({len(line) for line in lines if "OPTIONS" in line}) == 1


def test_a_ladder_that_was_cut_says_so_at_its_foot(told: Told) -> None:
    flow = told("\n".join(f"{n} 106 -> proxy OPTIONS" for n in range(550)))
    assert Ladder(flow).text().endswith("\n... and 50 messages more; pick some of them: flow[flow.call_id == ...]")


def test_one_party_alone_has_one_lane(told: Told) -> None:
    assert Ladder(told("0 proxy -> proxy INVITE\n1 proxy -> proxy INVITE"), times=False).text() == shown("""
        proxy
          |--.  INVITE
          |<-'
          : 1.000 s
          |--.  INVITE
          |<-'
    """)


def test_no_messages_is_said_in_words(told: Told) -> None:
    assert repr(Ladder(told("0 106 -> proxy INVITE")[:0])) == "no messages"


def test_numbers_in_a_row_are_written_as_one_run_and_many_runs_are_cut() -> None:
    assert ranges([3, 7, 8, 9, 11]) == "3, 7-9, 11"
    assert ranges([]) == ""
    assert ranges(range(0, 100, 2)) == "0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, ..., 98"
