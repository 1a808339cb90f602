"""dispatcher: one of several destinations, and the next if it fails."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from labsip.modules.core_hash import core_hash
from labsip.modules.dispatcher import Dispatcher, read_list
from labsip.proxy.script import Routes
from labsip.sip.errors import LabError
from labsip.vocabulary import Ksr
from tests.ends import Bench, End

GATEWAYS = """
# set  destination        flags  priority  attributes
1      sip:127.0.10.201
1      sip:127.0.10.202   0      10        weight=50;cc=1   # the better one
1      sip:127.0.10.203
"""


def bench_of(route: Any, *, flags: int = 2, **blocks: Any) -> tuple[Bench, End, list[End]]:
    """A caller, and three gateways."""
    bench = Bench(Routes(route, **blocks), dispatcher_list=GATEWAYS, dispatcher_flags=flags)
    return bench, bench.end("106"), [bench.end(str(host)) for host in (201, 202, 203)]


def test_the_destination_is_the_next_hop_and_the_request_uri_stays() -> None:
    _, caller, (_, better, _) = bench_of(lambda ksr: [ksr.ds_select_dst(1, 8), ksr.t_relay()])
    caller.send(caller.request("MESSAGE", "sip:0612@127.0.10.1"))
    assert better.hears("MESSAGE").uri == "sip:0612@127.0.10.1"


def test_or_it_stands_in_the_request_uri() -> None:
    _, caller, (_, better, _) = bench_of(lambda ksr: [ksr.ds_select_domain("1", "8"), ksr.t_relay()])
    caller.send(caller.request("MESSAGE", "sip:0612@127.0.10.1;user=phone"))
    assert better.hears("MESSAGE").uri == "sip:0612@127.0.10.202"


def test_in_turn_each_gets_as_many() -> None:
    _, caller, gateways = bench_of(lambda ksr: [ksr.ds_select_dst(1, 4), ksr.t_relay()])
    for _ in range(6):
        caller.send(caller.request("MESSAGE"))
    assert [len(gateway.heard) for gateway in gateways] == [2, 2, 2]


def test_in_turn_one_that_is_passed_over_gives_nobody_two_turns() -> None:
    bench, caller, gateways = bench_of(lambda ksr: [ksr.ds_select_dst(1, 4), ksr.t_relay()])
    bench.proxy.module(Dispatcher).mark("sip:127.0.10.201", "i")
    for _ in range(6):
        caller.send(caller.request("MESSAGE"))
    assert [len(gateway.heard) for gateway in gateways] == [0, 3, 3]


@pytest.mark.parametrize(("limit", "codes"), [(0, [1, 1, 1, -1]), (2, [1, 1, -1, -1]), ("1", [1, -1, -1, -1])])
def test_no_more_are_kept_for_failover_than_the_limit_says(limit: int | str, codes: list[int]) -> None:
    said: list[int] = []

    def route(ksr: Ksr) -> None:
        said.append(int(ksr.ds_select_dst(1, 8, limit)))
        said.extend(int(ksr.ds_next_dst()) for _ in range(3))

    _, caller, _ = bench_of(route)
    caller.send(caller.request("MESSAGE"))
    assert said == codes


def test_a_core_hash_the_call_id_keeps_a_call_where_it_is() -> None:
    _, caller, gateways = bench_of(lambda ksr: [ksr.ds_select_dst(1, 0), ksr.t_relay()])
    for number in range(60):
        for _ in range(2):
            caller.send(caller.request("MESSAGE", call=f"call {number % 30}"))
    calls = [Counter(message.call_id for message in gateway.heard) for gateway in gateways]
    assert all(5 < len(count) < 15 and set(count.values()) == {4} for count in calls)


def test_the_hash_is_kamailios() -> None:
    """Read from a real one: h6-0 … h6-11 went to these of three."""
    assert [core_hash(f"h6-{call}") % 3 for call in range(12)] == [0, 1, 1, 2, 2, 0, 0, 1, 0, 2, 1, 2]


def test_if_one_fails_the_next_is_tried_until_there_is_none() -> None:
    codes: list[int] = []

    def route(ksr: Ksr) -> None:
        ksr.ds_select_dst(1, 8)
        ksr.t_on_failure("NEXT")
        ksr.t_relay()

    def next_(ksr: Ksr) -> None:
        codes.append(int(ksr.ds_mark_dst("i")))
        if ksr.ds_next_dst():
            ksr.t_on_failure("NEXT")
            ksr.t_relay()

    bench, caller, gateways = bench_of(route, failure_routes={"NEXT": next_})
    caller.invite()
    for gateway in (gateways[1], gateways[2], gateways[0]):
        gateway.answer(gateway.hears("INVITE"), 480, "Away")
    assert [line for line in bench.flow if "INVITE" in line and line.startswith("proxy")] == [
        "proxy -> 202  INVITE",
        "proxy -> 203  INVITE",
        "proxy -> 201  INVITE",
    ]
    assert caller.summaries[-1] == "480 Away"
    assert codes == [1, 1, 1]


def test_who_is_marked_inactive_is_passed_over_until_marked_active() -> None:
    chosen: list[object] = []

    def route(ksr: Ksr) -> None:
        code = int(ksr.ds_select_dst(1, 8))
        chosen.append(ksr["$du"] if code > 0 else code)
        ksr.ds_mark_dst("ip")

    bench, caller, _ = bench_of(route)
    for _ in range(4):
        caller.send(caller.request("MESSAGE"))
    bench.proxy.module(Dispatcher).mark("sip:127.0.10.203", "a")
    caller.send(caller.request("MESSAGE"))
    assert chosen == ["sip:127.0.10.202", "sip:127.0.10.203", "sip:127.0.10.201", -1, "sip:127.0.10.203"]


def test_without_the_flag_for_failover_nothing_is_kept() -> None:
    codes: list[int] = []

    def route(ksr: Ksr) -> None:
        codes.extend((int(ksr.ds_select_dst(1, 8)), int(ksr.ds_next_dst()), int(ksr.ds_mark_dst())))

    bench, caller, _ = bench_of(route, flags=0)
    caller.send(caller.request("MESSAGE"))
    assert codes == [1, -1, -1]
    assert bench.notes == ["dispatcher keeps no destinations for later: set dispatcher_flags=2"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("one sip:1.2.3.4", "the set must be a number"),
        ("1", "a set alone, no destination"),
        ("1 1.2.3.4", "'1.2.3.4' is no URI"),
        ("1 sip:1.2.3.4 x", "flags must be a number"),
    ],
)
def test_a_line_that_can_t_be_read_is_refused(line: str, problem: str) -> None:
    with pytest.raises(LabError) as refused:
        read_list(f"# gateways\n{line}")
    assert str(refused.value).startswith(f"dispatcher_list, line 2: {problem}")


def test_an_algorithm_that_is_not_here_is_named() -> None:
    bench, caller, _ = bench_of(lambda ksr: ksr.ds_select_dst(1, 9))
    caller.send(caller.request("MESSAGE"))
    assert bench.proxy.errors[0].text.endswith(
        "no algorithm 9 here; there are 0 (hash of the Call-ID), 4 (in turn) and 8 (by priority)"
    )
