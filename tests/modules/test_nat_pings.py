"""Pings to contacts behind NAT (which of them, and with what, on a real Kamailio: tests/kamailio/test_nat_pings)."""

from __future__ import annotations

from typing import Any

import pytest

from labsip.modules.nat_pings import NOTHING, NatPings
from labsip.sip.errors import LabError
from labsip.sip.message import Request, parse_message
from labsip.sip.transport import Datagram
from labsip.vocabulary import Ksr
from tests.ends import Bench

NAT, SIP, NOT = 6, 7, 8
"""Flags: behind NAT, pinged by a request, not pinged."""
SETTINGS: dict[str, Any] = {"natping_interval": 30, "nat_bflag": NAT}


def route(ksr: Ksr) -> None:
    """Save, with the flags that a header names."""
    ksr.fix_nated_register()
    for flag in str(ksr["$hdr(X-Flags)"] or "").split():
        ksr.setbflag(int(flag))
    ksr.save("location")


def pinged(*phones: tuple[str, str], seconds: float = 30.0, **settings: Any) -> list[Datagram]:
    """What goes out after that time, when phones have registered: a name and flags each."""
    bench = Bench(route, **SETTINGS, **settings)
    for name, flags in phones:
        contact = ("Contact", f"<sip:{name}@10.1.1.1:7000>")
        end = bench.end(name)
        end.send(end.request("REGISTER", "sip:127.0.10.1", to=f"<sip:{name}@127.0.10.1>",
                             headers=[contact, ("X-Flags", flags)]))  # fmt: skip
    due = bench.proxy.next_wake()
    return bench.proxy.wake(seconds) if due is not None and due <= seconds else []


def test_a_contact_is_sent_four_bytes_of_nothing_where_its_register_came_from() -> None:
    (ping,) = pinged(("108", ""))
    assert ping.data == NOTHING == bytes(4)
    assert str(ping.dst) == "127.0.10.108:5060"
    assert pinged(("108", ""), seconds=29.0) == []


def test_only_those_behind_nat_are_pinged_where_that_is_asked() -> None:
    sent = pinged(("106", ""), ("107", "6"), ("108", "6 8"), ping_nated_only=True, natping_disable_bflag=NOT)
    assert [ping.dst.host for ping in sent] == ["127.0.10.107"]


def test_a_contact_with_the_flag_for_it_is_sent_a_request() -> None:
    settings: dict[str, Any] = {"sipping_bflag": SIP, "sipping_from": "sip:pinger@lab.example"}
    nothing, ping = pinged(("107", "6"), ("108", "6 7"), ping_nated_only=True, **settings)
    assert nothing.data == NOTHING
    request = parse_message(ping.data)
    assert isinstance(request, Request)
    assert (request.method, request.uri, str(ping.dst)) == (
        "OPTIONS", "sip:108@10.1.1.1:7000", "127.0.10.108:5060",
    )  # fmt: skip
    assert request.from_.uri == "sip:pinger@lab.example"
    assert str(request.via.sent_by) == "127.0.10.1:5060"
    assert [one.data[:4] for one in pinged(("107", ""), **settings, sipping_method="INFO")] == [b"INFO"]


def test_its_answer_goes_nowhere() -> None:
    bench = Bench(route, **SETTINGS, sipping_bflag=SIP, sipping_from="sip:pinger@lab.example")
    end = bench.end("108")
    end.register()
    bench.wait(30)
    ping = end.hears("OPTIONS")
    end.answer(ping, 200)
    assert bench.flow[-2:] == ["proxy -> 108  OPTIONS", "108 -> proxy  200 OK (OPTIONS)"]
    bench.wait(30)
    assert bench.flow[-1] == "proxy -> 108  OPTIONS"


def test_who_is_gone_is_not_pinged() -> None:
    bench = Bench(route, **SETTINGS)
    end = bench.end("108")
    end.register(expires=20)
    assert bench.proxy.wake(30.0) == []
    end.register("*", 0)
    assert not bench.proxy.held["contacts"]
    assert bench.proxy.module(NatPings).next_wake() is None


def test_a_contact_on_tcp_or_with_a_name_is_not_pinged() -> None:
    bench = Bench(lambda ksr: ksr.save("location"), **SETTINGS)
    bench.end("107").register("<sip:107@127.0.10.107;transport=tcp>")
    bench.end("108").register("<sip:108@phone.invalid>")
    assert bench.proxy.wake(30.0) == []


def test_parameters_that_miss_each_other_are_refused_as_in_kamailio() -> None:
    with pytest.raises(LabError, match="sipping_bflag needs sipping_from"):
        Bench(route, sipping_bflag=7)
    with pytest.raises(LabError, match="ping_nated_only needs usrloc's nat_bflag"):
        Bench(route, natping_interval=30, ping_nated_only=True)
