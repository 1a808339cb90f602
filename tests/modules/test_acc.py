"""What calls came of: rows, lines in the log, rows in a database; as a real Kamailio 5.6.3 accounted the same calls."""

from __future__ import annotations

from typing import Any

import pytest

from labsip.db.urls import databases
from labsip.modules.acc import Acc
from labsip.proxy.script import Routes
from labsip.sip.errors import LabError
from labsip.vocabulary import Ksr
from tests.ends import Bench
from tests.modules.saying import AT_108

FLAGS = {"log_flag": 1, "log_missed_flag": 2, "failed_transaction_flag": 3}
EXTRA = {"log_extra": "src_user=$fU;src_ip=$si;hd=$hdr(X-Nope)"}


def bench(*flags: int, answer: int | None = None, method: str = "INVITE", route: Any = None, **settings: Any) -> Bench:
    """A request with these flags goes to 108, who answers."""

    def request_route(ksr: Ksr) -> None:
        for flag in flags:
            ksr.setflag(flag)
        if route is None:
            ksr.t_relay()
        else:
            route(ksr)

    made = Bench(Routes(request_route), **(FLAGS | settings))
    caller, callee = made.end("106"), made.end("108")
    caller.send(caller.request(method, AT_108, call="c1"))
    if answer is not None:
        callee.answer(callee.hears(method), answer, "Said")
    assert not made.proxy.errors
    return made


def rows(made: Bench) -> list[tuple[str, str, str]]:
    return [(row.event, row.code, row.reason) for row in made.proxy.module(Acc).rows]


def test_a_call_that_is_answered_leaves_a_row_and_a_line() -> None:
    made = bench(1, answer=200, **EXTRA)
    (row,) = made.proxy.module(Acc).shown()
    assert row == {
        "event": "transaction answered", "time": 0.0, "method": "INVITE", "from_tag": "106f", "to_tag": "108t",
        "callid": "c1", "code": "200", "reason": "Said", "src_user": "106", "src_ip": "127.0.10.106", "hd": "",
    }  # fmt: skip
    assert made.notes == [
        "ACC: transaction answered: timestamp=0;method=INVITE;from_tag=106f;to_tag=108t;call_id=c1;code=200;"
        "reason=Said;src_user=106;src_ip=127.0.10.106;hd="
    ]


@pytest.mark.parametrize(
    ("flags", "answer", "told"),
    [
        ((), 200, []),
        ((2,), 200, []),
        ((1,), 486, []),
        ((1, 3), 486, [("transaction answered", "486", "Said")]),
        ((1, 2), 486, [("call missed", "486", "Said")]),
        ((1, 2, 3), 486, [("call missed", "486", "Said"), ("transaction answered", "486", "Said")]),
    ],
)
def test_flags_say_what_is_told_of(flags: tuple[int, ...], answer: int, told: list[tuple[str, str, str]]) -> None:
    assert rows(bench(*flags, answer=answer)) == told


def test_an_answer_made_here_has_the_phrase_of_its_status() -> None:
    made = bench(1, 2, 3, route=lambda k: [k.t_newtran(), k.t_reply(404, "Mine")])
    assert rows(made) == [("call missed", "404", "Not Found"), ("transaction answered", "404", "Not Found")]


def test_a_reply_without_a_transaction_leaves_none() -> None:
    assert rows(bench(1, 2, 3, route=lambda k: k.sl_reply(404))) == []


def test_a_call_that_goes_to_voicemail_was_missed_and_answered() -> None:
    def request_route(ksr: Ksr) -> None:
        ksr.setflag(1)
        ksr.setflag(2)
        ksr.t_on_failure("VOICEMAIL")
        ksr.t_relay()

    def voicemail(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:109@127.0.10.109"
        ksr.t_relay()

    made = Bench(Routes(request_route, failure_routes={"VOICEMAIL": voicemail}), **FLAGS)
    caller, callee, other = made.end("106"), made.end("108"), made.end("109")
    caller.send(caller.request("INVITE", AT_108))
    callee.answer(callee.hears("INVITE"), 486, "Busy")
    other.answer(other.hears("INVITE"), 200)
    assert rows(made) == [("call missed", "486", "Busy"), ("transaction answered", "200", "OK")]


def test_a_call_nobody_answers_in_time_was_missed() -> None:
    made = bench(1, 2, 3, fr_timer=2.0)
    made.wait(5)
    assert rows(made) == [
        ("call missed", "408", "Request Timeout"),
        ("transaction answered", "408", "Request Timeout"),
    ]


def test_a_route_accounts_what_it_likes() -> None:
    made = bench(route=lambda k: [k.acc_log_request("hello"), k.acc_log_request("404 my reason")])
    assert rows(made) == [("request accounted", "", "hello"), ("request accounted", "404", "my reason")]


def test_rows_go_into_the_database_too() -> None:
    urls = databases({"mysql": "sqlite:///:memory:"})
    made = bench(
        1, 2, answer=486, route=lambda k: [k.t_relay(), k.acc_db_request("500 Own", "acc")],
        acc_db_url="mysql://u:p@h/db", db_flag=1, db_missed_flag=2, db_extra="src_user=$fU", db_urls=urls, log_flag=-1,
        log_missed_flag=-1,
    )  # fmt: skip
    database: Any = urls["mysql"]
    missed = database.query("SELECT method, callid, sip_code, sip_reason, src_user, time FROM missed_calls").rows
    assert missed == [("INVITE", "c1", "486", "Said", "106", "1970-01-01 00:00:00")]
    assert database.query("SELECT sip_code, sip_reason FROM acc").rows == [("500", "Own")]
    assert rows(made) == []


def test_a_database_that_can_not_be_written_is_told_of_and_the_call_goes_on() -> None:
    made = bench(
        1, answer=200, acc_db_url="mysql://h/db", db_flag=1, db_extra="nope=$fU",
        db_urls=databases({"mysql": "sqlite:///:memory:"}),
    )  # fmt: skip
    assert any("no row of c1 was written: table acc has no column named nope" in note for note in made.notes)
    assert made.flow[-1] == "proxy -> 106  200 Said"


def test_a_db_url_that_leads_nowhere_is_refused_at_the_start_and_says_what_to_give() -> None:
    with pytest.raises(LabError) as refused:
        bench(acc_db_url="mysql://kamailio:secret@localhost/kamailio")
    assert str(refused.value) == (
        "acc: db_url 'mysql://kamailio:…@localhost/kamailio' leads nowhere, for labsip speaks to no such server; give "
        'labsip serve --db-url \'mysql=sqlite:///FILE\', or Lab(db_urls={"mysql": "sqlite:///FILE"})'
    )


def test_an_ack_is_told_of_where_that_is_asked() -> None:
    made = bench(1, method="ACK", route=lambda k: k.t_relay(), report_ack=True)
    assert rows(made) == [("request acknowledged", "200", "OK")]
    assert rows(bench(1, method="ACK")) == []
