"""A whole kamailio.cfg as a script: its kinds of blocks, what its head sets, where it listens."""

from __future__ import annotations

from labsip.dialects.cfg import script_of
from labsip.modules.tm.cell import TmParameters
from labsip.sip.transport import Address
from labsip.vocabulary import settings_of
from tests.dialects.cfg.plays import HEAD, bench_of, printed, printed_of

AT_108 = "sip:108@127.0.10.108"
RELAY = 'request_route { if (is_method("ACK")) exit; t_relay(); }\n'


def test_the_head_sets_what_labsip_knows_and_the_rest_changes_nothing() -> None:
    head = 'children=4\nalias="sip.example.org"\nserver_header="Server: mine"\nmodparam("tm", "fr_timer", 5000)\n'
    routes = script_of(HEAD + 'modparam("pv", "shvset", "n=i:5")\n' + head + RELAY).routes
    settings = settings_of(routes)
    assert (settings.domains, settings.server) == (("sip.example.org",), "mine")
    assert settings.of(TmParameters).fr_timer == 5.0


def test_it_listens_where_it_says() -> None:
    text = HEAD + "listen=udp:127.0.10.1:5070\nlisten=tcp:127.0.10.1\nport=5080\n" + RELAY
    assert script_of(text).listen == (Address("127.0.10.1", 5070), Address("127.0.10.1", 5080, "tcp"))


def test_own_settings_and_defines_are_read_by_variables() -> None:
    head = HEAD + '#!define WHO "me"\n#!define FIVE 5\nmine.word = "hello" desc "a word"\n'
    body = 'xlog("$sel(cfg_get.mine.word) $def(WHO) $defn(FIVE) $def(NO)");'
    assert printed(f"request_route {{ {body} }}", head=head) == ['hello "me" 5 <null>']


def test_a_failure_route_finds_another_way() -> None:
    bench = bench_of(
        'failure_route[NEXT] { if (t_check_status("486")) { $ru = "sip:200@127.0.10.200"; t_relay(); exit; } }\n'
        'request_route { t_on_failure("NEXT"); t_relay(); }\n'
    )
    caller, busy, other = bench.end("106"), bench.end("108"), bench.end("200")
    caller.invite(AT_108)
    busy.answer(busy.hears("INVITE"), 486, "Busy")
    assert other.hears("INVITE").uri == "sip:200@127.0.10.200"


def test_an_unknown_failure_route_does_nothing() -> None:
    bench = bench_of('request_route { t_on_failure("NOWHERE"); t_relay(); }\n')
    caller, busy = bench.end("106"), bench.end("108")
    caller.invite(AT_108)
    busy.answer(busy.hears("INVITE"), 486, "Busy")
    assert caller.response(486)
    assert not bench.proxy.errors


def test_a_branch_route_changes_its_branch_alone() -> None:
    bench = bench_of(
        'branch_route[B] { append_hf("X-Branch: $T_branch_idx\\r\\n"); }\n'
        'request_route { append_branch("sip:200@127.0.10.200"); t_on_branch("B"); t_relay(); }\n'
    )
    caller, one, other = bench.end("106"), bench.end("108"), bench.end("200")
    caller.invite(AT_108)
    assert (one.hears("INVITE").get("X-Branch"), other.hears("INVITE").get("X-Branch")) == ("0", "1")


def test_a_reply_route_sees_every_reply_and_may_drop_it() -> None:
    bench = bench_of('reply_route { xlog("reply $rs"); if ($rs == 486) drop; }\n' + RELAY)
    caller, busy = bench.end("106"), bench.end("108")
    caller.invite(AT_108)
    busy.answer(busy.hears("INVITE"), 486, "Busy")
    assert printed_of(bench.proxy.trace) == ["reply 486"]
    assert not [message for _, src, dst, message in bench.passed if dst == "106" and "486" in message.start_line]


def test_an_onsend_route_sees_what_leaves_and_may_keep_it() -> None:
    block = 'onsend_route { xlog("$rm to $sndto(ip):$sndto(port)"); if (to_ip == 127.0.10.108) drop; }\n'
    bench = bench_of(block + RELAY)
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE", AT_108))
    caller.send(caller.request("MESSAGE", "sip:200@127.0.10.200"))
    assert printed_of(bench.proxy.trace) == ["MESSAGE to 127.0.10.108:5060", "MESSAGE to 127.0.10.200:5060"]
    assert [dst for _, src, dst, _ in bench.passed if src == "proxy"] == ["127.0.10.200:5060"]


def test_what_happens_at_the_start_has_its_blocks_and_unknown_events_never_run() -> None:
    text = (
        'event_route[htable:mod-init] { $sht(t=>a) = "begun"; }\n'
        'event_route[no:such] { xlog("never"); }\n'
        'request_route { xlog("$sht(t=>a)"); }\n'
    )
    assert printed(text, head=HEAD + 'modparam("htable", "htable", "t=>size=4;")\n') == ["begun"]


def test_texts_of_commands_are_filled_in_and_regular_expressions_are_not() -> None:
    bench = bench_of('request_route { append_to_reply("X-Who: $fU\\r\\n"); sl_send_reply("404", "no $rU$$"); }\n')
    caller = bench.end("106")
    caller.send(caller.request("OPTIONS", AT_108))
    answer = caller.response(404)
    assert (answer.reason, answer.get("X-Who")) == ("no 108$", "106")


def test_flags_have_names_where_they_are_declared() -> None:
    text = 'flags FIRST:4;\nrequest_route { setflag(FIRST); if (isflagset(4)) { xlog("$mf"); } }\n'
    assert printed(text) == ["16"]


def test_avp_is_a_stack() -> None:
    body = '$avp(x) = 1; $avp(x) = 2; $avp(x) = "three"; xlog("$avp(x) $(avp(x)[1]) $(avp(x)[*]) $(avp(x)[-1])");'
    assert printed(f'request_route {{ {body} $avp(x) = $null; xlog("$avp(x)"); }}') == [
        "three 2 three, 2, 1 <null>",
        "2",
    ]


def test_xavp_is_a_stack_of_records() -> None:
    body = '$xavp(x=>a) = 1; $xavp(x[0]=>b) = "two"; $xavp(x=>a) = 3; xlog("$xavp(x=>a) [$xavp(x=>b)] $xavp(x[1]=>b)");'
    assert printed(f"request_route {{ {body} }}") == ["3 [<null>] two"]
