"""The testbed: network, engine, phones and trace, without a notebook."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from labsip.net.memory import MemoryNet
from labsip.phone import behaviour
from labsip.proxy.script import Routes
from labsip.sip.errors import LabError, NoSuchName
from labsip.steps import STEPS
from labsip.testbed import Testbed, no_route
from labsip.trace import Tables, Trace
from labsip.vocabulary import Ksr


@pytest.fixture
def bed() -> Iterator[Testbed]:
    with Testbed(MemoryNet(Trace(tables=Tables()), seed=1), STEPS["cancel"], seed=1) as bed:
        for name in ("106", "108"):
            bed.phone(name).register()
        yield bed


def summaries(bed: Testbed) -> list[str]:
    return [one.summary for one in bed.flow()]


def test_a_call_is_made_and_ended_by_its_phones_and_every_message_is_in_the_flow(bed: Testbed) -> None:
    bed.clear()
    caller = bed.phone("106")
    call = caller.call("108")
    assert call.state == "answered"
    caller.hang_up(call)
    assert call.state == "ended"
    assert [summary for summary in summaries(bed) if summary.startswith(("INVITE", "BYE"))] == ["INVITE"] * 2 + [
        "BYE"
    ] * 2


def test_a_trail_finds_the_messages_of_one_request_and_says_which(bed: Testbed) -> None:
    trail = bed.phone("106").options()
    bed.phone("106").options()
    assert trail.title == "OPTIONS 106 → proxy"
    assert [one.summary for one in trail.in_flow(bed.flow())] == ["OPTIONS", "501 Not Implemented (OPTIONS)"]


def test_an_act_that_does_not_wait_is_under_way_until_time_passes(bed: Testbed) -> None:
    bed.phone("108").behave(behaviour.ringing())
    call = bed.phone("106").call("108", wait=False)
    assert call.state == "calling"
    bed.settle()
    assert call.state == "ringing"


def test_what_a_phone_does_with_calls_from_now_on_may_deal_with_the_one_that_waits(bed: Testbed) -> None:
    called = bed.phone("108")
    called.behave(behaviour.ringing())
    call = bed.phone("106").call("108")
    called.behave(behaviour.answering(), called.node.answer)
    assert call.state == "answered"


def test_another_route_holds_from_the_next_message_on(bed: Testbed) -> None:
    def refuse(ksr: Ksr) -> None:
        ksr.sl_reply(486, "Busy Here")

    bed.run(Routes(refuse))
    assert bed.phone("106").call("108").status == 486
    assert bed.routes.request_route is refuse


def test_a_phone_that_was_unplugged_neither_hears_nor_speaks(bed: Testbed) -> None:
    bed.phone("108").unplug()
    assert repr(bed.phone("108")) == "<phone 108: registered, offline>"
    with pytest.raises(LabError, match="phone 108 is offline"):
        bed.phone("108").options()
    bed.phone("108").plug_in()
    bed.phone("108").options()


def test_a_phone_has_one_user(bed: Testbed) -> None:
    assert bed.phone("desk", "108").user == "108"
    with pytest.raises(LabError, match="phone desk is 108's already"):
        bed.phone("desk", "109")


def test_a_wire_joins_parties_there_are(bed: Testbed) -> None:
    assert bed.parties == ("proxy", "106", "108")
    with pytest.raises(NoSuchName, match="no party 107"):
        bed.wire("106", "107")


def test_whoever_wants_to_know_hears_when_things_have_come_to_rest_and_before_it_closes(bed: Testbed) -> None:
    heard: list[str] = []
    bed.at_rest.append(lambda: heard.append("rest"))
    bed.at_close += [lambda: heard.append("first"), lambda: heard.append("last")]
    bed.phone("106").options()
    bed.wait(1)
    bed.close()
    bed.close()
    assert heard == ["rest", "rest", "last", "first"]


def test_of_a_closed_testbed_the_record_and_the_tables_are_left(bed: Testbed) -> None:
    bed.close()
    assert summaries(bed) == ["REGISTER", "200 OK (REGISTER)"] * 2
    assert [row["AoR"] for row in bed.engine.location()] == ["106", "108"]
    assert repr(bed) == "<testbed: closed>"
    with pytest.raises(LabError, match="closed"):
        bed.phone("106")


def test_without_a_route_nobody_can_be_called_and_it_is_said() -> None:
    with Testbed(MemoryNet(), Routes(no_route)) as bed:
        assert "no route yet, no phones yet" in repr(bed)
        with pytest.raises(LabError, match="the proxy has no route yet"):
            bed.phone("106").register()


def test_the_same_seed_makes_the_same_bytes(bed: Testbed) -> None:
    with Testbed(MemoryNet(seed=1), STEPS["cancel"], seed=1) as again:
        for name in ("106", "108"):
            again.phone(name).register()
        assert [one.raw for one in again.flow()] == [one.raw for one in bed.flow()]


def test_it_needs_no_notebook_no_table_and_no_picture() -> None:
    play = (
        "import sys\n"
        "from labsip.check import check\n"
        "from labsip.steps import STEPS\n"
        "assert check('05.1', STEPS['cancel']).text\n"
        "print({'pandas', 'numpy', 'matplotlib', 'IPython', 'ipywidgets', 'anywidget'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", play], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
