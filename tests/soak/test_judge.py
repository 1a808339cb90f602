"""What counts as lost on the wires: as often as RFC 3261 repeats it, and nothing less."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from labsip.sip.build import build_request, build_response
from labsip.sip.message import Request
from labsip.sip.transport import Address
from labsip.trace import DatagramRow
from tests.soak.judge import worn_out

ALICE, PROXY = Address("127.0.10.106"), Address("127.0.10.1")
TIMER_A = (0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5)
TIMER_E = (0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5)
Sent = tuple[float, bytes, bool, bool]
"""When [s], what, whether by the caller, whether it was lost."""


def request(method: str) -> Request:
    branch = "INVITE" if method == "CANCEL" else method
    lines = [("Via", f"SIP/2.0/UDP {ALICE};branch=z9hG4bK{branch}"), ("From", "<sip:106@lab>;tag=a")]
    lines += [("To", "<sip:108@lab>"), ("Call-ID", "c"), ("CSeq", f"1 {method}")]
    return build_request(method, "sip:108@lab", lines)


def asks(method: str, times: Sequence[float], lost: bool) -> list[Sent]:
    return [(t, request(method).raw, True, lost) for t in times]


def answers(method: str, status: int, times: Sequence[float], lost: bool) -> list[Sent]:
    return [(t, build_response(request(method), status, "So", to_tag="b").raw, False, lost) for t in times]


def found(*sent: list[Sent]) -> str:
    rows = sorted((one for part in sent for one in part), key=lambda one: one[0])
    passed = [
        DatagramRow(row, t, *((ALICE, PROXY) if asked else (PROXY, ALICE)), raw, None, None, lost)
        for row, (t, raw, asked, lost) in enumerate(rows)
    ]
    return worn_out(passed, {ALICE: "106", PROXY: "proxy"})


@pytest.mark.parametrize(("method", "times"), [("INVITE", TIMER_A), ("BYE", TIMER_E)])
def test_a_request_is_worn_out_when_every_copy_was_lost_and_none_was_left_out(
    method: str, times: tuple[float, ...]
) -> None:
    assert found(asks(method, times, lost=True)) == f"no copy of {method} was answered in time"
    assert found(asks(method, times[:-1], lost=True)) == ""


def test_copies_that_a_wire_made_are_no_repeats() -> None:
    assert found(asks("INVITE", TIMER_A[:4], lost=True), asks("INVITE", TIMER_A[:4], lost=True)) == ""


def test_a_request_that_arrived_and_was_not_answered_is_not_the_wires_fault() -> None:
    assert found(asks("BYE", TIMER_E[:-1], lost=True), asks("BYE", TIMER_E[-1:], lost=False)) == ""


def test_a_request_is_worn_out_when_every_answer_was_lost_or_came_too_late() -> None:
    asked = asks("BYE", TIMER_E, lost=False)
    assert found(asked, answers("BYE", 200, TIMER_E, lost=True)) == "no copy of BYE was answered in time"
    assert found(asked, answers("BYE", 200, [32.5], lost=False)) == "no copy of BYE was answered in time"
    assert found(asked, answers("BYE", 200, [31.6], lost=False)) == ""


def test_a_final_response_to_invite_is_worn_out_when_it_was_repeated_in_vain() -> None:
    asked = asks("INVITE", [0], lost=False) + answers("INVITE", 180, [0.1], lost=False)
    assert found(asked, answers("INVITE", 486, TIMER_E, lost=True)) == "every copy of 486 was lost"
    assert found(asked, answers("INVITE", 486, TIMER_E[:-1], lost=True)) == ""
    assert found(asked, answers("INVITE", 200, TIMER_E, lost=False)) == ""


def test_a_2xx_is_worn_out_when_every_ack_was_lost_but_not_when_none_was_sent() -> None:
    called = asks("INVITE", [0], lost=False) + answers("INVITE", 200, TIMER_E, lost=False)
    assert found(called, asks("ACK", TIMER_E, lost=True)) == "every ACK for 200 was lost"
    assert found(called, asks("ACK", TIMER_E[:-1], lost=True), asks("ACK", TIMER_E[-1:], lost=False)) == ""


def test_after_a_cancel_a_final_response_is_worn_out_when_no_copy_came_in_64_t1() -> None:
    called = asks("INVITE", [0], lost=False) + answers("INVITE", 180, [0.1], lost=False)
    cancelled = called + asks("CANCEL", [1], lost=False) + answers("CANCEL", 200, [1], lost=False)
    in_time = [t + 2 for t in TIMER_E if t < 31]
    late = answers("INVITE", 200, [33.5], lost=False)
    assert found(cancelled, answers("INVITE", 200, in_time, lost=True), late) == (
        "no copy of 200 came in time after CANCEL"
    )
    assert found(cancelled, answers("INVITE", 200, in_time[:-1], lost=True), late) == ""
    assert found(called, answers("INVITE", 200, in_time, lost=True), late) == ""


def test_after_a_cancel_that_was_lost_too_often_nobody_can_answer_in_time() -> None:
    called = asks("INVITE", [0], lost=False) + answers("INVITE", 180, [0.1], lost=False)
    first = [t + 1 for t in TIMER_E]
    assert found(called, asks("CANCEL", first, lost=True)) == "CANCEL did not come through in time"
    late = asks("CANCEL", [33], lost=False) + answers("CANCEL", 200, [33], lost=False)
    assert found(called, asks("CANCEL", first[:-2], lost=True), late) == ""
    late = asks("CANCEL", [33], lost=False) + answers("INVITE", 487, [33.1], lost=False)
    assert found(called, asks("CANCEL", first, lost=True), late) == "CANCEL did not come through in time"
