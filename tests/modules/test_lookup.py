"""Where requests for a user go: lookup, and the Path of a REGISTER (RFC 3327)."""

from __future__ import annotations

import pytest

from labsip.steps import STEPS
from labsip.vocabulary import Ksr, location
from tests.ends import Bench

EDGE = ("Path", "<sip:127.0.10.50;lr>, <sip:127.0.10.51;lr>")


def paths(bench: Bench) -> list[object]:
    return [row["Path"] for row in location(bench.proxy, bench.now)]


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("sip:106@127.0.10.1", 1),
        ("sip:106@elsewhere.example", 1),
        ("sip:%3106@127.0.10.1", 1),
        ("sip:107@127.0.10.1", -1),
        ("sip:127.0.10.1", -1),
        ("sip:106;npdi;rn=+15550000@127.0.10.1;user=phone", 1),
        ("sip:1%306;npdi@127.0.10.1;user=phone", 1),
        ("sip:106;npdi@127.0.10.1", -1),
        ("sip:106%3Bnpdi@127.0.10.1;user=phone", -1),
        ("tel:106", -3),
        ("urn:x", -3),
    ],
)
def test_lookup_minds_the_user_only(uri: str, code: int) -> None:
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        if ksr.is_method("REGISTER"):
            ksr.save("location")
        else:
            seen.append((int(ksr.lookup("location")), ksr["$ru"], bool(ksr.registered("location"))))

    bench = Bench(route)
    phone = bench.end("106")
    phone.register("<sip:106@127.0.10.106>")
    phone.send(phone.request("MESSAGE", uri))
    assert seen == [(code, "sip:106@127.0.10.106" if code > 0 else uri, code > 0)]


def test_commands_take_another_uri_than_the_requests() -> None:
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        if ksr.is_method("REGISTER"):
            ksr.save("location")
            return
        seen.append(int(ksr.registered("location", "sip:106@x")))
        seen.append(int(ksr.lookup("location", "sip:106@x")))
        seen.append(ksr["$ru"])
        seen.append(int(ksr.unregister("location", "sip:106@x")))
        seen.append(int(ksr.registered("location", "sip:106@x")))

    bench = Bench(route)
    phone = bench.end("106")
    phone.register("<sip:106@127.0.10.106>")
    phone.send(phone.request("MESSAGE", "sip:108@127.0.10.1"))
    assert seen == [1, 1, "sip:106@127.0.10.106", 1, -1]


def test_a_request_takes_the_way_its_register_came() -> None:
    bench = Bench(STEPS["cancel"], use_path=True)
    phone, caller, edge = bench.end("108"), bench.end("106"), bench.end("50")
    phone.send(
        phone.request(
            "REGISTER",
            "sip:127.0.10.1",
            to="<sip:108@127.0.10.1>",
            headers=[("Contact", "<sip:108@192.0.2.8>"), EDGE, ("Supported", "gruu"), ("Supported", "Path")],
        )
    )
    assert phone.response(200).get("Path") == EDGE[1]
    assert paths(bench) == [EDGE[1]]
    caller.invite()
    invite = edge.hears("INVITE")
    assert invite.uri == "sip:108@192.0.2.8"
    assert invite.values("Route") == EDGE[1].split(", ")


def test_another_request_uri_is_not_reached_by_the_path_of_the_one_before() -> None:
    def route(ksr: Ksr) -> None:
        if ksr.is_method("REGISTER"):
            ksr.save("location")
            return
        ksr.lookup("location")
        ksr["$ru"] = "sip:voicemail@127.0.10.150"
        ksr.t_relay()

    bench = Bench(route, use_path=True)
    phone, caller, voicemail = bench.end("108"), bench.end("106"), bench.end("150")
    headers = [("Contact", "<sip:108@192.0.2.8>"), EDGE]
    phone.send(phone.request("REGISTER", "sip:127.0.10.1", to="<sip:108@127.0.10.1>", headers=headers))
    caller.invite()
    assert voicemail.hears("INVITE").get("Route") is None


def test_a_path_is_answered_only_to_who_supports_it_and_must_be_readable() -> None:
    bench = Bench(STEPS["register"], use_path=True)
    phone = bench.end("106")
    register = [("Contact", "<sip:106@127.0.10.106>")]
    phone.send(phone.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", headers=[*register, EDGE]))
    assert phone.response(200).get("Path") is None
    broken = phone.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", headers=[*register, ("Path", "<x")])
    assert phone.send(broken) == ["400 Bad Request (REGISTER)"]


def test_without_use_path_a_path_is_passed_over() -> None:
    bench = Bench(STEPS["register"])
    phone = bench.end("106")
    headers = [("Contact", "<sip:106@127.0.10.106>"), EDGE, ("Supported", "path")]
    phone.send(phone.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", headers=headers))
    assert paths(bench) == ["[not set]"]
    assert phone.response(200).get("Path") is None


@pytest.mark.parametrize(("params", "user"), [(";user=phone", "106"), ("", "106;npdi")])
def test_a_telephone_number_is_saved_without_its_parameters(params: str, user: str) -> None:
    bench = Bench(STEPS["cancel"])
    bench.end("106").register(to=f"<sip:1%306;npdi@127.0.10.1{params}>")
    assert [row["AoR"] for row in location(bench.proxy, bench.now)] == [user]


@pytest.mark.parametrize(
    ("allow", "filtering", "code"),
    [("INVITE, ACK", True, -2), ("MESSAGE", True, 1), ("", True, 1), ("INVITE", False, 1)],
)
def test_only_contacts_that_take_the_method_are_found_where_that_is_asked(
    allow: str, filtering: bool, code: int
) -> None:
    seen: list[int] = []

    def route(ksr: Ksr) -> None:
        if ksr.is_method("REGISTER"):
            ksr.save("location")
        else:
            seen.append(int(ksr.lookup("location")))

    bench = Bench(route, method_filtering=filtering)
    callee, caller = bench.end("108"), bench.end("106")
    callee.register("<sip:108@127.0.10.108>" + (f';methods="{allow}"' if allow else ""))
    caller.send(caller.request("MESSAGE", "sip:108@127.0.10.1"))
    assert seen == [code]


def test_only_the_best_contact_is_found_where_that_is_asked() -> None:
    seen: list[int] = []

    def route(ksr: Ksr) -> None:
        if ksr.is_method("REGISTER"):
            ksr.save("location")
        else:
            ksr.lookup("location")
            seen.append(len(ksr._turn.targets))

    for append in (True, False):
        bench = Bench(route, append_branches=append)
        callee, caller = bench.end("108"), bench.end("106")
        callee.register("<sip:108@127.0.10.108>")
        callee.register("<sip:108@127.0.10.109>")
        caller.send(caller.request("MESSAGE", "sip:108@127.0.10.1"))
    assert seen == [1, 0]
