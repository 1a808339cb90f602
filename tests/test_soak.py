"""Calls on a bad line, and phones that crash in the middle of them, in virtual time: nothing may be left over."""

from __future__ import annotations

from random import Random

from labsip.modules.tm import Tm
from labsip.net.memory import MemoryNet
from labsip.phone import Call, CallState, Softphone, answering, busy_here, ringing
from labsip.proxy.receive import Proxy
from labsip.sip.transport import Address
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy, location

PROXY = Address("127.0.10.1")
PAIRS = 20
ROUNDS = 5
LONGEST = 64 * 0.5 + 185 + 32
"""Seconds after which even a call that rings for ever, to a phone that died, is over."""


class Soak:
    """A strict proxy between phones whose every datagram may be lost, late or doubled."""

    def __init__(self, seed: int) -> None:
        self.luck = Random(seed)
        self.net = MemoryNet(seed=seed, record=False)
        self.proxy: Proxy = build_proxy(STEPS["full"], [PROXY], ids=Random(f"{seed}/proxy"))
        self.net.attach(self.proxy, "proxy")
        self.phones = [self._phone(200 + number) for number in range(2 * PAIRS)]
        self.net.wire().set(loss=0.1, duplicate=0.05, jitter=0.2)

    def _phone(self, number: int) -> Softphone:
        name = str(number)
        address = Address(f"127.0.11.{number - 150}")
        phone = Softphone(name, address, PROXY, ids=Random(name))
        phone.behaviour = self.luck.choice([answering, answering, ringing, busy_here])()
        self.net.attach(phone, name)
        self.net.do(lambda now: phone.register(now, expires=120))
        return phone

    def churn(self) -> None:
        """Everybody of the first half calls somebody of the second; some hang up, some crash."""
        callers, callees = self.phones[:PAIRS], self.phones[PAIRS:]
        for caller in callers:
            self.net.do(lambda now, caller=caller: caller.call(self.luck.choice(callees).user, now)[1])
        self.net.advance(self.luck.uniform(2, 20))
        for caller in callers:
            for call in list(caller.calls):
                if self.luck.random() < 0.8:
                    self.net.do(lambda now, caller=caller, call=call: caller.hang_up(call, now))
        self.net.advance(5)

    def crash(self) -> None:
        """A quarter of the phones is gone, whatever they were doing."""
        for phone in self.luck.sample(self.phones, len(self.phones) // 4):
            self.net.detach(phone)
            self.phones[self.phones.index(phone)] = self._phone(int(phone.user))

    def unanswered(self) -> list[str]:
        """Calls that neither ended nor are up, of phones that did not crash."""
        return [f"{phone.user}: {call!r}" for phone in self.phones for call in phone.calls if not settled(call)]


def settled(call: Call) -> bool:
    return call.over or call.state is CallState.ANSWERED


def test_after_loss_doubles_disorder_and_crashes_nothing_is_left() -> None:
    soak = Soak(seed=1)
    with soak.net:
        for _ in range(ROUNDS):
            soak.churn()
            soak.crash()
        soak.net.wire().clear()
        for phone in soak.phones:
            for call in list(phone.calls):
                soak.net.do(lambda now, phone=phone, call=call: phone.hang_up(call, now))  # type: ignore[misc]
        soak.net.advance(LONGEST)
        assert soak.unanswered() == []
        tm = soak.proxy.module(Tm)
        assert [cell for cell in tm.cells.values() if cell.uas.request.method != "REGISTER"] == []
        for phone in soak.phones:  # else they refresh their registrations for ever
            soak.net.detach(phone)
        soak.net.advance(1000)
        assert (tm.cells, tm.clients, tm.size, tm.pending) == ({}, {}, 0, 0)
        assert location(soak.proxy, soak.net.now) == []
        assert soak.proxy.next_wake() is None
        assert list(soak.proxy.errors) == []
