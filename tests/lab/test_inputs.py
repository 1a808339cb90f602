"""What a newcomer hands in: taken as it is meant, or refused with what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import labsip
from labsip import STEPS, Lab, LabError, Ladder, calls, compare, explain, read_pcap, write_pcap
from labsip.proxy.policy import RFC
from labsip.vocabulary import EXPORTS

Act = Callable[[Any], Any]


# fmt: off
MEANT: list[Any] = [
    (lambda lab: lab.phone(106),                         lambda lab: lab.phone("106")),
    (lambda lab: lab.phone(lab.phone("106")),            lambda lab: lab.phone("106")),
    (lambda lab: lab.phone("b", user=108).user,          lambda _: "108"),
    (lambda lab: lab.phone("b", user=lab.phone(108)).user, lambda _: "108"),
    (lambda lab: lab.phone("106").call(108).state,       lambda _: "answered"),
    (lambda lab: lab.phone(106).call(lab.phone(108)).state, lambda _: "answered"),
    (lambda lab: repr(lab.phone(106).options(108)),      lambda lab: repr(lab.phone("106").options("108"))),
    (lambda lab: repr(lab.phone(106).register("60")),    lambda _: "<REGISTER 106: 200 OK>"),
    (lambda lab: repr(lab.phone(106).register(q="0.5")), lambda _: "<REGISTER 106: 200 OK>"),
    (lambda lab: lab.wire(lab.phone(106), lab),          lambda lab: lab.wire("106", "proxy")),
    (lambda lab: repr(lab.wire(106).set(loss="0.3")),    lambda _: "<wire 106 → anybody: loses 30%>"),
    (lambda lab: repr(lab.wire(106).drop(180, "2")),     lambda _: "<wire 106 → anybody: loses the next 2 180>"),
    (lambda lab: lab.check(4.1).verdict.exercise,                lambda lab: lab.check("04.1").verdict.exercise),
    (lambda lab: lab.check("4.1 ").verdict.exercise,             lambda lab: lab.check("04.1").verdict.exercise),
    (lambda lab: lab.use("CANCEL"),                      lambda lab: lab.use("cancel")),
    (lambda lab: lab.use(STEPS["cancel"]),               lambda lab: lab.run("cancel")),
    (lambda lab: lab.load("2", "50", caller=lab.phone(106), target=lab.phone(108)).calls.outcome.tolist(),
     lambda _: ["answered"] * 2),
]
# fmt: on


@pytest.mark.parametrize(("meant", "said"), MEANT)
def test_what_is_plainly_meant_is_done(lab: Lab, meant: Act, said: Act) -> None:
    assert meant(lab) == said(lab)


def test_one_function_is_a_route_file(lab: Lab) -> None:
    lab.run(lambda ksr: ksr.sl_reply(486))
    assert lab.phone("106").call("108").status == 486
    with pytest.raises(LabError, match="no command sl_repyl; did you mean sl_reply"):
        lab.use(lambda ksr: ksr.sl_repyl(486))


def test_a_lab_a_call_and_an_exchange_are_taken_for_their_flow(lab: Lab, tmp_path: Path) -> None:
    lab.phone("108").busy()
    call = lab.phone("106").call("108")
    assert Ladder(call).text() == Ladder(call.flow).text()
    assert calls(lab).equals(calls(lab.flow))
    assert len(compare(call, call)) == 0
    assert repr(explain(call)) == repr(call.explain()) == repr(explain(lab, call))
    write_pcap(tmp_path / "call.pcap", call)
    assert len(read_pcap(tmp_path / "call.pcap")) == len(call.flow)


def test_messages_of_a_call_are_found_by_status_and_by_phone(lab: Lab) -> None:
    alice, bob = lab.phone("106"), lab.phone("108")
    call = alice.call(bob)
    assert repr(call.message(180, src=bob)) == repr(call.message("180", src="108"))
    assert repr(call.message("INVITE", dst=lab)) == repr(call.message("INVITE", dst="proxy"))
    assert repr(call.changes(200, dst=alice)) == repr(call.changes("200", dst="106"))


NAMES = ["", " ", "10 6", "a\nb", "a\x00", "\ud800", "ä", "a@b", "sip:106@x", "a;b", "<x>", "a/b", "proxy", "Proxy",
         "..", ".hidden", "x" * 41, None, True, 106.0, ["106"]]  # fmt: skip


@pytest.mark.labsip_only("no engine hears of it")
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_would_break_a_uri_a_ladder_or_a_file_is_refused_with_what_it_may_be(lab: Lab, name: Any) -> None:
    with pytest.raises(LabError, match=r"can't be a phone's name; write 1 to 40 letters from a to z, digits or any of"):
        lab.phone(name)
    assert [phone.name for phone in lab.phones] == ["106", "108"]


@pytest.mark.parametrize("name", ["106", "108b", "alice", "+49301234", "a.b-c_d", "x" * 40])
def test_every_name_that_is_allowed_can_register_and_be_called(lab: Lab, name: str) -> None:
    lab.phone(name).register()
    assert lab.phone("106").call(name).state == "answered" or name == "106"
    assert lab.location["AoR"].tolist().count(name) == 1


# fmt: off
REFUSED: list[Any] = [
    (lambda lab: lab.phone("106").reject("busy"),        r"'busy' is no status; write reject\(486\)"),
    (lambda lab: lab.phone("106").reject(200),           "status=200 can't be; write a number from 300 to 699"),
    (lambda lab: lab.phone("106").reject(486, "a\r\nb"), "a reason phrase is one line"),
    (lambda lab: lab.phone("106").answer(after=-1),      "after=-1 can't be; write a number from 0 on, in seconds"),
    (lambda lab: lab.phone("106").ring(after=float("nan")), "after=nan can't be"),
    (lambda lab: lab.phone("106").slow(None),            "seconds=None can't be"),
    (lambda lab: lab.phone("106").register(None),        "expires=None can't be"),
    (lambda lab: lab.phone("106").register(2**32),       "from 0 to 4294967295, in seconds"),
    (lambda lab: lab.phone("106").register(60.5),        "write a whole number"),
    (lambda lab: lab.phone("106").call(None),            "None can't be called; write \"108\""),
    (lambda lab: lab.phone("106").call("108\r\nX: y"),   "can't be called"),
    (lambda lab: lab.phone("106").call("\ud800"),        "can't be called"),
    (lambda lab: lab.phone("106").message("108", 5),     "a message is a text, not 5"),
    (lambda lab: lab.phone("106").message("108", "\ud800"), "half a character"),
    (lambda lab: lab.phone("106").send(10**10),          "can't be sent; write a request as a text"),
    (lambda lab: lab.phone("106").send("hello"),         "this can't be sent: "),
    (lambda lab: lab.wait(float("nan")),                 "seconds=nan can't be"),
    (lambda lab: lab.wait(-1),                           "seconds=-1 can't be"),
    (lambda lab: lab.wire("106").set(delay=float("inf")), "delay=inf can't be"),
    (lambda lab: lab.wire("106").set(loss=30),           "loss=30 can't be; write a number from 0 to 1"),
    (lambda lab: lab.wire("106").drop("AKC"),            "no method AKC; did you mean ACK"),
    (lambda lab: lab.wire("106").drop(lab.phone("106")), "a kind of message is a text"),
    (lambda lab: lab.wire(5),                            "no party 5; there are proxy, 106, 108"),
    (lambda lab: lab.use("05"),                          "no step 05; there are stub480"),
    (lambda lab: lab.run(None),                          "no step None; there are"),
    (lambda lab: lab.check(4),                           r"no exercise 4; there are 00\.1"),
    (lambda lab: lab.load(calls=2.5),                    "calls=2.5 can't be; write a whole number"),
    (lambda lab: lab.load(rate=0),                       "rate=0 can't be; write a number above 0"),
    (lambda lab: lab.message("INVITE"),                  r"'INVITE' is no row; .* call.message\(\"INVITE\"\)"),
    (lambda lab: lab.steps("106"),                       "'106' is no row"),
    (lambda lab: lab.capture("no/such/x.pcap"),          "no/such/x.pcap can't be written: No such file"),
    (lambda lab: lab.to_pcap(5),                         "5 is no file"),
    (lambda lab: lab.ladder().save("no/such/x.txt"),     "no/such/x.txt can't be written"),
    (lambda lab: lab.route(""),                          r"a route needs a name: write @lab.route\(\"NAME\"\)"),
    (lambda lab: lab.onreply_route(),                    "an onreply_route needs a name"),
    (lambda lab: lab.request_route(),                    "@lab.request_route goes above a function"),
    (lambda lab: lab.request_route(max),                 r"is handed one thing, the message: write def max\(ksr\)"),
    (lambda _: Ladder("x.pcap"),                         r"this needs a flow, not 'x.pcap'; .* read_pcap\('x.pcap'\)"),
    (lambda _: calls(5),                                 "this needs a flow, not 5; give it a lab, a call"),
    (lambda lab: explain(lab.flow, "nope"),              "no message has the Call-ID 'nope'"),
    (lambda lab: compare(lab, lab).changes("x"),         "line='x' can't be"),
    (lambda lab: write_pcap(lab.flow, "x.pcap"),         "is no file; write its name"),
    (lambda _: read_pcap("."),                           r"\. can't be read: Is a directory"),
    (lambda _: read_pcap(None),                          "None is no file"),
]
# fmt: on


@pytest.mark.labsip_only("no engine hears of it")
@pytest.mark.parametrize(("act", "told"), REFUSED)
def test_what_cannot_be_meant_is_refused_with_what_to_write(lab: Lab, act: Act, told: str) -> None:
    with pytest.raises(LabError, match=told):
        act(lab)


# fmt: off
WRONG_SETTINGS: list[Any] = [
    ({"net": "tcp"},                    "no net tcp; there are udp, memory"),
    ({"step": 5},                       "no step 5; there are stub480"),
    ({"name": None},                    "the name of a lab is a text, not None"),
    ({"fr_timer": "x"},                 "fr_timer='x' can't be; write a number from 0 on"),
    ({"fr_timer": float("nan")},        "fr_timer=nan can't be"),
    ({"fr_timer": None},                "fr_timer=None can't be"),
    ({"min_expires": 60.5},             "min_expires=60.5 can't be; write a whole number"),
    ({"reject_brief": "yes"},           "reject_brief='yes' can't be; write True or False"),
    ({"policy": "yes"},                 "no policy yes; there are kamailio, rfc"),
    ({"users": "106:secret"},           r"write a dictionary, as in users=\{"),
    ({"users": {"106": None}},          "a password is a text, not None"),
    ({"htable": 5},                     "htable is a text, not 5"),
    ({"address_list": 5},               "address_list is a text, not 5"),
    ({"auth_algorithm": "SHA1"},        "no auth_algorithm SHA1; there are SHA-256"),
    ({"sqlcon": {"ca": 5}},             "sqlcon: ca is no database"),
    ({"max_route_time": -1},            "max_route_time=-1 can't be"),
]
# fmt: on


@pytest.mark.parametrize(("settings", "told"), WRONG_SETTINGS)
def test_a_setting_of_the_wrong_kind_is_refused_before_there_is_a_lab(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(LabError, match=told):
        Lab(**{"net": "memory", "name": "wrong", **settings})


def test_settings_given_as_text_or_number_are_what_they_mean() -> None:
    given: dict[str, Any] = {"fr_timer": "30", "min_expires": "60", "policy": "rfc", "users": {106: 5}}
    with Lab(net="MEMORY", name=5, step="Register", auth_algorithm="md5", **given) as lab:  # type: ignore[arg-type]
        settings = lab.testbed.engine.settings
        value = partial(EXPORTS.value, settings)
        assert (value("fr_timer"), value("min_expires"), value("policy")) == (30.0, 60, RFC)
        assert (value("users"), value("auth_algorithm")) == ({"106": "5"}, "MD5")


@pytest.mark.labsip_only("no engine hears of it")
@pytest.mark.parametrize("kind", ["async def", "def"])
def test_a_route_that_would_not_run_when_it_is_called_is_refused(lab: Lab, kind: str) -> None:
    made: dict[str, Any] = {}
    exec(f"{kind} request_route(ksr):\n    {'yield' if kind == 'def' else 'pass'}", made)
    with pytest.raises(LabError, match="without async and yield"):
        lab.request_route(made["request_route"])


def test_a_misspelt_name_of_the_package_is_named_with_the_nearest() -> None:
    with pytest.raises(LabError, match="labsip: no name Lba; did you mean Lab"):
        _ = labsip.Lba
    assert not hasattr(labsip, "capture")
