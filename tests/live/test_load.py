"""Many calls at a steady rate."""

from __future__ import annotations

import pytest

from labsip import Lab, LabError
from labsip.live.load import COLUMNS


def test_every_call_is_a_row(lab: Lab) -> None:
    load = lab.load(20, 10)
    assert list(load.calls) == list(COLUMNS)
    assert load.calls["outcome"].tolist() == ["answered"] * 20
    assert load.calls["status"].tolist() == [200] * 20
    assert load.calls["t"].round(3).tolist() == [number / 10 for number in range(20)]
    assert load.calls["setup"].round(3).tolist() == [0.004] * 20
    assert not lab.phone("106").handset.node.active
    assert (lab.flow["summary"] == "BYE").sum() == 40


def test_how_the_called_phone_behaves_is_its_own_affair(lab: Lab) -> None:
    lab.phone("108").busy()
    load = lab.load(5, 50)
    assert load.outcomes == {"failed 486": 5}
    assert load.calls["setup"].isna().all()
    assert "none was answered" in repr(load)


def test_what_was_sent_again_is_counted(lab: Lab) -> None:
    lab.wire("106", "proxy").drop("INVITE", times=2)
    load = lab.load(4, 10)
    assert load.calls["retransmissions"].sum() >= 2
    assert load.calls["setup"].max() > 0.5
    assert sum(load.repeats.values()) == 4
    assert load.repeats.keys() - {"none"}
    assert load.calls["outcome"].tolist() == ["answered"] * 4


def test_text_and_picture_tell_the_same(lab: Lab) -> None:
    load = lab.load(8, 100)
    text = repr(load)
    assert text.startswith("8 calls, 100 a second; 0 messages sent again, in 0 of them")
    assert "answered 200 |######################################## 8" in text
    assert "2 to 4 |######################################## 8" in text
    assert "none |######################################## 8" in text
    assert load._repr_png_() is not None


def test_the_phones_are_as_they_were(lab: Lab) -> None:
    before = [phone.handset.node.lines for phone in lab.phones]
    lab.load(3, 100)
    assert [phone.handset.node.lines for phone in lab.phones] == before


@pytest.mark.parametrize(("calls", "rate", "hold"), [(0, 10, 0), (1, 0, 0), (1, 1, -1)])
def test_a_load_that_can_t_be_is_refused(lab: Lab, calls: int, rate: float, hold: float) -> None:
    with pytest.raises(LabError, match="can't be"):
        lab.load(calls, rate, hold=hold)
