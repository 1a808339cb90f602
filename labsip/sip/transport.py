"""What travels between nodes (RFC 3261 §18): addresses, datagrams, and what a node must be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import NamedTuple, Protocol

from labsip.sip.errors import LabError
from labsip.sip.memo import remembered

DEFAULT_PORT = 5060


@dataclass(frozen=True)
class Transport:
    """What SIP has to know of a transport; its carrier (`net`) knows how bytes travel over it."""

    port: int = DEFAULT_PORT
    """Where it is spoken if nothing else is said (RFC 3261 §19.1.2)."""
    reliable: bool = False
    """Whether what is sent over it arrives, or the sender is told (RFC 3261 §18)."""
    secure: bool = False
    """Whether it is encrypted, and needs a certificate."""
    alias: int = 0
    """Kamailio's number for it in `;alias=host~port~number`; 0: it has none."""
    via: str = ""
    """Its name in a Via (RFC 3261 §20.42)."""
    dials: bool = True
    """Whether we may open a connection; if not, the other end is reached only over the one it made."""
    over_tls: str = "tls"
    """The transport that a sips URI means when it names this one (RFC 3261 §26.2.2)."""


# fmt: off
TRANSPORTS: dict[str, Transport] = {
    "udp": Transport(alias=1, via="UDP"),
    "tcp": Transport(alias=2, via="TCP", reliable=True),
    "tls": Transport(alias=3, via="TLS", reliable=True, secure=True, port=5061),
    "ws":  Transport(alias=5, via="WS",  reliable=True, port=80, dials=False, over_tls="wss"),
    "wss": Transport(alias=6, via="WSS", reliable=True, secure=True, port=443, dials=False, over_tls="wss"),
}
# fmt: on
"""The transports spoken here, by name, as Kamailio's `$proto` spells it."""
UNKNOWN = Transport(reliable=True)
"""A transport that a URI or a Via names and nobody here speaks."""


def transport_of(proto: str) -> Transport:
    """The row of a transport, by its name in small letters."""
    return TRANSPORTS.get(proto, UNKNOWN)


class Address(NamedTuple):
    """Where a socket is. `str` gives host:port, an IPv6 host in brackets."""

    host: str
    port: int = DEFAULT_PORT
    proto: str = "udp"
    """Usually one of TRANSPORTS; a URI or a Via from outside may name any other."""

    def __str__(self) -> str:
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def with_proto(self) -> str:
        """`udp:127.0.0.1:5060`, as kamailio.cfg's listen writes it."""
        return f"{self.proto}:{self}"

    @property
    def sent_by(self) -> str:
        """Host and port as a Via or a URI has them: 5060 is left out where it is the default, as Kamailio does."""
        return bracketed(self.host) if self.port == DEFAULT_PORT == self.transport.port else str(self)

    @property
    def transport(self) -> Transport:
        """The row of its transport."""
        return TRANSPORTS.get(self.proto, UNKNOWN)

    @property
    def reliable(self) -> bool:
        """Whether what is sent from here arrives, or the sender is told (RFC 3261 §18)."""
        return TRANSPORTS.get(self.proto, UNKNOWN).reliable  # asked of each datagram

    @classmethod
    def parse(cls, text: str) -> Address:
        """`host`, `host:port` or `[v6]:port`, maybe with a transport before it, such as `tcp:`.

        Raises LabError on anything else.
        """
        proto, colon, rest = text.partition(":")
        proto, place = (proto.lower(), rest) if colon and proto.lower() in TRANSPORTS else ("udp", text)
        host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
        if not colon:
            host, port = place, str(transport_of(proto).port)
        if not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
            raise LabError(f"{text!r} is no address; write HOST:PORT, for example 127.0.0.1:5060")
        return cls(plain(host), int(port), proto)


class Datagram(NamedTuple):
    """Bytes on their way from one address to another."""

    data: bytes
    src: Address
    dst: Address
    command: int | None = None
    """Row of the command that sent it (`trace.Trace.commands`), None if no route did."""
    closes: bool = False
    """Its connection ends behind it."""


class Node(Protocol):
    """All that has an address. It has no clock and no socket: time is an argument, datagrams are values."""

    addresses: tuple[Address, ...]

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:
        """Take one datagram; return what it sends because of it, in order."""

    def wake(self, now: float) -> list[Datagram]:
        """Do what is due at `now` (seconds); return what it sends."""

    def next_wake(self) -> float | None:
        """When `wake` is due next (seconds), None if nothing is pending."""


def plain(host: str) -> str:
    """A host to compare (RFC 5954): without brackets, an IPv6 address in its canonical spelling (RFC 5952)."""
    return _plain_v6(host) if ":" in host else host.strip("[]")


@remembered(1024)
def _plain_v6(host: str) -> str:
    bare = host.strip("[]")
    try:
        return str(IPv6Address(bare))
    except ValueError:
        return bare.lower()


def bracketed(host: str) -> str:
    """A host as URIs, Vias and addresses spell it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
