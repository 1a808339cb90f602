"""A KEMI script in a lab."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from labsip import Lab, LabError
from tests.dialects.kemi.scripts import HEAD
from tests.dialects.kemi.test_ksr import functions

EXAMPLE = Path("/usr/share/doc/kamailio/examples/kemi/kamailio-basic-kemi-python.py")
"""Of the distribution's package kamailio."""
ANSWER = "        KSR.info('from %s'); KSR.sl.send_reply(200, 'OK'); return 1\n"


def script(folder: Path, who: str = "one") -> Path:
    """A script that answers everything 200."""
    file = folder / f"{who}.py"
    file.write_text(HEAD + ANSWER.replace("%s", who))
    return file


@pytest.fixture
def example(need: Callable[[str], str]) -> Path:
    need("kamailio")
    if not EXAMPLE.exists():
        pytest.skip(f"{EXAMPLE} is not there")
    return EXAMPLE


@pytest.mark.labsip_only("Kamailio tells no steps of a KEMI script")
def test_it_runs_from_the_next_message_on(lab: Lab, tmp_path: Path) -> None:
    lab.kemi(script(tmp_path))
    assert lab.phone("106").options().flow.status.max() == 200
    assert lab.log.text.tolist() == ["from one"]
    assert lab.steps().command.tolist()[-2:] == ['info("from one")', 'send_reply(200, "OK")']


@pytest.mark.labsip_only("Kamailio refuses a child_init that returns nothing")
def test_what_it_says_while_it_begins_stands_in_the_log(lab: Lab, tmp_path: Path) -> None:
    file = script(tmp_path)
    file.write_text(file.read_text().replace("ksr_onsend_route", "onsend").replace("return 0", "KSR.info('hello')"))
    lab.kemi(str(file))
    assert lab.log.text[0] == "hello"
    assert "no ksr_onsend_route" in lab.log.text[1]


def test_two_labs_run_two_scripts(tmp_path: Path) -> None:
    with Lab(net="memory", name="first") as first, Lab(net="memory", name="second") as second:
        first.kemi(script(tmp_path, "one"))
        second.kemi(script(tmp_path, "two"))
        for lab in (first, second, first):
            lab.phone("106").options()
        assert first.log.text.tolist() == ["from one", "from one"]
        assert second.log.text.tolist() == ["from two"]


@pytest.mark.labsip_only("Kamailio tells it in its own words")
def test_one_that_can_not_begin_leaves_the_route_as_it_was(lab: Lab, tmp_path: Path) -> None:
    lab.use("stub480")
    (tmp_path / "broken.py").write_text("def mod_init(: pass")
    with pytest.raises(LabError, match=r"broken\.py, line 1, column 14"):
        lab.kemi(tmp_path / "broken.py")
    assert lab.phone("106").call("108").status == 480


def test_an_exercise_can_be_solved_in_kemi(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "busy.py"
    route = """
        if KSR.is_OPTIONS():
            KSR.sl.send_reply(200, "Keepalive")
        elif KSR.is_INVITE():
            KSR.sl.send_reply(480, "Temporarily Unavailable")
        elif not KSR.is_ACK():
            KSR.sl.send_reply(501, "Not Implemented")
        return 1
    """
    file.write_text(HEAD + route)
    lab.kemi(file)
    assert lab.check("01.1")


def test_labsip_has_every_function_of_the_distributions_example(example: Path) -> None:
    named = set(re.findall(r"KSR\.([\w.]+)", example.read_text()))
    assert named - functions() - {"rtpproxy.rtpproxy_manage"} == set()


def test_the_distributions_example_registers_and_calls(example: Path) -> None:
    with Lab(net="memory", users={"106": "secret106", "108": "secret108"}) as lab:
        lab.kemi(example)
        caller, callee = (lab.phone(name, password=f"secret{name}") for name in ("106", "108"))
        assert [phone.register().flow.status.max() for phone in (caller, callee)] == [401, 401]
        assert lab.location.AoR.tolist() == ["106", "108"]
        call = caller.call("108")
        assert call.state == "answered"
        call.hang_up()
        assert call.flow.summary.tolist()[-1] == "200 OK (BYE)"
        assert caller.call("999").status == 404
        callee.busy()
        assert caller.call("108").status == 486
        assert lab.errors == []


KEEPS = """
import KSR
def mod_init():
    KSR.pv.seti("$sht(known=>mod)", 1)
    return Script()
class Script:
    def child_init(self, rank):
        KSR.pv.sets("$sht(known=>child)", "two")
        return 0
    def ksr_request_route(self, msg):
        KSR.xlog.xinfo("$sht(known=>mod) $sht(known=>child)")
        return 1
"""


def test_what_a_script_keeps_while_it_begins_is_there_later_and_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "keeps.py"
    file.write_text(KEEPS)
    with Lab(net="memory", name="keeps") as lab:
        lab.kemi(file)
        lab.phone("106").options()
        lab.restart()
        lab.phone("106").options()
        assert next(text for text in lab.log.text if text.startswith("1")) == "1 two"
        assert "<null>" not in "".join(lab.log.text)
