"""Pseudo-variables: what they say in each kind of route, and what a route may set."""

from __future__ import annotations

from typing import Any

import pytest

from labsip.modules.pv import expand
from labsip.proxy.exports import Variable
from labsip.proxy.script import Routes
from labsip.vocabulary import EXPORTS, Ksr
from tests.ends import Bench

AT_108 = "sip:108@127.0.10.108"


def error(route: Any) -> str:
    bench = Bench(route)
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE"))
    return bench.proxy.errors[0].text.splitlines()[-1]


def test_in_each_kind_of_route_they_say_what_they_say_in_kamailio() -> None:
    """Read from a real Kamailio: the branches of a fork, their responses, and the failure route."""
    seen: list[tuple[object, ...]] = []

    def look(ksr: Ksr) -> None:
        names = ("$rm", "$ru", "$rs", "$rr", "$T_reply_code", "$T_branch_idx", "$avp(kept)")
        seen.append((ksr._turn.route, *(ksr[name] for name in names)))

    def route(ksr: Ksr) -> None:
        ksr["$avp(kept)"] = "yes"
        look(ksr)
        ksr["$ru"] = AT_108
        ksr.append_branch("sip:109@127.0.10.109")
        ksr.t_on_branch("B")
        ksr.t_on_reply("R")
        ksr.t_on_failure("F")
        ksr.t_relay()
        look(ksr)

    blocks: dict[str, Any] = {
        "onreply_routes": {"R": look},
        "branch_routes": {"B": look},
        "failure_routes": {"F": look},
    }
    bench = Bench(Routes(route, **blocks))
    caller, one, other = bench.end("106"), bench.end("108"), bench.end("109")
    caller.invite("sip:x@127.0.10.1")
    one.answer(one.hears("INVITE"), 486, "Busy")
    other.answer(other.hears("INVITE"), 480, "Away")
    assert seen == [
        ("request_route", "INVITE", "sip:x@127.0.10.1", None, None, 0, 0, "yes"),
        ("branch_route[B]", "INVITE", AT_108, None, None, 100, 0, "yes"),
        ("branch_route[B]", "INVITE", "sip:109@127.0.10.109", None, None, 100, 1, "yes"),
        ("request_route", "INVITE", AT_108, None, None, 100, 0, "yes"),
        ("onreply_route[R]", "INVITE", None, 486, "Busy", 486, 0, "yes"),
        ("onreply_route[R]", "INVITE", None, 480, "Away", 480, 1, "yes"),
        ("failure_route[F]", "INVITE", AT_108, None, None, 480, 2, "yes"),
    ]


@pytest.mark.parametrize("name", ["$rU", "$rd", "$rp", "$ru"])
def test_a_reply_has_no_request_uri(name: str) -> None:
    seen: list[object] = []
    bench = Bench(Routes(Ksr.t_relay, onreply_route=lambda ksr: seen.append(ksr[name])))
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("MESSAGE", AT_108))
    callee.answer(callee.hears("MESSAGE"), 200)
    assert seen == [None]


def test_what_avp_keeps_stays_with_the_transaction_and_var_with_the_process() -> None:
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        ksr["$avp(a)"], ksr["$var(v)"] = 1, 2
        ksr.t_relay()

    bench = Bench(Routes(route, onreply_route=lambda ksr: seen.extend((ksr["$avp(a)"], ksr["$var(v)"]))))
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("MESSAGE", AT_108))
    callee.answer(callee.hears("MESSAGE"), 200)
    assert seen == [None, 2]  # the main onreply_route runs before tm knows whose response it is


@pytest.mark.parametrize(
    ("settings", "uri"),
    [
        ([("$ru", "sips:9@h:1;x=y")], "sips:9@h:1;x=y"),
        ([("$rU", "9")], "sip:9@127.0.10.1:7;lr"),
        ([("$rU", None)], "sip:127.0.10.1:7;lr"),
        ([("$rd", "example.org")], "sip:108@example.org:7;lr"),
        ([("$rp", 5080)], "sip:108@127.0.10.1:5080;lr"),
        ([("$rp", None)], "sip:108@127.0.10.1;lr"),
        ([("$ru", "sip:108;npdi@h;user=phone"), ("$rU", "9")], "sip:9;npdi@h;user=phone"),
        ([("$ru", "sip:108;npdi@h;user=phone"), ("$rU", None)], "sip:h;user=phone"),
        ([("$ru", "sip:108;npdi@h"), ("$rU", "9")], "sip:9@h"),
    ],
)
def test_the_request_uri_is_set_as_a_whole_or_in_parts(settings: list[tuple[str, object]], uri: str) -> None:
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        for name, value in settings:
            ksr[name] = value
        seen.extend((ksr["$ru"], ksr["$ou"]))

    bench = Bench(route)
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE", "sip:108@127.0.10.1:7;lr"))
    assert seen == [uri, "sip:108@127.0.10.1:7;lr"]


@pytest.mark.parametrize(
    ("route", "text"),
    [
        (lambda k: k.__setitem__("$ru", "108"), "LabError: '108' is no URI"),
        (lambda k: k.__setitem__("$rU", "1 8"), "LabError: 'sip:1 8@127.0.10.1' is no URI"),
        (lambda k: k.__setitem__("$rp", "high"), "LabError: $rp must be a number from 1 to 65535, not 'high'"),
        (lambda k: k.__setitem__("$rp", 99999), "LabError: $rp must be a number from 1 to 65535, not 99999"),
        (lambda k: k.__setitem__("$du", "tel:1"), "LabError: 'tel:1' is no SIP URI"),
        (lambda k: k.__setitem__("$rm", "BYE"), "LabError: $rm (method (of a reply: CSeq's)) can be read but not set"),
        (lambda k: k.__setitem__("$hdr(X)", 1), "LabError: $hdr(X) (first header of that name; $(hdr(name)[*]): all"),
        (lambda k: k["$hdr"], "LabError: $hdr needs a name in brackets, as in $hdr(name)"),
        (lambda k: k["$hdr(A)-$hdr(B)"], "LabError: '$hdr(A)-$hdr(B)' is no variable; write it as in ksr[\"$ru\"]"),
        (lambda k: k["ru"], "LabError: 'ru' is no variable; write it as in ksr[\"$ru\"]"),
        (lambda k: k["$rru"], "NoSuchName: no variable $rru; did you mean $rr or $ru?"),
        (lambda k: k["$hdrs(x)"], "NoSuchName: no variable $hdrs(x)"),
    ],
)  # fmt: skip
def test_a_mistake_says_what_to_write(route: Any, text: str) -> None:
    assert error(route).startswith(text)


def test_every_variable_says_what_it_is_and_can_be_read_of_any_request() -> None:
    seen: list[object] = []
    plain = [name for name, variable in EXPORTS.variables.items() if isinstance(variable, Variable)]
    bench = Bench(lambda ksr: seen.extend(ksr[name] for name in plain))
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE"))
    assert len(seen) == len(plain)
    assert all(isinstance(value, str | int | None) for value in seen)
    assert all(variable.about for variable in EXPORTS.variables.values())


def test_a_text_is_filled_in_as_xlog_does() -> None:
    seen: list[str] = []
    bench = Bench(lambda ksr: seen.append(expand(ksr._turn, "$rm $$5 $hdr(Subject) $var(x)/$null")))
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE", headers=[("Subject", "hi there")]))
    assert seen == ["MESSAGE $5 hi there 0/<null>"]


@pytest.mark.parametrize(("params", "user"), [(";user=phone", "108"), ("", "108;npdi")])
def test_the_parameters_of_a_telephone_number_are_not_its_user(params: str, user: str) -> None:
    seen: list[object] = []
    bench = Bench(lambda ksr: seen.extend(ksr[name] for name in ("$rU", "$tU", "$fU")))
    end, uri = bench.end("106"), f"sip:108;npdi@127.0.10.1{params}"
    end.send(end.request("MESSAGE", uri, headers=[("From", f"<{uri}>;tag=f")]))
    assert seen == [user] * 3
