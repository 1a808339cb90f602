"""event_route[usrloc:contact-expired]: what it is told, as a real Kamailio 5.6.3 told it."""

from __future__ import annotations

from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench

PARTS = [
    "aor",
    "addr",
    "callid",
    "q",
    "cseq",
    "flags",
    "cflags",
    "path",
    "received",
    "socket",
    "methods",
    "count",
    "domain",
    "user_agent",
]


def test_a_contact_that_expires_is_told_to_the_block_of_that_event() -> None:
    told: list[list[object]] = []

    def expired(ksr: Ksr) -> None:
        told.append([ksr[f"$ulc(exp=>{part})"] for part in PARTS])
        assert ksr["$ulc(other=>aor)"] is None

    bench = Bench(
        Routes(lambda ksr: ksr.save("location"), event_routes={"usrloc:contact-expired": expired}), timer_interval=2.0
    )
    phone = bench.end("106")
    phone.register("<sip:106@127.0.10.106>;q=0.5", expires=60, call="c", cseq=7)
    bench.wait(50)
    assert told == []
    bench.wait(20)
    socket = "udp:127.0.10.1:5060"
    assert told == [["106", "sip:106@127.0.10.106", "c", 500, 7, 0, 0, "", "", socket, 2**32 - 1, 1, "location", "n/a"]]
