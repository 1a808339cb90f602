"""Commands: where they may be said, with what, what they return, and the row they leave."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from labsip.proxy.script import Code, Routes
from labsip.sip.errors import LabError, NoSuchName
from labsip.vocabulary import COMMANDS, Ksr
from tests.ends import Bench

SL_REPLY = 'write sl_reply(code, reason="")'
TOO_MANY = f"LabError: sl_reply takes at most 2 arguments, each once; {SL_REPLY}"


def said(route: Any, method: str = "MESSAGE") -> Bench:
    bench = Bench(route)
    caller = bench.end("106")
    caller.send(caller.request(method))
    return bench


def error(route: Any) -> str:
    return said(route).proxy.errors[0].text.splitlines()[-1]


def test_a_return_code_is_true_above_zero() -> None:
    assert [bool(Code(number)) for number in (2, 1, 0, -1)] == [True, True, False, False]
    assert Code(-1) == -1


def test_a_command_leaves_a_row_with_its_line_arguments_and_result() -> None:
    def request_route(ksr: Ksr) -> None:
        if ksr.is_method("INVITE|MESSAGE"):
            ksr.sl_reply(404, reason="Nö")

    bench = said(request_route)
    rows = [(row.route, row.line, row.name, row.args, row.result) for row in bench.proxy.trace.commands]
    assert rows == [
        ("request_route", 2, "is_method", '"INVITE|MESSAGE"', 1),
        ("request_route", 3, "sl_reply", '404, reason="Nö"', 1),
    ]


def test_what_a_command_sends_names_its_row() -> None:
    bench = Bench(lambda ksr: [ksr.has_totag(), ksr.sl_reply(404)])
    caller = bench.end("106")
    (out,) = bench.deliver(caller.request("MESSAGE").raw, caller.address)
    assert out.command == 1


def test_rows_are_numbered_in_the_order_commands_were_begun() -> None:
    bench = said(Routes(lambda ksr: ksr.route("X"), routes={"X": lambda ksr: ksr.sl_reply(404)}))
    assert [(row.row, row.name, row.route) for row in sorted(bench.proxy.trace.commands)] == [
        (0, "route", "request_route"),
        (1, "sl_reply", "route[X]"),
    ]


def test_a_command_that_raises_leaves_a_row_without_a_result() -> None:
    bench = said(lambda ksr: ksr.sl_reply(99))
    assert [(row.name, row.args, row.result) for row in bench.proxy.trace.commands] == [("sl_reply", "99", None)]


def test_zero_ends_the_script() -> None:
    def route(ksr: Ksr) -> None:
        ksr.sanity_check()
        ksr.sl_reply(200)

    bench = Bench(route)
    caller = bench.end("106")
    assert caller.send(caller.request("MESSAGE", headers=[("CSeq", "1 BYE")])) == [
        "400 CSeq method does not match request method (BYE)"
    ]


@pytest.mark.parametrize("ending", [Ksr.exit, Ksr.drop])
def test_exit_and_drop_end_the_script_from_any_depth(ending: Any) -> None:
    bench = said(Routes(lambda ksr: [ksr.route("X"), ksr.sl_reply(200)], routes={"X": ending}))
    assert bench.flow == ["106 -> proxy  MESSAGE"]


def test_what_a_named_route_returns_is_its_code() -> None:
    for value, code in ((None, 1), (-1, -1), (2, 2), (True, 1), ("x", 1)):
        bench = said(Routes(lambda ksr: ksr.sl_reply(299, str(int(ksr.route("X")))), routes={"X": lambda _: value}))  # noqa: B023
        assert bench.flow[-1] == f"proxy -> 106  299 {code} (MESSAGE)"


def test_zero_from_a_named_route_ends_the_script() -> None:
    bench = said(Routes(lambda ksr: [ksr.route("X"), ksr.sl_reply(200)], routes={"X": lambda _: 0}))
    assert bench.flow == ["106 -> proxy  MESSAGE"]


@pytest.mark.parametrize(
    ("route", "text"),
    [
        (lambda ksr: ksr.sl_reply(), f"LabError: sl_reply needs code; {SL_REPLY}"),
        (lambda ksr: ksr.sl_reply(404, "a", "b"), TOO_MANY),
        (lambda ksr: ksr.sl_reply(404, code=1), TOO_MANY),
        (lambda ksr: ksr.sl_reply(404, raeson="x"),
         f"LabError: sl_reply has no argument raeson; did you mean reason?; {SL_REPLY}"),
        (lambda ksr: ksr.sl_reply(4.04), "LabError: sl_reply: code must be a number or text, not 4.04; write"),
        (lambda ksr: ksr.sl_reply("busy"), "LabError: 'busy' is no status of a response; write a number from 100"),
        (lambda ksr: ksr.sl_reply(404, "a\r\nX: 1"), "LabError: a reason phrase is one line"),
        (lambda ksr: ksr.lookup(location=1), "LabError: lookup has no argument location"),
        (lambda ksr: ksr.lookup(None), 'LabError: lookup: table must be text, not None; write lookup(table, uri="")'),
        (lambda ksr: ksr.lookup("location", "106"), "LabError: '106' is no URI; write it as in \"sip:106@127.0.0.1\""),
        (lambda ksr: ksr.append_branch("tel:1"), "LabError: 'tel:1' is no SIP URI; write it as in"),
        (lambda ksr: ksr.unregister("location", "x"), "LabError: 'x' is no URI"),
        (lambda ksr: ksr.append_hf("no colon"), "LabError: 'no colon' is no header line; write it as \"Name: value\""),
        (lambda ksr: ksr.append_hf("A: 1\r\nB: 2"), "LabError: 'A: 1\\r\\nB: 2' is no header line"),
        (lambda ksr: ksr.remove_hf("Subject:"), "LabError: 'Subject:' is no header name; write it without the colon"),
        (lambda ksr: ksr.mf_process_maxfwd_header("ten"), "LabError: limit must be a number, as in 10, not 'ten'"),
        (lambda ksr: ksr.t_set_fr(-1), "LabError: t_set_fr takes milliseconds"),
        (lambda ksr: ksr.t_on_failure("BUSSY"), "NoSuchName: no failure_route BUSSY; did you mean BUSY?"),
        (lambda ksr: ksr.route("X"), "NoSuchName: no route X"),
        (lambda ksr: ksr.xlog("L_LOUD", "x"), "LabError: 'L_LOUD' is no log level; there are L_ALERT"),
        (lambda ksr: ksr.xlog("$rru"), "NoSuchName: no variable $rru; did you mean $rr or $ru?"),
        (lambda ksr: ksr.save("location", 64), "LabError: save takes the flags 0 and 2 (send no answer), not 64"),
        (lambda ksr: ksr.t_realy(), "NoSuchName: no command t_realy; did you mean t_relay?"),
    ],
)  # fmt: skip
def test_a_mistake_says_what_to_write(route: Any, text: str) -> None:
    routes = Routes(route, failure_routes={"BUSY": lambda _: None})
    assert error(routes).startswith(text)


def test_a_command_in_the_wrong_route_says_where_it_belongs() -> None:
    bench = Bench(Routes(lambda ksr: ksr.t_relay(), onreply_route=lambda ksr: ksr.sl_reply(404)))
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("MESSAGE", "sip:108@127.0.10.108"))
    callee.answer(callee.hears("MESSAGE"), 200)
    assert bench.proxy.errors[0].text.endswith(
        "LabError: sl_reply() can't be used in an onreply_route; it belongs in a request_route"
    )
    assert caller.summaries == ["200 OK (MESSAGE)"]


def test_commands_complete_and_show_how_they_are_called() -> None:
    ksr = Ksr.__new__(Ksr)
    assert dir(ksr) == sorted(COMMANDS)
    assert {"t_relay", "sl_reply", "lookup", "exit", "drop"} <= set(COMMANDS)
    assert str(inspect.signature(Ksr.lookup)).startswith("(self, /, table: 'str', uri: 'str' = '')")
    assert all((inspect.getdoc(getattr(Ksr, name)) or "").count("Kamailio:") == 1 for name in COMMANDS)


def test_every_command_of_the_issue_is_there() -> None:
    commands = (
        "is_method has_totag sl_reply sl_send_reply send_reply t_relay t_check_trans t_newtran t_reply t_on_failure "
        "t_on_reply t_on_branch t_is_canceled t_set_fr save lookup registered unregister record_route loose_route "
        "mf_process_maxfwd_header sanity_check force_rport append_hf remove_hf is_present_hf append_branch xlog drop "
        "exit route"
    )
    assert set(commands.split()) <= set(COMMANDS)


def test_a_missing_name_is_an_attribute_error_so_that_completion_works() -> None:
    ksr = Ksr.__new__(Ksr)
    with pytest.raises(AttributeError):
        _ = ksr.t_relya  # type: ignore[attr-defined]
    assert not hasattr(ksr, "_nothing")
    with pytest.raises(LabError):
        raise NoSuchName("command", "x", [])


def test_without_a_record_of_commands_only_those_that_print_leave_a_row() -> None:
    bench = Bench(Routes(lambda ksr: ksr.route("X"), routes={"X": lambda ksr: [ksr.xlog("$rm"), ksr.sl_reply(404)]}))
    bench.proxy.trace.records_commands = False
    caller = bench.end("106")
    (out,) = bench.deliver(caller.request("MESSAGE").raw, caller.address)
    assert [(row.route, row.name, row.text) for row in bench.proxy.trace.commands] == [("route[X]", "xlog", "MESSAGE")]
    assert out.command is None


def test_a_text_that_cannot_be_sent_is_refused_and_what_a_message_brought_is_not() -> None:
    assert "reason has half a character in it" in error(lambda ksr: ksr.sl_reply(486, "\ud800"))
    assert not said(lambda ksr: ksr.xlog("\udcff")).proxy.errors  # a byte that is no UTF-8, as $rb has it


@pytest.mark.parametrize("name", [5, None, ["$ru"]])
def test_a_variable_is_named_by_a_text(name: Any) -> None:
    assert "is no variable; write it as in ksr" in error(lambda ksr: ksr[name])
    assert "is no variable; write it as in ksr" in error(lambda ksr: ksr.__setitem__(name, 1))


def in_a_branch_route(block: Any) -> Bench:
    """What a `route[X]` with this body does when a branch_route calls it."""

    def request_route(ksr: Ksr) -> None:
        ksr.t_on_branch("B")
        ksr["$du"] = "sip:127.0.10.108"
        ksr.t_relay()

    return said(Routes(request_route, routes={"X": block}, branch_routes={"B": lambda ksr: ksr.route("X")}))


def test_a_route_may_say_what_a_request_route_may_whatever_block_calls_it() -> None:
    bench = in_a_branch_route(lambda ksr: ksr.check_route_param("nat=yes"))
    assert not bench.proxy.errors
    rows = [(row.route, row.name, row.result) for row in bench.proxy.trace.commands]
    assert ("route[X]", "check_route_param", -1) in rows


def test_but_not_what_asks_again_when_it_runs() -> None:
    (error,) = in_a_branch_route(lambda ksr: ksr.t_relay()).proxy.errors
    assert "t_relay() can't be used in a branch_route; it belongs in a request_route or a failure_route" in error.text
