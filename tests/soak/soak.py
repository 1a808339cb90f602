"""A soak on any network: calls are made, held and ended while phones crash; then all of it must be over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from random import Random
from time import monotonic, process_time

from labsip.net.network import Network
from labsip.phone import Softphone
from labsip.sip.transport import Address
from tests.soak.crowd import Crowd, Desk, left_in
from tests.soak.figures import Figures, Memory, Scale
from tests.soak.judge import WAIT, Verdict, judge, told
from tests.soak.people import Case, People
from tests.soak.record import Record

TICK = 0.25
"""Seconds between two looks at what people want to do."""
SETTLED = 40.0
"""Seconds after its end that a call is judged: longer than any timer runs."""
SWEEP = 60.0
"""Seconds until contacts that have run out are swept, at most (usrloc's timer_interval)."""
GROWTH = 0.1
"""What memory may grow by in the second half: it is not the same calls that are up."""
SHOWN = 5
"""Faults that are told with their ladders."""


class Soak(ABC):
    """A crowd on a network with one proxy."""

    timer_c: float
    """What ends a call in the proxy if both its phones have crashed while it rang, in seconds."""

    def __init__(self, net: Network, scale: Scale, addresses: Iterable[Address]) -> None:
        self.net = net
        self.scale = scale
        self.figures = Figures(scale)
        self.record = Record(net.trace)
        self.crowd = Crowd(net, Random(f"{scale.seed}/phones"), addresses, self.build, scale.expires)
        self.people = People(self.crowd, Random(f"{scale.seed}/people"), scale.hold)

    @abstractmethod
    def build(self, desk: Desk) -> Softphone:
        """A phone for a desk, unlike any that stood there before."""

    @abstractmethod
    def memory(self) -> Memory:
        """What the proxy's process takes."""

    @abstractmethod
    def empty(self) -> None:
        """Wait until nothing should be left, and note what is."""

    @property
    def latest(self) -> float:
        """When the last timer has run out, in seconds from the last call: of contacts and their sweep, or of Timer C.

        Somebody who crashed still calls: one phone of a user while it rings, and when nobody answers there the other.
        """
        return max(self.scale.expires + SWEEP, 2 * (self.timer_c + WAIT)) + SETTLED

    def run(self) -> Figures:
        """All of it."""
        begin, wall, cpu = self.net.now, monotonic(), process_time()
        for _ in range(2):
            self.churn(self.scale.seconds / 2)
            self.figures.memory.append(self.memory())
        while self.people.cases:
            self._tick(0)
        self._leave()
        self.empty()
        figures = self.figures
        figures.wires, figures.crashes = self.record.counts, self.crowd.crashes
        figures.time, figures.wall, figures.cpu = self.net.now - begin, monotonic() - wall, process_time() - cpu
        if figures.steady and figures.growth > GROWTH:
            self.fault(f"memory grew by {figures.growth:.1%} in the second half")
        return figures

    def churn(self, seconds: float) -> None:
        """Make calls, as many as there is room for; let phones crash."""
        until, crash = self.net.now + seconds, self.net.now + self.scale.crash
        pace = 2 * self.scale.calls / self.scale.hold * TICK
        due = 0.0
        while self.net.now < until:
            due += min(pace, max(0, self.scale.calls - self.people.held))
            new, due = int(due), due % 1
            self._tick(new)
            self.figures.most = max(self.figures.most, self.people.held)
            if self.net.now >= crash:
                self.crowd.crash_one()
                crash += self.scale.crash

    def _tick(self, new: int) -> None:
        self.crowd.come_back()
        self.net.do(lambda now: self.people.act(now, new))
        self.net.advance(TICK)
        over = self.net.ask(self._look)
        for case in over:
            self._judge(case)

    def _look(self, now: float) -> list[Case]:
        """Read what went over the wires, and take out the calls that are over for so long that nothing more happens."""
        for call_id in self.people.cases:
            self.record.keep(call_id)
        self.record.read({desk.address for desk in self.crowd.desks if desk.phone is None})
        over = [case for case in self.people.cases.values() if case.over_since(now - SETTLED) or case.stuck]
        for case in over:
            self.people.forget(case)
        return over

    def _judge(self, case: Case) -> None:
        rows, names = self.record.take(case.call.call_id), self.net.trace.names
        verdict = Verdict("never ended", lost=True) if case.stuck else judge(case, rows, names)
        self.figures.calls += 1
        if verdict.fault:
            self.fault(told(case, verdict, rows, names))
        elif verdict.lost:
            self.figures.lost[verdict.why] += 1
        else:
            self.figures.verdicts[verdict.what] += 1

    def _leave(self) -> None:
        """Everybody who is there takes the binding of the phone back, and waits until nothing more happens to it."""
        self.net.do(self.crowd.leave)
        self.net.wait(lambda: not any(left_in(self.crowd.phones)), self.latest)
        for what in self.net.ask(lambda _: list(left_in(self.crowd.phones))):
            self.fault(f"left over at {what}")

    def fault(self, what: str) -> None:
        """Something that should not be."""
        if len(self.figures.faults) < SHOWN:
            self.figures.faults.append(what)
