"""sql_query and $dbr: a route asks a database."""

from __future__ import annotations

from typing import Any

import pytest

from labsip.modules import sqlops
from labsip.modules.sqlops import Result, quoted
from labsip.sip.errors import LabError
from labsip.vocabulary import Ksr
from tests.ends import Bench


class Answers:
    """A connection that gives these results, by query."""

    def __init__(self, **results: Result) -> None:
        self.results = results

    def query(self, text: str) -> Result:
        if text not in self.results:
            raise LabError(f"no such table: {text}")
        return self.results[text]


USERS = Result(("id", "name"), [(1, "alice"), (2, None)])
DATABASE = Answers(users=USERS, nobody=Result())


def seen(route: Any) -> tuple[Any, Bench]:
    """What a route gives back, and where it ran."""
    given: list[Any] = []
    bench = Bench(lambda ksr: given.append(route(ksr)), sqlcon={"ca": DATABASE})
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE"))
    return (given[0] if given else bench.proxy.errors[0].text.splitlines()[-1]), bench


@pytest.mark.parametrize(
    ("query", "result", "code"),
    [("users", "ra", 1), ("users", "", 3), ("nobody", "ra", 2), ("nobody", "", 2), ("nowhere", "ra", -1)],
)
def test_the_code_tells_what_came_of_a_query(query: str, result: str, code: int) -> None:
    assert seen(lambda ksr: int(ksr.sql_query("ca", query, result)))[0] == code


def test_a_result_is_read_by_its_parts() -> None:
    names = ("rows", "cols", "[0,0]", "[0,1]", "[1, 1]", "[2,0]", "[0,2]", "[-1,0]", "colname[1]", "colname[2]")

    def route(ksr: Ksr) -> list[object]:
        ksr.sql_query("ca", "users", "ra")
        ksr["$var(i)"] = 0
        return [*(ksr[f"$dbr(ra=>{name})"] for name in names), ksr["$dbr(ra=>[$var(i),1])"], ksr["$dbr(rb=>rows)"]]

    assert seen(route)[0] == [2, 2, 1, "alice", None, None, None, None, "name", None, "alice", 0]


def test_it_stays_until_the_next_query_of_its_name_whatever_becomes_of_that() -> None:
    def route(ksr: Ksr) -> list[object]:
        rows = []
        for query in ("users", "nowhere"):
            ksr.sql_query("ca", query, "ra")
            rows.append(ksr["$dbr(ra=>rows)"])
        ksr.sql_query("ca", "users", "ra")
        codes = [int(ksr.sql_result_free("ra")), int(ksr.sql_result_free("ra"))]
        return [*rows, ksr["$dbr(ra=>rows)"], *codes]

    assert seen(route)[0] == [2, 0, 0, 1, 1]


def test_why_a_query_failed_stands_in_the_trace() -> None:
    _, bench = seen(lambda ksr: ksr.sql_query("ca", "nowhere", "ra"))
    assert bench.notes == ["sql_query ca: no such table: nowhere"]


def test_results_are_not_kept_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlops, "MOST", 2)

    def route(ksr: Ksr) -> list[int]:
        return [int(ksr.sql_query("ca", "users", name)) for name in ("a", "b", "c", "a")]

    assert seen(route)[0] == [1, 1, -1, 1]


def test_what_is_wrong_is_said() -> None:
    assert seen(lambda ksr: ksr.sql_query("cb", "users"))[0].endswith('name it: sqlcon={"cb": SqlFile("FILE")}')
    assert "write $dbr(ra=>rows), cols, [0,1] or colname[0]" in seen(lambda ksr: ksr["$dbr(ra=>first)"])[0]


@pytest.mark.parametrize(
    ("value", "written"), [("o'neil", "'o''neil'"), ("", "''"), (7, "7"), (None, "NULL"), ("'; --", "'''; --'")]
)
def test_a_value_is_quoted_as_sql_has_it(value: object, written: str) -> None:
    assert quoted(value) == written
