"""Connections in tests: nodes that speak TCP, and programs outside at the other end."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from labsip.net.network import Network
from labsip.sip.build import build_request
from labsip.sip.framing import PING, PONG, Framing
from labsip.sip.transport import Address
from tests.net.nodes import Talker

ANY = Address("127.0.0.1", 0, "tcp")
PATIENCE = 30.0


def text(body: str) -> str:
    """A message that says this."""
    lines = [("Via", "SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1"), ("From", "<sip:a@b>;tag=1"), ("To", "<sip:c@d>")]
    return str(build_request("MESSAGE", "sip:c@d", [*lines, ("Call-ID", "1"), ("CSeq", "1 MESSAGE")], body.encode()))


def aliased(body: str, via: str) -> str:
    """A message whose sender wants what goes to the address in its Via over this connection."""
    return text(body).replace("TCP 127.0.0.1;", f"TCP {via};alias;")


def said(node: Talker) -> list[str]:
    """What a node heard, without the headers."""
    return [message.partition("\r\n\r\n")[2] for message in node.heard]


def attached(network: Network, name: str, *, at: Address = ANY, echo: bool = False) -> Talker:
    """A node that speaks TCP; with `echo` it answers `re ...`, which it never answers itself."""

    def answer(message: str) -> str | None:
        body = message.partition("\r\n\r\n")[2]
        return text(f"re {body}") if echo and not body.startswith("re ") else None

    node = Talker(network.reserve(at), answer=answer)
    network.attach(node, name)
    return node


def seen(network: Network) -> list[tuple[str, str, str, str, bool]]:
    """Each row of the trace: from, to, transport, body, lost."""
    name = network.trace.names.get
    return [
        (name(p.src, "outside"), name(p.dst, "outside"), p.proto, p.raw.decode().partition("\r\n\r\n")[2], p.lost)
        for p in network.trace.datagrams
    ]


class Client:
    """A program outside, at one end of a connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(PATIENCE)
        self._framing = Framing()
        self._heard: list[bytes] = []

    def send(self, *messages: str) -> None:
        self.sock.sendall("".join(messages).encode())

    def hear(self) -> str:
        """Body of the next message; "" at the end of the connection."""
        while not self._heard:
            data = self.sock.recv(65536)
            if not data:
                return ""
            self._heard += self._framing.feed(data)
        return self._heard.pop(0).decode().partition("\r\n\r\n")[2]

    def reset(self) -> None:
        """End it as a program does that crashed: nothing more is read or sent."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def alive(self) -> bool:
        """Whether a keepalive is answered."""
        try:
            self.sock.sendall(PING)
            return self.sock.recv(len(PONG)) == PONG
        except ConnectionError:
            return False

    def ended(self) -> bool:
        """Wait until the other end closes it."""
        try:
            while self.sock.recv(65536):
                pass
        except ConnectionError:
            pass
        return True


@contextmanager
def calling(node: Talker, *, buffer: int = 0, host: str = "", port: int = 0) -> Iterator[Client]:
    """A connection to a node, from an address of our choice."""
    at = node.addresses[0]
    with socket.socket(socket.AF_INET6 if ":" in at.host else socket.AF_INET) as sock:
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        if host:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
        sock.settimeout(PATIENCE)
        sock.connect(at[:2])
        yield Client(sock)
