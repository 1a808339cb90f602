"""Routes and hops, headers, questions, checks: the commands of rr, maxfwd, textops, siputils, sanity, xlog and core."""

from __future__ import annotations

from typing import Any

import pytest

from labsip.proxy.policy import KAMAILIO, RFC
from labsip.proxy.script import Routes
from labsip.sip.build import build_response
from labsip.sip.message import Request
from labsip.vocabulary import Ksr
from tests.ends import Bench, End, Lines

AT_108 = "sip:108@127.0.10.108"
OURS = "<sip:127.0.10.1;lr>"


def relayed(route: Any, uri: str = AT_108, method: str = "MESSAGE", **options: Any) -> Request:
    """What 108 gets when a route does this and relays."""
    bench = Bench(lambda ksr: [route(ksr), ksr.t_relay()])
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request(method, uri, **options))
    assert not bench.proxy.errors
    return callee.hears(method)


def code(command: Any, **options: Any) -> int:
    """What a command returns."""
    codes: list[int] = []
    bench = Bench(lambda ksr: codes.append(int(command(ksr))))
    caller = bench.end("106")
    caller.send(caller.request(options.pop("method", "MESSAGE"), options.pop("uri", AT_108), **options))
    return codes[0]


# --- rr ---------------------------------------------------------------------------------------------------


def test_record_route_stands_above_all_once() -> None:
    codes: list[int] = []
    message = relayed(
        lambda k: codes.extend((int(k.record_route()), int(k.record_route()))), headers=[("Record-Route", "<sip:a;lr>")]
    )
    assert codes == [1, -1]
    assert [line.name for line in message.lines][:2] == ["Record-Route", "Via"]
    assert message.get_all("Record-Route") == ["<sip:127.0.10.1;lr;ftag=106f>", "<sip:a;lr>"]


@pytest.mark.parametrize(
    ("routes", "left", "codes"),
    [
        ([], [], [-1]),
        ([OURS], [], [-3]),
        ([f"{OURS}, <sip:127.0.10.108;lr>"], ["<sip:127.0.10.108;lr>"], [1]),
        ([OURS, "<sip:127.0.10.108;lr>, <sip:x;lr>"], ["<sip:127.0.10.108;lr>, <sip:x;lr>"], [1]),
        (["<sip:127.0.10.108;lr>"], ["<sip:127.0.10.108;lr>"], [1]),
    ],
)
def test_loose_route_takes_our_route_off_and_follows_the_next(
    routes: list[str], left: list[str], codes: list[int]
) -> None:
    """RFC 3261 §16.4."""
    seen: list[int] = []
    uri = AT_108 if left == [] else "sip:108@10.9.9.9"
    message = relayed(lambda k: seen.append(int(k.loose_route())), uri, headers=[("Route", route) for route in routes])
    assert (message.get_all("Route"), seen, message.uri) == (left, codes, uri)


def test_our_route_alone_is_enough_inside_a_dialog() -> None:
    assert code(Ksr.loose_route, to="<sip:108@x>;tag=1", headers=[("Route", OURS)]) == 1


def test_a_strict_router_before_us_put_our_address_into_the_request_uri() -> None:
    """RFC 3261 §16.4: the last Route is where the request wants to go."""
    message = relayed(
        Ksr.loose_route,
        "sip:127.0.10.1",
        to="<sip:108@x>;tag=1",
        headers=[("Route", "<sip:127.0.10.108;lr>, <sip:bob@10.9.9.9>")],
    )
    assert (message.uri, message.get_all("Route")) == ("sip:bob@10.9.9.9", ["<sip:127.0.10.108;lr>"])


def test_a_strict_router_after_us_finds_itself_in_the_request_uri() -> None:
    """RFC 3261 §16.6 step 6."""
    message = relayed(
        Ksr.loose_route, "sip:bob@10.9.9.9", headers=[("Route", f"{OURS}, <sip:127.0.10.108>, <sip:x;lr>")]
    )
    assert (message.uri, message.values("Route")) == ("sip:127.0.10.108", ["<sip:x;lr>", "<sip:bob@10.9.9.9>"])


def test_a_pair_of_ours_for_two_sockets_is_used_up_together() -> None:
    message = relayed(
        Ksr.loose_route,
        headers=[("Route", "<sip:127.0.10.1;r2=on;lr>, <sip:127.0.10.1;r2=on;lr>, <sip:127.0.10.108;lr>")],
    )
    assert message.get_all("Route") == ["<sip:127.0.10.108;lr>"]


# --- maxfwd -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "sent", "result"),
    [("70", "69", 1), ("1", "0", 1), ("100", "70", 1), ("0", "0", -1), ("", "10", 2), ("x", "x", -2)],
)
def test_a_hop_is_counted(value: str, sent: str, result: int) -> None:
    seen: list[int] = []
    message = relayed(lambda k: seen.append(int(k.mf_process_maxfwd_header("10"))), headers=[("Max-Forwards", value)])
    assert (message.get("Max-Forwards"), seen) == (sent, [result])


# --- textops, siputils ------------------------------------------------------------------------------------


def test_headers_are_added_behind_the_others_and_taken_out_in_any_form() -> None:
    def route(ksr: Ksr) -> None:
        ksr.append_hf("X-A: 1\r\n")
        assert int(ksr.remove_hf("Subject")) == 1
        assert int(ksr.remove_hf("Nope")) == -1
        assert ksr.is_present_hf("Subject")  # the message that came in has it

    message = relayed(route, headers=[("s", "short"), ("Subject", "long")])
    assert [line.name for line in message.lines][-2:] == ["Content-Length", "X-A"]
    assert message.count("Subject") == 0


@pytest.mark.parametrize(("names", "yes"), [("INVITE", -1), ("MESSAGE", 1), ("INVITE|MESSAGE", 1), ("message", -1)])
def test_is_method(names: str, yes: int) -> None:
    assert code(lambda k: k.is_method(names)) == yes


def test_has_totag() -> None:
    assert code(Ksr.has_totag) == -1
    assert code(Ksr.has_totag, to="<sip:a@b>;tag=1") == 1


# --- sanity -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "headers", "answer"),
    [
        (AT_108, [], ""),
        ("urn:service:sos", [], "416 Unsupported URI Scheme in Request URI"),
        (AT_108, [("CSeq", "1 BYE")], "400 CSeq method does not match request method"),
        (AT_108, [("CSeq", "4294967296 MESSAGE")], "400 CSeq number is illegal"),
        (AT_108, [("CSeq", "2147483648 MESSAGE")], "400 CSeq number is illegal"),
        (AT_108, [("CSeq", "2147483647 MESSAGE")], ""),
        (AT_108, [("Content-Length", "9")], "400 Content-Length mis-match"),
        (AT_108, [("Expires", "soon")], "400 Expires value is illegal"),
        (AT_108, [("Expires", "4294967296")], "400 Expires value is illegal"),
        (AT_108, [("Expires", "4294967295")], ""),
        (AT_108, [("Proxy-Require", "teleport")], "420 Bad Extension"),
        (AT_108, [("To", "<sip:a@b>;tag=1;tag=2")], "400 Multiple To tags"),
        (AT_108, [("From", "<sip:a b@c>;tag=1")], "400 Bad From URI"),
    ],
)
def test_a_request_is_checked(uri: str, headers: Lines, answer: str) -> None:
    bench = Bench(lambda ksr: [ksr.sanity_check(0xFFFF, 0xF), ksr.sl_reply(200)])
    caller = bench.end("106")
    got = caller.send(caller.request("MESSAGE", uri, headers=headers))
    assert got[0].startswith(answer or "200 OK")
    assert len(got) == 1


def test_what_a_420_can_t_do_is_named() -> None:
    bench = Bench(lambda ksr: ksr.sanity_check(0x200))
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE", headers=[("Proxy-Require", "teleport")]))
    assert caller.heard[-1].get("Unsupported") == "teleport"


@pytest.mark.parametrize(("expires", "kamailio"), [("4294967295", True), ("4294967296", False), ("soon", False)])
def test_an_expires_that_is_illegal_to_kamailio_is_not_where_the_rfc_is_kept(expires: str, kamailio: bool) -> None:
    for rfc in (False, True):
        bench = Bench(lambda ksr: [ksr.sanity_check(0x100), ksr.sl_reply(200)], policy=RFC if rfc else KAMAILIO)
        caller = bench.end("106")
        (got,) = caller.send(caller.request("MESSAGE", headers=[("Expires", expires)]))
        assert got[:3] == ("200" if rfc or kamailio else "400")


def test_only_the_checks_asked_for_are_made() -> None:
    assert code(lambda k: k.sanity_check("0", "0"), headers=[("CSeq", "1 BYE"), ("Content-Length", "9")]) == 1


# --- xlog, core -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "code_"), [("sip:lab.example", 1), ("sip:lab.example:5060", 1), ("sip:lab.example:9", -1)]
)
def test_a_domain_is_this_proxy_on_the_ports_it_listens_on(uri: str, code_: int) -> None:
    codes: list[int] = []
    caller = Bench(lambda ksr: codes.append(int(ksr.is_myself(uri))), domains=("lab.example",)).end("106")
    caller.send(caller.request("MESSAGE"))
    assert codes == [code_]


@pytest.mark.parametrize(
    ("args", "printed"),
    [
        (("$rm from $si$$, $hdr(Nope)\n",), "MESSAGE from 127.0.10.106$, <null>"),
        (("L_INFO", "to $rU"), "to 108"),
        (("plain",), "plain"),
    ],
)
def test_xlog_fills_variables_in(args: tuple[str, ...], printed: str) -> None:
    bench = Bench(lambda ksr: ksr.xlog(*args))
    caller = bench.end("106")
    caller.send(caller.request("MESSAGE"))
    assert [row.text for row in bench.proxy.trace.commands] == [printed]


def test_append_branch_sends_it_there_as_well() -> None:
    def route(ksr: Ksr) -> None:
        ksr.append_branch("sip:7@127.0.10.109")
        ksr["$rU"] = "9"
        ksr.append_branch()
        ksr["$rU"] = "8"

    bench = Bench(lambda ksr: [route(ksr), ksr.t_relay()])
    caller, callee, other = bench.end("106"), bench.end("108"), bench.end("109")
    caller.send(caller.request("MESSAGE", AT_108))
    assert [m.uri for m in [*callee.heard, *other.heard] if isinstance(m, Request)] == [
        "sip:8@127.0.10.108",
        "sip:9@127.0.10.108",
        "sip:7@127.0.10.109",
    ]


def behind_a_nat(route: Any) -> tuple[Request, End, End]:
    """106's Via names another address and does not ask for rport; it sends from port 5099."""
    bench = Bench(route)
    caller, callee = bench.end("106"), bench.end("108")
    caller.address = caller.address._replace(port=5099)
    bench._ends[caller.address] = caller
    caller.send(caller.request("MESSAGE", AT_108, via="SIP/2.0/UDP 10.0.0.6:5060;branch=z9hG4bKn"))
    callee.answer(callee.hears("MESSAGE"), 200)
    return callee.hears("MESSAGE"), caller, callee


def test_without_rport_the_answer_goes_to_the_port_of_the_via() -> None:
    message, caller, _ = behind_a_nat(Ksr.t_relay)
    assert message.get_all("Via")[1] == "SIP/2.0/UDP 10.0.0.6:5060;received=127.0.10.106;branch=z9hG4bKn"
    assert caller.summaries == ["200 OK (MESSAGE)"] or not caller.heard
    assert caller.bench.flow[-1] == "proxy -> 106  200 OK (MESSAGE)"


def test_force_rport_answers_to_the_port_the_request_came_from() -> None:
    message, caller, _ = behind_a_nat(lambda ksr: [ksr.force_rport(), ksr.t_relay()])
    assert message.get_all("Via")[1] == "SIP/2.0/UDP 10.0.0.6:5060;rport=5099;received=127.0.10.106;branch=z9hG4bKn"
    assert caller.summaries == ["200 OK (MESSAGE)"]


def test_without_autodrop_the_script_goes_on_behind_a_broken_request() -> None:
    seen: list[int] = []
    bench = Bench(lambda ksr: seen.append(int(ksr.sanity_check(0x20))), autodrop=False)
    caller = bench.end("106")
    assert caller.send(caller.request("MESSAGE", headers=[("CSeq", "1 BYE")])) == [
        "400 CSeq method does not match request method (BYE)"
    ]
    assert seen == [-1]


@pytest.mark.parametrize(("headers", "code"), [([], 1), ([("Contact", "<sip:a b@c>")], 0)])
def test_a_reply_is_checked_too_and_nobody_is_told(headers: Lines, code: int) -> None:
    seen: list[int] = []

    def onreply(ksr: Ksr) -> None:
        seen.append(0)
        seen[-1] = int(ksr.sanity_check("17604", "15"))

    bench = Bench(Routes(Ksr.t_relay, onreply_route=onreply))
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("MESSAGE", AT_108))
    answer = build_response(callee.hears("MESSAGE"), 200, "OK", to_tag="t", headers=headers)
    callee.send(answer)
    assert seen == [code]
    assert not bench.proxy.errors
