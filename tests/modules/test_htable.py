"""$sht and its commands: values kept between messages."""

from __future__ import annotations

from typing import Any

import pytest

from labsip.dialects.python import check_commands
from labsip.modules.htable import HTables, declare, hash_table
from labsip.proxy.script import Routes
from labsip.sip.errors import LabError
from labsip.vocabulary import Ksr, settings_of
from tests.ends import Bench, End

TABLES = ("a=>size=8;autoexpire=10", "once=>autoexpire=10;updateexpire=0", "b=>", "c=>initval=7")


def bench_of(route: Any, tables: tuple[str, ...] = TABLES) -> tuple[Bench, End]:
    bench = Bench(route, htable=tables)
    return bench, bench.end("106")


def error(route: Any, **options: Any) -> str:
    bench, caller = bench_of(route)
    caller.send(caller.request("MESSAGE", **options))
    return bench.proxy.errors[0].text.splitlines()[-1]


def test_a_value_is_there_for_the_messages_that_follow() -> None:
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        seen.append(ksr["$sht(b=>$ci)"])
        ksr["$sht(b=>$ci)"] = f"call of {ksr['$fU']}"

    _, caller = bench_of(route)
    for call in ("one", "one", "other"):
        caller.send(caller.request("MESSAGE", call=call))
    assert seen == [None, "call of 106", None]


def test_none_takes_it_out_and_initval_is_read_where_nothing_is() -> None:
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        ksr["$sht(c=>x)"] = 1
        seen.append(ksr["$sht(c=>x)"])
        ksr["$sht(c=>x)"] = None
        seen.append(ksr["$sht(c=>x)"])

    _, caller = bench_of(route)
    caller.send(caller.request("MESSAGE"))
    assert seen == [1, 7]


def test_an_item_ends_by_itself_and_being_set_again_gives_it_its_time_anew() -> None:
    seen: list[tuple[object, ...]] = []

    def route(ksr: Ksr) -> None:
        if ksr.is_method("INFO"):
            for table in ("a", "once", "b"):
                ksr[f"$sht({table}=>x)"] = 1
        seen.append(tuple(ksr[f"$sht({table}=>x)"] for table in ("a", "once", "b")))

    bench, caller = bench_of(route)
    for method, wait in (("INFO", 6), ("INFO", 6), ("MESSAGE", 6), ("MESSAGE", 0)):
        caller.send(caller.request(method))
        bench.wait(wait)
    assert seen == [(1, 1, 1), (1, 1, 1), (1, None, 1), (None, None, 1)]


def test_what_has_ended_is_swept_out() -> None:
    bench, caller = bench_of(lambda ksr: ksr.__setitem__("$sht(a=>$ci)", 1))
    caller.send(caller.request("MESSAGE"))
    bench.wait(60)
    assert not bench.proxy.module(HTables).tables["a"].items
    assert bench.proxy.next_wake() is None


def test_the_seconds_left_are_read_and_set() -> None:
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        ksr["$sht(a=>x)"] = ksr["$sht(b=>x)"] = 1
        ksr["$shtex(b=>x)"] = 5  # nothing ends in b
        seen.extend((ksr["$shtex(a=>x)"], ksr["$shtex(b=>x)"], ksr["$shtex(a=>y)"]))
        ksr["$shtex(a=>x)"] = 100
        seen.append(ksr["$shtex(a=>x)"])

    _, caller = bench_of(route)
    caller.send(caller.request("MESSAGE"))
    assert seen == [10, 0, 0, 100]


def test_one_more_is_counted_where_there_is_a_number() -> None:
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        ksr["$sht(b=>text)"] = "x"
        seen.extend(ksr[f"$shtinc({item})"] for item in ("c=>n", "c=>n", "b=>n", "b=>text"))

    _, caller = bench_of(route)
    caller.send(caller.request("MESSAGE"))
    assert seen == [8, 9, None, None]


def test_items_are_taken_out_by_their_keys() -> None:
    codes: list[int] = []

    def route(ksr: Ksr) -> None:
        for key in ("106::a", "106::b", "108::a"):
            ksr[f"$sht(b=>{key})"] = 1
        codes.append(int(ksr.sht_rm_name_re("b=>^106::")))
        codes.append(len(ksr._turn.module(HTables).tables["b"].items))
        codes.extend((int(ksr.sht_reset("b")), int(ksr.sht_reset("nope"))))
        codes.append(len(ksr._turn.module(HTables).tables["b"].items))

    _, caller = bench_of(route)
    caller.send(caller.request("MESSAGE"))
    assert codes == [1, 1, 1, -1, 0]


def test_a_key_may_hold_whatever_a_message_brings() -> None:
    """Brackets, and what only looks like a variable."""
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        ksr[f"$sht(b=>{ksr['$ci']})"] = 1
        seen.append(ksr[f"$sht(b=>{ksr['$ci']})"])

    bench, caller = bench_of(route)
    for call in ("a(b)c)", "$nope", "$hdr", "$$", "("):
        caller.send(caller.request("MESSAGE", call=call))
    assert seen == [1] * 5
    assert not bench.proxy.errors


def test_a_full_table_keeps_nothing_more_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hash_table, "MOST", 3 * hash_table.ITEM)
    bench, caller = bench_of(lambda ksr: ksr.__setitem__("$sht(b=>$ci)", "v" * 10))
    for call in ("one", "two", "three"):
        caller.send(caller.request("MESSAGE", call=call))
    table = bench.proxy.module(HTables).tables["b"]
    assert sorted(table.items) == ["one", "two"]
    assert bench.notes == ["htable b is full: it holds 2 items, three was not kept"]
    table.remove(["one", "two"])
    assert table.size == 0


def test_a_table_is_full_when_its_last_byte_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hash_table, "MOST", 2 * (hash_table.ITEM + len("a" + "value")))
    table = hash_table.HTable()
    assert [table.set(key, "value", 0.0) for key in "abc"] == [True, True, False]
    assert table.set("b", "other", 0.0)


def test_an_item_is_gone_when_its_time_is_over() -> None:
    table = hash_table.HTable(autoexpire=10)
    table.set("a", 1, 0.0)
    assert (table.get("a", 9.9), table.get("a", 10.0)) == (1, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a", "htable: 'a' declares no table; write \"a=>size=8;autoexpire=7200\""),
        ("a=>autoexpir=5", "no attribute of htable a autoexpir; did you mean autoexpire?"),
        ("a=>autoexpire=soon", "autoexpire of htable a must be a number, as in 10, not 'soon'"),
    ],
)
def test_a_table_that_can_t_be_declared_so_is_refused(text: str, problem: str) -> None:
    with pytest.raises(LabError) as refused:
        declare(text)
    assert str(refused.value) == problem


def test_what_is_wrong_is_said() -> None:
    assert error(lambda ksr: ksr["$sht(z=>x)"]).endswith('no htable z; declare it: htable="z=>size=8;autoexpire=60"')
    assert "names no item of an htable" in error(lambda ksr: ksr["$sht(b)"])


def test_what_is_no_expression_matches_no_key() -> None:
    seen: list[object] = []
    bench, caller = bench_of(lambda ksr: seen.append(ksr.sht_rm_name_re("b=>(")))
    caller.send(caller.request("MESSAGE"))
    assert seen == [-1]
    assert "is no regular expression" in bench.proxy.trace.notes[-1][1]


def test_a_wrong_variable_in_a_key_is_found_before_the_route_runs() -> None:
    def route(ksr: Ksr) -> object:
        return ksr["$sht(a=>$sii)"]  # type: ignore[index]

    with pytest.raises(LabError, match=r"no variable \$sii"):
        check_commands(route)


def test_routes_that_bring_other_tables_leave_those_of_the_same_name() -> None:
    bench, _ = bench_of(lambda ksr: ksr, ("a=>", "b=>"))
    tables = bench.proxy.module(HTables)
    tables.set("a", "x", 1, 0.0)
    bench.proxy.settings = settings_of(htable=("a=>", "c=>"))
    assert (sorted(tables.tables), tables.table("a").get("x", 0.0)) == (["a", "c"], 1)


def test_an_iterator_goes_through_the_items_there_were_and_may_change_them() -> None:
    told: list[object] = []

    def route(ksr: Ksr) -> None:
        for key in "abc":
            ksr[f"$sht(t=>{key})"] = key.upper()
        ksr.sht_iterator_start("i", "t")
        while ksr.sht_iterator_next("i"):
            told.append((ksr["$shtitkey(i)"], ksr["$shtitval(i)"]))
            if ksr["$shtitkey(i)"] == "a":
                ksr["$sht(t=>b)"] = None
                ksr.sht_iterator_seti("i", 7)
            else:
                ksr.sht_iterator_rm("i")
        told.append(ksr["$sht(t=>a)"])
        told.append(ksr["$sht(t=>c)"])
        told.append(int(ksr.sht_iterator_rm("i")))
        told.append(int(ksr.sht_iterator_sets("never", "x")))

    bench = Bench(route, htable="t=>")
    end = bench.end("106")
    end.send(end.request("MESSAGE"))
    assert told == [("a", "A"), ("c", "C"), 7, None, -1, -1]


def test_an_operator_that_is_none_is_told_with_those_there_are() -> None:
    bench = Bench(lambda ksr: ksr.sht_rm_name("t", "like", "x"), htable="t=>")
    end = bench.end("106")
    end.send(end.request("MESSAGE"))
    assert "no operator like" in bench.proxy.errors[0].text


def test_an_item_that_expires_is_told_to_the_block_of_that_event() -> None:
    told: list[object] = []

    def expired(ksr: Ksr) -> None:
        told.append((ksr["$shtrecord(key)"], ksr["$shtrecord(value)"], ksr["$sht(a=>x)"], ksr["$rm"]))

    def route(ksr: Ksr) -> None:
        ksr["$sht(a=>x)"] = 5
        ksr["$sht(once=>y)"] = "no block asks"
        told.append(ksr["$shtrecord(key)"])

    bench = Bench(Routes(route, event_routes={"htable:expired:a": expired}), htable=TABLES)
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE"))
    bench.wait(60)
    assert told == [None, ("x", 5, None, "OPTIONS")]
