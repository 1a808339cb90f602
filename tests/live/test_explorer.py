"""A flow to walk through."""

from __future__ import annotations

from typing import Any

import pytest

from labsip import Lab
from labsip.live import explore
from labsip.live.surface import VIEW


def test_its_text_and_its_picture_are_the_static_ladder(lab: Lab) -> None:
    call = lab.phone("106").call("108")
    view = explore(call.flow)
    assert repr(view) == repr(call.ladder())
    data, _ = view._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/png"}
    assert data["image/png"] == call.ladder()._repr_png_()[0]  # type: ignore[index]


def test_in_a_page_the_picture_comes_first_and_the_living_view_after_it(lab: Lab, shown: list[Any]) -> None:
    view = lab.phone("106").call("108").watch()
    view._ipython_display_()
    view._rest()
    assert [set(data) for data in shown] == [{"text/plain", "image/png"}, {VIEW}]


def test_without_anywidget_text_and_picture_are_left(
    lab: Lab, shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labsip.live.surface.find_spec", lambda _: None)
    lab.phone("106").call("108").watch()._ipython_display_()
    assert [set(data) for data in shown] == [{"text/plain", "image/png"}]


def test_a_message_is_told_when_its_arrow_is_chosen(lab: Lab, page_of: Any) -> None:
    call = lab.phone("106").call("108")
    page = page_of(call.watch())
    page.say("message", row=int(call.flow.index[0]))
    assert page.told[0]["message"]["title"] == "0.000  106 → proxy  INVITE"


def test_it_can_be_narrowed_down_to_a_party_a_method_a_call(lab: Lab, page_of: Any) -> None:
    call = lab.phone("106").call("108")
    call.hang_up()
    lab.phone("108").call("106")
    view = explore(lab.flow)
    page = page_of(view)
    page.say("filter", party="108", method="BYE", call="")
    assert [arrow["text"] for arrow in view._state()["arrows"].values()] == ["BYE", "200 OK (BYE)"]
    page.say("filter", party="", method="", call=call.call_id)
    assert len(view._state()["arrows"]) == len(call.flow)
    page.say("filter", party="", method="", call="")
    assert len(view._state()["arrows"]) == len(lab.flow)


def test_messages_that_come_later_are_added(lab: Lab, page_of: Any) -> None:
    call = lab.phone("106").call("108")
    view = call.watch()
    page = page_of(view)
    call.hang_up()
    assert view._changed()
    view._send()
    added = page.told[0]["news"]["arrows"]["put"].values()
    assert [arrow["text"] for arrow in added] == ["BYE", "BYE", "200 OK (BYE)", "200 OK (BYE)"]
    assert not view._changed()


def test_a_call_of_a_closed_lab_can_still_be_walked_through(lab: Lab, page_of: Any) -> None:
    call = lab.phone("106").call("108")
    view = call.watch()
    page = page_of(view)
    row = int(call.flow.index[0])
    lab.close()
    assert page.say("here")["all"]["lanes"] == ["106", "proxy", "108"]
    page.say("message", row=row)
    assert page.told[0]["message"]["route"]
