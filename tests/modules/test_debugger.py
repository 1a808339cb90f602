"""Words for whoever looks for a fault, and of media relays, of which there is none here."""

from __future__ import annotations

import pytest

from tests.ends import Bench
from tests.modules.saying import codes


def test_words_for_a_debugger() -> None:
    assert codes(lambda k: k.dbg_breakpoint("1"), lambda k: k.dbg_pv_dump()) == [1, 1]


def test_a_debug_of_ones_own_and_texts_into_variables() -> None:
    said = codes(
        lambda k: k.setdebug("-1"), lambda k: k.resetdebug(), lambda k: k.pv_printf("$var(x)", "a $rm"),
        lambda k: k["$var(x)"], lambda k: k.avp_printf("$avp(x)", "b"), lambda k: k["$avp(x)"],
    )  # fmt: skip
    assert said == [1, 1, 1, "a MESSAGE", 1, "b"]


WORDS = (
    "rtpproxy_manage rtpproxy_offer rtpproxy_answer rtpproxy_destroy unforce_rtp_proxy rtpengine_manage "
    "rtpengine_offer rtpengine_answer rtpengine_delete"
)


@pytest.mark.parametrize("word", WORDS.split())
def test_a_media_relay_answers_as_is_configured(word: str) -> None:
    say = lambda k: getattr(k, word)()  # noqa: E731
    assert codes(say) == [1]
    assert codes(say, settings={"media_relay_code": -1}) == [-1]


def test_the_log_says_once_that_there_is_no_media_relay() -> None:
    bench = Bench(lambda k: [k.rtpproxy_manage("co"), k.rtpproxy_manage("co")])
    end = bench.end("106")
    for _ in range(2):
        end.send(end.request("MESSAGE"))
    assert bench.notes == ["rtpproxy_manage: there is no media relay here, the message keeps its SDP"]


def test_a_route_counts_by_name() -> None:
    bench = Bench(
        lambda k: [
            k.cnt_inc("calls"),
            k.cnt_add("own.calls", "5"),
            k.cnt_add("calls", -3),
            k.cnt_inc("x"),
            k.cnt_reset("x"),
        ]
    )
    end = bench.end("106")
    end.send(end.request("MESSAGE"))
    assert dict(bench.proxy.stats) == {"script.calls": -2, "own.calls": 5, "script.x": 0}


@pytest.mark.parametrize(("left", "code"), [("9", 1), ("10", -1), ("", -2), ("x", -2)])
def test_hops_left_are_compared(left: str, code: int) -> None:
    assert codes(lambda k: k.is_maxfwd_lt(10), headers=[("Max-Forwards", left)]) == [code]
