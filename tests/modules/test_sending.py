"""Sending without a transaction, and the core's own log."""

from __future__ import annotations

from labsip.vocabulary import Ksr
from tests.ends import Bench
from tests.modules.saying import AT_108, codes


def test_forward_sends_on_without_a_transaction_or_a_100() -> None:
    bench = Bench(lambda ksr: ksr.forward())
    caller, callee = bench.end("106"), bench.end("108")
    assert caller.send(caller.request("INVITE", AT_108)) == []
    callee.answer(callee.hears("INVITE"), 486)
    assert bench.flow[-1] == "proxy -> 106  486 OK"
    assert bench.proxy.held["transactions"] == 0


def test_forward_takes_a_host_and_leaves_the_request_uri() -> None:
    bench = Bench(lambda ksr: ksr.forward("127.0.10.109", 5060))
    caller, callee = bench.end("106"), bench.end("109")
    caller.send(caller.request("MESSAGE", AT_108))
    assert callee.hears("MESSAGE").uri == AT_108


def test_forward_to_a_name_nobody_knows_is_refused() -> None:
    assert codes(lambda k: k.forward("h.invalid")) == [-478]


def test_words_to_connections_are_accepted() -> None:
    names = (
        "set_reply_no_connect set_forward_no_connect set_reply_close set_forward_close add_local_rport force_tcp_alias"
    )
    assert codes(*[lambda k, name=name: getattr(k, name)() for name in names.split()]) == [1] * 6


def test_a_socket_of_ours_is_chosen_and_another_is_told_of() -> None:
    bench = Bench(
        lambda k: [
            k.set_send_socket("udp:127.0.10.1:5060"),
            k.force_send_socket("9.9.9.9"),
            k.set_send_socket("udp:1.1.1.1:5"),
        ]
    )
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE"))
    assert bench.notes == ["set_send_socket: udp:1.1.1.1:5 is no address of ours"]


def printed(route: object, **settings: object) -> list[str]:
    bench = Bench(route, **settings)  # type: ignore[arg-type]
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE"))
    assert not bench.proxy.errors
    return [row.text for row in bench.proxy.trace.commands if row.text]


def test_log_has_levels_that_are_numbers_and_fills_nothing_in() -> None:
    said = lambda k: [k.log(-1, "an $rm\n"), k.log("deep"), k.log("L_INFO", "word")]  # noqa: E731
    assert printed(said) == ["an $rm", "word"]
    assert printed(said, debug=4) == ["an $rm", "deep", "word"]


def test_each_level_of_xlog_has_a_word_and_debug_says_which_are_written() -> None:
    def route(ksr: Ksr) -> None:
        for word in ("xdbg", "xinfo", "xnotice", "xwarn", "xerr", "xcrit", "xbug", "xalert"):
            getattr(ksr, word)(f"{word} $rm\n")

    words = ["xdbg", "xinfo", "xnotice", "xwarn", "xerr", "xcrit", "xbug", "xalert"]
    assert printed(route) == [f"{word} MESSAGE" for word in words]
    assert printed(route, debug=2) == [f"{word} MESSAGE" for word in words[1:]]
    assert printed(lambda k: [k.xlog("L_DBG", "a"), k.xlog("b"), k.xlog("L_INFO", "c")], debug=-1) == ["b"]
