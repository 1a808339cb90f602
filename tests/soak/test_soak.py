"""Calls on a bad line, and phones that crash in the middle: nothing is lost that could be saved, nothing left over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labsip.net.sockets import SocketNet
from labsip.phone import Softphone
from labsip.sip.timing import RFC
from labsip.trace import Trace
from tests.processes import Serve
from tests.soak.crowd import Desk
from tests.soak.figures import Figures, Scale
from tests.soak.live import LiveSoak
from tests.soak.virtual import VirtualSoak, soak

SMALL = Scale(calls=20, seconds=20.0, phones=20, hold=5.0, crash=2.0)


def check(figures: Figures) -> Figures:
    """No fault; else all of them, with the seed and their ladders."""
    assert not figures.faults, "\n\n".join([str(figures), *figures.faults])
    return figures


def test_calls_are_set_up_and_hung_up_or_lost_for_a_reason_and_nothing_is_left() -> None:
    figures = check(soak(Scale(calls=250, seconds=40.0, phones=60, hold=20.0, crash=2.0)))
    assert figures.most >= 250
    assert figures.crashes.keys() >= {"registering", "calling", "ringing", "giving up", "in a call", "hanging up"}
    assert figures.lost.keys() <= {"a phone of the caller crashed", "a phone of the callee crashed"}


def test_where_wires_are_worse_and_users_have_passwords_what_is_lost_was_lost_on_the_wires() -> None:
    figures = check(
        soak(Scale(calls=80, seconds=40.0, phones=40, hold=10.0, loss=0.25, jitter=0.8, duplicate=0.2, digest=True))
    )
    assert figures.verdicts["answered"] > 100


def test_the_same_seed_tells_the_same_story() -> None:
    first, again, other = soak(SMALL), soak(SMALL), soak(replace(SMALL, seed=2))
    assert (first.verdicts, first.wires, first.crashes) == (again.verdicts, again.wires, again.crashes)
    assert first.wires != other.wires


def test_a_phone_that_repeats_nothing_does_not_pass() -> None:
    class Hasty(VirtualSoak):
        def build(self, desk: Desk) -> Softphone:
            phone = super().build(desk)
            phone.timing = replace(RFC, repeats=False)
            return phone

    faults = Hasty(SMALL).run().faults
    assert any("INVITE (lost)" in fault for fault in faults)


def test_a_proxy_that_lets_go_of_nothing_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labsip.modules.tm.Tm.forget", lambda *_: None)
    assert any(fault.startswith("left over at the proxy") for fault in soak(SMALL).faults)


def test_labsip_serve_stands_phones_that_crash_on_udp_and_tcp() -> None:
    with (
        Serve(listen=("udp:127.0.0.1:0", "tcp:127.0.0.1:0")) as serve,
        SocketNet(Trace(rows=10_000)) as net,
    ):
        live = LiveSoak(serve, net, replace(SMALL, crash=0.25, hold=1.0))
        while not live.figures.most or not live.crowd.crashes:
            live.churn(1.0)
        assert live.account()["connections"] > 0
        assert [line for line in serve.err.splitlines() if not line.startswith("NOTICE")] == []
