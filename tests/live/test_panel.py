"""The lab under a hand."""

from __future__ import annotations

from typing import Any

import pytest

from labsip import Lab
from labsip.live.panel import QUIET
from labsip.live.surface import VIEW
from labsip.live.view import UNHEARD
from labsip.sip.transport import Address
from tests.net.nodes import Faulty


@pytest.fixture
def page(lab: Lab, page_of: Any) -> Any:
    return page_of(lab.panel())


def press(page: Any, phone: str, verb: str, **said: object) -> dict[str, Any]:
    page.say("phone", phone=phone, verb=verb, **said)
    state: dict[str, Any] = page.view._state()
    return state


def test_its_text_tells_phones_bindings_and_messages(lab: Lab) -> None:
    text = repr(lab.panel())
    assert "<phone 106: registered>" in text
    assert "108 is at sip:108@127.0.10.108:5060" in text
    assert "200 OK (REGISTER)" in text


def test_a_whole_lab_has_a_picture_and_a_phone_alone_a_text(lab: Lab, shown: list[Any]) -> None:
    for panel in (lab.panel(), lab.phone("106").panel()):
        panel._ipython_display_()
        panel._rest()
    assert [set(data) for data in shown] == [{"text/plain", "image/png"}, {VIEW}, {"text/plain"}, {VIEW}]
    assert shown[2]["text/plain"] == "<phone 106: registered>"


def test_when_the_lab_closes_the_picture_of_the_end_takes_the_place_of_what_moved(lab: Lab, shown: list[Any]) -> None:
    lab.panel()._ipython_display_()
    assert "INVITE" not in shown[0]["text/plain"]
    lab.phone("106").call("108")
    lab.close()
    assert "INVITE" in shown[0]["text/plain"]
    assert shown[1] == {}


def test_when_it_has_been_quiet_for_a_while_the_picture_is_taken_again(
    lab: Lab, shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = lab.panel()
    monkeypatch.setattr(panel, "_begin", lambda: None)
    panel._ipython_display_()
    lab.phone("106").call("108")
    for _ in range(QUIET):
        panel._tick()
    assert "INVITE" not in shown[0]["text/plain"]
    panel._tick()
    assert "INVITE" in shown[0]["text/plain"]


def test_a_call_made_answered_and_ended_with_buttons(page: Any) -> None:
    press(page, "108", "on_call", on_call="ring")
    phones = press(page, "106", "call", target="108")["phones"]
    assert phones["106"]["doing"] == "registered, calling 108"
    assert phones["108"]["doing"] == "registered, rings: 106 calls"
    assert {"cancel", "call"} <= set(phones["106"]["can"])
    assert {"answer", "reject"} <= set(phones["108"]["can"])
    phones = press(page, "108", "answer")["phones"]
    assert phones["106"]["doing"] == "registered, in a call with 108"
    assert phones["106"]["heard"] == "200 OK"
    assert "hang_up" in phones["106"]["can"]
    assert "answer" not in phones["108"]["can"]
    state = press(page, "106", "hang_up")
    assert state["phones"]["106"]["call"] == "call 106 → 108: ended"
    assert [arrow["text"] for arrow in state["arrows"].values()].count("BYE") == 2


@pytest.mark.parametrize(
    ("phone", "verb", "ended"),
    [("106", "cancel", "call 106 → 108: cancelled"), ("108", "reject", "call 106 → 108: failed, 603 Decline")],
)
def test_a_call_given_up_or_refused(page: Any, phone: str, verb: str, ended: str) -> None:
    press(page, "108", "on_call", on_call="ring")
    press(page, "106", "call", target="108")
    assert press(page, phone, verb)["phones"]["106"]["call"] == ended


def test_a_text_is_sent_and_shown_at_the_other_phone(lab: Lab, page: Any) -> None:
    lab.request_route(lambda ksr: ksr.save("location") if ksr.is_method("REGISTER") else relay(ksr))
    assert press(page, "106", "message", target="108", text="hello")["phones"]["108"]["inbox"] == "106: hello"


def relay(ksr: Any) -> None:
    if ksr.lookup("location"):
        ksr.t_relay()


def test_a_phone_registers_goes_and_comes_back(page: Any) -> None:
    assert press(page, "106", "unregister")["phones"]["106"]["registered"] is False
    assert press(page, "106", "register")["phones"]["106"]["registered"] is True
    gone = press(page, "106", "offline")["phones"]["106"]
    assert gone["doing"] == "registered, offline"
    assert gone["can"] == []
    assert press(page, "106", "online")["phones"]["106"]["online"] is True


def test_a_muted_phone_hears_and_is_not_heard(page: Any) -> None:
    assert press(page, "108", "mute")["phones"]["108"]["doing"] == "registered, muted"
    arrows = press(page, "106", "call", target="108")["arrows"].values()
    assert "180 Ringing (lost)" in [arrow["text"] for arrow in arrows]
    assert press(page, "108", "mute")["faults"]["broken"] == []


def test_what_goes_wrong_is_said_on_the_page(page: Any) -> None:
    assert press(page, "106", "call", target=" ")["told"].startswith("whom? Write a number")
    assert press(page, "106", "call", target="108")["told"] == ""


def test_wires_are_broken_and_mended_with_switches(lab: Lab, page: Any) -> None:
    def broken(verb: str, **said: str) -> list[str]:
        page.say("fault", verb=verb, src="106", dst="proxy", **said)
        state: list[str] = page.view._state()["faults"]["broken"]
        return state

    assert broken("lose", what="ACK") == ["106 → proxy: loses the next ACK"]
    assert broken("mend") == []
    assert broken("cut") == ["106 → proxy: cut"]
    assert broken("thin") == ["106 → proxy: loses 30%"]
    assert broken("delay") == ["106 → proxy: loses 30%, 0.3 s late"]
    assert broken("mend_all") == []
    assert broken("restart") == []
    assert lab.location.empty
    assert "the proxy was restarted" in page.view._state()["faults"]["notes"][-1]


def test_until_a_page_says_it_is_there_it_is_told_everything_now_and_then(lab: Lab, page: Any) -> None:
    lab.phone("106").options()
    for _ in range(UNHEARD):
        page.view._tick()
    assert "OPTIONS" in str(page.told[-1]["all"]["arrows"])
    page.say("here")
    page.told.clear()
    for _ in range(UNHEARD):
        page.view._tick()
    assert not [told for told in page.told if "all" in told]


def test_only_what_changed_is_told(lab: Lab, page: Any) -> None:
    page.say("here")
    page.told.clear()
    lab.phone("106").options()
    page.view._send()
    [news] = [told["news"] for told in page.told]
    assert [arrow["text"] for arrow in news["arrows"]["put"].values()] == ["OPTIONS", "501 Not Implemented (OPTIONS)"]
    assert "location" not in news
    assert "ink" not in news
    page.told.clear()
    page.view._send()
    assert page.told == []


def test_the_ladder_keeps_the_latest_messages(lab: Lab, page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labsip.live.panel.MOST", 20)
    monkeypatch.setattr("labsip.live.panel.KEPT", 10)
    for _ in range(10):
        lab.phone("106").options()
    assert len(page.view._state()["arrows"]) == 10


def test_it_ends_with_its_lab_and_the_last_state_stays(lab: Lab, page: Any) -> None:
    lab.phone("106").call("108")
    lab.close()
    assert page.view._tick() is False
    assert "ACK" in repr(page.view)
    assert page.say("here")["all"]["phones"]["106"]["call"] == "call 106 → 108: answered"


def test_what_a_node_raised_is_left_for_the_next_cell(lab: Lab, page: Any) -> None:
    lab.testbed.net.attach(Faulty(Address("127.0.10.77"), ValueError("a phone fell down")), "faulty")
    page.view._send()
    with pytest.raises(ValueError, match="a phone fell down"):
        lab.wait()


def test_a_view_that_was_closed_in_the_page_rests(lab: Lab) -> None:
    panel = lab.panel()
    panel._heard({"do": "here"})
    assert panel._moves
    panel._heard({"do": "gone"})
    assert not panel._moves
