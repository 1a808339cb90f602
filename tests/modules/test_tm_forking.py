"""A request to several contacts: all at once, one answer back, the losers cancelled (RFC 3261 §16.6, §16.7)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from labsip.modules.tm.reply import badness
from labsip.proxy.script import Routes
from labsip.sip.message import Request
from labsip.steps import STEPS
from labsip.vocabulary import Ksr
from tests.ends import Bench, End, tag_of

TRYING = "100 trying -- your call is important to us"


def forked(*qs: str) -> tuple[Bench, End, list[End], Request]:
    """106 calls 108, who has a phone for each q; the branches are open."""
    bench = Bench(STEPS["cancel"])
    caller = bench.end("106")
    phones = [bench.end(f"108{letter}", f"127.0.10.{110 + place}") for place, letter in enumerate("abcdef"[: len(qs)])]
    for phone, q in zip(phones, qs, strict=True):
        mark = f";q={q}" if q else ""
        phone.register(f"<sip:{phone.name}@{phone.address}>{mark}", to="<sip:108@127.0.10.1>")
    bench.passed.clear()
    return bench, caller, phones, caller.invite()


def refuse(phone: End, status: int) -> None:
    phone.answer(phone.hears("INVITE"), status, "No")


def test_all_ring_at_once_in_the_order_of_q() -> None:
    bench, _, phones, _ = forked("", "0.9", "0.2")
    assert bench.flow == [
        "106 -> proxy  INVITE",
        f"proxy -> 106  {TRYING}",
        "proxy -> 108b  INVITE",
        "proxy -> 108c  INVITE",
        "proxy -> 108a  INVITE",
    ]
    assert [phone.hears("INVITE").branch[-2:] for phone in phones] == [".2", ".0", ".1"]
    assert len({phone.hears("INVITE").branch[:-2] for phone in phones}) == 1


def test_every_provisional_is_passed_on_but_a_100() -> None:
    _, caller, (a, b), _ = forked("", "")
    refuse(a, 100)
    refuse(a, 180)
    refuse(b, 183)
    assert caller.summaries == [TRYING, "180 No", "183 No"]


def test_the_first_to_answer_wins_and_the_others_are_cancelled() -> None:
    bench, caller, (a, b), _ = forked("", "")
    refuse(a, 180)
    refuse(b, 180)
    b.answer(b.hears("INVITE"), 200)
    assert caller.summaries[-1] == "200 OK"
    cancel = a.hears("CANCEL")
    assert cancel.get("Reason") == 'SIP;cause=200;text="Call completed elsewhere"'
    assert cancel.branch == a.hears("INVITE").branch
    assert "CANCEL" not in b.summaries
    a.answer(cancel, 200)
    refuse(a, 487)
    assert bench.flow[-2:] == ["108a -> proxy  487 No", "proxy -> 108a  ACK"]


def test_a_loser_that_has_said_nothing_is_cancelled_when_it_does() -> None:
    _, caller, (a, b), _ = forked("", "")
    b.answer(b.hears("INVITE"), 200)
    assert "CANCEL" not in a.summaries
    refuse(a, 180)
    assert a.hears("CANCEL").get("Reason") == 'SIP;cause=200;text="Call completed elsewhere"'
    assert caller.summaries == [TRYING, "200 OK"]


def test_two_phones_that_answer_both_reach_the_caller() -> None:
    """RFC 6026 §7.1: every 2xx to an INVITE is passed on."""
    _, caller, (a, b), _ = forked("", "")
    a.answer(a.hears("INVITE"), 200)
    b.answer(b.hears("INVITE"), 200)
    b.answer(b.hears("INVITE"), 200)
    assert [tag_of(message) for message in caller.heard[1:]] == ["108at", "108bt", "108bt"]


@pytest.mark.parametrize(
    ("statuses", "best"),
    [
        ((486, 404), "404 No"),
        ((480, 302), "302 No"),
        ((404, 401), "401 No"),
        ((401, 407), "401 No"),
        ((500, 486), "486 No"),
        ((502, 500), "500 No"),
        ((404, 603), "603 No"),
        ((600, 603), "600 No"),
        ((503, 503), "500 Service Unavailable"),
        ((503, 486), "486 No"),
    ],
)
def test_the_best_of_the_bad_news_goes_back(statuses: tuple[int, int], best: str) -> None:
    """RFC 3261 §16.7 step 6; within a class the lowest code, as Kamailio picks."""
    for one, other in (statuses, statuses[::-1]):
        _, caller, (a, b), _ = forked("", "")
        refuse(a, one)
        assert caller.summaries == [TRYING]
        refuse(b, other)
        assert caller.summaries == [TRYING, best]


def test_responses_are_ranked_6xx_first_then_by_class() -> None:
    order = [600, 603, 300, 302, 401, 407, 415, 420, 484, 400, 404, 486, 499, 500, 503]
    assert all(badness(better) < badness(worse) for better, worse in pairwise(order))


def test_a_6xx_stops_the_others_and_is_told_when_they_have_stopped() -> None:
    bench, caller, (a, b), _ = forked("", "")
    refuse(b, 180)
    refuse(a, 603)
    assert b.hears("CANCEL").get("Reason") == "SIP;cause=603"
    assert caller.summaries == [TRYING, "180 No"]
    refuse(b, 180)  # given up: nobody is told that it still rings
    refuse(b, 487)
    assert caller.summaries == [TRYING, "180 No", "603 No"]
    assert bench.flow[-1] == "proxy -> 106  603 No"


def test_one_phone_that_never_answers_does_not_hide_the_others_refusal() -> None:
    bench, caller, (a, _), _ = forked("", "")
    refuse(a, 486)
    bench.wait(29)
    assert caller.summaries == [TRYING]
    bench.wait(1.2)
    assert caller.summaries == [TRYING, "408 Request Timeout"]  # the lower code, as in Kamailio


def test_the_late_200_of_a_phone_given_up_is_passed_on() -> None:
    bench, caller, (a, _), _ = forked("", "")
    bench.wait(31)
    assert caller.summaries[-1] == "408 Request Timeout"
    a.answer(a.hears("INVITE"), 200)
    assert caller.summaries[-1] == "200 OK"


def test_a_target_that_leads_nowhere_is_no_branch() -> None:
    """As in Kamailio: its 478 counts only where there was no other."""

    def route(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:108@nowhere.invalid"
        ksr.append_branch("sip:108@127.0.10.108")
        ksr.t_relay()

    bench = Bench(route)
    caller, callee = bench.end("106"), bench.end("108")
    caller.invite()
    assert callee.hears("INVITE").branch.endswith(".0")
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    assert caller.summaries == [TRYING, "486 Busy Here"]
    (note,) = bench.notes
    assert note.startswith("sip:108@nowhere.invalid leads nowhere: the proxy asks no DNS")


def test_nowhere_to_go_is_answered_when_the_script_has_not() -> None:
    def nowhere(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:108@nowhere.invalid"
        ksr.t_relay()

    def told_otherwise(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:108@nowhere.invalid"
        if not ksr.t_relay():
            ksr.t_reply(404, "Not Here")

    for route, answer in ((nowhere, "478 Unresolvable destination (478/TM)"), (told_otherwise, "404 Not Here")):
        bench = Bench(route)
        caller = bench.end("106")
        caller.invite()
        assert caller.summaries == [TRYING, answer]


def test_an_unsendable_branch_counts_only_if_there_is_no_other() -> None:
    bench, caller, (a, b), _ = forked("", "")
    bench.fail(b.hears("INVITE").raw, b.address)
    assert caller.summaries == [TRYING]
    refuse(a, 486)
    assert caller.summaries == [TRYING, "486 No"]


def test_no_more_branches_are_opened_than_kamailio_opens() -> None:
    def route(ksr: Ksr) -> None:
        for number in range(20):
            ksr.append_branch(f"sip:{number}@127.0.10.108")
        ksr["$ru"] = "sip:108@127.0.10.108"
        ksr.t_relay()

    bench = Bench(route)
    callee = bench.end("108")
    bench.end("106").invite()
    assert len(callee.heard) == 12


def test_each_branch_may_be_changed_by_the_branch_route_or_dropped() -> None:
    seen: list[object] = []

    def branch(ksr: Ksr) -> None:
        seen.append((ksr["$T_branch_idx"], ksr["$ru"]))
        if ksr["$rU"] == "2":
            ksr.drop()
        ksr.append_hf(f"X-Branch: {ksr['$T_branch_idx']}")
        ksr["$rU"] = "7"

    def route(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:1@127.0.10.108"
        ksr.append_branch("sip:2@127.0.10.108")
        ksr.append_branch("sip:3@127.0.10.108")
        ksr.t_on_branch("EACH")
        ksr.append_hf("X-All: yes")
        ksr.t_relay()

    bench = Bench(Routes(route, branch_routes={"EACH": branch}))
    callee = bench.end("108")
    bench.end("106").invite()
    assert seen == [(0, "sip:1@127.0.10.108"), (1, "sip:2@127.0.10.108"), (1, "sip:3@127.0.10.108")]
    invites = [message for message in callee.heard if isinstance(message, Request)]
    assert [(m.uri, m.get("X-All"), m.get("X-Branch"), m.branch[-1]) for m in invites] == [
        ("sip:7@127.0.10.108", "yes", "0", "0"),
        ("sip:7@127.0.10.108", "yes", "1", "1"),
    ]


def test_a_branch_route_that_drops_all_leaves_nowhere_to_go() -> None:
    bench = Bench(Routes(lambda ksr: [ksr.t_on_branch("NONE"), ksr.t_relay()], branch_routes={"NONE": Ksr.drop}))
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE", "sip:108@127.0.10.108"))
    assert caller.summaries == ["500 I'm terribly sorry, server error occurred (6/TM) (MESSAGE)"]
    bench.wait(10)
    assert bench.proxy.next_wake() is None


def test_a_fork_of_another_request_takes_the_first_200_and_sends_no_cancel() -> None:
    bench = Bench(lambda ksr: [ksr.append_branch("sip:b@127.0.10.112"), ksr.t_relay()])
    caller, a, b = bench.end("106"), bench.end("108a", "127.0.10.111"), bench.end("108b", "127.0.10.112")
    caller.send(caller.request("MESSAGE", "sip:a@127.0.10.111"))
    b.answer(b.hears("MESSAGE"), 200)
    a.answer(a.hears("MESSAGE"), 200)
    assert caller.summaries == ["200 OK (MESSAGE)"]
    assert a.summaries == b.summaries == ["MESSAGE"]


def test_a_phone_given_up_that_answers_while_another_rings_is_passed_on() -> None:
    bench = Bench(STEPS["cancel"], fr_timer=3)
    caller, a, b = bench.end("106"), bench.end("108a", "127.0.10.111"), bench.end("108b", "127.0.10.112")
    for phone in (a, b):
        phone.register(to="<sip:108@127.0.10.1>")
    caller.invite()
    refuse(b, 180)
    bench.wait(4)  # a is given up, b rings
    a.answer(a.hears("INVITE"), 200)
    assert caller.summaries == [TRYING, "180 No", "200 OK"]
    assert b.hears("CANCEL").get("Reason") == 'SIP;cause=200;text="Call completed elsewhere"'
