"""Writing a route: in force at once, and its mistakes told where they are."""

from __future__ import annotations

import re
import signal
from typing import Literal

import pytest

from labsip import Lab, LabError
from labsip.vocabulary import COMMANDS, Ksr


def test_a_new_route_replaces_the_old_at_once(lab: Lab) -> None:
    assert lab.phone("106").call("109").status == 404

    @lab.request_route
    def request_route(ksr: Ksr) -> None:
        ksr.sl_reply(480, "Temporarily Unavailable")

    assert lab.phone("106").call("109").status == 480


def test_a_borrowed_step_stays_as_it_was(lab: Lab) -> None:
    @lab.request_route
    def request_route(ksr: Ksr) -> None:
        ksr.sl_reply(486)

    lab.use("cancel")
    assert lab.phone("106").call("108").state == "answered"


@pytest.mark.labsip_only("no kamailio.cfg appends to a list in Python")
def test_named_blocks_run_when_they_are_asked_for(lab: Lab) -> None:
    seen = []

    @lab.request_route
    def request_route(ksr: Ksr) -> None:
        if ksr.is_method("INVITE"):
            ksr.route("CALL")

    @lab.route("CALL")
    def call(ksr: Ksr) -> None:
        ksr.lookup("location")
        ksr.t_on_branch("OUT")
        ksr.t_on_reply("BACK")
        ksr.t_on_failure("MISSED")
        ksr.t_relay()

    @lab.branch_route("OUT")
    def out(ksr: Ksr) -> None:
        seen.append(("branch", ksr["$ru"]))

    @lab.onreply_route("BACK")
    def back(ksr: Ksr) -> None:
        seen.append(("reply", ksr["$rs"]))

    @lab.failure_route("MISSED")
    def missed(ksr: Ksr) -> None:
        seen.append(("failure", ksr["$T_reply_code"]))

    @lab.onreply_route
    def every_reply(ksr: Ksr) -> None:
        seen.append(("every reply", ksr["$rs"]))

    lab.phone("108").busy()
    assert lab.phone("106").call("108").status == 486
    assert seen == [
        ("branch", "sip:108@127.0.10.108:5060"),
        ("every reply", 486),
        ("reply", 486),
        ("failure", 486),
    ]


def test_a_misspelt_command_is_found_before_any_call_meets_it(lab: Lab) -> None:
    def request_route(ksr: Ksr) -> None:
        ksr.t_relya()  # type: ignore[attr-defined]

    with pytest.raises(LabError, match="line 2 of request_route: no command t_relya; did you mean t_relay"):
        lab.request_route(request_route)


def test_a_route_that_takes_no_argument_is_refused(lab: Lab) -> None:
    with pytest.raises(LabError, match=r"a request_route is handed one thing, the message: write def nothing\(ksr\)"):

        @lab.request_route
        def nothing() -> None: ...


def test_a_named_block_without_a_name_says_how_it_is_written(lab: Lab) -> None:
    with pytest.raises(LabError, match=r'a failure_route needs a name: write @lab.failure_route\("NAME"\)'):

        @lab.failure_route  # type: ignore[arg-type]
        def missed(ksr: Ksr) -> None: ...


@pytest.mark.labsip_only("a translation refuses it at once")
def test_a_route_that_raises_answers_500_and_shows_where(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    @lab.request_route
    def request_route(ksr: Ksr) -> None:
        if ksr.is_method("INVITE"):
            ksr.sl_reply(eighty)  # type: ignore[name-defined] # noqa: F821

    call = lab.phone("106").call("108")
    assert call.status == 500
    told = capsys.readouterr().err
    assert "request_route, line 4" in told
    assert "ksr.sl_reply(eighty)" in told
    assert "NameError: name 'eighty' is not defined" in told
    assert "/" not in told.replace("SIP/2.0", "")  # no file names: they differ from run to run
    lab.phone("106").options()
    assert capsys.readouterr().err == ""  # told once


@pytest.mark.labsip_only("a translation refuses it at once")
def test_a_wrong_argument_answers_500_and_says_what_to_write(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    @lab.request_route
    def request_route(ksr: Ksr) -> None:
        ksr.lookup()  # type: ignore[call-arg]

    assert lab.phone("106").call("108").status == 500
    assert "lookup needs table; write lookup(table" in capsys.readouterr().err


def test_every_command_completes_with_tab() -> None:
    assert {"save", "lookup", "t_relay", "sl_reply", "loose_route"} <= set(COMMANDS)
    assert all(getattr(Ksr, command).__doc__ for command in COMMANDS)


@pytest.mark.parametrize("net", ["udp", "memory"])
def test_a_route_that_raises_what_ends_python_is_answered_500_and_the_lab_lives(
    net: Literal["udp", "memory"], capsys: pytest.CaptureFixture[str]
) -> None:
    with Lab(net=net, name="ends", step="cancel") as lab:

        @lab.request_route
        def request_route(ksr: Ksr) -> None:
            raise KeyboardInterrupt if ksr.is_method("MESSAGE") else SystemExit

        phone = lab.phone("106")
        assert repr(phone.message("108", "hello")) == "<MESSAGE 106 → 108: 500 Server Internal Error>"
        assert repr(phone.options()) == "<OPTIONS 106 → proxy: 500 Server Internal Error>"
        assert "request_route, line 3: raise KeyboardInterrupt" in lab.errors[0].text
        assert "KeyboardInterrupt" in capsys.readouterr().err
        lab.use("cancel")
        assert repr(phone.register()) == "<REGISTER 106: 200 OK>"


@pytest.mark.labsip_only("no route of Kamailio's runs in a cell")
def test_ctrl_c_while_a_route_runs_interrupts_the_cell_and_leaves_the_lab_usable(lab: Lab) -> None:
    @lab.request_route
    def request_route(_: Ksr) -> None:
        signal.raise_signal(signal.SIGINT)  # in memory a route runs on the thread of the cell

    with pytest.raises(KeyboardInterrupt):
        lab.phone("106").options()
    lab.use("cancel")
    assert lab.phone("106").call("108").state == "answered"
    assert not lab.errors


@pytest.mark.parametrize("net", ["udp", "memory"])
def test_a_route_that_never_ends_costs_one_message_and_not_the_lab(
    net: Literal["udp", "memory"], capsys: pytest.CaptureFixture[str]
) -> None:
    with Lab(net=net, name="endless", step="cancel", max_lines=1000) as lab:

        @lab.request_route
        def request_route(ksr: Ksr) -> None:
            while ksr.is_method("MESSAGE"):
                pass
            ksr.sl_reply(200)

        phone = lab.phone("106")
        assert repr(phone.message("108", "hello")) == "<MESSAGE 106 → 108: 500 Server Internal Error>"
        assert re.search(r"request_route, line [34]: .*\nTooLong: stopped after 1,000 lines", capsys.readouterr().err)
        assert repr(phone.options()) == "<OPTIONS 106 → proxy: 200 OK>"


@pytest.mark.labsip_only("Kamailio goes round a while a hundred times, and on")
def test_a_check_of_a_route_that_never_ends_says_where_it_was_stopped(lab: Lab) -> None:
    @lab.request_route
    def request_route(_: Ksr) -> None:
        while True:
            pass

    told = repr(lab.check("01.1"))
    assert "01.1 not yet" in told
    assert "106 should have received 200 Keepalive from proxy, but received 500" in told
    assert re.search(r"request_route, line [34]: .*\n    TooLong: stopped", told)


def test_the_limits_of_a_lab_hold_under_every_step_unless_it_was_given_others() -> None:
    with Lab(net="memory", name="limits", max_lines=5) as lab:
        for step in (None, "register", "full"):
            if step:
                lab.use(step)
            settings = lab.testbed.engine.settings
            assert (settings.max_lines, settings.max_route_time) == (5, 1.0)
