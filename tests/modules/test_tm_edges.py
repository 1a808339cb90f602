"""Where tm decides one way or the other: what counts, what counts no more, and when it is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labsip.modules.tm.fwd import MAX_BRANCHES
from labsip.proxy.policy import KAMAILIO, RFC, Policy
from labsip.proxy.script import Routes
from labsip.sip.message import Request
from labsip.sip.transport import Datagram
from labsip.vocabulary import Ksr
from tests.ends import PROXY, Bench, End

AT = "sip:{0}@127.0.10.{0}".format


def bench_of(route: Callable[[Ksr], object], *, policy: Policy = KAMAILIO, **blocks: Any) -> tuple[Bench, End]:
    """A proxy with that route, and a caller."""
    bench = Bench(Routes(route, **blocks), policy=policy)
    return bench, bench.end("106")


def to_108(ksr: Ksr) -> None:
    """Everything to 108, and look at failures."""
    ksr["$ru"] = AT(108)
    ksr.t_on_failure("F")
    ksr.t_relay()


def test_a_failure_route_can_open_only_as_many_branches_as_are_left() -> None:
    def route(ksr: Ksr) -> None:
        for number in range(MAX_BRANCHES - 2):
            ksr.append_branch(AT(110 + number))
        to_108(ksr)

    def again(ksr: Ksr) -> None:
        for number in range(5):
            ksr.append_branch(AT(130 + number))
        ksr.t_relay()

    bench, caller = bench_of(route, failure_routes={"F": again})
    called = [bench.end(str(number)) for number in (108, *range(110, 110 + MAX_BRANCHES - 2))]
    late = [bench.end(str(130 + number)) for number in range(5)]
    caller.invite()
    for end in called:
        end.answer(end.hears("INVITE"), 486, "Busy Here")
    assert [len(end.heard) for end in late] == [1, 0, 0, 0, 0]


def test_the_first_reason_why_no_branch_was_opened_is_the_one_that_is_told() -> None:
    codes: list[int] = []

    def route(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:108@nowhere.example"
        ksr.append_branch(AT(109))
        ksr.t_on_branch("B")
        codes.append(int(ksr.t_relay()))

    def not_109(ksr: Ksr) -> None:
        if ksr["$rU"] == "109":
            ksr.drop()

    _, caller = bench_of(route, branch_routes={"B": not_109})
    caller.invite()
    assert codes == [-478]
    assert caller.summaries[-1] == "478 Unresolvable destination (478/TM)"


def test_the_preference_of_contacts_that_are_called_together_is_used_up() -> None:
    def route(ksr: Ksr) -> None:
        ksr["$ru"] = AT(108)
        for number in (109, 110):
            ksr.append_branch(AT(number), "0.5")
        ksr.t_load_contacts()
        ksr.t_next_contacts()
        ksr.sl_send_reply(300, "Multiple Choices")

    _, caller = bench_of(route)
    caller.invite()
    assert str(caller.response(300).get("Contact")).endswith(f"<{AT(109)}>;q=0")


def test_a_request_that_came_over_tcp_and_was_answered_leaves_no_timer() -> None:
    def route(ksr: Ksr) -> None:
        ksr.t_newtran()
        ksr.t_reply(200, "OK")

    bench, caller = bench_of(route, policy=RFC)
    src, dst = (address._replace(proto="tcp") for address in (caller.address, PROXY))
    (out,) = bench.proxy.receive(Datagram(bytes(caller.request("MESSAGE")), src, dst), 0.0)
    assert out.data.startswith(b"SIP/2.0 200 ")
    assert bench.proxy.wake(0.0) == []
    assert set(bench.proxy.held.values()) == {0}


def test_a_challenge_a_failure_route_found_a_way_around_is_not_passed_on_with_the_next() -> None:
    def to_109(ksr: Ksr) -> None:
        ksr["$ru"] = AT(109)
        ksr.t_relay()

    bench, caller = bench_of(to_108, failure_routes={"F": to_109})
    first, second = bench.end("108"), bench.end("109")
    caller.invite()
    for end in (first, second):
        challenge = [("Proxy-Authenticate", f'Digest realm="{end.name}", nonce="n"')]
        end.answer(end.hears("INVITE"), 407, "Proxy Authentication Required", headers=challenge)
    assert caller.response(407).get_all("Proxy-Authenticate") == ['Digest realm="109", nonce="n"']


def test_a_call_is_pending_until_its_final_however_often_it_rings() -> None:
    bench, caller = bench_of(to_108, failure_routes={"F": lambda _: None})
    callee = bench.end("108")
    caller.invite()
    for _ in range(2):
        callee.answer(callee.hears("INVITE"), 180, "Ringing")
        assert bench.proxy.held["pending"] == 1
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    assert bench.proxy.held["pending"] == 0


def test_the_ack_of_a_200_goes_on_even_if_it_has_the_branch_of_its_invite() -> None:
    bench, caller = bench_of(to_108, failure_routes={"F": lambda _: None})
    callee = bench.end("108")
    invite = caller.invite()
    callee.answer(callee.hears("INVITE"), 200)
    to = f"<{invite.uri}>;tag=108t"
    caller.send(caller.request("ACK", call=invite.call_id, to=to, via=str(invite.via)))
    assert callee.summaries == ["INVITE", "ACK"]


@pytest.mark.parametrize(("status", "code"), [(486, 1), (480, -1)])
def test_in_a_failure_route_t_check_status_asks_for_that_of_the_best_branch(status: int, code: int) -> None:
    codes: list[int] = []
    bench, caller = bench_of(to_108, failure_routes={"F": lambda ksr: codes.append(int(ksr.t_check_status("486")))})
    callee = bench.end("108")
    caller.invite()
    invite = callee.hears("INVITE")
    assert isinstance(invite, Request)
    callee.answer(invite, 180, "Ringing")
    callee.answer(invite, status, "No")
    assert codes == [code]


def test_a_time_that_t_set_fr_does_not_name_stays_as_it_was_set_before() -> None:
    def route(ksr: Ksr) -> None:
        ksr.t_set_fr(0, 5000)
        ksr.t_set_fr(20_000)
        ksr["$ru"] = AT(108)
        ksr.t_relay()

    bench, caller = bench_of(route)
    caller.invite()
    bench.wait(4.9)
    assert "408 Request Timeout" not in caller.summaries
    bench.wait(0.2)
    assert "408 Request Timeout" in caller.summaries
