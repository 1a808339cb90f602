"""Each capture of a real Kamailio: what the rules find in it, and that they find nothing where nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from labsip.findings import explain
from labsip.pcap import read_pcap

Captured = Callable[[str], pd.DataFrame]

FOUND = {
    "not-now": "step1_invite_480 step1_late_ack step2_invite_480",
    "unheard, not-now": "step1_invite_480_twice",
    "not-implemented": "step1_options step1_register_501 step1_unknown_method step3_options step3_unknown_method "
    "step4_options step4_unknown_method step5_message step5_options step5_options_to_user step5_unknown_method "
    "step6_unknown_method",
    "refused": "step2_register_bad_star step2_register_refresh step5_error_503 step5_fork_mixed_negative "
    "step5_redirect_302 step6_no_user step6_sanity",
    "expires-raised": "step2_register_too_short",
    "expires-shortened": "step6_register_too_long",
    "ack-not-passed-on": "step3_answered_ack_lost",
    "ack-not-passed-on, still-up": "step3_answered_outbound_proxy step4_answered_outbound_proxy "
    "step5_answered_outbound_proxy",
    "ack-ignored": "step3_busy step3_busy_ack_ignored step3_max_forwards_0 step3_other_host step4_busy "
    "step4_busy_ack_ignored step4_other_host",
    "ack-ignored, unheard": "step3_invite_retransmitted",
    "ack-ignored, silence": "step3_offline step3_silent",
    "ack-ignored, no-pick-up": "step3_ring_timeout",
    "ack-late, cancel-late": "step5_cancel_too_late",
    "cancel-refused": "step3_baresip_cancel step3_cancel_ringing step4_cancel_ringing step4_stray_cancel",
    "cancel-unanswered": "step5_stray_cancel step6_stray_cancel",
    "circle": "step3_loop_bystanders step3_no_user",
    "circle, expired": "step3_expired_call_loop",
    "circle, ack-ignored": "step3_unregistered_loop_512mb step3_unregistered_loop_64mb",
    "circle, cancel-refused": "step3_unregistered_loop_cancel",
    "hops-used-up": "step6_max_forwards_0",
    "second-final": "step3_no_exit_register",
    "second-final, ack-ignored": "step3_no_exit_call",
    "expired": "step4_expired_call step5_expired_call step6_expired_call",
    "unregistered": "step5_unregistered_after_star",
    "nobody-there": "step4_open_relay step4_unregistered step5_baresip_unregistered step5_unregistered "
    "step6_unregistered step8_carrier_in_unregistered step8_carrier_out_plus",
    "still-up": "step4_stray_in_dialog step5_stray_in_dialog step6_stray_in_dialog",
    "silence": "step5_cancel_silent_callee step5_offline step5_silent step5_silent_30s step6_offline step6_silent",
    "slow": "step5_cancel_no_provisional",
    "unheard": "step5_invite_retransmitted step6_invite_retransmitted",
    "no-pick-up": "step5_ring_timeout step5_trying_only step6_ring_timeout",
    "challenge-unanswered": "step7_call_no_credentials step8_stranger_to_carrier",
    "credentials-refused": "step7_call_wrong_password step7_register_unknown_user step7_register_wrong_password "
    "step7_stale_nonce",
    "credentials-of-another": "step7_register_foreign_aor",
}
NAMES = {capture: names.split(", ") for names, captures in FOUND.items() for capture in captures.split()}

SENTENCES = {
    "step3_answered_ack_lost": "106 acknowledged the 200 OK, but the ACK ended at proxy; 108 sent its 200 OK 11 times.",
    "step3_busy": "106 acknowledged the 486 Busy Here, but proxy sent it 2 times.",
    "step3_cancel_ringing": "proxy refused the CANCEL of 106: 501 Not Implemented; 108 picked up all the same.",
    "step3_unregistered_loop_64mb": "proxy sent the INVITE to itself, again and again: 13 times were seen, the last "
    "with 435 Vias.",
    "step3_no_exit_register": "proxy answered one REGISTER of 106 twice: 200 OK, and then 501 Not Implemented.",
    "step5_expired_call": "The registration of 108, for 2 s, had run out 1.204 s before.",
    "step5_silent": "proxy sent INVITE to 108 4 times in 3.484 s, and nothing came back; 106 was told 408 Request "
    "Timeout.",
    "step5_ring_timeout": "108 said 180 Ringing and nothing more for 2.985 s; then proxy told 106 408 Request Timeout.",
    "step7_stale_nonce": "proxy did not take what 106 answered for user 106 (401 Unauthorized); the nonce was 4.004 s "
    "old.",
    "step7_register_foreign_aor": "106 proved to be 106 and asked as 108: 403 Forbidden auth ID.",
}
ROWS = {
    "step3_busy": [("proxy", "486 Busy Here"), ("106", "ACK"), ("proxy", "486 Busy Here")],
    "step3_cancel_ringing": [("106", "CANCEL"), ("proxy", "501 Not Implemented (CANCEL)"), ("108", "200 OK")],
    "step3_no_exit_register": [
        ("106", "REGISTER"), ("proxy", "200 OK (REGISTER)"), ("proxy", "501 Not Implemented (REGISTER)"),
    ],
    "step5_expired_call": [("proxy", "200 OK (REGISTER)"), ("106", "INVITE"), ("proxy", "404 User not Registered")],
    "step7_call_no_credentials": [("stranger", "INVITE"), ("proxy", "407 Proxy Authentication Required")],
}  # fmt: skip


def test_every_capture_is_explained_by_what_is_wrong_with_it_and_by_nothing_else(
    shared: Callable[[str], Path], captured: Captured
) -> None:
    captures = sorted(path.stem for path in shared("captures").glob("*.pcap"))
    assert len(captures) == 150
    assert {name: found for name in captures if (found := explain(captured(name)).names)} == NAMES


@pytest.mark.parametrize("name", SENTENCES)
def test_it_is_said_in_a_sentence(captured: Captured, name: str) -> None:
    assert explain(captured(name)).findings[0].sentence == SENTENCES[name]


@pytest.mark.parametrize("name", ROWS)
def test_the_rows_that_show_it_are_named(captured: Captured, name: str) -> None:
    flow = captured(name)
    rows = flow.loc[list(explain(flow).findings[0].rows)]
    assert list(zip(rows.src, rows.summary, strict=True)) == ROWS[name]


def test_an_answer_to_another_port_is_seen_where_ports_are_parties(shared: Callable[[str], Path]) -> None:
    flow = read_pcap(shared("captures") / "step2_via_other_port.pcap", {"127.0.10.1": "proxy"})
    assert [one.sentence for one in explain(flow)] == [
        "The REGISTER came from 127.0.10.106:5060, but proxy sent 200 OK to 127.0.10.106:5099: so says the Via, which "
        "has no rport."
    ]
    with_rport = read_pcap(shared("captures") / "step6_via_other_port.pcap", {"127.0.10.1": "proxy"})
    assert not explain(with_rport)


def test_of_one_call_only_its_own_faults_are_told_and_the_rest_still_counts(captured: Captured) -> None:
    flow = captured("step5_expired_call")
    call_id = flow.call_id.iloc[-1]
    assert explain(flow, call_id).names == ["expired"]
    assert explain(flow[flow.call_id == call_id]).names == ["nobody-there"]
    assert not explain(flow, flow.call_id.iloc[0])
