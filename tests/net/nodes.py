"""Nodes of a few lines, to see what a network does with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from labsip.net.network import Network
from labsip.sip.transport import Address, Datagram
from labsip.trace import Trace

ANY = Address("127.0.0.1", 0)


class Talker:
    """A node that keeps what it heard and says what `answer` makes of it."""

    def __init__(self, *addresses: Address, answer: Callable[[str], str | None] = lambda _: None) -> None:
        self.addresses = addresses
        self.answer = answer
        self.heard: list[str] = []
        self.times: list[float] = []
        self.timers: list[tuple[float, str, Address]] = []

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:
        text = datagram.data.decode()
        self.heard.append(text)
        self.times.append(now)
        said = self.answer(text)
        return [] if said is None else [Datagram(said.encode(), datagram.dst, datagram.src)]

    def wake(self, now: float) -> list[Datagram]:
        due = [timer for timer in sorted(self.timers) if timer[0] <= now]
        self.timers = [timer for timer in self.timers if timer not in due]
        self.heard += [f"timer {text}" for _, text, _ in due]
        return [Datagram(text.encode(), self.addresses[0], dst) for _, text, dst in due]

    def next_wake(self) -> float | None:
        return min((t for t, _, _ in self.timers), default=None)

    def says(self, dst: Address, *texts: str) -> Callable[[float], Iterable[Datagram]]:
        """For `Network.do`: send these."""
        return lambda _: [Datagram(text.encode(), self.addresses[0], dst) for text in texts]


def attached(network: Network, name: str, answer: Callable[[str], str | None] = lambda _: None) -> Talker:
    """A talker on the network, wherever there is room."""
    node = Talker(network.reserve(ANY), answer=answer)
    network.attach(node, name)
    return node


def seen(trace: Trace) -> list[tuple[str, str, str]]:
    """Who said what to whom, lost or not."""
    names = trace.names
    return [
        (names.get(p.src, "outside"), names.get(p.dst, "outside"), p.raw.decode() + (" (lost)" if p.lost else ""))
        for p in trace.datagrams
    ]


class Faulty(Talker):
    """A node that raises once, when its network wants to know when to wake it."""

    def __init__(self, address: Address, fault: Exception) -> None:
        super().__init__(address)
        self.fault: Exception | None = fault

    def next_wake(self) -> float | None:
        fault, self.fault = self.fault, None
        if fault is not None:
            raise fault
        return None
