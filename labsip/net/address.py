"""Opening an address on this machine, and what can be in the way, said so that it can be mended."""

from __future__ import annotations

import errno
import socket
from ipaddress import ip_address

from labsip.sip.errors import LabError
from labsip.sip.transport import Address

BUFFER = 1 << 20
"""Bytes asked for a socket's receive buffer; the system may give less."""


class PortInUse(LabError):
    """Somebody has this address already."""


class NoSuchAddress(LabError):
    """This machine has no such address."""


def open_udp(address: Address) -> socket.socket:
    """A non-blocking UDP socket on this address; port 0 lets the system choose. Raises LabError."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address[:2])  # without SO_REUSEADDR: whoever comes second must be told
    except (OSError, OverflowError) as error:
        sock.close()
        raise why_not(address, error) from None
    return sock


def bound(sock: socket.socket, proto: str = "udp") -> Address:
    """Where a socket is."""
    host, port, *_ = sock.getsockname()
    return Address(host, port, proto)


def open_tcp(address: Address, backlog: int) -> socket.socket:
    """A non-blocking TCP socket that listens on this address; port 0 lets the system choose. Raises LabError."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        # connections of before that linger are no reason to refuse; who listens there still is one
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address[:2])
        sock.listen(backlog)
    except (OSError, OverflowError) as error:
        sock.close()
        raise why_not(address, error) from None
    return sock


def why_not(address: Address, error: OSError | OverflowError) -> LabError:
    """Why an address could not be opened, and what to do."""
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return PortInUse(f"{address} is in use by another program; end that one, or choose another port")
    if number == errno.EADDRNOTAVAIL:
        return NoSuchAddress(f"{address.host} is no address of this machine; 127.0.0.1 is one on every machine")
    if number == errno.EACCES:
        return LabError(f"port {address.port} is kept for the system; choose one above 1023")
    return LabError(f"{address} can't be opened: {error}")


def exposure(address: Address) -> str:
    """What it means to listen there, in words for a warning; "" on the loopback, which only this machine reaches.

    Raises LabError if the host is not an IP address.
    """
    try:
        host = ip_address(address.host)
    except ValueError:
        raise LabError(f"{address.host!r} is no IP address; write one, for example 127.0.0.1") from None
    if host.is_loopback:
        return ""
    return f"{address} is open to other machines: whoever reaches this one can register here and call through it"
