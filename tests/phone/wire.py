"""A wire for the tests of one room: datagrams arrive at once, timers run in virtual time, losses are asked for."""

from __future__ import annotations

from collections import deque
from random import Random
from typing import Any

from labsip.phone import Softphone
from labsip.proxy.receive import Proxy
from labsip.sip.message import Message, Request, parse_message
from labsip.sip.transport import Address, Datagram, Node
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy

PROXY = Address("127.0.10.1")


def phone(user: str, host: int | None = None, *, proxy: Address = PROXY, **options: Any) -> Softphone:
    """The phone `user` on 127.0.10.user."""
    address = Address(f"127.0.10.{host or user}")
    return Softphone(user, address, proxy, domain="127.0.10.1", ids=Random(f"1/{user}/{host}"), **options)


def step(name: str) -> Proxy:
    """A proxy with the route of a lesson."""
    return build_proxy(STEPS[name], [PROXY], ids=Random("1/proxy"))


class Wire:
    """Nodes, the time, and what went over the wire."""

    def __init__(self, *nodes: Node) -> None:
        self.nodes = {address: node for node in nodes for address in node.addresses}
        self.now = 0.0
        self.passed: list[tuple[float, Datagram, Message]] = []
        self.lost: list[Datagram] = []
        self._losses: list[str] = []
        self._queue: deque[Datagram] = deque()

    def lose(self, *arrows: str) -> None:
        """Let the next datagram of each such arrow get lost: `106 -> 108: ACK`."""
        self._losses += arrows

    def send(self, data: bytes, src: Address, dst: Address) -> None:
        """Put bytes of the test's own on the wire."""
        self._deliver([Datagram(data, src, dst)])

    def do(self, done: Any) -> Any:
        """Carry what a phone sends; returns the call or the request it began, if it did."""
        begun, out = done if isinstance(done, tuple) else (None, done)
        self._deliver(out)
        return begun

    def run(self, seconds: float) -> None:
        """Let that much time pass."""
        end = self.now + seconds
        while (
            when := min((w for n in set(self.nodes.values()) if (w := n.next_wake()) is not None), default=end)
        ) < end:
            self.now = max(self.now, when)
            for node in dict.fromkeys(self.nodes.values()):
                self._deliver(node.wake(self.now))
        self.now = end

    def _deliver(self, datagrams: list[Datagram]) -> None:
        self._queue += datagrams
        while self._queue:
            datagram = self._queue.popleft()
            self.passed.append((self.now, datagram, parse_message(datagram.data)))
            arrow = _arrow(datagram, self.passed[-1][2])
            if arrow in self._losses:
                self._losses.remove(arrow)
                self.lost.append(datagram)
            elif (node := self.nodes.get(datagram.dst)) is not None:
                self._queue += node.receive(datagram, self.now)

    @property
    def flow(self) -> list[str]:
        """The arrows: `106 -> P: INVITE`, `P -> 106: 200 OK (BYE)`."""
        return [_arrow(datagram, message) for _, datagram, message in self.passed]

    def times(self, arrow: str) -> list[float]:
        """When such an arrow went over the wire (seconds)."""
        return [t for t, datagram, message in self.passed if _arrow(datagram, message) == arrow]

    def find(self, arrow: str) -> Any:
        """The first message of such an arrow."""
        return next(message for _, datagram, message in self.passed if _arrow(datagram, message) == arrow)


def _arrow(datagram: Datagram, message: Any) -> str:
    ends = [address.host.rpartition(".")[2].replace("1", "P") if address == PROXY else address.host.rpartition(".")[2]
            for address in (datagram.src, datagram.dst)]  # fmt: skip
    said = message.summary
    if not isinstance(message, Request) and message.cseq.method != "INVITE":
        said += f" ({message.cseq.method})"
    return f"{ends[0]} -> {ends[1]}: {said}"
