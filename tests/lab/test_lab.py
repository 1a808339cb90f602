"""The bench: what a cell can do, twice, and what it is told when it can't."""

from __future__ import annotations

import re

import pytest

from labsip import Lab, LabError
from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr


def test_a_lab_of_the_same_name_takes_the_place_of_the_one_before() -> None:
    first = Lab(name="again")
    address = first.address
    with Lab(name="again") as second:
        assert second.address == address
        assert repr(first) == "<lab: closed>"
        with pytest.raises(LabError, match="this lab is closed; run the cell that makes it again"):
            first.phone("106")


def test_two_labs_on_one_machine_disturb_nothing() -> None:
    with Lab(name="one") as one, Lab(name="two") as two:
        assert one.address != two.address
        for lab in (one, two):
            lab.use("cancel")
            lab.phone("108").register()
        one.restart()
        assert (len(one.location), len(two.location)) == (0, 1)


def test_the_same_seed_tells_the_same_story_on_sockets_and_in_memory() -> None:
    told = []
    for net in ("udp", "udp", "memory"):
        with Lab(seed=7, net=net, name="story") as lab:  # type: ignore[arg-type]
            lab.use("cancel")
            lab.phone("108").register()
            lab.phone("106").call("108").hang_up()
            raw = [re.sub(rb"127\.0\.\d+\.", b"127.0.10.", raw) for raw in lab.flow["raw"]]  # another lab may hold 10
            told.append([*zip(lab.flow["src"], lab.flow["dst"], raw, strict=True)])
    assert told[0] == told[1] == told[2]


def test_a_step_brings_its_settings_but_for_those_the_lab_was_given() -> None:
    with Lab(net="memory", name="strict", step="full", min_expires=300) as lab:
        answered = []
        for step in ("full", "register"):
            lab.use(step)
            lab.clear()
            lab.phone("106").register(expires=200)
            answered.append([summary for summary in lab.flow["summary"] if summary != "REGISTER"])
            assert lab.location["Expires"][0] == 300
    assert answered == [["423 Interval Too Brief (REGISTER)", "200 OK (REGISTER)"], ["200 OK (REGISTER)"]]


def test_a_step_with_passwords_knows_its_users_unless_the_lab_was_given_others() -> None:
    for given, password in ({}, "secret106"), ({"users": {"106": "other"}}, "other"):
        with Lab(net="memory", name="users", step="auth", **given) as lab:
            assert "200 OK" in repr(lab.phone("106", password=password).register())
            assert "401 Unauthorized" in repr(lab.phone("108", password="guess").register())


def test_a_lab_begins_with_no_step_there_is_not() -> None:
    with pytest.raises(LabError, match=r"no step ful; did you mean full\?"):
        Lab(net="memory", name="none", step="ful")


def test_a_phone_of_the_same_name_is_the_same_phone(lab: Lab) -> None:
    assert lab.phone("106") is lab.phone("106")
    assert [phone.name for phone in lab.phones] == ["106", "108"]


def test_two_phones_of_one_user_need_two_names(lab: Lab) -> None:
    assert lab.phone("108b", user="108").user == "108"
    with pytest.raises(LabError, match="phone 106 is 106's already; give 108's phone another name"):
        lab.phone("106", user="108")


def test_without_a_route_a_phone_says_what_to_do() -> None:
    with Lab(net="memory", name="empty") as lab:
        phone = lab.phone("106")
        with pytest.raises(LabError, match="the proxy has no route yet"):
            phone.register()


@pytest.mark.parametrize(
    ("kwargs", "told"),
    [
        ({"fr_timr": 3}, "no setting fr_timr; did you mean fr_timer"),
        ({"net": "upd"}, "no net upd; did you mean udp"),
    ],
)
def test_a_misspelt_setting_or_net_is_named_with_the_nearest(kwargs: dict[str, object], told: str) -> None:
    with pytest.raises(LabError, match=told):
        Lab(**kwargs)  # type: ignore[arg-type]


def test_a_step_that_does_not_exist_is_named_with_the_nearest(lab: Lab) -> None:
    with pytest.raises(LabError, match="no step cancle; did you mean cancel"):
        lab.use("cancle")


def test_a_restart_empties_the_table_and_keeps_the_route(lab: Lab) -> None:
    assert lab.location["AoR"].tolist() == ["106", "108"]
    lab.restart()
    assert lab.location.empty
    assert lab.phone("108").registered  # nobody told the phone
    assert lab.phone("106").call("108").status == 404


def test_a_call_while_the_callee_rings_gives_the_cell_back(lab: Lab) -> None:
    lab.phone("108").ring()
    call = lab.phone("106").call("108")
    assert call.state == "ringing"
    lab.phone("108").answer()
    assert call.state == "answered"


def test_a_scripted_answer_is_waited_for(lab: Lab) -> None:
    lab.phone("108").answer(after=2)
    assert lab.phone("106").call("108").state == "answered"


def test_an_offline_phone_says_so(lab: Lab) -> None:
    phone = lab.phone("106")
    phone.offline()
    assert repr(phone) == "<phone 106: registered, offline>"
    with pytest.raises(LabError, match=r"phone 106 is offline; lab\.phone\(\"106\"\)\.online\(\) plugs it in again"):
        phone.call("108")
    phone.online()
    assert phone.call("108").state == "answered"


@pytest.mark.labsip_only("its clock is real")
def test_a_cleared_record_begins_at_0_s_and_numbering_goes_on(lab: Lab) -> None:
    last = lab.flow.index[-1]
    lab.wait(10)
    lab.clear()
    assert lab.flow.empty
    lab.phone("106").options()
    assert lab.flow.index[0] == last + 1
    assert lab.flow["t"].iloc[0] == 0


def test_all_that_a_learner_types_completes_with_tab(lab: Lab) -> None:
    assert {"request_route", "phone", "location", "flow", "ladder", "steps", "check", "wait"} <= set(dir(lab))
    assert {"register", "call", "answer", "busy", "message"} <= set(dir(lab.phone("106")))


def test_a_text_arrives_in_the_inbox() -> None:
    with Lab(net="memory", name="texts") as lab:
        lab.use("full")
        lab.phone("108").register()
        assert repr(lab.phone("106").message("108", "hello")) == "<MESSAGE 106 → 108: 200 OK>"
        assert lab.phone("108").inbox[0].text == "hello"


def test_a_phone_with_a_password_answers_challenges_and_its_exchange_shows_both_requests() -> None:
    def ask(ksr: Ksr) -> None:
        if ksr.auth_check("lab", "subscriber"):
            ksr.save("location")
        else:
            ksr.auth_challenge("lab", 1)

    with Lab(seed=1, net="memory", name="digest", users={"106": "secret106"}) as lab:
        lab.run(Routes(ask))
        assert repr(lab.phone("106").register()) == "<REGISTER 106: 401 Unauthorized>"
        exchange = lab.phone("106", password="secret106").register()
        assert repr(exchange) == "<REGISTER 106: 200 OK>"
        summaries = ["REGISTER", "401 Unauthorized (REGISTER)", "REGISTER", "200 OK (REGISTER)"]
        assert list(exchange.flow["summary"]) == summaries
        assert repr(lab.phone("106", password="wrong").register()) == "<REGISTER 106: 401 Unauthorized>"
