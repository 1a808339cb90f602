"""What is said of what was left out."""

from __future__ import annotations

from labsip.pcap import Omissions
from labsip.pcap.omissions import MAX_RANGES, MAX_REASONS


def test_each_reason_has_a_line_with_its_packets() -> None:
    left_out = Omissions()
    left_out.add("it is cut", 3, 4, 5)
    left_out.add("it is odd", 7)
    left_out.add("it is cut", 9)
    assert left_out.lines() == ["packets 3-5, 9: it is cut", "packet 7: it is odd"]
    assert repr(left_out) == "packets 3-5, 9: it is cut\npacket 7: it is odd"


def test_nothing_left_out_is_said_too() -> None:
    assert not Omissions()
    assert repr(Omissions()) == "nothing was left out"


def test_of_very_many_packets_and_reasons_only_some_are_kept() -> None:
    left_out = Omissions()
    for number in range(0, 10_000, 2):
        left_out.add("it is even", number)
    assert left_out.lines()[0].endswith(f"{MAX_RANGES * 2 - 2} and 4,970 more: it is even")
    for number in range(1000):
        left_out.add(f"reason {number}", number)
    assert len(left_out.lines()) == MAX_REASONS + 1
    assert left_out.lines()[-1].endswith("more like these")
