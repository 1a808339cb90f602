"""A wire for the tests of one room: datagrams arrive at once, timers run in virtual time, losses are asked for."""

from __future__ import annotations

from collections import deque
from random import Random
from typing import Any

from labsip.phone import Softphone
from labsip.proxy.receive import Proxy
from labsip.sip.message import Message, Response, parse_message
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
        nodes, end = list(dict.fromkeys(self.nodes.values())), self.now + seconds
        while due := [when for node in nodes if (when := node.next_wake()) is not None and when < end]:
            self.now = max(self.now, min(due))
            for node in nodes:
                self._deliver(node.wake(self.now))
        self.now = end

    def _deliver(self, datagrams: list[Datagram]) -> None:
        self._queue += datagrams
        while self._queue:
            datagram = self._queue.popleft()
            message = parse_message(datagram.data)
            self.passed.append((self.now, datagram, message))
            arrow = _arrow(datagram, message)
            if arrow in self._losses:
                self._losses.remove(arrow)
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
    said = message.summary
    if isinstance(message, Response) and message.cseq.method != "INVITE":
        said += f" ({message.cseq.method})"
    return f"{_end(datagram.src)} -> {_end(datagram.dst)}: {said}"


def _end(address: Address) -> str:
    return "P" if address == PROXY else address.host.rpartition(".")[2]
