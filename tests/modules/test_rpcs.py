"""The commands of Kamailio's RPC: what each says of a proxy, and what it changes there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from labsip.modules.ctl import arguments_of, text_of, text_of_fault
from labsip.proxy.inquiry import answer
from labsip.proxy.rpc import RpcFault
from labsip.vocabulary import EXPORTS, Ksr, location
from tests.ends import Bench

SETTINGS: dict[str, Any] = {
    "htable": ("a=>size=4;autoexpire=600", "b=>size=4"),
    "shvset": ("n=i:5", "s=s:hello"),
    "dispatcher_list": "1 sip:127.0.0.1:7001 0 10 weight=50\n1 sip:127.0.0.1:7002\n2 sip:127.0.0.1:7003",
    "address_list": "1 127.0.10.200 32 0 tagA\n2 127.0.10.0 24",
    "reqs_density_per_unit": 5,
    "own": {"gw.ip": "1.2.3.4", "gw.n": 5},
}


def route(ksr: Ksr) -> None:
    if ksr.is_method("REGISTER"):
        ksr.save("location")
    elif ksr.is_method("OPTIONS"):
        if ksr.pike_check_req():
            ksr.sl_send_reply(200, "OK")
    elif ksr.has_totag():
        ksr.loose_route()
        ksr.t_relay()
    else:
        ksr.record_route()
        ksr.dlg_manage()
        ksr["$dlg_var(began)"] = ksr["$fU"]
        if ksr.lookup("location"):
            ksr.t_relay()
        else:
            ksr.sl_send_reply(404, "Not here")


@pytest.fixture
def bench() -> Bench:
    return Bench(route, **SETTINGS)


def said(bench: Bench, line: str) -> str:
    """What kamcmd would print."""
    name, *arguments = arguments_of(line)
    try:
        return text_of(answer(bench.proxy, bench.now, str(name), arguments, who="me"))
    except RpcFault as fault:
        return text_of_fault(fault)


def test_users_are_dumped_in_the_order_of_kamailios_table(bench: Bench) -> None:
    for user in ("106", "108", "201"):
        said(bench, f"ul.add location s:{user} sip:{user}@127.0.0.1 60 1 . 0 0 0")
    lines = said(bench, "ul.dump brief").split("\n")
    assert [line.strip() for line in lines if "AoR:" in line] == ["AoR: 201", "AoR: 106", "AoR: 108"]
    assert "\t\t\t\tRecords: 3" in lines
    assert "HashID: 3612362" in said(bench, "ul.dump")


def test_a_contact_is_added_seen_and_removed(bench: Bench) -> None:
    assert said(bench, "ul.add location s:200 sip:200@127.0.0.1:7200 600 0.5 . 0 1 15") == ""
    seen = said(bench, "ul.lookup location s:200@anywhere").split("\n")
    for line in ("Expires: 600", "Q: 0.500000", "CFlags: 1", "Socket: [not set]", "Methods: 15", "Path: [not set]"):
        assert f"\t\t\t{line}" in seen
    assert said(bench, "ul.add location s:200 sip:200@127.0.0.1:7200 0 1 . 0 0 0") == ""  # in its place
    assert said(bench, "ul.lookup location s:200").count("Address") == 1
    assert "Expires: permanent" in said(bench, "ul.lookup location s:200")
    assert said(bench, "ul.rm_contact location s:200 sip:200@127.0.0.1:7200") == ""
    assert said(bench, "ul.lookup location s:200") == "error: 500 - AOR not found in location table"


def test_a_call_goes_to_a_contact_that_was_added(bench: Bench) -> None:
    said(bench, "ul.add location s:108 sip:108@127.0.10.108 0 1 . 0 0 0")
    bench.wait(200_000)
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("MESSAGE", "sip:108@127.0.10.1"))
    assert callee.hears("MESSAGE").uri == "sip:108@127.0.10.108"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ul.lookup location 106", "500 - Not enough parameters (table and AOR to lookup)"),
        ("ul.lookup nowhere s:106", "500 - Domain table not found"),
        ("ul.add location s:1 sip:1@h", "500 - Not enough parameters or wrong format"),
        ("ul.add location s:1 x 60 1 . 0 0 0", "500 - Not enough parameters or wrong format"),
        ("ul.add location s:1 sip:1@h 60 1.5 . 0 0 0", "500 - Not enough parameters or wrong format"),
        ("ul.rm location", "500 - Not enough parameters (table and AOR to lookup)"),
        ("ul.rm_contact location s:1 sip:x@y", "404 - AOR not found"),
        ("htable.get x k", "500 - No such htable"),
        ("htable.get a k", "500 - Key name doesn't exist in htable."),
        ("htable.delete b k", "404 - Key not found in htable."),
        ("htable.seti b k s:x", "500 - Not enough parameters (htable name, key name and value)"),
        ("pike.list x", "500 - Bad argument. Select: ALL, HOT or WARM"),
        ("dispatcher.set_state x 1 all", "500 - Unknown State Value"),
        ("dispatcher.set_state ip 9 all", "500 - State Update Failed"),
        ("dispatcher.set_state ip s:1 all", "500 - Invalid Parameters"),
        ("pv.shvGet x", "404 - Variable not found"),
        ("pv.shvSet n int s:1", "500 - Missing integer parameter value (Parameters: varname type value)"),
        ("pv.shvSet n foo 1", "500 - Unknown parameter type (Types: int or str)"),
        ("pv.shvSet x int 1", "404 - Variable not found"),
        ("cfg.get nosuch", "400 - Failed to get the variable"),
        ("cfg.get tm nosuch", "400 - Failed to get the variable"),
        ("cfg.set_now_int maxfwd max_limit 300", "400 - Failed to set the variable"),
        ("cfg.set_now_int tm nosuch 1", "400 - Failed to set the variable"),
        ("cfg.set_now_string gw n x", "400 - Failed to set the variable"),
        ("core.shmmem z", "500 - bad param, (use b|k|m|g)"),
        ("stats.get_statistics", "400 - Please provide which stats to retrieve"),
        ("system.methodHelp nosuch", "400 - command not found"),
        ("nosuch.command", "500 - command nosuch.command not found"),
    ],
)
def test_what_is_refused_is_refused_in_kamailios_words(bench: Bench, line: str, words: str) -> None:
    assert said(bench, line) == f"error: {words}"
    assert bench.notes == []  # nothing has changed


def test_a_removed_user_is_gone_and_the_log_says_who_did_it(bench: Bench) -> None:
    bench.end("106").register()
    bench.end("108").register()
    said(bench, "ul.rm location s:106")
    assert [row["AoR"] for row in location(bench.proxy, bench.now)] == ["108"]
    assert bench.notes == ["rpc: ul.rm location 106 (me)"]
    assert said(bench, "stats.fetch usrloc: accepted_regs") == (
        "{\n\tusrloc.location_contacts: 1\n\tusrloc.location_expires: 0\n\tusrloc.location_users: 1\n"
        "\tusrloc.registered_users: 1\n\tregistrar.accepted_regs: 2\n}"
    )


def test_a_transaction_is_listed_while_it_is_held(bench: Bench) -> None:
    bench.end("108").register()
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("INVITE", "sip:108@127.0.10.1"))
    callee.hears("INVITE")
    listed = said(bench, "tm.list")
    assert "\tmethod: INVITE\n" in listed
    assert "\toutgoings: 1\n" in listed
    stats = said(bench, "tm.stats")
    for line in ("current: 1", "waiting: 0", "total: 1", "rpl_generated: 1", "rpl_sent: 1", "2xx: 0"):
        assert f"\t{line}\n" in stats
    bench.wait(300)
    assert said(bench, "tm.list") == ""
    assert "\tfreed: 1\n" in said(bench, "tm.stats")


def test_a_call_is_listed_with_both_ends(bench: Bench) -> None:
    bench.end("108").register()
    caller, callee = bench.end("106"), bench.end("108")
    caller.invite()
    invite = callee.hears("INVITE")
    assert "callee: {\n\t\ttag: <null string>" in said(bench, "dlg.list")
    assert said(bench, "dlg.stats_active").split("\n")[1] == "\tstarting: 1"
    callee.answer(invite, 200)
    listed = said(bench, "dlg.list")
    for line in (
        "state: 3",
        "lifetime: 43200",
        "\tcontact: sip:106@127.0.10.106:5060",
        "\tcontact: sip:108@127.0.10.108:5060",
    ):
        assert f"\t{line}\n" in listed
    assert "variables: {\n\t\t{\n\t\t\tbegan: 106\n\t\t}\n\t}" in listed
    call_id = invite.call_id
    assert said(bench, f"dlg.dlg_list s:{call_id}") == listed
    assert said(bench, "dlg.dlg_list nosuch") == ""
    assert f"call-id: {call_id}" in said(bench, "dlg.briefing")
    assert "dialog:active_dialogs = 1" in said(bench, "stats.get_statistics dialog:")


def test_items_of_tables(bench: Bench) -> None:
    assert said(bench, "htable.sets b k1 v1") == "Ok. Key set to new value."
    assert said(bench, "htable.seti b k3 5") == "Ok. Key set to new value."
    assert said(bench, "htable.sets b k2 5") == "Ok. Key set to new value."
    shape = (
        "{\n\tentry: %d\n\tsize: 1\n\tslot: {\n\t\t{\n\t\t\tname: %s\n\t\t\tvalue: %s\n\t\t\ttype: %s\n\t\t}\n\t}\n}"
    )
    rows = ((3, "k2", "5", "str"), (4, "k3", "5", "int"), (6, "k1", "v1", "str"))  # Kamailio's own slots
    assert said(bench, "htable.dump b") == "\n".join(shape % row for row in rows)
    assert (
        said(bench, "htable.get b k3")
        == "{\n\titem: {\n\t\tname: k3\n\t\tvalue: 5\n\t\tflags: 0\n\t\texpire: NEVER\n\t}\n}"
    )
    assert said(bench, "htable.delete b k3") == "Ok. Key deleted."
    assert said(bench, "htable.flush b") == "Ok. Htable flushed."
    assert said(bench, "htable.dump b") == ""
    said(bench, "htable.sets a k v")
    assert re.search(r"flags: 2\n\t\texpire: 19\d\d-\d\d-\d\d \d\d:\d\d:\d\d\n", said(bench, "htable.get a k"))
    bench.wait(601)
    assert said(bench, "htable.dump a") == ""
    assert [line for line in said(bench, "htable.listTables").split("\n") if "name" in line] == [
        "\tname: b",
        "\tname: a",
    ]


def test_addresses_that_send_too_much(bench: Bench) -> None:
    end = bench.end("106")
    for _ in range(40):
        end.send(end.request("OPTIONS"))
    listed = said(bench, "pike.list")
    assert "\t\t\tip_addr: 127.0.10.106\n" in listed
    assert "status: HOT" in listed
    assert listed == said(bench, "pike.list ALL")
    assert said(bench, "pike.list WARM") == "{\n\tmax_hits: 5\n\tlist: {\n\t}\n\tnumber_of_rows: 0\n}"
    assert said(bench, "stats.get_statistics blocked_ips") == "pike:blocked_ips = 1"


def test_destinations_and_their_states(bench: Bench) -> None:
    def flags() -> list[str]:
        return [line.strip() for line in said(bench, "dispatcher.list").split("\n") if "FLAGS" in line]

    assert flags() == ["FLAGS: AX"] * 3
    assert "BODY: weight=50\n" in said(bench, "dispatcher.list")
    assert "WEIGHT: 50\n" in said(bench, "dispatcher.list")
    assert said(bench, "dispatcher.set_state ip 1 sip:127.0.0.1:7001") == "Ok. Dispatcher state updated."
    assert flags() == ["FLAGS: AX", "FLAGS: IP", "FLAGS: AX"]
    said(bench, "dispatcher.set_state dx 1 all")
    assert flags() == ["FLAGS: AX", "FLAGS: DX", "FLAGS: DX"]


def test_addresses_of_groups(bench: Bench) -> None:
    assert "group: 1\n\titem: {\n\t\tip: 127.0.10.200\n\t\tport: 0\n\t\ttag: tagA" in said(
        bench, "permissions.addressDump"
    )
    assert said(bench, "permissions.subnetDump") == (
        "{\n\tid: 0\n\tgroup: 2\n\titem: {\n\t\tip: 127.0.10.0\n\t\tmask: 24\n\t\tport: 0\n\t\ttag: \n\t}\n}"
    )


def test_variables_of_all_requests(bench: Bench) -> None:
    assert said(bench, "pv.shvGet n") == "{\n\tname: n\n\ttype: int\n\tvalue: 5\n}"
    assert said(bench, "pv.shvSet n int 8") == "Ok. Variable set to new value."
    assert said(bench, "pv.shvSet s str s:12") == "Ok. Variable set to new value."
    row = "\t\tshv: {\n\t\t\tname: %s\n\t\t\ttype: %s\n\t\t\tvalue: %s\n\t\t}\n"
    assert said(bench, "pv.shvGet") == "{\n\titems: {\n" + row % ("s", "string", 12) + row % ("n", "int", 8) + "\t}\n}"


def test_parameters_are_set_while_it_runs(bench: Bench) -> None:
    assert said(bench, "cfg.get tm") == "{\n\tfr_timer: 30000\n\tfr_inv_timer: 120000\n}"
    assert said(bench, "cfg.set_now_int tm fr_timer 2000") == ""
    assert said(bench, "cfg.get tm fr_timer") == "2000"
    bench.end("108").register()
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE", "sip:108@127.0.10.1"))
    bench.wait(2.1)
    assert caller.response(408)
    assert said(bench, "cfg.set_now_int core debug -1") == ""
    assert said(bench, "cfg.get core debug") == "-1"


def test_settings_of_the_scripts_own(bench: Bench) -> None:
    assert said(bench, "cfg.get gw") == "{\n\tip: 1.2.3.4\n\tn: 5\n}"
    said(bench, "cfg.set_now_int gw n 6")
    said(bench, "cfg.set_now_string gw ip 5.6.7.8")
    assert said(bench, "cfg.get gw") == "{\n\tip: 5.6.7.8\n\tn: 6\n}"
    assert said(bench, "cfg.list gw") == "gw: ip\ngw: n"


def test_the_core_says_what_it_is(bench: Bench) -> None:
    bench.wait(7)
    assert said(bench, "core.uptime").endswith("\tuptime: 7\n}")
    assert said(bench, "core.version").startswith("labsip ")
    assert said(bench, "core.echo a 1 2.5 s:7") == "a\n1"
    assert said(bench, "core.shmmem m").startswith("{\n\ttotal: 64\n\tfree: 64\n")
    assert said(bench, "core.sockets_list").count("socket: {") == 1
    assert said(bench, "system.methodHelp ul.dump") == "All users and their contacts."
    assert said(bench, "system.listMethods").split("\n") == sorted(EXPORTS.rpcs)


@pytest.mark.parametrize("name", sorted(EXPORTS.rpcs))
def test_every_command_says_what_it_does_and_answers_without_arguments(bench: Bench, name: str) -> None:
    assert EXPORTS.rpcs[name].about.endswith(".")
    said(bench, name)


def test_a_restart_begins_to_count_anew(bench: Bench) -> None:
    bench.end("106").register()
    assert "rcv_requests_register = 1" in said(bench, "stats.get_statistics core:")
    bench.wait(5)
    bench.proxy.restart(bench.now)
    assert "rcv_requests_register = 0" in said(bench, "stats.get_statistics core:")
    assert said(bench, "core.uptime").endswith("\tuptime: 0\n}")
