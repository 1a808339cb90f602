"""Room for contacts that many sources share: who takes all of it takes it from nobody else (max_registered)."""

from __future__ import annotations

from typing import Any

from labsip.modules.usrloc import UsrLoc
from labsip.steps import STEPS
from labsip.vocabulary import location
from tests.ends import Bench, End
from tests.stores import Later

OK, NO_ROOM = ["200 OK (REGISTER)"], ["503 Service Unavailable (REGISTER)"]


def crowded(room: int = 10, taken: int = 10, **settings: Any) -> tuple[Bench, End]:
    """A table with room for so many contacts, and one source that has taken that many."""
    bench = Bench(STEPS["register"], max_registered=room, **settings)
    greedy = bench.end("666")
    for number in range(taken):
        assert user(greedy, number) == OK
    return bench, greedy


def user(end: End, number: int, **options: Any) -> list[str]:
    """Register another user from there."""
    return end.register(to=f"<sip:{end.name}x{number}@127.0.10.1>", call=f"{end.name}{number}", **options)


def test_who_has_taken_all_the_room_gets_no_more_and_others_do() -> None:
    bench, greedy = crowded()
    assert user(greedy, 10) == NO_ROOM
    assert greedy.heard[-1].get("P-Registrar-Error") == "No room for another contact"
    alice = bench.end("106")
    assert [user(alice, number) for number in range(6)] == [OK] * 5 + [NO_ROOM]
    assert bench.end("107").register() == OK
    assert len(location(bench.proxy, 0.0)) == 16


def test_where_there_is_room_one_source_may_have_it() -> None:
    _, greedy = crowded(10, 3)
    assert greedy.register(",".join(f"<sip:{way}@127.0.10.9>" for way in range(8))) == NO_ROOM
    assert greedy.register(",".join(f"<sip:{way}@127.0.10.9>" for way in range(7))) == OK


def test_who_is_known_may_refresh_change_and_leave() -> None:
    bench, greedy = crowded()
    assert user(greedy, 3, cseq=2) == OK
    assert user(greedy, 3, cseq=3, contact="<sip:2@127.0.10.9>, <sip:666@127.0.10.666:5060>;expires=0") == OK
    assert user(greedy, 4, cseq=2, expires=0) == OK
    assert user(greedy, 11) == OK
    assert user(greedy, 12) == NO_ROOM
    assert len(location(bench.proxy, 0.0)) == 10


def test_what_has_run_out_makes_room_when_it_is_swept() -> None:
    bench, greedy = crowded(taken=0)
    for number in range(10):
        user(greedy, number, expires=60)
    bench.wait(50)
    assert user(greedy, 10) == NO_ROOM
    bench.wait(100)
    assert user(greedy, 10) == OK
    assert bench.proxy.module(UsrLoc).shares.total == 1


def test_an_ipv6_host_is_one_source_with_all_its_addresses() -> None:
    bench, _ = crowded(10, 0)
    ends = [bench.end(f"7{number}", f"2001:db8::{number}") for number in range(11)]
    assert [end.register() for end in ends] == [OK] * 10 + [NO_ROOM]


def test_a_user_with_a_password_is_a_source_wherever_the_phone_is() -> None:
    bench, greedy = crowded(10, 0, users={"106": "x"})
    assert [user(greedy, number) for number in range(12)] == [OK] * 12
    assert bench.end("106").register(",".join(f"<sip:{way}@127.0.10.9>" for way in range(9))) == NO_ROOM


def test_a_contact_belongs_to_where_it_was_refreshed_from_last() -> None:
    bench, greedy = crowded()
    shares = bench.proxy.module(UsrLoc).shares
    bench.end("106").register("<sip:666@127.0.10.666:5060>", to="<sip:666x3@127.0.10.1>")
    assert (shares.taken(greedy.address.host), shares.taken("127.0.10.106"), shares.total) == (9, 1, 10)


def test_beyond_twice_the_room_nobody_has_a_share() -> None:
    """Whoever makes up an address for each of his REGISTERs is many sources."""
    bench, _ = crowded(3, 3)
    answers = [bench.end(f"1{number}").register() for number in range(4)]
    assert answers == [OK] * 3 + [NO_ROOM]


def test_each_source_has_room_for_the_contacts_of_one_user() -> None:
    bench, greedy = crowded(10, 10, max_contacts=4)
    for number in range(4):
        bench.end(f"1{number}").register("-")
        bench.end(f"1{number}").register()
    assert bench.end("106").register(",".join(f"<sip:{way}@127.0.10.9>" for way in range(4))) == OK
    assert user(greedy, 20) == NO_ROOM


def test_what_was_there_before_takes_room_and_nobodys_share() -> None:
    before, _ = crowded()
    known = [contact for (contact,) in before.proxy.module(UsrLoc).tables["location"].values()]
    for contact in known:
        contact.source = ""  # as a file has them
    bench = Bench(STEPS["register"], max_registered=10, seed=2)
    greedy, store = bench.end("666"), Later(bench, known)
    shares = bench.proxy.module(UsrLoc).shares
    assert (shares.total, shares.taken(""), shares.taken(greedy.address.host)) == (10, 10, 0)
    user(greedy, 3, cseq=2)
    store.written()
    assert (shares.total, shares.taken(""), shares.taken(greedy.address.host)) == (10, 9, 1)


def test_a_contact_kept_from_a_time_without_a_limit_has_one_now() -> None:
    before = Bench(STEPS["register"])
    before.end("106").register(expires=2**31 - 1)
    bench = Bench(STEPS["register"], max_expires=86400)
    Later(bench, before.proxy.module(UsrLoc).contacts("location", "106"))
    assert [row["Expires"] for row in location(bench.proxy, 0.0)] == [86400]
