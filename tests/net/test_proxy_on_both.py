"""The proxy between two phones of a few lines: on real sockets and in memory the same messages in the same order."""

from __future__ import annotations

from random import Random

from labsip.net.addresses import Addresses
from labsip.net.memory import MemoryNet
from labsip.net.network import Network
from labsip.net.sockets import SocketNet
from labsip.proxy.receive import Proxy
from labsip.sip.build import build_request, build_response
from labsip.sip.message import Request, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy, settings_of

CALL = [
    "108 -> proxy  REGISTER sip:127.0.10.1:5060",
    "proxy -> 108  200 OK",
    "106 -> proxy  INVITE sip:108@127.0.10.1:5060",
    "proxy -> 106  100 trying -- your call is important to us",
    "proxy -> 108  INVITE sip:108@127.0.10.108:5060",
    "108 -> proxy  180 Ringing",
    "proxy -> 106  180 Ringing",
    "108 -> proxy  200 OK",
    "proxy -> 106  200 OK",
    "106 -> proxy  ACK sip:108@127.0.10.1:5060",
    "106 -> proxy  BYE sip:108@127.0.10.1:5060",
    "proxy -> 106  501 Not Implemented",
]


class Telephone:
    """It rings at once and answers 20 ms later; it acknowledges a 200 and hangs up."""

    def __init__(self, user: str, address: Address, proxy: Address) -> None:
        self.user, self.addresses, self.proxy = user, (address,), proxy
        self.ringing: tuple[float, Request, Address] | None = None
        self.heard: list[str] = []

    def request(self, method: str, user: str, number: int = 1) -> list[Datagram]:
        headers = [
            ("Via", f"SIP/2.0/UDP {self.addresses[0]};branch=z9hG4bK{method}{number}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.user}@{self.proxy}>;tag=1"),
            ("To", f"<sip:{user}@{self.proxy}>"),
            ("Call-ID", f"{self.user}-{user}"),
            ("CSeq", f"{number} {method}"),
            ("Contact", f"<sip:{self.user}@{self.addresses[0]}>"),
        ]
        target = f"sip:{self.proxy}" if method == "REGISTER" else f"sip:{user}@{self.proxy}"
        return [Datagram(build_request(method, target, headers).raw, self.addresses[0], self.proxy)]

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:
        message = parse_message(datagram.data)
        self.heard.append(message.summary)
        if isinstance(message, Request):
            if message.method == "INVITE":
                self.ringing = (now + 0.02, message, datagram.src)
                return self.reply(message, datagram.src, 180, "Ringing")
            return [] if message.method == "ACK" else self.reply(message, datagram.src, 200, "OK")
        if message.cseq.method == "INVITE" and message.status == 200:
            return self.request("ACK", "108") + self.request("BYE", "108", 2)
        return []

    def reply(self, request: Request, to: Address, status: int, reason: str) -> list[Datagram]:
        return [Datagram(build_response(request, status, reason, to_tag="2").raw, self.addresses[0], to)]

    def wake(self, now: float) -> list[Datagram]:
        if self.ringing is None or self.ringing[0] > now:
            return []
        (_, request, to), self.ringing = self.ringing, None
        return self.reply(request, to, 200, "OK")

    def next_wake(self) -> float | None:
        return self.ringing[0] if self.ringing else None


def lab(network: Network, **settings: float) -> tuple[Proxy, Telephone, Telephone]:
    place = Addresses(network)
    proxy = build_proxy(
        STEPS["first-call"],
        [place.proxy],
        ids=Random("1/proxy"),
        trace=network.trace,
        settings=settings_of(None, **settings),
    )
    network.attach(proxy, "proxy")
    phones = [Telephone(user, place.phone(user), place.proxy) for user in ("106", "108")]
    for phone in phones:
        network.attach(phone, phone.user)
    return proxy, *phones


def messages(network: Network) -> list[str]:
    """`106 -> proxy  INVITE sip:108@127.0.10.1:5060`, whatever N the lab has in 127.0.N.x."""
    names = network.trace.names
    net = next(address.host for address, name in names.items() if name == "proxy").removesuffix("1")
    lines = [(p, p.raw.split(b"\r\n")[0].decode().replace(net, "127.0.10.")) for p in network.trace.datagrams]
    return [f"{names[p.src]} -> {names[p.dst]}  {line.replace('SIP/2.0', '').strip()}" for p, line in lines]


def a_call(network: Network) -> list[str]:
    _, caller, callee = lab(network)
    network.do(lambda _: callee.request("REGISTER", "108"))
    assert network.settle()
    network.do(lambda _: caller.request("INVITE", "108"))
    assert network.wait(lambda: caller.heard[-1:] == ["501 Not Implemented"], 30)
    assert network.settle(busy=lambda: callee.ringing is not None)
    return messages(network)


def test_a_call_is_the_same_on_both_networks():
    with SocketNet() as udp, MemoryNet() as memory:
        assert a_call(udp) == a_call(memory) == CALL


def a_loop(network: Network) -> list[str]:
    _, caller, _ = lab(network, shm_bytes=100_000)
    network.do(lambda _: caller.request("INVITE", "109"))
    assert network.settle(timeout=30)
    assert any("no memory" in text for _, text in network.trace.notes)
    return messages(network)


def test_a_proxy_that_relays_to_itself_ends_by_its_own_bounds():
    with SocketNet() as udp, MemoryNet() as memory:
        flow = a_loop(udp)
        assert flow == a_loop(memory)
    assert flow.count("proxy -> proxy  INVITE sip:109@127.0.10.1:5060") > 2
