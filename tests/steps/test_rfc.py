"""Where the RFC and Kamailio part: step `full` does one thing, lesson 05's route the other."""

from __future__ import annotations

from dataclasses import fields, replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from labsip.modules.tm import Tm
from labsip.proxy.policy import KAMAILIO, RFC, Policy, differences_of
from labsip.sip.build import build_cancel, build_response
from labsip.sip.digest import Challenge, answer
from labsip.sip.message import Response
from labsip.steps import STEPS
from labsip.vocabulary import location
from tests.ends import PROXY, Bench, End


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """tools/rfc_differences.py, which lies in no package."""
    spec = spec_from_file_location("rfc_differences", Path(__file__).parents[2] / "tools" / "rfc_differences.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def both(**settings: Any) -> tuple[Bench, Bench]:
    """A lesson's proxy and a strict one."""
    return Bench(STEPS["cancel"], **settings), Bench(STEPS["full"], **settings)


def blocks() -> Bench:
    """The lessons' last proxy without passwords, which says sanity_check."""
    return Bench(STEPS["blocks"])


def full() -> Bench:
    """A strict one."""
    return Bench(STEPS["full"])


def phones(bench: Bench) -> tuple[End, End]:
    """106, and 108 who is registered."""
    alice, bob = bench.end("106"), bench.end("108")
    bob.register()
    return alice, bob


def times(bench: Bench, of: str, to: str) -> list[float]:
    """When the proxy sent something whose first line begins so, in seconds since it did first."""
    sent = [t for t, src, dst, m in bench.passed if (src, dst) == ("proxy", to) and m.start_line.startswith(of)]
    return [round(t - sent[0], 3) for t in sent]


def test_timers_of_an_invite() -> None:
    lesson, full = both()
    for bench in (lesson, full):
        alice, _ = phones(bench)
        alice.invite()
        bench.wait(40)
    assert times(lesson, "INVITE", "108") == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5]
    assert times(full, "INVITE", "108") == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]


def test_timers_of_a_refusal() -> None:
    lasted = []
    for bench in both():
        alice, bob = phones(bench)
        alice.invite()
        bob.answer(bob.hears("INVITE"), 486, "Busy Here")
        bench.wait(60)
        lasted.append(times(bench, "SIP/2.0 486", "106")[-1])
    assert lasted == [3.5, 31.5]


def test_timer_c() -> None:
    heard = []
    for bench in both(fr_inv_timer=200.0):
        alice, bob = phones(bench)
        alice.invite()
        bob.answer(bob.hears("INVITE"), 180, "Ringing")
        bench.wait(200)
        heard.append((alice.summaries[-1], bob.summaries[-1]))
        bench.wait(32)
        heard.append((alice.summaries[-1], bob.summaries[-1]))
    assert heard[0] == ("408 Request Timeout", "CANCEL")
    assert heard[2] == ("180 Ringing", "CANCEL")
    assert heard[3][0] == "408 Request Timeout"


def test_timer_c_and_the_callee_answers_the_cancel() -> None:
    _, bench = both(fr_inv_timer=200.0)
    alice, bob = phones(bench)
    alice.invite()
    invite = bob.hears("INVITE")
    bob.answer(invite, 180, "Ringing")
    bench.wait(200)
    bob.answer(bob.hears("CANCEL"), 200)
    bob.answer(invite, 487, "Request Terminated")
    assert alice.summaries[-1] == "487 Request Terminated"
    bench.wait(40)
    assert bench.proxy.module(Tm).cells == {}


def test_rising_cseq() -> None:
    answers = []
    for bench in both():
        alice = bench.end("106")
        alice.register(call="same")
        bench.wait(60)
        answers += alice.register(call="same")
    assert answers == ["200 OK (REGISTER)", "400 Bad Request (REGISTER)"]


def test_brief() -> None:
    lesson, full = both()
    assert lesson.end("106").register(expires=5) == ["200 OK (REGISTER)"]
    alice = full.end("106")
    assert alice.register(expires=5)[0].startswith("423 ")
    assert alice.heard[-1].get("Min-Expires") == "60"


def granted(bench: Bench, header: str, contact: str = "") -> str:
    """The seconds a registration gets that asks for these, or why it gets none."""
    phone = bench.end("108")
    lines = [("Contact", f"<sip:108@{phone.address}>{contact}"), *([("Expires", header)] if header else [])]
    (said,) = phone.send(phone.request("REGISTER", "sip:127.0.10.1", to="<sip:108@127.0.10.1>", headers=lines))
    return str(phone.response(200).contacts[0].param("expires")) if said.startswith("200") else said


def test_longest_expires() -> None:
    asked = [("2147483648", ""), ("4294967296", ""), ("", ";expires=2147483648"), ("", ";expires=99999999999999")]
    heard = [[granted(bench(), *ask) for ask in asked] for bench in (blocks, full)]
    assert heard == [["3600", "400 Expires value is illegal (REGISTER)", "3600", "3600"], ["86400"] * 4]


def test_any_expires() -> None:
    heard = [granted(bench(), "soon") for bench in (blocks, full)]
    assert heard == ["400 Expires value is illegal (REGISTER)", "3600"]


def test_equal_uris() -> None:
    lesson, full = both()
    for bench in (lesson, full):
        phone = bench.end("106")
        phone.register("<sip:%31@Lab.example;ob>")
        phone.register("<sip:1@lab.example>")
    heard = [[row["Address"] for row in location(bench.proxy, 0.0)] for bench in (lesson, full)]
    assert heard == [["sip:%31@Lab.example;ob", "sip:1@lab.example"], ["sip:1@lab.example"]]


def test_star_cseq() -> None:
    lesson, full = both()
    for bench in (lesson, full):
        bench.end("106").register(call="106", cseq=2)
    assert [bench.end("106").register("*", 0, call="106", cseq=2) for bench in (lesson, full)] == [
        ["200 OK (REGISTER)"],
        ["400 Bad Request (REGISTER)"],
    ]
    assert full.end("106").register("*", 0, call="106", cseq=3) == ["200 OK (REGISTER)"]


def test_require() -> None:
    answers = []
    for bench in both():
        phone = bench.end("106")
        lines = [("Contact", "<sip:106@127.0.10.106>"), ("Require", "path, teleport")]
        answers += phone.send(phone.request("REGISTER", to="<sip:106@127.0.10.1>", headers=lines))
    assert answers == ["200 OK (REGISTER)", "420 Bad Extension (REGISTER)"]
    assert phone.heard[-1].get("Unsupported") == "teleport"


def test_options() -> None:
    heard = []
    for bench in (Bench(STEPS["blocks"]), Bench(STEPS["full"])):
        phone = bench.end("106")
        for extension in ("path", "teleport"):
            phone.send(phone.request("OPTIONS", "sip:127.0.10.1", headers=[("Require", extension)]))
            answer = phone.heard[-1]
            heard.append((answer.summary, answer.get("Supported"), answer.get("Unsupported")))
    assert heard == [
        ("200 Keepalive", None, None),
        ("200 Keepalive", None, None),
        ("200 Keepalive", "path", None),
        ("420 Bad Extension", None, "teleport"),
    ]


def test_timestamp() -> None:
    stamps = []
    for bench in both():
        alice, _ = phones(bench)
        alice.invite(headers=[("Timestamp", "54.2")])
        stamps.append(alice.heard[-1].get("Timestamp"))
    assert stamps == [None, "54.2"]


def test_nobody() -> None:
    answers = [bench.end("106").register(to="<sip:127.0.10.1>") for bench in both()]
    assert answers == [["200 OK (REGISTER)"], ["404 Not Found (REGISTER)"]]


def test_foreign_aor() -> None:
    answers = [bench.end("106").register(to="<sip:106@192.0.2.1>") for bench in both()]
    assert answers == [["200 OK (REGISTER)"], ["404 Not Found (REGISTER)"]]


def test_stray_cancel() -> None:
    heard = []
    for bench in both():
        alice, bob = phones(bench)
        alice.cancel(alice.request("INVITE"))
        heard.append(bob.summaries[1:])
    assert heard == [[], ["CANCEL"]]


def test_stray_response() -> None:
    heard = []
    for bench in both():
        alice, bob = phones(bench)
        stray = build_response(alice.request("INVITE"), 200, "OK").raw
        bob.send(stray.replace(b"Via: ", b"Via: SIP/2.0/UDP 127.0.10.1;branch=z9hG4bKx\r\nVia: ", 1))
        heard.append(alice.summaries)
    assert heard == [["200 OK"], []]


@pytest.mark.parametrize("status", [180, 200, 486])
def test_last_via(status: int) -> None:
    lesson, full = both()
    for bench in (lesson, full):
        alice, bob = phones(bench)
        alice.invite()
        answer = build_response(bob.hears("INVITE"), status, "Answered", to_tag="1")
        lines = answer.raw.splitlines(keepends=True)
        bob.send(b"".join(line for line in lines if b"127.0.10.106:5060" not in line))
    assert lesson.flow[-1] == f"proxy -> 106  {status} Answered"
    assert full.flow[-1] == f"108 -> proxy  {status} Answered"
    assert full.proxy.stats["no Via left"] == 1


def test_loop() -> None:
    _, full = both()
    alice = full.end("106")
    full.end("108").register("<sip:108@127.0.10.1>")
    alice.invite()
    assert alice.summaries[-1] == "482 Loop Detected"
    assert len([m for _, src, _, m in full.passed if src == "proxy" and m.start_line.startswith("INVITE")]) == 1


def test_large() -> None:
    lesson, full = both()
    for bench in (lesson, full):
        alice, _ = phones(bench)
        bench.proxy.addresses += (PROXY._replace(proto="tcp"),)
        alice.send(alice.request("MESSAGE", body=b"x" * 1300))
    assert [bench.passed[-1][3].via.transport for bench in (lesson, full)] == ["UDP", "TCP"]


def test_sips() -> None:
    lesson, full = both()
    for bench in (lesson, full):
        alice, _ = phones(bench)
        alice.invite("sips:108@127.0.10.1")
    assert lesson.flow[-1] == "proxy -> 108  INVITE"
    assert full.flow[-1] == "proxy -> 106  404 Not Found"


def test_once() -> None:
    lesson, full = Bench(STEPS["blocks"]), Bench(STEPS["full"])
    for bench in (lesson, full):
        alice, bob = phones(bench)
        bob.register("<sip:108@nowhere.invalid>", call="108", cseq=2)
        bob.register("<sip:108@127.0.10.108:5060>", 0)
        alice.send(alice.request("MESSAGE"))
    assert [told for told in lesson.flow if "478" in told] == [
        "proxy -> 106  478 Unresolvable destination (478/SL) (MESSAGE)",
        "proxy -> 106  478 Unresolvable destination (478/TM) (MESSAGE)",
    ]
    assert [told for told in full.flow if told.startswith("proxy -> 106")] == [
        "proxy -> 106  500 Service Unavailable (MESSAGE)"
    ]


def breadths(end: End) -> list[str | None]:
    return [message.get("Max-Breadth") for message in end.heard if message.start_line.startswith("MESSAGE")]


def test_max_breadth() -> None:
    heard = []
    for bench in (Bench(STEPS["blocks"]), Bench(STEPS["full"])):
        alice, bob = phones(bench)
        bob.register(", ".join(f"<sip:108@127.0.10.108;way={way}>" for way in "ab"))
        alice.send(alice.request("MESSAGE"))
        heard.append(breadths(bob))
    assert heard == [[None] * 3, ["20"] * 3]
    for given, each in (("7", ["2"] * 3), ("1000", ["20"] * 3), ("2", [])):
        bob.heard.clear()
        alice.send(alice.request("MESSAGE", headers=[("max-breadth", given)]))
        assert breadths(bob) == each
    assert alice.summaries[-1] == "440 Max-Breadth Exceeded (MESSAGE)"


def test_max_breadth_that_was_not_used_up_goes_to_who_is_called_next() -> None:
    bench = Bench(STEPS["full"])
    alice, bob = phones(bench)
    bob.register("<sip:108@127.0.10.108;way=a>;q=1, <sip:108@127.0.10.108>;q=0.5")
    alice.send(alice.request("MESSAGE", headers=[("Max-Breadth", "1")]))
    bob.answer(bob.hears("MESSAGE"), 480, "Not now")
    assert breadths(bob) == ["1", "1"]


def test_a_spiral_is_no_loop() -> None:
    _, full = both()
    alice, bob = phones(full)
    full.end("107").register("<sip:108@127.0.10.1>")
    alice.invite("sip:107@127.0.10.1")
    assert bob.summaries[-1] == "INVITE"


def test_proxy_require() -> None:
    answers = []
    for bench in both():
        alice, bob = phones(bench)
        alice.invite(headers=[("Proxy-Require", "teleport")])
        answers.append((alice.summaries[-1], bob.summaries[-1]))
    assert answers[0][1] == "INVITE"
    assert answers[1] == ("420 Bad Extension", "200 OK (REGISTER)")


@pytest.mark.parametrize(("version", "status"), [("SIP/2.0 ", 400), ("SIP/3.0", 505)])
def test_bad_lines_in_front(version: str, status: int) -> None:
    for bench, answered in zip(both(), (False, True), strict=True):
        alice = bench.end("106")
        raw = alice.request("OPTIONS", "sip:127.0.10.1").raw
        alice.send(raw.replace(b"SIP/2.0\r\n", f"{version}\r\n".encode(), 1))
        assert [m.status for m in alice.heard if isinstance(m, Response)] == ([status] if answered else [])


def said_to(raw: bytes) -> list[list[str]]:
    """What comes back from both for an OPTIONS with these bytes."""
    answers = []
    for bench in both():
        alice = bench.end("106")
        answers.append(alice.send(raw))
    return answers


def options(**changed: str) -> bytes:
    """An OPTIONS to the proxy."""
    lines = [(name.replace("_", "-"), value) for name, value in changed.items()]
    return Bench(STEPS["cancel"]).end("106").request("OPTIONS", "sip:127.0.10.1", headers=lines).raw


def test_bad_lines_below() -> None:
    for raw in (options().replace(b"\r\nMax", b"\r\nno header\r\nMax"), options().removesuffix(b"\r\n")):
        assert said_to(raw) == [[], ["400 Bad Request (OPTIONS)"]]


def test_validation_of_a_list() -> None:
    raw = options(From="<sip:106@127.0.10.1>;tag=a,<sip:x@y.example>;tag=z")
    assert said_to(raw) == [["501 Not Implemented (OPTIONS)"], ["400 Bad Request (OPTIONS)"]]


def test_validation_of_a_display_name() -> None:
    answers = ["400 Bad Request (OPTIONS)", "200 Keepalive (OPTIONS)"]
    for name, said in zip(("A (B", "Jürgen"), answers, strict=True):
        assert said_to(options(From=f"{name} <sip:106@127.0.10.1>;tag=a"))[1] == [said]
        assert said_to(options(From=f"{name} <sip:106@127.0.10.1>;tag=a"))[0] != ["400 Bad Request (OPTIONS)"]


def test_outside() -> None:
    heard = []
    for bench in (Bench(STEPS["first-call"]), both()[1]):
        stranger, outside = bench.end("66"), bench.end("200")
        stranger.invite("sip:x@127.0.10.200")
        heard.append((stranger.summaries[-1][:3], outside.summaries))
    assert heard == [("100", ["INVITE"]), ("403", [])]


def test_route() -> None:
    heard = []
    for bench in both():
        stranger, outside = bench.end("66"), bench.end("200")
        headers = [("Route", "<sip:127.0.10.1;lr>")]
        stranger.send(stranger.request("BYE", "sip:x@127.0.10.200", to="<sip:x@127.0.10.200>;tag=t", headers=headers))
        heard.append(outside.summaries)
    assert heard == [["BYE"], []]


def test_no_route() -> None:
    heard = []
    for bench in both():
        alice, bob = phones(bench)
        said = alice.send(alice.request("BYE", to="<sip:108@127.0.10.1>;tag=t"))
        heard.append((said, bob.summaries[1:]))
    assert heard == [(["404 Not here (BYE)"], []), ([], ["BYE"])]


def test_preloaded() -> None:
    heard = []
    for bench in (Bench(STEPS["blocks"]), both()[1]):
        alice, bob = phones(bench)
        gateway, stranger = bench.end("200"), bench.end("66")
        alice.register()
        for end in (alice, stranger):
            end.send(end.request("MESSAGE", headers=[("Route", "<sip:127.0.10.1;lr>, <sip:127.0.10.200;lr>")]))
        heard.append((bob.summaries[1:], gateway.summaries, stranger.summaries))
    assert heard == [(["MESSAGE", "MESSAGE"], [], []), ([], ["MESSAGE"], ["403 Forbidden (MESSAGE)"])]


def test_recorded() -> None:
    heard = []
    for bench in (Bench(STEPS["blocks"]), both()[1]):
        alice, bob = phones(bench)
        invite = alice.invite()
        bob.answer(bob.hears("INVITE"), 200)
        methods = "INVITE", "UPDATE", "NOTIFY"
        for method in methods:
            alice.within(method, invite)
        heard.append([len(bob.hears(method).values("Record-Route")) for method in methods])
    assert heard == [[0, 0, 0], [1, 1, 1]]


@pytest.mark.parametrize(
    ("name", "value"),
    [("uri", "sip:109@127.0.10.1"), ("Call-ID", "x"), ("From", "<sip:106@127.0.10.1>;tag=x"), ("CSeq", "2 CANCEL")],
)
def test_cancel_matches(name: str, value: str) -> None:
    heard = []
    for bench in both():
        alice, bob = phones(bench)
        invite = alice.invite(call="one")
        bob.answer(bob.hears("INVITE"), 180)
        cancel = build_cancel(invite)
        before = f"CANCEL {cancel.uri} SIP" if name == "uri" else f"{name}: {cancel.get(name)}"
        after = f"CANCEL {value} SIP" if name == "uri" else f"{name}: {value}"
        alice.send(cancel.raw.replace(before.encode(), after.encode(), 1))
        ours = [m for m in bob.heard if m.start_line.startswith("CANCEL") and m.branch == bob.hears("INVITE").branch]
        heard.append(len(ours))
    assert heard == [1, 0]


def asked(bench: Bench, domain: str = "127.0.10.1") -> tuple[End, Challenge]:
    """106, and what it is asked for a MESSAGE."""
    alice = bench.end("106")
    alice.send(alice.request("MESSAGE", headers=[("From", f"<sip:106@{domain}>;tag=f")]))
    return alice, Challenge.parse(alice.response(407).get("Proxy-Authenticate") or "")


def guarded() -> tuple[Bench, Bench]:
    """A lesson's proxy whose users have passwords, and a strict one."""
    return Bench(STEPS["auth"]), Bench(STEPS["full"], users=STEPS["auth"].settings["users"])


def shown(alice: End, challenge: Challenge, uri: str = "sip:108@127.0.10.1") -> int:
    """The status of a MESSAGE with credentials for that URI."""
    given = answer(challenge, "106", "secret106", "MESSAGE", uri, cnonce="c")
    said = alice.send(alice.request("MESSAGE", headers=[("Proxy-Authorization", str(given))]))
    return int(said[0][:3])


def test_digest_uri() -> None:
    assert [shown(*asked(bench), uri="sip:109@127.0.10.1") for bench in guarded()] == [404, 400]


def test_digest_qop() -> None:
    codes = []
    for bench in guarded():
        alice, challenge = asked(bench)
        codes.append(shown(alice, replace(challenge, qop="")))
    assert codes == [404, 407]


def test_realm() -> None:
    realms = [asked(bench, domain="bank.example")[1].realm for bench in guarded()]
    assert realms == ["bank.example", "127.0.10.1"]


def test_bad_response() -> None:
    heard = []
    for bench in both():
        alice, bob = phones(bench)
        alice.invite()
        bob.answer(bob.hears("INVITE"), 180, "Ringing", headers=[("CSeq", "1 INVITE")])
        heard.append(alice.summaries[1:])
    assert heard == [["180 Ringing"], []]


def test_serial() -> None:
    called = []
    for bench in both():
        alice, desk, mobile = bench.end("106"), bench.end("108"), bench.end("118")
        mobile.register("<sip:108@127.0.10.118>;q=0.5", to="<sip:108@127.0.10.1>")
        desk.register("<sip:108@127.0.10.108>;q=0.9")
        alice.invite()
        called.append(sorted(name for name, end in (("desk", desk), ("mobile", mobile)) if "INVITE" in end.summaries))
        desk.answer(desk.hears("INVITE"), 486, "Busy Here")
    assert called == [["desk", "mobile"], ["desk"]]
    assert mobile.summaries[-1] == "INVITE"
    mobile.answer(mobile.hears("INVITE"), 200)
    assert alice.summaries[-1] == "200 OK"


def test_serial_and_the_best_answer_of_all_attempts_counts() -> None:
    _, bench = both()
    alice, desk, mobile = bench.end("106"), bench.end("108"), bench.end("118")
    mobile.register("<sip:108@127.0.10.118>;q=0.5", to="<sip:108@127.0.10.1>")
    desk.register("<sip:108@127.0.10.108>;q=0.9")
    alice.invite()
    desk.answer(desk.hears("INVITE"), 486, "Busy Here")
    mobile.answer(mobile.hears("INVITE"), 500, "Server Internal Error")
    assert alice.summaries[-1] == "486 Busy Here"


def test_serial_passes_over_contacts_that_lead_nowhere() -> None:
    _, bench = both()
    alice, desk, mobile = bench.end("106"), bench.end("108"), bench.end("118")
    for name, q in (("first", 0.9), ("third", 0.6)):
        desk.register(f"<sip:{name}@nowhere.invalid>;q={q}")
    desk.register("<sip:108@127.0.10.108>;q=0.7")
    mobile.register("<sip:108@127.0.10.118>;q=0.5", to="<sip:108@127.0.10.1>")
    alice.invite()
    desk.answer(desk.hears("INVITE"), 486, "Busy Here")
    mobile.answer(mobile.hears("INVITE"), 480, "Temporarily Unavailable")
    assert alice.summaries[-1] == "480 Temporarily Unavailable"


def test_serial_ends_where_somebody_says_no_for_all() -> None:
    _, bench = both()
    alice, desk, mobile = bench.end("106"), bench.end("108"), bench.end("118")
    mobile.register("<sip:108@127.0.10.118>;q=0.5", to="<sip:108@127.0.10.1>")
    desk.register("<sip:108@127.0.10.108>;q=0.9")
    alice.invite()
    desk.answer(desk.hears("INVITE"), 603, "Decline")
    assert alice.summaries[-1] == "603 Decline"
    assert "INVITE" not in mobile.summaries


def test_validation_of_max_forwards() -> None:
    answers = []
    for step in ("blocks", "full"):
        bench = Bench(STEPS[step])
        alice, _ = phones(bench)
        alice.invite(headers=[("Max-Forwards", "plenty")])
        answers.append(alice.summaries)
    assert answers == [["483 Too Many Hops"], ["400 Bad Request"]]


def test_every_hop() -> None:
    hops = []
    for step in ("blocks", "full"):
        bench = Bench(STEPS[step])
        alice, bob = phones(bench)
        alice.invite(headers=[("Max-Forwards", "255")])
        hops.append(bob.hears("INVITE").get("Max-Forwards"))
    assert hops == ["70", "254"]


def test_plain_request_uri() -> None:
    uris = []
    for bench in both():
        alice, bob = bench.end("106"), bench.end("108")
        bob.register("<sip:108@127.0.10.108;method=INVITE;line=7?Subject=hello>")
        alice.invite()
        uris.append(bob.hears("INVITE").uri)
    assert uris == [
        "sip:108@127.0.10.108;method=INVITE;line=7?Subject=hello",
        "sip:108@127.0.10.108;line=7",
    ]


def test_unsent() -> None:
    answers = []
    for bench in both():
        alice, bob = phones(bench)
        alice.invite()
        bench.fail(bob.hears("INVITE").raw, bob.address)
        answers.append(alice.summaries[-1])
    assert answers == ["477 Unfortunately error on sending to next hop occurred (477/TM)", "500 Service Unavailable"]


def test_no_408() -> None:
    heard = []
    for step in ("blocks", "full"):
        bench = Bench(STEPS[step])
        alice, _ = phones(bench)
        alice.send(alice.request("MESSAGE"))
        bench.wait(60)
        heard.append(alice.summaries)
        assert bench.proxy.module(Tm).cells == {}
    assert heard == [["408 Request Timeout (MESSAGE)"], []]


def test_udp_after_all() -> None:
    answers = []
    for policy in (KAMAILIO, RFC):
        bench = Bench(STEPS["blocks"], policy=policy, udp_mtu=1300, udp_mtu_try_proto="tcp")
        alice, bob = phones(bench)
        bench.proxy.addresses += (PROXY._replace(proto="tcp"),)
        alice.send(alice.request("MESSAGE", body=b"x" * 1300))
        over_tcp = bench.passed[-1][3]
        bench.fail(over_tcp.raw, bob.address._replace(proto="tcp"))
        answers.append((over_tcp.via.transport, bench.passed[-1][3].summary, bench.passed[-1][3].via.transport))
    assert answers[0][0] == answers[1][0] == "TCP"
    assert answers[0][1].startswith("477")
    assert answers[1][1:] == ("MESSAGE", "UDP")


def test_trimming() -> None:
    bodies = []
    for bench in both():
        alice, bob = phones(bench)
        alice.send(alice.request("INVITE", body=b"hello").raw + b"and more")
        bodies.append(bob.hears("INVITE").raw.partition(b"\r\n\r\n")[2])
    assert bodies == [b"helloand more", b"hello"]


def test_names_are_ours() -> None:
    answers = []
    for policy, domains in ((KAMAILIO, ()), (RFC, ()), (RFC, ("example.com",))):
        bench = Bench(lambda ksr: ksr.sl_reply(200 if ksr.is_myself("sip:a.example") else 404), policy=policy)
        bench.proxy.settings = replace(bench.proxy.settings, domains=domains)
        alice = bench.end("106")
        answers.append(alice.send(alice.request("OPTIONS", "sip:127.0.10.1")))
    assert answers == [["404 Not Found (OPTIONS)"], ["200 OK (OPTIONS)"], ["404 Not Found (OPTIONS)"]]


def test_dialog_marks() -> None:
    marked = []
    for bench in both():
        alice, bob = phones(bench)
        alice.invite()
        marked.append(";mark=" in str(bob.hears("INVITE").get("Record-Route")))
    assert marked == [False, True]


BY_HAND = {
    "a registration shorter than min_expires": test_brief,
    "a REGISTER that requires an extension we don't have": test_require,
    "OPTIONS for the proxy that requires an extension we don't have": test_options,
    "a REGISTER for nobody: no user in its To": test_nobody,
    "a REGISTER for a user of another domain": test_foreign_aor,
    "a CANCEL for an unknown INVITE": test_stray_cancel,
    "a request that comes back unchanged": test_loop,
    "a request that can't be sent on, in steps that run `sl_reply_error`": test_once,
    "a request of more than 1300 bytes, for a phone on UDP": test_large,
    "Proxy-Require with an unknown extension": test_proxy_require,
    "a request for a user elsewhere": test_outside,
    "a request inside a dialog, with a Route of ours": test_route,
    "a request inside a dialog, for a user of ours, without a Route": test_no_route,
    "a request that begins something, with Routes beyond ours": test_preloaded,
    "a re-INVITE, UPDATE or NOTIFY inside a dialog": test_recorded,
    "the realm of a challenge": test_realm,
    "contacts of different q": test_serial,
}
"""The lines of the page's second table, and what shows each."""


def test_every_field_of_the_policy_has_as_many_tests_as_the_page_has_lines_about_it() -> None:
    for field in fields(Policy):
        tests = [name for name in globals() if name.startswith(f"test_{field.name}")]
        assert len(tests) >= len(differences_of(field)) > 0, field.name


def test_every_line_about_the_route_has_its_test(tool: ModuleType) -> None:
    lines = tool.PAGE.read_text().partition("## Choices of the route")[2].partition("##")[0].splitlines()
    rows = [line.split(" | ")[1] for line in lines if line.startswith("| ")]
    assert rows[2:] == list(BY_HAND)


def test_the_page_says_what_is_chosen(tool: ModuleType) -> None:
    """If not: python tools/rfc_differences.py"""
    text = tool.PAGE.read_text()
    assert tool.page(text) == text
