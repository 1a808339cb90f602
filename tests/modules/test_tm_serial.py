"""t_load_contacts and t_next_contacts: contacts one after the other, by falling q."""

from __future__ import annotations

from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench

said: list[int] = []


def request_route(ksr: Ksr) -> None:
    if ksr.is_method("REGISTER"):
        ksr.save("location")
        return
    ksr.lookup("location")
    said[:] = [int(ksr.t_load_contacts()), int(ksr.t_next_contacts())]
    ksr.t_on_failure("NEXT")
    ksr.t_relay()


def next_(ksr: Ksr) -> None:
    said.append(int(ksr.t_next_contacts()))
    if said[-1] > 0:
        ksr.t_on_failure("NEXT")
        ksr.t_relay()


def called(*qs: str) -> tuple[Bench, list[list[str]]]:
    """A phone of 108 for each q, all busy; and who was called when."""
    bench = Bench(Routes(request_route, failure_routes={"NEXT": next_}))
    phones = [bench.end(str(110 + place)) for place in range(len(qs))]
    for phone, q in zip(phones, qs, strict=True):
        phone.register(f"<sip:108@{phone.address}>{q}", to="<sip:108@127.0.10.1>")
    bench.end("106").invite()
    waves: list[list[str]] = []
    while True:
        wave = [phone for phone in phones if phone.summaries[1:] == ["INVITE"]]
        if not wave:
            return bench, waves
        waves.append([phone.name for phone in wave])
        for phone in wave:
            phone.answer(phone.hears("INVITE"), 486, "Busy Here")


def test_those_of_the_highest_q_are_called_first_and_who_has_none_last() -> None:
    bench, waves = called(";q=0.5", "", ";q=0.9", ";q=0.5")
    assert waves == [["112"], ["110", "113"], ["111"]]
    assert said == [1, 1, 1, 1, -2]
    assert bench.flow[-1].endswith("-> 106  486 Busy Here")


def test_where_all_have_the_same_q_all_ring_at_once_the_last_to_register_first() -> None:
    bench, waves = called(";q=0.5", ";q=0.5")
    assert waves == [["110", "111"]]
    assert [line for line in bench.flow if "INVITE" in line][1:3] == ["proxy -> 111  INVITE", "proxy -> 110  INVITE"]
    assert said == [1, 1, -2]


def test_of_those_of_the_same_q_those_behind_another_proxy_are_called_last() -> None:
    bench = Bench(Routes(request_route, failure_routes={"NEXT": next_}), use_path=True)
    by_itself, behind = bench.end("110"), bench.end("111")
    by_itself.register(f"<sip:108@{by_itself.address}>;q=0.5", to="<sip:108@127.0.10.1>")
    path = [("Path", f"<sip:{behind.address};lr>"), ("Supported", "path")]
    lines = [("Contact", "<sip:108@10.0.0.8>;q=0.5"), ("Expires", "3600"), *path]
    behind.send(behind.request("REGISTER", "sip:127.0.10.1", to="<sip:108@127.0.10.1>", headers=lines))
    bench.end("106").invite()
    assert [line for line in bench.flow if "INVITE" in line][1:3] == ["proxy -> 110  INVITE", "proxy -> 111  INVITE"]


def test_where_there_is_one_alone_there_is_nothing_to_sort() -> None:
    _, waves = called("")
    assert waves == [["110"]]
    assert said == [1, -2, -2]
