"""Event routes and the onsend_route of a kamailio.cfg in a lab: in the order a real Kamailio 5.6.3 ran them."""

from __future__ import annotations

import pytest

from labsip import Lab

HEAD = "".join(
    f'loadmodule "{name}.so"\n' for name in ("sl", "tm", "tmx", "rr", "pv", "xlog", "textops", "siputils", "dialog")
)
SCRIPT = (
    HEAD
    + """
request_route {
    if (is_method("INFO")) { dlg_bye("SIDE"); xlog("bye $rc\\n"); sl_send_reply("200", "OK"); exit; }
    if (has_totag()) { loose_route(); t_relay(); exit; }
    if (!is_method("INVITE")) { sl_send_reply("404", "No"); exit; }
    record_route(); dlg_manage(); t_on_branch_failure("b");
    $ru = "sip:108@127.0.10.108";
    t_relay();
}
onreply_route[R] { xlog("R $rs\\n"); }
"""
)
EVENTS = """
event_route[tm:local-request] { xlog("local $rm $ru\\n"); append_hf("X-Local: 1\\r\\n"); t_on_reply("R"); }
event_route[tm:branch-failure:b] { xlog("branch $T_branch_idx $T_reply_code\\n"); }
event_route[dialog:start] { xlog("start $rs\\n"); }
event_route[dialog:end] { xlog("end $rm\\n"); }
event_route[dialog:failed] { xlog("failed $rs\\n"); }
event_route[sl:local-response] { xlog("answered $rm $rs\\n"); }
event_route[sl:filtered-ack] { xlog("acknowledged\\n"); }
event_route[core:worker-one-init] { xlog("begun\\n"); }
"""


@pytest.fixture
def lab() -> Lab:
    return Lab(net="memory", name="happenings", seed=1)


def logged(lab: Lab) -> list[str]:
    return [text.strip() for text in lab.log.text]


def test_a_call_that_is_answered_and_hung_up_begins_and_ends(lab: Lab) -> None:
    lab.cfg(SCRIPT + EVENTS)
    lab.phone("108")
    lab.phone("106").call("108").hang_up()
    assert logged(lab) == ["begun", "start 200", "end BYE"]


def test_a_call_that_is_refused_fails_and_so_does_its_branch(lab: Lab) -> None:
    lab.cfg(SCRIPT + EVENTS)
    lab.phone("108").reject(486)
    lab.phone("106").call("108")
    assert logged(lab) == ["begun", "branch 0 486", "failed 486"]


def test_a_stateless_reply_and_its_ack_are_seen(lab: Lab) -> None:
    lab.cfg(SCRIPT.replace('!is_method("INVITE")', 'is_method("INVITE")') + EVENTS)
    lab.phone("106").call("108")
    assert logged(lab) == ["begun", "answered INVITE 404", "acknowledged"]


@pytest.mark.parametrize(("side", "to"), [("caller", ["106"]), ("callee", ["108"]), ("all", ["106", "108"])])
def test_dlg_bye_ends_a_call_as_if_the_other_end_had(lab: Lab, side: str, to: list[str]) -> None:
    lab.cfg(SCRIPT.replace("SIDE", side) + EVENTS)
    lab.phone("108")
    call = lab.phone("106").call("108")
    send_info(lab)
    byes = lab.flow[lab.flow["summary"] == "BYE"]
    assert byes["dst"].tolist() == to
    assert all(b"X-Local: 1\r\n" in raw for raw in byes["raw"])
    assert lab.dialogs.empty
    assert logged(lab)[-len(to) - 1 :][-1] == "R 200"
    assert call.flow.summary.tolist().count("200 OK (BYE)") == len(to)


def send_info(lab: Lab) -> None:
    """An INFO of the caller's, within its call."""
    ack = next(raw for raw, summary in zip(lab.flow["raw"], lab.flow["summary"], strict=True) if summary == "ACK")
    lab.phone("106").send(ack.replace(b"ACK", b"INFO").replace(b"branch=z9hG4bK", b"branch=z9hG4bKinfo"))


def test_where_there_is_no_call_there_is_none_to_end(lab: Lab) -> None:
    lab.cfg(HEAD + 'request_route { dlg_bye("all"); xlog("$rc"); sl_send_reply("200", "OK"); }')
    lab.phone("106").options()
    assert logged(lab) == ["-1"]


def test_a_message_is_seen_before_its_route_and_drop_keeps_it_from_it(lab: Lab) -> None:
    lab.cfg(
        HEAD + 'request_route { sl_send_reply("200", "OK"); }'
        'event_route[core:pre-routing] { xlog("$rm"); if (is_method("MESSAGE")) { drop; } exit; }'
    )
    assert "200 OK (OPTIONS)" in lab.phone("106").options().flow.summary.tolist()
    assert "200 OK (MESSAGE)" not in lab.phone("106").message("108", "hello").flow.summary.tolist()
    assert set(logged(lab)) == {"OPTIONS", "MESSAGE"}


ONSEND = 'onsend_route { xlog("$rm $rs"); }'


def test_the_onsend_route_sees_what_is_forwarded_and_no_cancel_ack_or_reply_of_ours(lab: Lab) -> None:
    lab.cfg(SCRIPT + ONSEND)
    lab.phone("108").reject(486)
    lab.phone("106").call("108")
    assert logged(lab) == ["INVITE <null>"]


def test_the_onsend_route_sees_responses_if_it_is_told_to(lab: Lab) -> None:
    lab.cfg("onsend_route_reply=yes\n" + SCRIPT + ONSEND)
    lab.phone("108")
    lab.phone("106").call("108")
    assert logged(lab) == ["INVITE <null>", "INVITE 180", "INVITE 200", "ACK <null>"]


def test_what_is_said_in_vain_is_logged_once(lab: Lab) -> None:
    lab.cfg(
        HEAD + 'modparam("tm", "wt_timer", 5)\nrequest_route { exit; }\nevent_route[tls:connection-out] { exit; }\n'
        "event_route[dialog:begin] { exit; }\n"
    )
    assert logged(lab) == [
        "kamailio.cfg:12:1: labsip has no event tls:connection-out: this block never runs here",
        "kamailio.cfg:13:1: there is no event dialog:begin: this block never runs",
        "modparam: taken, and without effect here: tm wt_timer",
    ]
