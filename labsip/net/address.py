"""Opening addresses on this machine; where that fails, the error says why, and what to do."""

from __future__ import annotations

import errno
import os
import socket
import stat
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from labsip.sip.errors import LabError
from labsip.sip.transport import Address

BUFFER = 1 << 20
"""Bytes asked for a socket's receive buffer; the system may give less."""

STREAM_BUFFER = 1 << 16
"""Bytes the system may keep of a connection in each direction. It takes twice as much memory; without a bound, buffers
would grow to megabytes for a peer that reads nothing."""
USER_TIMEOUT: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)
"""Linux has it."""


class PortInUse(LabError):
    """Another program or another node has this address."""


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
        sock.bind(address[:2])  # without SO_REUSEADDR: the second to come must be refused
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
        # old connections that linger there are no reason to refuse; another listener is
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, STREAM_BUFFER)  # each connection inherits it
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address[:2])
        sock.listen(backlog)
    except (OSError, OverflowError) as error:
        sock.close()
        raise why_not(address, error) from None
    return sock


def connect_tcp(ours: Address, theirs: Address) -> socket.socket:
    """A non-blocking TCP socket that is about to connect from one host to another. Raises OSError."""
    family = socket.AF_INET6 if ":" in ours.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        socket.inet_pton(family, theirs.host)  # a host name would be looked up, and all would wait
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, STREAM_BUFFER)
        sock.bind((ours.host, 0))
        with suppress(BlockingIOError):
            sock.connect(theirs[:2])
    except (OSError, OverflowError, ValueError) as error:
        sock.close()
        raise error if isinstance(error, OSError) else OSError(errno.EINVAL, str(error)) from error
    return sock


def tune(sock: socket.socket, patience: float) -> None:
    """Have the system send small messages at once, keep no more than it needs, and end a connection whose other end
    has acknowledged nothing of what was sent for `patience` seconds (RFC 5482)."""
    with suppress(OSError):  # if it has ended already, its reader will notice
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, STREAM_BUFFER)
        if USER_TIMEOUT is not None:
            sock.setsockopt(socket.IPPROTO_TCP, USER_TIMEOUT, int(patience * 1000))


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


def open_unix(path: Path, kind: socket.SocketKind, backlog: int, largest: int) -> socket.socket:
    """A non-blocking socket that stands at a path, for its owner alone. Raises LabError.

    One that is left there by a process that is gone makes room. backlog: of a stream; largest: bytes of a datagram.
    """
    _make_room(path, kind)
    sock = socket.socket(socket.AF_UNIX, kind)
    mask = os.umask(0o177)
    try:
        sock.setblocking(False)
        sock.bind(str(path))
        if kind is socket.SOCK_STREAM:
            sock.listen(backlog)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, largest)
    except OSError as error:
        sock.close()
        raise LabError(f"no socket can be made at {path}: {error.strerror or error}") from None
    finally:
        os.umask(mask)
    return sock


def _make_room(path: Path, kind: socket.SocketKind) -> None:
    with suppress(OSError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise LabError(f"{path} is no socket; it is left alone")
        with socket.socket(socket.AF_UNIX, kind) as other:
            other.setblocking(False)
            try:
                other.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()  # nobody listens there any more
                return
            except OSError:
                pass
        raise LabError(f"somebody else is asked at {path} already; end that, or choose another path")
