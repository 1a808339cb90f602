"""The node: it takes any datagram, answers what it must, forwards what it can, and never raises."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.proxy.script import Routes
from labsip.sip.build import build_request, build_response
from labsip.sip.headers import Via
from labsip.sip.message import parse_message
from labsip.sip.transport import Address, Datagram
from labsip.sip.uri import SipUri
from labsip.steps import STEPS
from labsip.trace import Trace
from labsip.vocabulary import Ksr, build_proxy, location, settings_of
from tests.ends import PROXY, Bench, tag_of
from tests.sip.texts import messy

CALLER = Address("127.0.10.106")
REQUEST = (
    b"INVITE sip:108@127.0.10.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.10.106;rport;branch=z9hG4bK1\r\n"
    b"From: <sip:106@127.0.10.1>;tag=f\r\nTo: <sip:108@127.0.10.1>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
    b"Contact: <sip:106@127.0.10.106>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


@given(data=st.binary(max_size=300))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    proxy = build_proxy(STEPS["full"], [PROXY], ids=Random(1))
    proxy.receive(Datagram(data, CALLER, PROXY), 0.0)


@given(
    step=st.sampled_from(sorted(STEPS)),
    method=st.sampled_from(["INVITE", "ACK", "CANCEL", "BYE", "REGISTER", "OPTIONS", "FOO"]),
    line=st.sampled_from(["Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "Route", "Expires", "X"]),
    value=messy,
)
def test_no_header_makes_any_of_our_routes_raise(step: str, method: str, line: str, value: str) -> None:
    text = REQUEST.decode().replace("INVITE", method).splitlines()
    kept = [old for old in text if not old.startswith(f"{line}:")]
    data = "\r\n".join([*kept[:-1], f"{line}: {value}", "", ""]).encode()
    proxy = build_proxy(STEPS[step], [PROXY], ids=Random(1))
    proxy.receive(Datagram(REQUEST, CALLER, PROXY), 0.0)
    for out in proxy.receive(Datagram(data, CALLER, PROXY), 0.0):
        parse_message(out.data)
    assert not proxy.errors


@given(value=messy, line=st.sampled_from(["Via", "To", "CSeq", "Contact", "Record-Route"]))
def test_no_response_makes_it_raise(value: str, line: str) -> None:
    bench = Bench(STEPS["cancel"])
    caller, callee = bench.end("106"), bench.end("108")
    callee.register()
    caller.invite()
    answer = build_response(callee.hears("INVITE"), 486, "Busy").raw.decode().splitlines()
    kept = [old for old in answer if not old.startswith(f"{line}:")]
    callee.send("\r\n".join([*kept[:-1], f"{line}: {value}", "", ""]).encode())
    bench.wait(200)
    assert not bench.proxy.errors


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\0", b"  \r\n"])
def test_a_keepalive_is_not_a_message(data: bytes) -> None:
    bench = Bench(STEPS["cancel"])
    assert bench.end("106").send(data) == []
    assert bench.notes == []


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_a_request_without_what_it_must_have_is_dropped_with_a_note(name: str) -> None:
    """As in Kamailio: the script does not see it, and nobody is answered."""
    bench = Bench(STEPS["stub480"])
    caller = bench.end("106")
    lines = [line for line in REQUEST.decode().splitlines(keepends=True) if not line.startswith(f"{name}:")]
    assert caller.send("".join(lines).encode()) == []
    assert bench.notes == [f"127.0.10.106:5060 sent something unusable: {name} header is missing"]


def test_what_a_route_reads_and_can_t_be_read_is_answered_400() -> None:
    bench = Bench(lambda ksr: ksr["$fU"])
    caller = bench.end("106")
    assert caller.send(caller.request("MESSAGE", headers=[("From", "<sip:@>;tag=1")])) == ["400 Bad Request (MESSAGE)"]
    assert "no SIP URI" in bench.notes[0]


def test_a_request_that_can_t_be_read_after_its_transaction_was_made_is_answered_from_it() -> None:
    def route(ksr: Ksr) -> None:
        ksr.t_newtran()
        ksr["$fU"]

    bench = Bench(route)
    caller = bench.end("106")
    bad = caller.request("MESSAGE", headers=[("From", "<sip:@>;tag=1")])
    assert caller.send(bad) == ["400 Bad Request (MESSAGE)"]
    assert "-" in tag_of(caller.heard[-1])
    assert caller.send(bad) == ["400 Bad Request (MESSAGE)"]


def test_an_ack_is_never_answered() -> None:
    bench = Bench(lambda ksr: ksr["$fU"])
    caller = bench.end("106")
    assert caller.send(caller.request("ACK", headers=[("From", "<sip:@>;tag=1")])) == []


def test_a_response_whose_topmost_via_is_not_ours_is_dropped() -> None:
    bench = Bench(STEPS["cancel"])
    callee = bench.end("108")
    foreign = build_request(
        "INVITE", "sip:a@b", [("Via", "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKx"), ("CSeq", "1 INVITE")]
    )
    assert callee.send(build_response(foreign, 200, "OK")) == []
    assert bench.flow == ["108 -> proxy  200 OK"]
    assert bench.notes == ["200 OK: its topmost Via is not ours, dropped"]


@pytest.mark.parametrize(
    "vias",
    [
        ["SIP/2.0/UDP 127.0.10.1;branch=z9hG4bKgone", "SIP/2.0/UDP 127.0.10.106;branch=z9hG4bKx"],
        ["SIP/2.0/UDP 127.0.10.1;branch=z9hG4bKgone, SIP/2.0/UDP a.org;received=127.0.10.106;branch=z9hG4bKx"],
    ],
)
def test_a_response_no_transaction_knows_goes_to_the_next_via(vias: list[str]) -> None:
    """RFC 3261 §16.11."""
    bench = Bench(STEPS["cancel"])
    caller, callee = bench.end("106"), bench.end("108")
    stray = build_request("INVITE", "sip:a@b", [*(("Via", via) for via in vias), ("CSeq", "1 INVITE")])
    callee.send(build_response(stray, 200, "OK"))
    assert caller.summaries == ["200 OK"]
    assert caller.heard[0].count("Via") == 1
    assert "127.0.10.1;" not in str(caller.heard[0].get("Via"))


def test_a_stray_response_with_our_via_alone_or_a_name_goes_nowhere() -> None:
    bench = Bench(STEPS["cancel"])
    callee = bench.end("108")
    for rest in ([], [("Via", "SIP/2.0/UDP nowhere.invalid")]):
        stray = build_request("INVITE", "sip:a@b", [("Via", "SIP/2.0/UDP 127.0.10.1"), *rest, ("CSeq", "1 INVITE")])
        callee.send(build_response(stray, 200, "OK"))
    assert bench.flow == ["108 -> proxy  200 OK"] * 2
    assert bench.notes == [
        "200 OK: it was for us, who wait for it no more, dropped",
        "200 OK: nowhere.invalid in its next Via is no address, dropped",
    ]
    assert bench.proxy.stats["stray response"] == 2


def test_a_restart_empties_the_table_and_forgets_the_calls_but_keeps_the_routes() -> None:
    bench = Bench(STEPS["cancel"])
    caller, callee = bench.end("106"), bench.end("108")
    callee.register()
    invite = caller.invite()
    assert location(bench.proxy, bench.now)
    bench.proxy.restart(bench.now)
    assert location(bench.proxy, bench.now) == []
    assert bench.proxy.next_wake() is None
    assert caller.cancel(invite) == []
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")  # still finds its way by its Vias
    assert caller.summaries[-1] == "486 Busy Here"
    assert caller.send(caller.request("INVITE"))[-1] == "404 User not Registered"
    assert "restarted" in bench.notes[0]


def test_after_a_restart_ids_are_new_and_still_those_of_the_seed() -> None:
    def tags(seed: int) -> list[str]:
        bench = Bench(STEPS["stub480"], seed=seed)
        caller = bench.end("106")
        caller.send(REQUEST)
        bench.proxy.restart(1.0)
        caller.send(REQUEST)
        return [tag_of(message) for message in caller.heard]

    assert len(set(tags(1))) == 2
    assert tags(1) == tags(1) != tags(2)


def test_tags_do_not_depend_on_addresses() -> None:
    def tag(host: str) -> str:
        proxy = build_proxy(STEPS["stub480"], [Address(f"{host}.1")], ids=Random(1))
        data = REQUEST.replace(b"127.0.10", host.encode()).replace(b"Call-ID: c", f"Call-ID: c@{host}.106".encode())
        (out,) = proxy.receive(Datagram(data, Address(f"{host}.106"), Address(f"{host}.1")), 0.0)
        return tag_of(parse_message(out.data))

    assert tag("127.0.10") == tag("127.0.11")


def test_tags_of_two_proxies_differ_and_those_of_sl_and_tm() -> None:
    def tag(route: str, seed: int) -> str:
        bench = Bench(
            lambda ksr: getattr(ksr, route)(404) if route == "sl_reply" else [ksr.t_newtran(), ksr.t_reply(404)],
            seed=seed,
        )
        caller = bench.end("106")
        caller.send(REQUEST)
        return tag_of(caller.heard[-1])

    tags = {tag(route, seed) for route in ("sl_reply", "t_reply") for seed in (1, 2)}
    assert len(tags) == 4
    assert sorted(tag[32] for tag in tags) == ["-", "-", ".", "."]
    assert len({tag[33:] for tag in tags}) == 1


@pytest.mark.parametrize(
    ("host", "port", "ours"),
    [
        ("127.0.10.1", None, True),
        ("127.0.10.1", 5060, True),
        ("127.0.10.1", 5070, False),
        ("::1", 5070, True),
        ("[::1]", 5070, True),
        ("[::1]", None, False),
        ("[0:0::0001]", 5070, True),
        ("[2001:db8::5]", None, True),
        ("[2001:DB8:0::5]", 5060, True),
        ("[2001:db8::6]", None, False),
        ("LAB.example", None, True),
        ("lab.example", 5070, True),
        ("lab.example", 5080, False),
        ("other.example", None, False),
    ],
)
def test_it_knows_its_own_names(host: str, port: int | None, ours: bool) -> None:
    settings = settings_of(None, domains=("Lab.example", "[2001:DB8::0:5]"))
    proxy = build_proxy(STEPS["cancel"], [PROXY, Address("0::1", 5070)], settings=settings)
    assert proxy.is_own(host, port) is ours
    assert proxy.is_own_via(Via("UDP", host, port)) is ours


@pytest.mark.parametrize("host", ["[::1]", "[0:0::0001]", "[2001:DB8:0::5]", "LAB.example"])
def test_a_uri_is_its_own_in_any_spelling_of_the_host(host: str) -> None:
    seen: list[int] = []

    def route(ksr: Ksr) -> None:
        seen.append(int(ksr.is_myself(f"sip:108@{host}")))

    settings = settings_of(None, domains=("lab.example", "2001:db8::5"))
    proxy = build_proxy(Routes(route), [Address("::1")], settings=settings)
    proxy.receive(Datagram(REQUEST, Address("::2"), Address("::1")), 0.0)
    assert seen == [1]
    assert proxy.resolve(SipUri.parse(f"sip:108@{host}")) == Address("::1")


def test_whose_via_has_its_own_address_in_another_spelling_is_nowhere_else() -> None:
    proxy = build_proxy(Routes(lambda ksr: ksr.sl_reply(404, "No")), [Address("::1")])
    request = REQUEST.replace(b"127.0.10.106;rport", b"[0:0::0002]")
    [answer] = proxy.receive(Datagram(request, Address("::2"), Address("::1")), 0.0)
    assert b"received" not in answer.data
    [answer] = proxy.receive(Datagram(request, Address("::3"), Address("::1")), 0.0)
    assert b"received=::3" in answer.data


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("sip:a@127.0.0.9:5070", Address("127.0.0.9", 5070)),
        ("sip:a@lab.example", PROXY),
        ("sip:a@lab.example:5070", Address("127.0.10.1", 5070)),
        ("sip:a@localhost", Address("127.0.0.1")),
        ("sip:a@[::1]", Address("::1")),
        ("sip:a@elsewhere.example", None),
        ("sip:a@1.2.3", None),
        ("sip:a@999.1.1.1", None),
    ],
)
def test_it_asks_no_dns(uri: str, address: Address | None) -> None:
    bench = Bench(STEPS["cancel"], domains=("lab.example",))
    assert bench.proxy.resolve(SipUri.parse(uri)) == address


def test_it_sends_from_the_address_of_the_right_ip_version() -> None:
    proxy = build_proxy(STEPS["cancel"], [PROXY, Address("::1")], ids=Random(1))
    assert proxy.socket_for(Address("::2"), PROXY) == Address("::1")
    assert proxy.socket_for(Address("127.0.0.9"), PROXY) == PROXY
    assert repr(proxy) == "<proxy on udp:127.0.10.1:5060, udp:[::1]:5060>"


def test_routes_may_be_replaced_while_it_runs() -> None:
    bench = Bench(STEPS["stub480"])
    caller = bench.end("106")
    caller.send(caller.request("INVITE"))
    bench.proxy.routes = Routes(lambda ksr: ksr.sl_reply(404, "Other"))
    caller.send(caller.request("INVITE"))
    assert caller.summaries == ["480 Temporarily Unavailable", "404 Other"]


def test_the_main_onreply_route_sees_every_response_and_may_drop_it() -> None:
    seen: list[object] = []

    def onreply(ksr: Ksr) -> None:
        seen.append((ksr["$rs"], ksr["$rr"], ksr["$rm"], ksr["$T_reply_code"]))
        if ksr["$rs"] == 183:
            ksr.drop()

    bench = Bench(Routes(STEPS["cancel"].request_route, onreply_route=onreply))
    caller, callee = bench.end("106"), bench.end("108")
    callee.register()
    caller.invite()
    callee.answer(callee.hears("INVITE"), 183, "Session Progress")
    callee.answer(callee.hears("INVITE"), 180, "Ringing")
    assert seen == [(183, "Session Progress", "INVITE", 183), (180, "Ringing", "INVITE", 180)]
    assert caller.summaries == ["100 trying -- your call is important to us", "180 Ringing"]


def test_an_onreply_route_that_raises_does_not_stop_the_response() -> None:
    bench = Bench(Routes(STEPS["cancel"].request_route, onreply_route=lambda ksr: len(ksr["$rs"])))
    caller, callee = bench.end("106"), bench.end("108")
    callee.register()
    caller.invite()
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    assert caller.summaries[-1] == "486 Busy Here"
    assert "TypeError" in bench.proxy.errors[0].text


def test_what_can_t_be_sent_harms_nobody_and_it_is_the_network_that_notes_it() -> None:
    bench = Bench(STEPS["cancel"])
    assert bench.proxy.send_failed(Datagram(b"x", PROXY, CALLER), 0.0) == []
    assert bench.proxy.send_failed(Datagram(REQUEST, PROXY, CALLER), 0.0) == []
    assert bench.notes == []


def test_a_note_is_said_once_however_often_it_happens_in_a_row() -> None:
    trace = Trace()
    for text in ("a", "a", "b", "a"):
        trace.note(1.0, text)
    assert [text for _, text in trace.notes] == ["a", "b", "a"]
