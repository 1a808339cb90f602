"""A real Kamailio under the lab: what it runs, what is seen of it, and how its faults are told."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labsip import Lab, LabError
from labsip.check.notation import Hop, hops_of
from labsip.engine.kamailio import Kamailio, kamailio_process
from labsip.live.details import details_of
from labsip.sip.transport import Datagram
from tests.engine.leftovers import kamailios

CFG = """\
listen=udp:192.0.2.1:5060 name "outside"
workdir="/nowhere"
children=7
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
request_route {
    if (is_method("REGISTER")) {
        save("location");
        exit;
    }
    if (!lookup("location")) {
        xlog("nobody at $ru\\n");
        sl_send_reply("404", "User not Registered");
        exit;
    }
    t_relay();
}
"""


@pytest.fixture
def lab(need: Callable[[str], str]) -> Iterator[Lab]:
    need("kamailio")
    with Lab(engine="kamailio", seed=1, name="real") as lab:
        lab.cfg(CFG)
        for name in ("106", "108"):
            lab.phone(name).register()
        yield lab


def test_what_it_says_in_a_call_stands_in_the_record_with_cause_command_and_line(lab: Lab) -> None:
    assert lab.location[["AoR", "Address"]].to_numpy().tolist() == [
        ["106", f"sip:106@{lab.phone('106').address}"],
        ["108", f"sip:108@{lab.phone('108').address}"],
    ]
    call = lab.phone("106").call("109")
    flow, steps = call.flow, call.steps()
    assert flow.summary.tolist() == ["INVITE", "404 User not Registered", "ACK"]
    assert flow.cause.tolist()[1:] == flow.index.tolist()[:2]
    assert steps[["line", "command", "text"]].to_numpy().tolist() == [
        [12, 'is_method("REGISTER")', ""],
        [16, 'lookup("location")', ""],
        [17, r'xlog("nobody at $ru\n")', f"nobody at sip:109@{lab.address.host}"],
        [18, 'sl_send_reply("404", "User not Registered")', ""],
    ]
    assert flow.command.tolist()[1] == steps.index[-1]
    assert lab.log.text.tolist() == [f"nobody at sip:109@{lab.address.host}"]
    source = lab.testbed.engine.source("request_route")
    assert (source.first, source.lines[1]) == (11, '    if (is_method("REGISTER")) {')
    assert lab.errors == []


def test_a_call_that_is_answered_and_hung_up_is_seen_whole(lab: Lab) -> None:
    call = lab.phone("106").call("108")
    call.hang_up()
    assert "".join(f"{hop}\n" for hop in hops_of(call.messages)) == (
        "106 -> proxy  INVITE\n"
        "proxy -> 106  100 trying -- your call is important to us\n"
        "proxy -> 108  INVITE\n"
        "108 -> proxy  180 Ringing\n"
        "108 -> proxy  200 OK\n"
        "proxy -> 106  180 Ringing\n"
        "proxy -> 106  200 OK\n"
        "106 -> 108  ACK\n"
        "106 -> 108  BYE\n"
        "108 -> 106  200 OK (BYE)\n"
    )


def test_the_loop_of_lesson_03_is_the_same_ladder_on_both_engines(lab: Lab) -> None:
    ladders = []
    with Lab(net="memory", seed=1, name="ours") as ours:
        for each in (lab, ours):
            each.cfg(CFG.split("    if (!lookup")[0] + '    lookup("location");\n    t_relay();\n}\n')
            call = each.phone("106").call("109", wait=False)
            each.testbed.net.wait(lambda each=each: each.testbed.trace.next_datagram > 90, 30)  # type: ignore[misc]
            ladders.append([hop for hop in hops_of(call.messages) if hop.src == "proxy"][:60])
    assert ladders[0] == ladders[1]
    assert (
        ladders[0][1:5]
        == [
            Hop("proxy", "proxy", "INVITE"),
            Hop("proxy", "proxy", "100 trying -- your call is important to us"),
        ]
        * 2
    )


def test_a_new_route_keeps_who_is_registered_and_a_restart_does_not(lab: Lab) -> None:
    lab.cfg(CFG.replace('"404", "User not Registered"', '"480", "Not now"'))
    assert lab.location["AoR"].tolist() == ["106", "108"]
    assert lab.phone("106").call("108").state == "answered"
    assert lab.phone("106").call("109").status == 480
    lab.restart()
    assert lab.location.empty
    assert lab.phone("106").call("108").status == 480


def test_a_route_in_python_runs_as_the_kamailio_cfg_it_is_translated_to(lab: Lab) -> None:
    lab.use("not-registered")
    assert lab.phone("106").call("109").status == 404
    assert [one.partition("(")[0] for one in lab.steps().command][-2:] == ["lookup", "sl_reply"]


KEMI = """\
import KSR as KSR

def mod_init():
    return Routes()

class Routes:
    def child_init(self, rank):
        return 0

    def ksr_request_route(self, msg):
        KSR.info("sees " + KSR.pv.get("$rm") + "\\n")
        KSR.sl.sl_send_reply(480, "Not now")
        return 1
"""


def test_a_kemi_script_runs_and_there_are_no_steps_of_it(lab: Lab, tmp_path: Path) -> None:
    script = tmp_path / "routes.py"
    script.write_text(KEMI)
    lab.kemi(script)
    call = lab.phone("106").call("108")
    assert call.status == 480
    assert "sees INVITE" in lab.log.text.tolist()
    with pytest.raises(LabError, match="there are no steps: Kamailio does not tell which lines of a KEMI script ran"):
        call.steps()
    found = details_of(call.messages, int(call.flow.index[0]), lab.testbed)
    assert found is not None
    assert found["route"][0]["note"].startswith("Kamailio does not tell which lines")
    script.write_text(KEMI.replace("return Routes()", "return Route()"))
    with pytest.raises(LabError, match=r"routes.py:4:5: Kamailio says: NameError: name 'Route' is not defined"):
        lab.kemi(script)
    assert lab.phone("106").call("108").status == 480


def test_the_explorer_shows_the_lines_that_ran_without_return_codes(lab: Lab) -> None:
    call = lab.phone("106").call("109")
    found = details_of(call.messages, int(call.flow.index[0]), lab.testbed)
    assert found is not None
    (block,) = found["route"]
    assert (block["label"], block["note"], len(block["lines"])) == ("request_route", "", 12)
    ran = {line["n"]: line["commands"] for line in block["lines"] if line["commands"]}
    assert list(ran) == [12, 16, 17, 18]
    assert ran[16] == [{"command": 'lookup("location")', "result": "", "text": "", "sent": False}]
    assert found["tables"]["note"].startswith("What Kamailio has in its tables")
    with pytest.raises(LabError, match="only known of labsip's own"):
        lab.tables(int(call.flow.index[0]))


# ---- faults


@pytest.mark.parametrize(
    ("cfg", "told"),
    [
        (CFG.replace("t_relay", "t_relya"), r"kamailio.cfg:21:5: Kamailio knows no command t_relya with no arguments"),
        (CFG.replace('"tm.so"', '"tmm.so"'), r"kamailio.cfg:4:12: Kamailio says: could not find module <tmm>"),
        (CFG.replace("$ru", "$nothing"), r'kamailio.cfg:17:9: Kamailio says: error searching pvar "nothing"'),
        (CFG.replace("exit;", "route(X);"), r'kamailio.cfg:14:9: Kamailio says: route "X" not found'),
        (
            CFG.replace(
                "request_route", 'loadmodule "permissions.so"\nmodparam("permissions","address_file","/no")\nroute'
            ),
            r"kamailio.cfg:11:12: Kamailio says: .*can't open list file \[/no\]",
        ),
        ("request_route { t_relay( }", r"kamailio.cfg:1:26: a value is missing before }"),
    ],
)
def test_a_fault_it_finds_is_told_at_the_learners_line_and_the_route_before_goes_on(
    lab: Lab, cfg: str, told: str
) -> None:
    with pytest.raises(LabError, match=told) as wrong:
        lab.cfg(cfg)
    assert "labsip-kamailio-" not in str(wrong.value)
    assert lab.phone("106").call("108").state == "answered"
    assert lab.errors == []


def test_a_fault_in_a_file_that_is_included_is_told_there(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "kamailio.cfg").write_text('include_file "routes.cfg"\n')
    (tmp_path / "routes.cfg").write_text(CFG.replace("t_relay", "t_relya"))
    with pytest.raises(LabError, match=r"routes.cfg:21:5: Kamailio knows no command t_relya"):
        lab.cfg(tmp_path / "kamailio.cfg")


def test_what_goes_wrong_while_it_runs_is_told_with_the_line_that_ran(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.cfg(CFG.replace("t_relay();", '$du = "sip:no.such.host.invalid";\n    t_relay();'))
    lab.phone("106").call("108")
    error = lab.errors[-1]
    assert error.route == "request_route"
    assert error.request.startswith("INVITE sip:108@")
    assert error.text.startswith("request_route, line 22: t_relay()\n")
    assert "ERROR: tm: " in error.text
    assert "request_route, line 22: t_relay()" in capsys.readouterr().err


def test_one_that_ends_is_told_with_its_last_word_and_can_be_started_again(lab: Lab) -> None:
    os.kill(kamailios()[1], signal.SIGSEGV)
    lab.testbed.net.wait(lambda: any("gone" in error.text for error in lab.errors), 30)
    gone = next(error for error in lab.errors if "gone" in error.text)  # more of its log may come in the same moment
    assert gone.text.startswith("Kamailio is gone: it ended with 1. lab.restart() starts it again\n")
    assert any("exited by a signal 11" in error.text for error in lab.errors)
    with pytest.raises(LabError, match="Kamailio is gone"):
        _ = lab.location
    lab.restart()
    assert "200 OK" in repr(lab.phone("106").register())


def test_one_that_does_not_answer_is_told_and_can_be_started_again(lab: Lab) -> None:
    for pid in kamailios():
        os.kill(pid, signal.SIGSTOP)
    assert "no answer" in repr(lab.phone("106").register())
    assert lab.errors[-1].text.startswith("Kamailio does not answer; it is in request_route, line 14: exit.")
    with pytest.raises(LabError, match=r"Kamailio does not answer ul\.dump: timed out"):
        _ = lab.location
    lab.restart()
    assert "200 OK" in repr(lab.phone("106").register())


def test_what_it_drops_is_told_line_by_line_and_counted_by_kex(lab: Lab) -> None:
    junk = b"INVITE sip:1@x SIP/2.0\r\nVia: junk\r\n\r\n"
    with pytest.raises(LabError, match=r'loadmodule "kex\.so"'):
        _ = lab.stats
    lab.cfg(CFG.replace('loadmodule "pv.so"', 'loadmodule "pv.so" loadmodule "kex.so"'))
    lab.testbed.net.do(lambda _: [Datagram(junk, lab.phone("106").address, lab.address)])
    lab.wait()
    told = lab.log.text.tolist()
    assert told[0].startswith("ERROR: core: bad char")
    assert told[-1].startswith("ERROR: core: core parsing of SIP message failed")
    assert lab.stats.to_numpy().tolist() == [["bad_msg_hdr", 1]]


def test_junk_at_the_socket_it_mirrors_to_harms_nobody(lab: Lab) -> None:
    engine = lab.testbed.engine
    assert isinstance(engine, Kamailio)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for junk in (b"", b"HEP3", b"HEP3\xff\xff", bytes(2000)):
            stranger.sendto(junk, engine.mirrors_to[:2])
    assert lab.phone("106").call("108").state == "answered"


def test_without_a_kamailio_the_error_says_how_to_install_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(kamailio_process, "SBIN", ())
    with pytest.raises(LabError, match=r"no kamailio on the PATH; install one, .*sudo apt install kamailio "):
        Lab(engine="kamailio", name="none")


def test_virtual_time_is_refused() -> None:
    with pytest.raises(LabError, match=r'a real clock and real sockets: Lab\(engine="kamailio", net="udp"\)'):
        Lab(engine="kamailio", net="memory", name="virtual")


# ---- the same call on both


def test_the_last_call_is_played_again_there_and_both_are_alike(need: Callable[[str], str]) -> None:
    need("kamailio")
    with Lab(net="memory", seed=1, name="ours", step="cancel") as ours:
        with pytest.raises(LabError, match="no phone has made a call yet"):
            ours.compare_with("kamailio")
        for name in ("106", "108"):
            ours.phone(name).register()
        ours.phone("108").ring()
        ours.phone("106").call("108").cancel()
        compared = ours.compare_with("kamailio")
    assert compared.verdict == ["they are alike, message by message"]
    assert len(compared.rows) >= 13  # more where two messages have changed places
    first, *_ = repr(compared).splitlines()
    assert first.split() == ["labsip", "kamailio"]


def test_what_differs_between_the_engines_is_named(lab: Lab) -> None:
    lab.phone("106").call("109")
    lab.cfg(CFG.replace('"404", "User not Registered"', '"480", "Not now"'))
    compared = lab.compare_with("labsip")
    assert compared.titles == ("kamailio", "labsip")
    assert compared.only("kamailio") == ["proxy -> 106  404 User not Registered"]
    assert compared.only("labsip") == ["proxy -> 106  480 Not now"]
    assert "2: only in kamailio" in repr(compared)
