"""Questions about messages and texts: codes as a real Kamailio 5.6.3 gave them."""

from __future__ import annotations

import pytest

from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench
from tests.modules.saying import AT_108, codes


@pytest.mark.parametrize(
    ("command", "args", "code"),
    [
        ("is_request", (), 1), ("is_reply", (), -1), ("is_first_hop", (), 1),
        ("is_uri", ("sip:a@b",), 1), ("is_uri", ("foo",), -1),
        ("is_numeric", ("108",), 1), ("is_numeric", ("12x",), -2), ("is_numeric", ("",), -2),
        ("is_tel_number", ("+4912",), 1), ("is_tel_number", ("12a",), -2),
        ("is_alphanum", ("ab1",), 1), ("is_alphanum", ("ab-",), -3),
        ("cmp_uri", ("sip:a@b", "sip:a@B"), 1), ("cmp_uri", ("sip:a@b", "sip:a@c"), -1),
        ("cmp_aor", ("sip:a@b", "sip:a@b;x=1"), 1), ("cmp_aor", ("sip:a@b", "sip:c@b;x=1"), -1),
        ("is_supported", ("path",), -1),
        ("uri_param", ("nat",), -1), ("uri_param", ("nat", "yes"), 1), ("uri_param", ("nat", "no"), -1),
        ("uri_param", ("no",), -1), ("uri_param", ("lr",), 1), ("uri_param_any", ("nat",), 1),
        ("uri_param_any", ("x",), -1), ("uri_param_rm", ("x",), -1),
        ("is_rfc1918", ("10.1.1.1",), 1), ("is_rfc1918", ("8.8.8.8",), -1),
        ("starts_with", ("108", "10"), 1), ("starts_with", ("108", "11"), -2), ("starts_with", ("", "a"), -1),
        ("ends_with", ("abc", "bc"), 1), ("ends_with", ("abc", "x"), -2),
        ("str_find", ("hello", "ll"), 3), ("str_find", ("hello", "LL"), -1), ("str_ifind", ("hello", "LL"), 3),
        ("cmp_str", ("a", "a"), 1), ("cmp_str", ("a", "A"), -1), ("cmp_istr", ("a", "A"), 1),
        ("in_list", ("b", "a,b", ","), 1), ("in_list", ("x", "a,b", ","), -1),
        ("in_list_prefix", ("bcd", "a, b", ","), 1),
        ("search_str", ("hello", "L+"), 1), ("search_str", ("hello", "z+"), -1),
        ("fnmatch", ("123", "1*"), 1), ("fnmatch", ("123", "2*"), -1),
        ("strempty", ("",), 1), ("strempty", (None,), 1), ("strempty", ("a",), -1), ("strempty", (0,), -1),
        ("has_user_agent", (), -1), ("is_faked_msg", (), -1), ("via_add_srvid", (1,), 1),
    ],
)  # fmt: skip
def test_a_question_is_answered(command: str, args: tuple[object, ...], code: int) -> None:
    assert codes(lambda k: getattr(k, command)(*args), uri=f"{AT_108};nat=yes;lr") == [code]


def test_parameters_of_the_request_uri_come_and_go() -> None:
    said = codes(
        lambda k: k.add_uri_param("x=1"), lambda k: k["$ru"], lambda k: k.uri_param_rm("nat"), lambda k: k["$ru"],
        uri=f"{AT_108};nat=yes",
    )  # fmt: skip
    assert said == [1, f"{AT_108};nat=yes;x=1", 1, f"{AT_108};x=1"]


@pytest.mark.parametrize(
    ("routes", "code"), [([], 1), (["<sip:127.0.10.1;lr>", "<sip:9.9.9.9;lr>"], 1), (["<sip:9.9.9.9;lr>"], -1)]
)
def test_a_reply_is_at_its_first_hop_unless_somebody_else_routed_it_last(routes: list[str], code: int) -> None:
    seen: list[int] = []

    def onreply(ksr: Ksr) -> None:
        seen.extend([int(ksr.is_reply()), int(ksr.is_first_hop())])

    bench = Bench(Routes(lambda k: k.t_relay(), onreply_route=onreply))
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("INVITE", AT_108))
    callee.answer(callee.hears("INVITE"), 180, headers=[("Record-Route", one) for one in routes])
    assert seen == [1, code]


def test_a_request_with_two_vias_is_not_at_its_first_hop() -> None:
    assert codes(lambda k: k.is_first_hop(), via="SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b") == [-1]


def test_an_options_for_the_proxy_itself_is_answered() -> None:
    bench = Bench(lambda ksr: ksr.options_reply() or ksr.sl_reply(299, "not me"))
    end = bench.end("106")
    assert end.send(end.request("OPTIONS", "sip:127.0.10.1")) == ["200 OK (OPTIONS)"]
    answer = end.response(200)
    assert [answer.get(name) for name in ("Accept", "Accept-Language")] == ["*/*", "en"]
    assert end.send(end.request("OPTIONS", "sip:108@127.0.10.1")) == ["299 not me (OPTIONS)"]
    assert end.send(end.request("MESSAGE", "sip:127.0.10.1")) == ["299 not me (MESSAGE)"]
