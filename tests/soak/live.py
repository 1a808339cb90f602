"""A soak on real sockets and in real time: `labsip serve` in a process of its own, half of the phones on TCP."""

from __future__ import annotations

import os
import re
import signal
from random import Random

from labsip.net.sockets import SocketNet
from labsip.phone import Softphone
from labsip.sip.transport import Address, Datagram
from labsip.trace import Trace
from tests.processes import Serve
from tests.soak.crowd import Desk
from tests.soak.figures import Figures, Memory, Scale
from tests.soak.soak import Soak
from tests.soak.virtual import resident

TIMER_C = 40.0
"""Seconds a call may ring: less than the RFC's three minutes, for here they would pass."""


class Phone(Softphone):
    """A phone that hears as badly as it is heard: what comes from another process passes no wire of this one."""

    scale: Scale
    luck: Random
    trace: Trace

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:
        """Over UDP a datagram may be lost, or come twice."""
        if self.address.reliable:
            return super().receive(datagram, now)
        if self.luck.random() < self.scale.loss:
            if self.trace.cause is not None:
                self.trace.lose(self.trace.cause)
            return []
        out = super().receive(datagram, now)
        return out + super().receive(datagram, now) if self.luck.random() < self.scale.duplicate else out


class LiveSoak(Soak):
    """Phones in this process, on sockets of their own; the proxy in another."""

    timer_c = TIMER_C

    def __init__(self, serve: Serve, net: SocketNet, scale: Scale) -> None:
        self.serve = serve
        self._proxies = {address.proto: address for address in serve.addresses}
        host = f"127.{64 + os.getpid() // 250 % 64}.{1 + os.getpid() % 250}"  # nobody else takes a port there meanwhile
        protos = (("udp", "tcp")[number % 2] for number in range(scale.phones))
        addresses = [net.reserve(Address(f"{host}.{n}", 0, proto)) for n, proto in enumerate(protos, 1)]
        super().__init__(net, scale, addresses)
        for desk in self.crowd.desks:
            if not desk.address.reliable:
                net.wire(desk.name).set(loss=scale.loss, duplicate=scale.duplicate, jitter=scale.jitter)

    def build(self, desk: Desk) -> Softphone:
        """Its ids are of its own life."""
        ids = Random(f"{self.scale.seed}/{desk.name}/{desk.lives}")
        phone = Phone(desk.user, desk.address, self._proxies[desk.address.proto], ids=ids)
        phone.scale, phone.luck, phone.trace = self.scale, Random(f"{ids.random()}/ear"), self.net.trace
        return phone

    def memory(self) -> Memory:
        """Of the proxy's process."""
        return Memory(resident(self.serve.pid))

    def empty(self) -> None:
        """Ask the proxy until it holds nothing, or should have let go of it all."""
        for phone in self.crowd.phones:
            self.net.detach(phone)  # and with it its connections
        until = self.net.now + self.latest
        while any(self.account().values()) and self.net.now < until:
            self.net.advance(5)
        if any(self.figures.left.values()):
            self.fault(f"left over at the proxy: {self.figures.left}")
        for line in self.serve.err.splitlines():
            if not line.startswith("NOTICE"):
                self.fault(f"labsip serve says {line}")

    def account(self) -> dict[str, int]:
        """What the proxy says it holds."""
        before = self.serve.err.count("labsip: holds")
        self.serve.tell(signal.SIGUSR1)
        self.serve.wait_until("command of what it holds", lambda: self.serve.err.count("labsip: holds") > before)
        line = [line for line in self.serve.err.splitlines() if "labsip: holds" in line][-1]
        held, _, dropped = line.partition("; dropped ")
        self.figures.left, self.figures.dropped = _counts(held), _counts(dropped)
        return self.figures.left


def soak(scale: Scale) -> Figures:
    """Run one."""
    options = (f"--fr-inv-timer={TIMER_C}", "--min-expires=10")
    with (
        Serve(*options, listen=("udp:127.0.0.1:0", "tcp:127.0.0.1:0")) as serve,
        SocketNet(Trace(rows=scale.ring), seed=scale.seed) as net,
    ):
        return LiveSoak(serve, net, scale).run()


def _counts(text: str) -> dict[str, int]:
    return {name: int(number) for number, name in re.findall(r"(\d+) ([a-z ]+)", text)}
