"""A soak in virtual time: the proxy and all phones in memory, every wire bad. The same seed tells the same story."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from random import Random

from labsip.engine import OwnProxy
from labsip.modules.tm import TmParameters
from labsip.net.memory import MemoryNet
from labsip.phone import Softphone
from labsip.sip.transport import Address
from labsip.steps import STEPS
from labsip.testbed import Testbed
from labsip.trace import Trace
from labsip.vocabulary import settings_of
from tests.soak.crowd import Desk
from tests.soak.figures import Figures, Memory, Scale
from tests.soak.soak import Soak

PASSWORD = "soak"
FULL = STEPS["full"]


class VirtualSoak(Soak):
    """On a network in memory."""

    timer_c = settings_of(FULL).of(TmParameters).fr_inv_timer

    def __init__(self, scale: Scale) -> None:
        net = MemoryNet(Trace(rows=scale.ring, records_commands=False), seed=scale.seed)
        users = {str(number): PASSWORD for number in range(100, 100 + scale.phones)} if scale.digest else {}
        self.testbed = Testbed(net, FULL, seed=scale.seed, settings={"users": users})
        assert isinstance(self.testbed.engine, OwnProxy)
        self.proxy = self.testbed.engine.proxy
        net.wire().set(loss=scale.loss, duplicate=scale.duplicate, jitter=scale.jitter)
        super().__init__(net, scale, [Address(f"127.0.{11 + n // 200}.{2 + n % 200}") for n in range(scale.phones)])

    def build(self, desk: Desk) -> Softphone:
        """Its ids are of its own life: it would be taken for the one before."""
        ids = Random(f"{self.scale.seed}/{desk.name}/{desk.lives}")
        proxy = self.testbed.address
        return Softphone(desk.user, desk.address, proxy, ids=ids, password=PASSWORD if self.scale.digest else "")

    def memory(self) -> Memory:
        """Of this process, phones and all."""
        gc.collect()
        return Memory(resident(os.getpid()), sys.getallocatedblocks())

    def empty(self) -> None:
        """The contacts of phones that never came back run out, and are swept."""
        self.net.wait(lambda: self.proxy.next_wake() is None and not any(self.net.held.values()), self.latest)
        left, timer = {**self.proxy.held, **self.net.held}, self.proxy.next_wake()
        self.figures.left, self.figures.dropped = left, self.proxy.stats
        if any(left.values()) or timer is not None:
            self.fault(f"left over at the proxy: {left}, next timer {timer}")
        for error in self.proxy.errors:
            self.fault(f"a route raised: {error.text}")


def soak(scale: Scale) -> Figures:
    """Run one."""
    return VirtualSoak(scale).run()


def resident(process: int) -> float:
    """MB of memory a process takes; 0 where there is no /proc."""
    statm = Path(f"/proc/{process}/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if statm.exists() else 0.0
