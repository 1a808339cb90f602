"""REGISTER (RFC 3261 §10): return codes, answers, and what the table then says."""

from __future__ import annotations

from typing import Any

import pytest

from labsip.modules.usrloc import UsrLoc
from labsip.steps import STEPS
from labsip.vocabulary import location
from tests.ends import Bench, End

MINUTE = 60.0


def registrar(**settings: Any) -> tuple[Bench, End]:
    bench = Bench(STEPS["register"], **settings)
    return bench, bench.end("106")


def rows(bench: Bench, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in columns) for row in location(bench.proxy, bench.now)]


def saved(end: End, **options: Any) -> int:
    """Send a REGISTER; what save returned for it."""
    end.register(**options)
    spoken = end.bench.proxy.trace.commands
    code = next(row.result for row in reversed(spoken) if row.name == "save")
    assert code is not None
    return int(code)


def test_a_contact_is_stored_under_the_user_of_to_and_listed_in_the_answer() -> None:
    bench, phone = registrar()
    assert saved(phone) == 1
    assert phone.heard[-1].get("Contact") == "<sip:106@127.0.10.106:5060>;expires=3600"
    assert rows(bench, "AoR", "Address", "Expires", "Q") == [("106", "sip:106@127.0.10.106:5060", 3600, -1)]


def test_a_later_register_updates_it_and_keeps_its_ruid() -> None:
    bench, phone = registrar()
    saved(phone, call="r", cseq=1)
    (before,) = rows(bench, "Ruid", "CSeq")
    bench.wait(MINUTE)
    assert saved(phone, call="r", cseq=2) == 2
    (after,) = rows(bench, "Ruid", "CSeq")
    assert (after, rows(bench, "Expires", "Last-Modified")) == ((before[0], 2), [(3600, 60)])


def test_the_same_register_again_changes_nothing_for_20_s() -> None:
    bench, phone = registrar()
    saved(phone, call="r", cseq=1)
    bench.wait(10)
    assert saved(phone, call="r", cseq=1) == 1
    assert rows(bench, "Expires") == [(3590,)]
    bench.wait(11)
    assert saved(phone, call="r", cseq=1) == 2
    assert rows(bench, "Expires") == [(3600,)]


def test_an_older_register_is_refused_with_the_list() -> None:
    _, phone = registrar()
    saved(phone, call="r", cseq=5)
    assert saved(phone, call="r", cseq=4) == -1
    answer = phone.response(400)
    assert (answer.reason, answer.get("P-Registrar-Error")) == ("Bad Request", "Invalid CSeq number")
    assert answer.get("Contact") == "<sip:106@127.0.10.106:5060>;expires=3600"


def test_a_restarted_phone_with_a_new_call_id_starts_anew() -> None:
    bench, phone = registrar()
    saved(phone, call="r", cseq=5)
    assert saved(phone, call="s", cseq=1) == 2
    assert rows(bench, "Call-ID", "CSeq") == [("s", 1)]


def test_expires_0_removes_it_at_once_and_nobody_can_be_removed() -> None:
    bench, phone = registrar()
    saved(phone)
    assert saved(phone, expires=0) == 3
    assert phone.heard[-1].get("Contact") is None
    assert rows(bench, "AoR") == []
    assert saved(phone, expires=0) == 1


def test_star_removes_all_the_contacts_of_the_user_and_no_others() -> None:
    bench, phone = registrar()
    saved(phone)
    saved(phone, contact="<sip:106@127.0.10.9>")
    bench.end("108").register()
    assert saved(phone, contact="*", expires=0) == 3
    assert rows(bench, "AoR") == [("108",)]


@pytest.mark.parametrize(
    ("contact", "expires", "error"),
    [
        ("*", 60, "* used in contact and expires is not zero"),
        ("*", None, "* used in contact and expires is not zero"),
        ("*, <sip:106@127.0.10.9>", 0, "* used in contact and more than 1 contact"),
        ("<sip:106@127.0.10.9>;q=2", 60, "q is no number from 0 to 1: '2'"),
        ("nobody", 60, "no address: 'nobody'"),
    ],
)
def test_what_can_t_be_stored_is_400_and_changes_nothing(contact: str, expires: int | None, error: str) -> None:
    bench, phone = registrar()
    saved(phone)
    assert saved(phone, contact=contact, expires=expires) == -1
    assert phone.response(400).get("P-Registrar-Error") == error
    assert phone.response(400).get("Contact") is None
    assert len(rows(bench, "AoR")) == 1


def test_of_several_contacts_all_are_stored_or_none() -> None:
    bench, phone = registrar()
    assert saved(phone, contact="<sip:a@127.0.10.9>, <sip:b@127.0.10.9>;q=9") == -1
    assert rows(bench, "AoR") == []
    assert saved(phone, contact="<sip:a@127.0.10.9>;expires=90, <sip:b@127.0.10.9>;q=0.5") == 1
    assert rows(bench, "Address", "Expires", "Q") == [("sip:b@127.0.10.9", 3600, 0.5), ("sip:a@127.0.10.9", 90, -1)]


def test_a_register_without_contact_asks_for_the_list() -> None:
    _, phone = registrar()
    assert saved(phone, contact="-") == 4
    assert phone.heard[-1].get("Contact") is None
    saved(phone)
    assert saved(phone, contact="-") == 4
    assert phone.heard[-1].get("Contact") == "<sip:106@127.0.10.106:5060>;expires=3600"


@pytest.mark.parametrize(
    ("settings", "contact", "expires", "granted"),
    [
        ({}, "", None, 3600),
        ({"default_expires": 600}, "", None, 600),
        ({}, "<sip:106@h>;expires=120", 600, 120),
        ({}, "", 5, 60),
        ({"min_expires": 1}, "", 5, 5),
        ({}, "", 86400, 86400),
        ({"max_expires": 3600}, "", 86400, 3600),
        ({}, "<sip:106@h>;expires=soon", 600, 3600),
    ],
)
def test_the_time_granted(settings: dict[str, int], contact: str, expires: int | None, granted: int) -> None:
    bench, phone = registrar(**settings)
    saved(phone, contact=contact, expires=expires)
    assert rows(bench, "Expires") == [(granted,)]


@pytest.mark.parametrize("place", ["header", "parameter"])
@pytest.mark.parametrize(
    ("asked", "kamailio", "full"),
    [
        ("86401", 86401, 86400),
        ("2147483647", 2147483647, 86400),
        ("2147483648", 3600, 86400),
        ("4294967295", 3600, 86400),
        ("4294967296", 3600, 86400),
        ("9999999999", 3600, 86400),
        pytest.param("9" * 5000, 3600, 86400, id="nines"),
        pytest.param("0" * 5000 + "60", 60, 60, id="zeros"),
        ("soon", 3600, 3600),
        ("-1", 3600, 3600),
        ("", 3600, 3600),
    ],
)
def test_a_time_too_long_to_be_one_is_none_to_kamailio_and_the_longest_where_the_rfc_is_kept(
    place: str, asked: str, kamailio: int, full: int
) -> None:
    for step, settings, granted in ("register", {}, kamailio), ("full", {"max_expires": 86400}, full):
        bench = Bench(STEPS[step], **settings)
        phone = bench.end("106")
        headers = [("Contact", "<sip:106@127.0.10.106>"), ("Expires", asked)]
        if place == "parameter":
            headers = [("Contact", f"<sip:106@127.0.10.106>;expires={asked}"), ("Expires", "5000")]
        phone.send(phone.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", headers=headers))
        granted = 5000 if place == "parameter" and not asked else granted
        assert (phone.summaries, rows(bench, "Expires")) == (["200 OK (REGISTER)"], [(granted,)])


def test_where_the_rfc_is_kept_and_nothing_is_the_longest_it_is_what_a_header_can_say() -> None:
    bench = Bench(STEPS["full"], max_expires=0)
    bench.end("106").register(expires=10**12)
    assert rows(bench, "Expires") == [(2**32 - 1,)]


def test_star_with_a_time_that_is_none_is_refused_and_a_zero_may_have_many_digits() -> None:
    bench, phone = registrar()
    saved(phone)
    for expires in ("soon", str(2**32), "00000000000000"):
        headers = [("Contact", "*"), ("Expires", expires)]
        phone.send(phone.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", headers=headers))
    assert [told[:3] for told in phone.summaries[1:]] == ["400", "400", "200"]
    assert rows(bench, "AoR") == []


def test_a_binding_runs_out_and_is_swept_later() -> None:
    """As in Kamailio: it stays in the table until the timer comes by, but nobody is called there."""
    bench = Bench(STEPS["cancel"], min_expires=1, timer_interval=10)
    caller, phone = bench.end("106"), bench.end("108")
    phone.register(expires=2)
    bench.wait(3)
    assert rows(bench, "AoR", "Expires") == [("108", "expired")]
    caller.invite()
    assert caller.summaries == ["404 User not Registered"]
    bench.wait(10)
    assert rows(bench, "AoR") == []
    assert bench.proxy.next_wake() is None


def test_a_sweep_of_many_users_is_done_in_pieces() -> None:
    bench = Bench(STEPS["cancel"], timer_interval=100)
    phone = bench.end("106")
    for number in range(250):
        phone.register(expires=60, to=f"<sip:{number}@127.0.10.1>")
    left = []
    for _ in range(3):
        bench.now = due = bench.proxy.next_wake() or 0.0
        bench.proxy.wake(due)
        left.append((due, len(location(bench.proxy, due))))
    assert left == [(100.0, 150), (100.0, 50), (100.0, 0)]
    assert bench.proxy.next_wake() is None


def test_instance_methods_and_agent_are_kept_and_listed() -> None:
    bench, phone = registrar()
    mark = '"<urn:uuid:1>"'
    headers = [
        ("Contact", f"<sip:106@h>;+sip.instance={mark};reg-id=1"),
        ("Allow", "INVITE, ACK"),
        ("Allow", "BYE"),
        ("User-Agent", "x/1"),
    ]
    phone.send(phone.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", headers=headers))
    assert rows(bench, "Instance", "Reg-Id", "Methods", "User-Agent") == [("<urn:uuid:1>", 1, 1 + 4 + 8, "x/1")]
    assert phone.heard[-1].get("Contact") == f"<sip:106@h>;expires=3600;+sip.instance={mark};reg-id=1"


def test_a_row_has_the_fields_of_ul_dump_in_their_order() -> None:
    bench, phone = registrar()
    saved(phone)
    assert " ".join(location(bench.proxy, bench.now)[0]) == (
        "AoR Address Expires Q Call-ID CSeq User-Agent Received Path State Flags CFlags Socket Methods Ruid Instance "
        "Reg-Id Server-Id Tcpconn-Id Keepalive Last-Keepalive KA-Roundtrip Last-Modified"
    )


def test_the_table_is_by_user_with_the_most_wanted_contact_first() -> None:
    bench, phone = registrar()
    bench.end("108").register()
    saved(phone, contact="<sip:low@h>;q=0.1")
    saved(phone, contact="<sip:none@h>")
    saved(phone, contact="<sip:high@h>;q=0.9")
    assert [address for (address,) in rows(bench, "Address")][:3] == ["sip:high@h", "sip:low@h", "sip:none@h"]
    assert [aor for (aor,) in rows(bench, "AoR")] == ["106", "106", "106", "108"]


def test_what_save_listed_is_in_every_answer_made_after_it() -> None:
    """The missing exit of lesson 03."""
    bench = Bench(STEPS["first-call-no-exit"])
    phone = bench.end("106")
    assert phone.register() == ["200 OK (REGISTER)", "501 Not Implemented (REGISTER)"]
    assert phone.heard[0].get("Contact") == phone.heard[1].get("Contact") is not None


def test_tables_of_other_names_are_other_tables() -> None:
    bench = Bench(lambda ksr: ksr.save("others"))
    bench.end("106").register()
    assert rows(bench, "AoR") == []
    assert [row["AoR"] for row in location(bench.proxy, bench.now, "others")] == ["106"]
    assert set(bench.proxy.module(UsrLoc).tables) == {"others"}


def test_a_registration_that_is_too_short_is_refused_with_423_if_asked_for() -> None:
    phone = Bench(STEPS["register"], min_expires=60, reject_brief=True).end("106")
    assert phone.register(expires=59) == ["423 Interval Too Brief (REGISTER)"]
    assert phone.response(423).get("Min-Expires") == "60"
    assert phone.register(expires=60) == ["200 OK (REGISTER)"]
    assert phone.register(expires=0) == ["200 OK (REGISTER)"]


def test_a_contact_too_many_is_refused_and_none_of_its_request_is_stored() -> None:
    bench = Bench(STEPS["register"], max_contacts=2)
    phone = bench.end("106")
    phone.register("<sip:1@127.0.10.106>", call="a")
    assert phone.register("<sip:2@127.0.10.106>, <sip:3@127.0.10.106>", call="b") == [
        "503 Service Unavailable (REGISTER)"
    ]
    assert phone.register("<sip:2@127.0.10.106>", call="c") == ["200 OK (REGISTER)"]
    assert phone.register("<sip:1@127.0.10.106>", call="a", cseq=2) == ["200 OK (REGISTER)"]  # a refresh
    assert phone.register("<sip:1@127.0.10.106>", 0, call="a", cseq=3) == ["200 OK (REGISTER)"]
    assert phone.register("<sip:3@127.0.10.106>", call="d") == ["200 OK (REGISTER)"]


def test_who_leaves_a_place_may_take_another_with_the_same_request() -> None:
    phone = Bench(STEPS["register"], max_contacts=2).end("106")
    one, two, three = (f"<sip:{way}@127.0.10.106>" for way in (1, 2, 3))
    assert phone.register(f"{one}, {two}") == ["200 OK (REGISTER)"]
    assert phone.register(f"{one};expires=0, {three}") == ["200 OK (REGISTER)"]
    assert phone.register(one) == ["503 Service Unavailable (REGISTER)"]


def test_a_phone_that_says_which_it_is_has_one_address_for_each_of_its_ways() -> None:
    bench = Bench(STEPS["register"])
    phone = bench.end("106")
    mark = '+sip.instance="<urn:uuid:1>"'
    phone.register(f"<sip:1@127.0.10.106>;{mark};reg-id=1", call="a")
    phone.register(f"<sip:2@127.0.10.106>;{mark};reg-id=2", call="b")
    phone.register(f"<sip:3@127.0.10.106>;{mark};reg-id=1", call="c")
    assert [row["Address"] for row in location(bench.proxy, 0.0)] == ["sip:3@127.0.10.106", "sip:2@127.0.10.106"]


def test_without_reg_id_an_instance_may_have_many_addresses() -> None:
    bench = Bench(STEPS["register"])
    phone = bench.end("106")
    for user in "12":
        phone.register(f'<sip:{user}@127.0.10.106>;+sip.instance="<urn:uuid:1>"', call=user)
    assert len(location(bench.proxy, 0.0)) == 2


@pytest.mark.parametrize("user", ["10%36", "%31%30%36", "106"])
def test_escapes_in_an_aor_count_for_what_they_mean_and_the_host_does_not(user: str) -> None:
    bench, phone = registrar()
    phone.register(to=f"<sip:{user}@Other.Example:5070;transport=tcp>")
    assert rows(bench, "AoR") == [("106",)]


def test_with_use_domain_a_user_of_another_host_is_another_user() -> None:
    bench = Bench(STEPS["cancel"], use_domain=True)
    phone, caller = bench.end("108"), bench.end("106")
    phone.register("<sip:1@127.0.10.108>", to="<sip:108@One.example>", call="a")
    phone.register("<sip:2@127.0.10.108>", to="<sip:108@two.example>", call="b")
    assert rows(bench, "AoR") == [("108@one.example",), ("108@two.example",)]
    caller.invite("sip:108@ONE.example")
    assert phone.hears("INVITE").uri == "sip:1@127.0.10.108"
    caller.invite("sip:108@three.example")
    assert caller.summaries[-1] == "404 User not Registered"


def test_with_use_domain_an_ipv6_host_is_the_same_in_any_spelling() -> None:
    bench = Bench(STEPS["cancel"], use_domain=True)
    bench.end("108").register(to="<sip:108@[2001:DB8::0:5]>", call="a")
    bench.end("108").register("<sip:2@127.0.10.108>", to="<sip:108@[2001:db8::5]>", call="b")
    assert rows(bench, "AoR") == [("108@[2001:db8::5]",)] * 2


def test_users_differ_by_case() -> None:
    bench, phone = registrar()
    phone.register(to="<sip:Alice@127.0.10.1>", call="a")
    phone.register(to="<sip:alice@127.0.10.1>", call="b")
    assert rows(bench, "AoR") == [("Alice",), ("alice",)]


def with_path(phone: End, *paths: str, contact: str = "<sip:106@127.0.10.106>") -> list[str]:
    headers = [("Contact", contact), ("Supported", "path"), *(("Path", path) for path in paths)]
    return phone.send(phone.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", headers=headers))


def test_a_path_that_is_too_long_to_be_kept_is_refused_and_nothing_is_stored() -> None:
    bench, phone = registrar(use_path=True)
    hop = f"<sip:{'p' * (256 - len('<sip:@192.0.2.1;lr>') - 1)}@192.0.2.1;lr>"
    assert with_path(phone, hop, hop + "x") == ["400 Bad Request (REGISTER)"]
    assert phone.heard[-1].get("P-Registrar-Error") == "Path too long"
    assert rows(bench, "AoR") == []
    assert with_path(phone, hop, hop) == ["200 OK (REGISTER)"]
    assert [len(str(path)) for (path,) in rows(bench, "Path")] == [512]


def test_contacts_of_one_register_keep_what_they_share_once() -> None:
    bench = Bench(STEPS["register"], use_path=True, use_domain=True)
    with_path(bench.end("106"), "<sip:127.0.10.50;lr>", contact="<sip:1@127.0.10.106>, <sip:2@127.0.10.106>")
    one, two = bench.proxy.module(UsrLoc).contacts("location", "106@127.0.10.1")
    for name in ("aor", "path", "call_id", "user_agent", "domain", "source", "socket"):
        assert getattr(one, name) is getattr(two, name)


@pytest.mark.parametrize("number", ["0", "2147483648", "9" * 99, "x", ""])
def test_a_reg_id_that_is_none_counts_for_nothing(number: str) -> None:
    """RFC 5626 §4.2: from 1 to 2**31 - 1."""
    bench, phone = registrar()
    for user in "12":
        saved(phone, contact=f'<sip:{user}@h>;+sip.instance="<urn:uuid:1>";reg-id={number}')
    assert rows(bench, "Reg-Id") == [(0,), (0,)]


def test_of_a_contact_nothing_is_kept_that_has_no_end() -> None:
    bench, phone = registrar(use_path=True)
    long = "x" * 4000
    contact = (
        f'"{long}" <sip:106@127.0.10.106>;+sip.instance="{long}";reg-id=1{"0" * 300};{long}={long};methods="{long}"'
    )
    headers = [("Contact", contact), ("User-Agent", long), ("Allow", long), ("X-More", long)]
    phone.send(phone.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", headers=headers))
    (kept,) = bench.proxy.module(UsrLoc).contacts("location", "106")
    assert (len(kept.user_agent), kept.methods, kept.contact.params, kept.contact.display) == (255, 0, (), "")
    assert len(repr(kept)) < 1000


def test_a_register_that_names_more_contacts_than_it_could_change_is_refused_before_they_are_looked_at() -> None:
    _, phone = registrar(max_contacts=2)
    contacts = [("Contact", f"<sip:{way}@127.0.10.106>;expires=0") for way in range(6)]
    assert phone.send(phone.request("REGISTER", "sip:127.0.10.1", headers=contacts)) == [
        "503 Service Unavailable (REGISTER)"
    ]
    assert phone.send(phone.request("REGISTER", "sip:127.0.10.1", headers=contacts[:5])) == ["200 OK (REGISTER)"]
