"""The calls that dlg_manage looks after: codes, states and variables as a real Kamailio 5.6.3 had them."""

from __future__ import annotations

from typing import Any

import pytest

from labsip.modules.dialog import DialogTable
from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench, End
from tests.modules.saying import AT_108, codes, raised


def bench(told: list[tuple[str, Any]] | None = None, **settings: Any) -> tuple[Bench, End, End]:
    """A proxy that looks after all calls, and tells what it knows of each at each message."""

    def tell(ksr: Ksr, what: str) -> None:
        if told is not None:
            told.append((what, (ksr["$dlg(state)"], ksr["$dlg_var(who)"], ksr["$DLG_status"])))

    def request_route(ksr: Ksr) -> None:
        if ksr.has_totag():
            ksr.loose_route()
            tell(ksr, str(ksr["$rm"]))
        elif ksr.is_method("INVITE"):
            ksr.record_route()
            ksr.dlg_manage()
            ksr["$dlg_var(who)"] = "alice"
        ksr.t_relay()

    made = Bench(Routes(request_route, onreply_route=lambda ksr: tell(ksr, str(ksr["$rs"]))), **settings)
    return made, made.end("106"), made.end("108")


def shown(made: Bench) -> list[dict[str, object]]:
    return made.proxy.module(DialogTable).shown(made.now)


def test_a_call_is_looked_after_once() -> None:
    said = codes(
        lambda k: k["$dlg_var(x)"], lambda k: k.is_known_dlg(), lambda k: k.dlg_setflag(1), lambda k: k.dlg_manage(),
        lambda k: k.dlg_manage(), lambda k: k.is_known_dlg(), lambda k: k["$dlg(callid)"], lambda k: k["$dlg(state)"],
        lambda k: k["$dlg(from_uri)"], lambda k: k["$dlg(start_ts)"], lambda k: k["$DLG_status"],
        lambda k: k.dlg_isflagset("1"), lambda k: k.dlg_setflag("1"), lambda k: k.dlg_isflagset("1"),
        lambda k: k.dlg_resetflag(1), lambda k: k.dlg_isflagset(1), lambda k: k.dlg_set_timeout("60"),
        method="INVITE", call="c1",
    )  # fmt: skip
    assert said == [None, -1, -1, 1, -1, 1, "c1", 1, "sip:106@127.0.10.1", 0, None, -1, 1, 1, 1, -1, 1]


def test_only_a_first_invite_begins_one() -> None:
    assert codes(lambda k: k.dlg_manage()) == [-1]
    assert codes(lambda k: k.dlg_manage(), method="INVITE", to="<sip:108@x>;tag=1") == [-1]
    assert codes(lambda k: k.dlg_set_timeout(5), lambda k: k.is_in_profile("p"), lambda k: k.set_dlg_profile("p")) == [
        -1, -1, -1,
    ]  # fmt: skip


def test_variables_set_before_are_the_calls_own() -> None:
    said = codes(
        lambda k: k.__setitem__("$dlg_var(x)", "early"), lambda k: k.dlg_manage(), lambda k: k["$dlg_var(x)"],
        lambda k: k.__setitem__("$dlg_var(x)", None), lambda k: k["$dlg_var(x)"], method="INVITE",
    )  # fmt: skip
    assert said == [None, 1, "early", None, None]


def test_a_call_goes_through_kamailios_states() -> None:
    told: list[tuple[str, Any]] = []
    made, caller, callee = bench(told)
    caller.send(caller.request("INVITE", AT_108, call="c1"))
    invite = callee.hears("INVITE")
    (row,) = shown(made)
    did = f"{row['h_entry']:x}"[::-1] + "." + f"{row['h_id']:x}"[::-1]
    assert invite.get("Record-Route") == f"<sip:127.0.10.1;lr;ftag=106f;did={did}>"
    for status in (180, 200):
        callee.answer(invite, status)
    assert [(row["state"], row["to_tag"], row["variables"]) for row in shown(made)] == [(3, "108t", {"who": "alice"})]
    inside = {"call": "c1", "to": "<sip:108@x>;tag=108t", "headers": [("Route", "<sip:127.0.10.1;lr;ftag=106f>")]}
    caller.send(caller.request("ACK", AT_108, **inside))
    made.wait(5)
    assert [(row["state"], row["lifetime"]) for row in shown(made)] == [(4, 5.0)]
    caller.send(caller.request("BYE", AT_108, **inside))
    assert shown(made) == []
    assert told == [
        ("180", (1, "alice", None)), ("200", (2, "alice", None)), ("ACK", (3, "alice", 3)), ("BYE", (4, "alice", 4)),
    ]  # fmt: skip


def test_a_call_that_is_refused_is_over() -> None:
    made, caller, callee = bench()
    caller.send(caller.request("INVITE", AT_108))
    callee.answer(callee.hears("INVITE"), 486)
    assert shown(made) == []


def test_a_call_whose_time_is_over_is_forgotten() -> None:
    made, caller, callee = bench(default_timeout=10.0)
    caller.send(caller.request("INVITE", AT_108))
    callee.answer(callee.hears("INVITE"), 200)
    made.wait(9)
    assert len(shown(made)) == 1
    made.wait(2)
    assert shown(made) == []


def test_calls_are_counted_in_profiles() -> None:
    said = codes(
        lambda k: k.dlg_manage(), lambda k: k.set_dlg_profile("caller", "106"), lambda k: k.set_dlg_profile("all"),
        lambda k: k.is_in_profile("caller"), lambda k: k.is_in_profile("caller", "107"),
        lambda k: k._turn.module(DialogTable).in_profile("caller", "106"), lambda k: k.unset_dlg_profile("all"),
        lambda k: k.is_in_profile("all"), lambda k: k.unset_dlg_profile("all"), method="INVITE",
    )  # fmt: skip
    assert said == [1, 1, 1, 1, -1, 1, 1, -1, -1]


def test_another_call_can_be_asked_for() -> None:
    said = codes(
        lambda k: k.dlg_manage(), lambda k: k.dlg_get("c1", "106f", ""), lambda k: k.dlg_get("c2", "106f", "x"),
        method="INVITE", call="c1",
    )  # fmt: skip
    assert said == [1, 1, -1]


@pytest.mark.parametrize("name", ["$dlg(stat)"])
def test_a_part_there_is_not_is_told_with_the_nearest(name: str) -> None:
    assert "no part of $dlg stat; did you mean state" in raised(lambda k: k[name])
