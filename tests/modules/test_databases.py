"""Modules that ask a database: alias_db, speeddial, domain, auth_db, permissions, usrloc, sqlops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labsip.db.urls import databases
from labsip.modules.usrloc import UsrLoc
from labsip.sip.digest import ha1
from labsip.sip.errors import LabError
from labsip.vocabulary import Ksr
from tests.ends import Bench
from tests.modules.asking import challenge, code, given, judge

URL = "mysql://kamailio:kamailiorw@localhost/kamailio"


def filled(*statements: str) -> dict[str, Any]:
    """A database in which these were run."""
    urls = databases({"mysql": "sqlite:///:memory:"})
    for statement in statements:
        urls["mysql"].query(statement)  # type: ignore[attr-defined]
    return urls


def said(route: Any, uri: str = "sip:108@127.0.10.1", caller: str = "106", **settings: Any) -> list[object]:
    """What a route tells."""
    told: list[object] = []
    bench = Bench(lambda ksr: told.extend(route(ksr)), **settings)
    end = bench.end(caller)
    end.send(end.request("INVITE", uri))
    assert not bench.proxy.errors, bench.proxy.errors
    return [int(one) if isinstance(one, int) else one for one in told]


def alias(row: str = "('boss', 'lab.example', '106', 'lab.example')") -> dict[str, Any]:
    names = "alias_username, alias_domain, username, domain"
    return {"db_urls": filled(f"INSERT INTO dbaliases ({names}) VALUES {row}"), "alias_db_url": URL}


def test_an_alias_is_looked_up() -> None:
    route = lambda k: [k.alias_db_lookup("dbaliases"), k["$ru"]]  # noqa: E731
    assert said(route, "sip:boss@127.0.10.1", **alias()) == [1, "sip:106@lab.example"]
    assert said(route, "sip:nobody@127.0.10.1", **alias()) == [-1, "sip:nobody@127.0.10.1"]
    assert said(route, "sip:127.0.10.1", **alias()) == [-1, "sip:127.0.10.1"]


def test_the_domain_of_an_alias_counts_where_that_is_asked() -> None:
    route = lambda k: [k.alias_db_lookup("dbaliases")]  # noqa: E731
    settings = alias() | {"alias_use_domain": True}
    assert said(route, "sip:boss@elsewhere", **settings) == [-1]
    assert said(route, "sip:boss@lab.example", **settings) == [1]
    assert said(lambda k: [k.alias_db_lookup("dbaliases", "d")], "sip:boss@elsewhere", **settings) == [1]


def test_every_user_of_an_alias_is_called_where_that_is_asked() -> None:
    rows = "('all', '', '106', 'h'), ('all', '', '107', 'h')"
    route = lambda k: [k.alias_db_lookup("dbaliases"), k["$ru"], *[one.uri for one in k._turn.targets]]  # noqa: E731
    assert said(route, "sip:all@h", **alias(rows), alias_append_branches=True) == [1, "sip:106@h", "sip:107@h"]


def test_an_alias_can_be_found_without_being_called() -> None:
    route = lambda k: [k.alias_db_find("dbaliases", "sip:boss@x", "$avp(who)"), k["$avp(who)"], k["$rU"]]  # noqa: E731
    assert said(route, **alias()) == [1, "sip:106@lab.example", "108"]
    assert said(lambda k: [k.alias_db_find("dbaliases", "junk", "$avp(who)")], **alias()) == [-1]


def test_a_table_there_is_not_is_told_of() -> None:
    bench = Bench(lambda k: k.alias_db_lookup("nope"), **alias())
    end = bench.end("106")
    end.send(end.request("INVITE"))
    assert bench.notes == ["alias_db: no such table: nope"]
    bench = Bench(lambda k: k.alias_db_lookup("a; DROP TABLE acc"), **alias())
    end = bench.end("106")
    end.send(end.request("INVITE"))
    assert bench.notes == ["alias_db: 'a; DROP TABLE acc' is no name of a table or column"]


def test_a_short_number_is_its_callers_own() -> None:
    row = "INSERT INTO speed_dial (username, sd_username, new_uri) VALUES ('106', '12', 'sip:108@lab.example')"
    settings = {"db_urls": filled(row), "speeddial_db_url": URL}
    route = lambda k: [k.sd_lookup("speed_dial"), k["$ru"]]  # noqa: E731
    assert said(route, "sip:12@127.0.10.1", **settings) == [1, "sip:108@lab.example"]
    assert said(route, "sip:13@127.0.10.1", **settings) == [-1, "sip:13@127.0.10.1"]
    assert said(route, "sip:12@127.0.10.1", "107", **settings) == [-1, "sip:12@127.0.10.1"]
    owned = lambda k: [k.sd_lookup("speed_dial", "sip:106@x"), k["$ru"]]  # noqa: E731
    assert said(owned, "sip:12@127.0.10.1", "107", **settings) == [1, "sip:108@lab.example"]
    assert said(route, "sip:12@x", **settings, speeddial_use_domain=True) == [-1, "sip:12@x"]


def test_domains_of_the_table_are_ours_where_that_is_asked() -> None:
    settings = {"db_urls": filled("INSERT INTO domain (domain) VALUES ('Lab.Example')"), "domain_db_url": URL}

    def route(k: Ksr) -> list[object]:
        return [
            k.is_uri_host_local(), k.is_from_local(), k.is_domain_local("lab.example"), k.lookup_domain("x"),
            k.is_myself("sip:lab.example"),
        ]  # fmt: skip

    assert said(route, "sip:108@lab.example", **settings) == [1, -1, 1, -1, -1]
    assert said(route, "sip:108@other", **settings, register_myself=True) == [-1, -1, 1, -1, 1]


def credentials(**settings: Any) -> int:
    bench = Bench(judge, **settings)
    end = bench.end("106")
    return code(end, given(challenge(end)))


@pytest.mark.parametrize(
    ("row", "settings", "result"),
    [
        ("('106', '', 'secret106', '')", {"calculate_ha1": True, "password_column": "password"}, 1),
        ("('106', '', 'other', '')", {"calculate_ha1": True, "password_column": "password"}, -2),
        (f"('106', '', '', '{ha1('106', 'lab', 'secret106', 'MD5')}')", {}, 1),
        ("('106', '', '', '')", {}, -3),
        ("('107', '', 'secret106', '')", {"calculate_ha1": True, "password_column": "password"}, -3),
        ("('106', 'lab', 'secret106', '')",
         {"calculate_ha1": True, "password_column": "password", "auth_use_domain": True}, 1),
        ("('106', 'x', 'secret106', '')",
         {"calculate_ha1": True, "password_column": "password", "auth_use_domain": True}, -3),
    ],
)  # fmt: skip
def test_passwords_come_from_the_table_subscriber(row: str, settings: dict[str, Any], result: int) -> None:
    urls = filled(f"INSERT INTO subscriber (username, domain, password, ha1) VALUES {row}")
    assert credentials(auth_db_url=URL, db_urls=urls, **settings) == result


def test_addresses_come_from_the_table_address() -> None:
    settings = {
        "db_urls": filled("INSERT INTO address (grp, ip_addr, mask) VALUES (2, '127.0.10.0', 24)"),
        "permissions_db_url": URL,
    }

    def route(k: Ksr) -> list[object]:
        return [
            k.allow_source_address(2), k.allow_source_address(1), k.allow_source_address_group(),
            k.allow_address(2, "127.0.10.9", 5060), k.allow_address(2, "10.0.0.1", 0), k.allow_address(2, "x", 0),
        ]  # fmt: skip

    assert said(route, **settings) == [1, -1, 2, 1, -1, -1]


def test_contacts_are_kept_in_the_table_location(tmp_path: Path) -> None:
    def bench() -> Bench:
        urls = databases({"mysql": str(tmp_path / "k.db")})
        return Bench(lambda k: [k.setbflag(6), k.save("location")], location_db_url=URL, db_mode=2, db_urls=urls)

    first = bench()
    first.end("108").register()
    assert [(row["AoR"], row["CFlags"]) for row in bench().proxy.module(UsrLoc).rows(0.0)] == [("108", 64)]


def test_a_route_asks_a_database_by_its_url() -> None:
    route = lambda k: [k.sql_query("ca", "SELECT 7", "ra"), k["$dbr(ra=>[0,0])"]]  # noqa: E731
    assert said(route, sqlcon={"ca": URL}, db_urls=filled()) == [1, 7]


@pytest.mark.parametrize(
    "name", ["alias_db_url", "speeddial_db_url", "domain_db_url", "auth_db_url", "permissions_db_url"]
)
def test_a_db_url_that_leads_nowhere_is_refused_at_the_start(name: str) -> None:
    with pytest.raises(
        LabError, match="leads nowhere, for labsip speaks to no such server; give labsip serve --db-url"
    ):
        Bench(Ksr.t_relay, **{name: URL})
    with pytest.raises(LabError, match="'nothing' is none; write it as in sqlite:///FILE"):
        Bench(Ksr.t_relay, **{name: "nothing"})


def test_destinations_come_from_the_table_dispatcher() -> None:
    rows = "(1, 'sip:127.0.10.201', 0, 0), (1, 'sip:127.0.10.202', 0, 9)"
    settings = {
        "db_urls": filled(f"INSERT INTO dispatcher (setid, destination, flags, priority) VALUES {rows}"),
        "dispatcher_db_url": URL,
    }
    assert said(lambda k: [k.ds_select_dst(1, 8), k["$du"]], **settings) == [1, "sip:127.0.10.202"]
    assert said(lambda k: [k.ds_select_dst(2, 8)], **settings) == [-1]


def test_a_row_of_dispatcher_that_is_none_is_refused_at_the_start() -> None:
    urls = filled("INSERT INTO dispatcher (setid, destination) VALUES (1, 'nonsense')")
    with pytest.raises(LabError, match="dispatcher_list, line 1"):
        Bench(Ksr.t_relay, db_urls=urls, dispatcher_db_url=URL)


def kept(urls: dict[str, Any]) -> list[tuple[object, ...]]:
    """The rows of htable."""
    return [tuple(row) for row in urls["mysql"].query("SELECT key_name, value_type, key_value FROM htable").rows]


def test_an_htable_begins_with_the_rows_of_its_table_and_ends_as_them() -> None:
    urls = filled("INSERT INTO htable (key_name, value_type, key_value) VALUES ('a', 0, 'x'), ('b', 1, '41')")

    def route(k: Ksr) -> None:
        k["$sht(t=>a)"] = None
        k["$sht(t=>b)"] = int(str(k["$sht(t=>b)"])) + 1

    bench = Bench(route, htable="t=>dbtable=htable;dbmode=1", htable_db_url=URL, db_urls=urls)
    end = bench.end("106")
    end.send(end.request("MESSAGE"))
    assert kept(urls) == [("a", 0, "x"), ("b", 1, "41")]
    bench.proxy.restart(1.0)
    assert kept(urls) == [("b", 1, "42")]
    end.send(end.request("MESSAGE"))
    bench.proxy.end(2.0)
    bench.proxy.end(3.0)
    assert kept(urls) == [("b", 1, "43")]
    assert not bench.proxy.errors


def test_without_dbmode_the_table_stays_as_it_was() -> None:
    urls = filled("INSERT INTO htable (key_name, value_type, key_value) VALUES ('a', 0, 'x')")
    bench = Bench(Ksr.sht_reset, htable="t=>dbtable=htable", htable_db_url=URL, db_urls=urls)
    bench.proxy.end(0.0)
    assert kept(urls) == [("a", 0, "x")]


def test_with_db_expires_a_row_says_when_its_item_ends() -> None:
    urls = filled("INSERT INTO htable (key_name, key_value, expires) VALUES ('soon', 'x', 100), ('never', 'x', 0)")
    settings = {"htable": "t=>dbtable=htable;dbmode=1;autoexpire=50", "htable_db_url": URL, "db_expires": True}
    route = lambda k: [k["$shtex(t=>soon)"], k["$shtex(t=>never)"]]  # noqa: E731
    assert said(route, **settings, db_urls=urls) == [100, 50]


def test_an_htable_that_can_not_be_written_is_told_of_and_left_as_it_was() -> None:
    urls = filled("INSERT INTO htable (key_name, key_value) VALUES ('a', 'x')")
    bench = Bench(Ksr.t_relay, htable="t=>dbtable=htable;dbmode=1", htable_db_url=URL, db_urls=urls)
    urls["mysql"].query(
        "CREATE TRIGGER no BEFORE INSERT ON htable BEGIN SELECT RAISE(ABORT, 'nobody writes here'); END"
    )
    bench.proxy.end(0.0)
    assert bench.notes == ["nobody writes here"]
    assert kept(urls) == [("a", 0, "x")]


def test_a_dbtable_needs_a_db_url() -> None:
    with pytest.raises(LabError, match="htable t has a dbtable, and there is no db_url"):
        Bench(Ksr.t_relay, htable="t=>dbtable=htable")


def test_an_attribute_of_a_domain_that_is_no_number_is_refused_at_the_start() -> None:
    row = "INSERT INTO domain_attrs (did, name, type, value) VALUES ('d', 'max', 0, 'many')"
    with pytest.raises(LabError, match="max must be a number"):
        Bench(Ksr.t_relay, db_urls=filled(row), domain_db_url=URL)


def test_more_rows_than_a_query_has_are_read_all_the_same() -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700)"
    urls = filled(f"{numbers} INSERT INTO domain (domain) SELECT 'd' || i FROM n")
    settings = {"db_urls": urls, "domain_db_url": URL}
    assert said(lambda k: [k.is_domain_local("d1"), k.is_domain_local("d700")], **settings) == [1, 1]
