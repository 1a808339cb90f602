"""Machines run again over a record: they do what the real ones did."""

from __future__ import annotations

from typing import Any

import pytest

from labsip import Call, Lab
from labsip.flow.replay import Replay, runs_of
from labsip.sip.timing import RFC


def runs(call: Call) -> dict[str, Replay]:
    return {run.title: run for run in call.transactions().runs}


def path(run: Replay) -> list[tuple[str, str]]:
    return [(step.event, str(step.state)) for step in run.steps]


def test_a_lost_invite_is_timer_a_and_the_answer_ends_it(lab: Lab) -> None:
    lab.phone("108").busy()
    lab.wire("106", "proxy").drop("INVITE", times=2)
    call = lab.phone("106").call("108")
    lab.wait(40)
    run = runs(call)["INVITE client transaction of 106, towards proxy"]
    assert path(run) == [
        ("INVITE sent", "Calling"),
        ("timer A", "Calling"),
        ("timer A", "Calling"),
        ("1xx", "Proceeding"),
        ("3xx-6xx", "Completed"),
        ("timer D", "Terminated"),
    ]
    assert run.lines()[1] == "  0.500  timer A          → Calling     timers A 1.000 s, B 31.500 s"


def test_a_lost_ack_is_timer_g_at_the_proxy_which_counts_as_kamailio_does(lab: Lab) -> None:
    lab.phone("108").busy()
    lab.wire("106", "proxy").drop("ACK")
    call = lab.phone("106").call("108")
    lab.wait(10)
    run = runs(call)["INVITE server transaction of proxy, towards 106"]
    assert [event for event, _ in path(run)] == [
        "INVITE arrived", "send 1xx", "send 3xx-6xx", "timer G", "ACK", "timer I",
    ]  # fmt: skip
    assert dict(run.steps[2].timers)["H"] - run.steps[2].t == pytest.approx(5.0)


def test_timers_are_as_long_as_the_route_made_them(lab: Lab) -> None:
    @lab.request_route
    def request_route(ksr: Any) -> None:
        ksr.t_set_fr(10_000, 2_000)
        ksr.t_on_reply("RINGS")
        ksr.lookup("location")
        ksr.t_relay()

    @lab.onreply_route("RINGS")
    def rings(ksr: Any) -> None:
        ksr.t_set_fr(5_000)

    lab.phone("108").ring(after=1.0)
    call = lab.phone("106").call("108", wait=False)
    lab.wait(20)
    run = runs(call)["INVITE client transaction of proxy, towards 108"]
    events = [(step.event, {name: round(due - step.t, 2) for name, due in step.timers}) for step in run.steps]
    assert events[0] == ("INVITE sent", {"A": 0.5, "B": 2.0})
    assert events[1:3] == [("1xx", {"C": 10.0}), ("t_set_fr", {"C": 5.0})]
    assert next(step.t for step in run.steps if step.event == "timer C") == pytest.approx(6.0, abs=0.01)


def test_a_cancel_is_told_to_the_invite_it_stops(lab: Lab) -> None:
    lab.phone("108").ring()
    call = lab.phone("106").call("108")
    call.cancel()
    found = runs(call)
    assert ("cancel", "Proceeding") in path(found["INVITE client transaction of proxy, towards 108"])
    assert path(found["CANCEL client transaction of 106, towards proxy"])[:2] == [
        ("CANCEL sent", "Trying"),
        ("2xx", "Completed"),
    ]


def test_a_request_that_never_arrived_has_no_server(lab: Lab) -> None:
    lab.wire("106", "proxy").set(loss=1)
    call = lab.phone("106").call("108")
    lab.wait(40)
    [run] = runs(call).values()
    assert path(run)[-1] == ("timer B", "Terminated")
    assert run.steps[-1].t == pytest.approx(32.0)


@pytest.mark.parametrize("seed", range(5))
def test_it_stands_where_the_real_machine_stands(lab: Lab, seed: int) -> None:
    """On a bad line, at a moment when transactions live: same state, same timers."""
    lab.wire("106", "proxy").set(loss=0.4, jitter=0).random.seed(seed)
    lab.wire("proxy", "106").set(loss=0.4, jitter=0).random.seed(seed + 100)
    call = lab.phone("106").call("108", wait=False)
    lab.wait(2.7)
    real = {
        (server.request.branch, server.request.method): server.run
        for server in lab.phone("108").handset.node.servers.values()
    } | {client.key: client.run for client, _ in lab.phone("106").handset.node.clients.values()}
    again = {
        (run.branch, run.method): run
        for run in call.transactions().runs
        if (run.party, run.machine.name.split()[-1]) in (("106", "client"), ("108", "server"))
    }
    compared = [key for key in again if key in real]
    assert compared
    begin = float(call.flow["t"].min()) + lab.testbed.net.trace.start
    for key in compared:
        assert again[key].steps[-1].state == real[key].state
        timers = {name: due + begin for name, due in again[key].steps[-1].timers}
        assert timers == pytest.approx(real[key].due, abs=0.01)  # it counts from when a message was sent


def test_the_text_has_a_line_a_step_and_the_table_a_row(lab: Lab) -> None:
    view = lab.phone("106").call("108").transactions()
    assert "INVITE client transaction of 106, towards proxy" in repr(view)
    assert len(view.table) == sum(len(run.steps) for run in view.runs)
    assert set(view._repr_mimebundle_()[0]) >= {"text/plain", "image/png"}


def test_the_page_gets_every_machine_once_and_every_step(lab: Lab, page_of: Any) -> None:
    view = lab.phone("106").call("108").transactions()
    state = page_of(view).say("here")["all"]
    assert set(state["charts"]) == {"INVITE client", "INVITE server"}
    assert [run["title"] for run in state["runs"]] == [run.title for run in view.runs]


def test_a_capture_has_transactions_too(lab: Lab) -> None:
    flow = lab.phone("106").call("108").flow
    assert len(runs_of(flow, lambda *_: [(0.0, RFC)], float(flow["t"].max()))) == 4
