"""Flags of messages, branches and scripts."""

from __future__ import annotations

from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench
from tests.modules.saying import codes, raised


def test_a_flag_is_set_looked_at_and_taken_away() -> None:
    said = codes(
        lambda k: k.isflagset(3), lambda k: k.setflag(3), lambda k: k.isflagset("3"), lambda k: k["$mf"],
        lambda k: k["$mF"], lambda k: k.resetflag(3), lambda k: k.isflagset(3),
    )  # fmt: skip
    assert said == [-1, 1, 1, 8, "00000008", 1, -1]


def test_there_are_flags_0_to_31() -> None:
    assert codes(lambda k: k.setflag(31), lambda k: k["$mf"], lambda k: k.setflag(0)) == [1, 2**31, 1]
    assert "32 is no flag; write a number from 0 to 31" in raised(lambda k: k.setflag(32))


def test_flags_of_scripts_and_more_of_messages_are_others() -> None:
    said = codes(
        lambda k: k.setsflag(5), lambda k: k.setxflag(6), lambda k: k["$mf"], lambda k: k["$sf"],
        lambda k: k.issflagset(5), lambda k: k.isxflagset(6), lambda k: k.isflagset(5), lambda k: k.resetsflag(5),
        lambda k: k.resetxflag(6), lambda k: k.issflagset(5), lambda k: k.isxflagset(6),
    )  # fmt: skip
    assert said == [1, 1, 0, 32, 1, 1, -1, 1, 1, -1, -1]


def test_each_branch_has_flags_of_its_own() -> None:
    said = codes(
        lambda k: k.setbflag(6), lambda k: k.setbflag(6, 1), lambda k: k.append_branch("sip:1@127.0.10.109"),
        lambda k: k.setbflag(7, 1), lambda k: k.isbflagset(6), lambda k: k.isbflagset(7), lambda k: k.isbflagset(7, 1),
        lambda k: k.isbflagset(6, 1), lambda k: k.resetbflag(7, 1), lambda k: k.isbflagset(7, 1),
    )  # fmt: skip
    assert said == [1, -1, 1, 1, 1, -1, 1, -1, 1, -1]


def test_flags_go_with_the_call_and_its_branches_as_in_kamailio() -> None:
    """Recorded on 5.6.3: two branches, each 180 and 486; flags of the message are common, those of branches are not."""
    seen: list[str] = []

    def tell(ksr: Ksr, what: str) -> None:
        seen.append(f"{what} {ksr['$bf']} {ksr['$mf']}")

    def request_route(ksr: Ksr) -> None:
        ksr.append_branch("sip:200@127.0.10.109")
        ksr.setflag(2)
        ksr.setbflag(6)
        ksr.t_on_branch("B")
        ksr.t_on_failure("F")
        ksr.t_relay()

    def branch(ksr: Ksr) -> None:
        tell(ksr, "B")
        ksr.setflag(9)
        ksr.setbflag(7)
        ksr.t_on_reply("R")

    def reply(ksr: Ksr) -> None:
        tell(ksr, "R")
        ksr.setflag(10)
        ksr.setbflag(8)

    routes = Routes(
        request_route,
        branch_routes={"B": branch},
        onreply_routes={"R": reply},
        failure_routes={"F": lambda ksr: tell(ksr, "F")},
        onreply_route=lambda ksr: tell(ksr, "main"),
    )
    bench = Bench(routes)
    caller, first, second = bench.end("106"), bench.end("108"), bench.end("109")
    caller.send(caller.request("INVITE", "sip:108@127.0.10.108"))
    for status in (180, 486):
        first.answer(first.hears("INVITE"), status)
    for status in (180, 486):
        second.answer(second.hears("INVITE"), status)
    assert [line for line in seen if not line.startswith("main")] == [
        "B 64 4", "B 0 516", "R 192 516", "R 448 1540", "R 128 1540", "R 384 1540", "F 448 1540",
    ]  # fmt: skip
    assert {line for line in seen if line.startswith("main")} == {"main 0 0"}


def test_a_contact_keeps_the_flags_its_register_had() -> None:
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        if ksr.is_method("REGISTER"):
            ksr.setbflag(6)
            ksr.save("location")
        else:
            ksr.lookup("location")
            seen.append(ksr["$bf"])

    bench = Bench(route)
    callee, caller = bench.end("108"), bench.end("106")
    callee.register()
    caller.send(caller.request("MESSAGE", "sip:108@127.0.10.1"))
    assert seen == [64]
