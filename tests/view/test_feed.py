"""A ladder whose lines come while it happens."""

from __future__ import annotations

from labsip.view.layout import MOST_LANES, Arrow
from labsip.view.text import LadderFeed


def run(story: str) -> list[str]:
    """The lines for messages such as `0.500 106 -> proxy INVITE`."""
    ladder, lines = LadderFeed(), []
    for line in story.strip().splitlines():
        t, src, _, dst, label = line.split(maxsplit=4)
        kind = "provisional" if label[0] == "1" else "request"
        lines += ladder.lines(src, dst, Arrow(0.0, 0, 0, label, kind, float(t), float(t), (0,)))
    return lines


def test_who_joins_gets_a_lane_and_the_names_are_said_again() -> None:
    assert run("""
        0.000 106 -> proxy INVITE
        0.001 proxy -> 106 100 Trying
        0.001 proxy -> 108 INVITE
        0.002 108 -> proxy 180 Ringing
    """) == [
        "          106                          proxy",
        "   0.000   |---------- INVITE ---------->|",
        "   0.001   |< - - -  100 Trying - - - - -|",
        "          106                          proxy                          108",
        "   0.001   |                             |---------- INVITE ---------->|",
        "   0.002   |                             |< - - -  180 Ringing  - - - -|",
    ]  # fmt: skip


def test_a_pause_and_a_longer_label_than_there_was_room_for() -> None:
    assert run("""
        0.000 106 -> proxy INVITE
        12345.678 106 -> proxy 407 Proxy Authentication Required
    """)[2:] == [
        "            :              12345.678 s               :",
        "           106                                     proxy",
        "12345.678   |-- 407 Proxy Authentication Required -->|",
    ]  # fmt: skip


def test_the_names_come_again_every_forty_messages() -> None:
    lines = run("\n".join(f"{n / 1000} 106 -> proxy OPTIONS" for n in range(81)))
    assert [n for n, line in enumerate(lines) if "OPTIONS" not in line] == [0, 41, 82]


def test_of_too_many_parties_the_one_silent_longest_gives_its_lane() -> None:
    story = [f"{n / 1000} proxy -> p{n:02} OPTIONS" for n in range(MOST_LANES + 5)]
    names = run("\n".join(story))[-2].split()
    assert len(names) == MOST_LANES
    assert {"proxy", "p20", "p06"} < set(names)
    assert not {"p00", "p05"} & set(names)
