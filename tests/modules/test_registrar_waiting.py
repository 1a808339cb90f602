"""REGISTERs whose contacts are written beside the loop: answered when that is done, and in their order."""

from __future__ import annotations

import gc

import pytest

from labsip.modules.usrloc.store import WAITING
from labsip.proxy.script import Routes
from labsip.steps import STEPS
from labsip.vocabulary import Ksr, location
from tests.ends import Bench, End
from tests.stores import Later

OK, LATER = ["200 OK (REGISTER)"], "500 Server Internal Error (REGISTER)"


def registrar(step: str = "full") -> tuple[Bench, End, Later]:
    bench = Bench(STEPS[step])
    return bench, bench.end("106"), Later(bench)


def addresses(bench: Bench) -> list[object]:
    return [row["Address"] for row in location(bench.proxy, bench.now)]


@pytest.mark.parametrize("step", ["register", "full"])
def test_a_register_is_answered_when_it_is_written_and_not_before(step: str) -> None:
    bench, phone, store = registrar(step)
    assert phone.register() == []
    assert addresses(bench) == []
    store.written()
    assert phone.summaries == OK
    assert phone.heard[-1].get("Contact") == "<sip:106@127.0.10.106:5060>;expires=3600"
    assert addresses(bench) == store.uris == ["sip:106@127.0.10.106:5060"]


@pytest.mark.parametrize("step", ["register", "full"])
def test_what_cannot_be_written_is_500_with_a_time_to_come_again_and_changes_nothing(step: str) -> None:
    bench, phone, store = registrar(step)
    phone.register("<sip:1@127.0.10.106>", call="a")
    store.written()
    before = location(bench.proxy, bench.now)
    phone.register("<sip:1@127.0.10.106>, <sip:2@127.0.10.106>", 120, call="a", cseq=2)
    store.refused()
    assert phone.summaries == [*OK, LATER]
    assert phone.heard[-1].get("Retry-After") == "5"
    assert location(bench.proxy, bench.now) == before
    assert bench.notes == ["the disk is full"]
    phone.register("<sip:2@127.0.10.106>", call="a", cseq=3)
    store.written()
    assert phone.summaries[2:] == OK
    assert len(addresses(bench)) == 2


@pytest.mark.parametrize("step", ["register", "full"])
def test_the_same_register_again_waits_for_the_one_answer(step: str) -> None:
    bench, phone, store = registrar(step)
    request = phone.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", headers=[("Contact", "<sip:1@h>")])
    for _ in range(3):
        assert phone.send(request) == []
        bench.wait(4)
    assert len(store.wishes) == 1
    store.written()
    assert phone.summaries == OK
    assert phone.send(request) == OK


def test_another_register_of_the_user_comes_after_it_and_of_another_user_does_not() -> None:
    bench, phone, store = registrar()
    phone.register("<sip:1@127.0.10.106>", call="a")
    second = phone.request(
        "REGISTER",
        "sip:127.0.10.1",
        call="a",
        cseq=2,
        to="<sip:10%36@127.0.10.1>",
        headers=[("Contact", "*"), ("Expires", "0")],
    )
    phone.send(second)
    phone.send(second)
    phone.register("<sip:3@127.0.10.106>", call="a", cseq=3)
    other = bench.end("108")
    other.register()
    assert len(store.wishes) == 2
    store.written()
    assert (phone.summaries, addresses(bench)) == (OK, ["sip:1@127.0.10.106"])
    store.written()
    assert other.summaries == OK
    store.written()
    assert (phone.summaries, addresses(bench)) == (OK * 2, ["sip:108@127.0.10.108:5060"])
    store.written()
    assert (len(phone.heard), len(addresses(bench)), len(store.wishes)) == (3, 2, 0)
    assert store.uris == ["sip:108@127.0.10.108:5060", "sip:3@127.0.10.106"]


def test_what_waits_behind_and_writes_nothing_holds_nobody_up() -> None:
    _, phone, store = registrar()
    phone.register(call="a", cseq=5)
    phone.register(call="a", cseq=4)
    phone.register("-", call="b")
    phone.register(call="a", cseq=6)
    store.written()
    assert phone.summaries == [*OK, "400 Bad Request (REGISTER)", *OK]
    store.written()
    assert phone.summaries[3:] == OK


def test_what_failed_is_nothing_to_what_waits_behind_it() -> None:
    bench, phone, store = registrar()
    phone.register("<sip:1@127.0.10.106>", call="a", cseq=1)
    phone.register("<sip:2@127.0.10.106>", call="a", cseq=2)
    store.refused()
    store.written()
    assert phone.summaries == [LATER, *OK]
    assert addresses(bench) == store.uris == ["sip:2@127.0.10.106"]


def test_a_call_meanwhile_goes_where_the_user_was() -> None:
    bench, bob, store = registrar()
    bob.register("<sip:1@127.0.10.106>")
    store.written()
    alice = bench.end("108")
    bob.register("<sip:2@127.0.10.9>")
    alice.invite("sip:106@127.0.10.1")
    assert bob.hears("INVITE").uri == "sip:1@127.0.10.106"
    store.written()
    alice.invite("sip:106@127.0.10.1")
    assert "proxy -> 127.0.10.9:5060  INVITE" in bench.flow


def test_however_long_it_takes_its_transaction_is_there_and_nothing_is_left_of_it() -> None:
    bench, phone, store = registrar()
    phone.register(expires=60)
    bench.wait(100)
    assert bench.proxy.held["pending"] == 1
    store.written()
    assert phone.summaries == OK
    bench.wait(100)
    assert (len(store.wishes), bench.proxy.held["pending"]) == (1, 0)
    store.written()
    bench.wait(100)
    assert set(bench.proxy.held.values()) == {0}


def test_only_so_many_may_wait() -> None:
    bench, phone, store = registrar("register")
    for number in range(WAITING):
        phone.register(to=f"<sip:u{number}@127.0.10.1>")
    assert phone.register() == ["503 Service Unavailable (REGISTER)"]
    assert phone.register(to="<sip:u0@127.0.10.1>") == ["503 Service Unavailable (REGISTER)"]
    assert phone.heard[-1].get("Retry-After") == "5"
    store.written()
    assert phone.register() == []
    assert len(store.wishes) == WAITING
    assert len(addresses(bench)) == 1


def test_who_asks_for_the_list_alone_need_not_wait() -> None:
    _, phone, store = registrar()
    assert phone.register("-") == OK
    assert not store.wishes


def test_unregister_comes_after_what_is_being_written() -> None:
    def route(ksr: Ksr) -> None:
        if ksr.is_method("REGISTER"):
            ksr.save("location")
        else:
            ksr.sl_reply(200 + ksr.unregister("location", "sip:106@127.0.10.1"))

    bench = Bench(Routes(route))
    phone, store = bench.end("106"), Later(bench)
    phone.register()
    phone.send(phone.request("OPTIONS"))
    assert phone.summaries[0].startswith("201")
    store.written()
    assert (len(addresses(bench)), phone.summaries[1:]) == (1, OK)
    store.refused()
    assert (len(addresses(bench)), bench.notes) == (1, ["the disk is full"])
    phone.send(phone.request("OPTIONS"))
    store.written()
    assert addresses(bench) == store.uris == []


def test_the_sweep_waits_too_and_takes_no_contact_that_is_being_refreshed() -> None:
    bench, phone, store = registrar()
    phone.register(expires=60)
    store.written()
    bench.end("108").register(expires=60)
    store.written()
    bench.wait(59)
    phone.register()
    bench.wait(30)
    store.written()
    assert phone.summaries == OK * 2
    assert bench.proxy.next_wake() is not None  # transactions
    bench.wait(60)
    assert [[contact.aor for contact in change.gone] for change, _ in store.wishes] == [["108"]]
    assert len(addresses(bench)) == 2
    store.written()
    assert addresses(bench) == ["sip:106@127.0.10.106:5060"]


def test_a_register_while_its_expired_contact_is_swept_comes_after_that() -> None:
    bench, phone, store = registrar()
    phone.register(expires=60)
    store.written()
    bench.wait(130)
    phone.register()
    assert len(store.wishes) == 1
    store.written()
    assert (addresses(bench), len(store.wishes)) == ([], 1)
    store.written()
    assert addresses(bench) == store.uris == ["sip:106@127.0.10.106:5060"]


def test_a_sweep_that_cannot_be_written_is_made_up_for_by_the_next() -> None:
    bench, phone, store = registrar("register")
    for number in range(250):
        phone.register(expires=60, to=f"<sip:{number}@127.0.10.1>")
        store.written()
    bench.wait(61)
    store.written()
    bench.wait(1)
    store.refused()
    assert (len(addresses(bench)), len(store.wishes), bench.notes) == (150, 0, ["the disk is full"])
    bench.wait(61)
    for _ in range(2):
        store.written()
        bench.wait(1)
    assert (addresses(bench), store.wishes, bench.proxy.next_wake()) == ([], store.wishes, None)


def test_a_route_that_answers_for_itself_is_answered_as_it_says() -> None:
    bench = Bench(lambda ksr: [ksr.save("location", 2), ksr.send_reply(202)])
    phone, store = bench.end("106"), Later(bench)
    assert phone.register() == ["202 Accepted (REGISTER)"]
    store.written()
    assert (len(phone.heard), len(addresses(bench))) == (1, 1)


def test_what_comes_later_is_over_without_a_circle() -> None:
    bench, phone, store = registrar()
    gc.collect()
    gc.disable()
    try:
        phone.register()
        store.written()
        bench.wait(3700)
        store.written()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        assert gc.garbage == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
