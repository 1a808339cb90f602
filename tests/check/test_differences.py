"""What was there instead, in words."""

from __future__ import annotations

import pytest

from labsip import LabError
from labsip.check.differences import differences
from labsip.check.notation import Hop, parse_flow

EXPECTED = """
106   -> proxy  INVITE
proxy -> 106    404 User not Registered   # the route's own
106   -> proxy  ACK
"""


def told(got: str) -> list[str]:
    return differences(parse_flow(EXPECTED), parse_flow(got))


def test_the_same_flow_has_no_differences() -> None:
    assert told(EXPECTED) == []


def test_a_100_nobody_asked_for_is_no_difference() -> None:
    assert told(EXPECTED.replace("proxy -> 106    404", "proxy -> 106  100 trying\nproxy -> 106    404")) == []


def test_a_message_that_never_came_is_said_with_what_came_before_the_silence() -> None:
    assert told("106 -> proxy INVITE\nproxy -> 106 100 trying") == [
        "106 should have received 404 User not Registered from proxy, but received 100 trying and then nothing."
    ]
    assert told("106 -> proxy INVITE") == [
        "106 should have received 404 User not Registered from proxy, but received nothing at all."
    ]


def test_another_message_is_said_beside_the_right_one() -> None:
    assert told("106 -> proxy INVITE\nproxy -> 106 480 Temporarily Unavailable") == [
        "106 should have received 404 User not Registered from proxy, "
        "but received 480 Temporarily Unavailable from proxy."
    ]


def test_a_message_too_many_is_said() -> None:
    assert told(EXPECTED + "proxy -> 106  501 Not Implemented\nproxy -> 108  INVITE") == [
        "106 received 501 Not Implemented from proxy after 404 User not Registered, which nobody should have sent.",
        "108 received INVITE from proxy, which nobody should have sent.",
    ]


def test_a_summary_fits_by_whole_words() -> None:
    assert Hop("p", "106", "404").fits(Hop("p", "106", "404 Not Found"))
    assert not Hop("p", "106", "40").fits(Hop("p", "106", "404 Not Found"))
    assert not Hop("p", "106", "404").fits(Hop("p", "108", "404 Not Found"))


def test_a_flow_reads_back_as_it_was_written() -> None:
    hops = parse_flow(EXPECTED)
    assert parse_flow("\n".join(map(str, hops))) == hops


def test_a_line_that_is_no_message_is_named() -> None:
    with pytest.raises(LabError, match="line 2 is no message: '106 INVITE'"):
        parse_flow("106 -> proxy INVITE\n106 INVITE")
