"""A lab with a database, what it accounts, and the calls it looks after."""

from __future__ import annotations

from pathlib import Path

import pytest

from labsip import Lab
from labsip.sip.errors import LabError
from labsip.vocabulary import Ksr

URL = "mysql://kamailio:kamailiorw@localhost/kamailio"


def route(ksr: Ksr) -> None:
    """Account, look after, and send on."""
    if ksr.is_method("REGISTER"):
        ksr.save("location")
    elif ksr.is_method("ACK") and ksr.t_check_trans():
        return
    elif ksr.has_totag():
        ksr.loose_route()
        ksr.t_relay()
    else:
        ksr.setflag(1)
        ksr.record_route()
        ksr.dlg_manage()
        ksr["$dlg_var(who)"] = ksr["$fU"]
        if not ksr.lookup("location"):
            ksr.t_newtran()
            ksr.send_reply(404, "Nobody")
            return
        ksr.t_relay()


def test_a_lab_shows_what_calls_came_of_and_those_that_are_up() -> None:
    with Lab(net="memory", name="acc", log_flag=1, failed_transaction_flag=1, log_extra="src_user=$fU") as lab:
        lab.request_route(route)
        alice = lab.phone("106")
        lab.phone("108").register()
        call = alice.call("108")
        assert lab.dialogs[["from_uri", "state", "variables"]].values.tolist() == [
            [f"sip:106@{lab.address.host}", 4, {"who": "106"}]
        ]
        call.hang_up()
        assert lab.dialogs.empty
        alice.call("999")
        assert lab.acc[["method", "code", "reason", "src_user"]].values.tolist() == [
            ["INVITE", "200", "OK", "106"],
            ["INVITE", "404", "Not Found", "106"],
        ]
        assert lab.acc.columns[:7].tolist() == ["method", "from_tag", "to_tag", "callid", "code", "reason", "time"]


def test_nothing_accounted_is_an_empty_table() -> None:
    with Lab(net="memory", name="no acc") as lab:
        assert lab.acc.empty
        assert lab.dialogs.empty
        assert "event" in lab.acc.columns


def test_a_db_url_is_mapped_to_a_file(tmp_path: Path) -> None:
    with Lab(
        net="memory", name="urls", alias_db_url=URL, db_urls={"mysql": f"sqlite://{tmp_path}/k.db"}
    ) as lab:  # fmt: skip
        seen: list[int] = []
        lab.request_route(lambda ksr: seen.append(int(ksr.alias_db_lookup("dbaliases"))))
        lab.phone("106").options()
        assert seen[0] == -1
    assert (tmp_path / "k.db").exists()


def test_one_that_is_not_mapped_is_refused_with_what_to_write() -> None:
    with pytest.raises(LabError, match=r'or Lab\(db_urls=\{"mysql": "sqlite:///FILE"\}\)'):
        Lab(net="memory", name="nowhere", alias_db_url=URL)
    with pytest.raises(LabError, match="write a dictionary"):
        Lab(net="memory", name="nowhere", db_urls="mysql=sqlite:///k.db")
