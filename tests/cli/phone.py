"""A phone for tests from outside: it sends what it is told, and waits for what comes."""

from __future__ import annotations

import socket
import ssl
from collections import deque
from itertools import count
from typing import Self

from labsip.sip.build import build_request
from labsip.sip.framing import Framing
from labsip.sip.message import Message, parse_message
from labsip.sip.transport import Address
from labsip.sip.uri import SipUri
from tests.processes import PATIENCE, free_address


class Socket:
    """A phone reduced to its socket."""

    def __init__(self, user: str, proxy: Address) -> None:
        self.user = user
        family = socket.AF_INET6 if ":" in proxy.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM if proxy.reliable else socket.SOCK_DGRAM)
        self._socket.settimeout(PATIENCE)
        self._socket.bind(free_address(proxy.host)[:2])
        self._socket.connect(proxy[:2])
        if proxy.proto == "tls":
            self._socket = ssl._create_unverified_context().wrap_socket(self._socket)
        self.at = Address(*self._socket.getsockname()[:2], proxy.proto)
        """Its address."""
        self._ids = count(1)
        self._framing, self._whole = Framing(), deque[bytes]()
        self._heard: set[bytes] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send these bytes."""
        self._socket.send(data)

    def ask(self, method: str, uri: str = "sip:lab.example", *headers: tuple[str, str], to: str = "") -> None:
        """Send a request; it is `to` whom it is sent, unless that is said."""
        number = next(self._ids)
        lines = [
            ("Via", f"SIP/2.0/{self.at.proto.upper()} {self.at};branch=z9hG4bK{self.user}{number};rport"),
            ("From", f"<sip:{self.user}@lab.example>;tag={self.user}"),
            ("To", to or f"<{uri}>"),
            ("Call-ID", f"{self.user}-{number}"),
            ("CSeq", f"{number} {method}"),
            ("Contact", f"<{SipUri.of(self.user, self.at)}>"),
            ("Max-Forwards", "70"),
            *headers,
        ]
        self.send(build_request(method, uri, lines).raw)

    def hear(self) -> Message:
        """The next message that comes; one heard before was repeated because this machine is slow."""
        while not self._whole:
            data = self._socket.recv(65535)
            assert data, "the connection has ended"
            came = self._framing.feed(data) if self.at.reliable else [data]
            self._whole += [raw for raw in came if raw not in self._heard]
            self._heard.update(came)
        return parse_message(self._whole.popleft())

    def register(self, expires: int = 600) -> Message:
        """Send a REGISTER; the response to it."""
        self.ask("REGISTER", "sip:lab.example", ("Expires", str(expires)), to=f"<sip:{self.user}@lab.example>")
        return self.hear()

    def answer(self, method: str, uri: str = "sip:lab.example") -> str:
        """Send a request; the response to it, in words."""
        self.ask(method, uri)
        return self.hear().summary
