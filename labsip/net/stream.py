"""The connections of a network: TCP and TLS, listening and connecting, on the loop the UDP sockets are on.

A message goes out on the connection its receiver called us by, or on the one we called it by before, or on a new one
(RFC 3261 §18.1.1, §18.2.2).
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ssl import SSLError

from labsip.net.address import bound, open_tcp
from labsip.net.connection import READ, Connection, Limits, Outgoing
from labsip.net.tls import Tls
from labsip.net.way import Ways
from labsip.sip.errors import LabError
from labsip.sip.framing import PING, PONG, refusal
from labsip.sip.transport import Address, Datagram

BACKLOG = 128
"""Connections the system keeps until they are accepted, and accepted in one turn."""
PAUSE = 1.0
"""Seconds without accepting, when the system refused to."""

Way = tuple[Address, Address]
"""Two ends of a connection, ours first."""


@dataclass(frozen=True)
class Ends:
    """What happens to messages: the network's part."""

    now: Callable[[], float]
    came: Callable[[Datagram, int | None, bool], None]
    """A message came; was it sent by a node of this network (the bool), it has its row already."""
    lost: Callable[[Outgoing, OSError], None]
    """What was sent will not be read."""
    told: Callable[[str], None]
    """Something to note in plain words."""
    turned: Callable[[], None]
    """A connection's turn is over."""


class Streams:
    """All stream sockets of one network. It lives in the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: Limits, tls: Tls | None, ends: Ends) -> None:
        self._loop = loop
        self._ends = ends
        self._limits = limits
        self._tls = tls
        self._listening: dict[Address, socket.socket] = {}
        self._served: set[Address] = set()
        self._ways = Ways()
        self._by_socket: dict[Way, Connection] = {}
        """By the addresses the system knows, both of them."""
        self._inside: set[Connection] = set()
        """Those between two nodes of this network."""
        self._sweeping = False
        self._room = memoryview(bytearray(READ))  # as in `udp`: memory stays in one piece

    def __len__(self) -> int:
        return len(self._by_socket)

    @property
    def oldest(self) -> float | None:
        """When the first was sent of the messages on their way between nodes here; None if none is."""
        ends = [end for c in self._inside for end in (c, c.twin) if end is not None and end.unread]
        return min((end.unread[0].t for end in ends), default=None)

    # --- addresses ----------------------------------------------------------------------------------------------

    def open(self, address: Address) -> Address:
        """Take an address; port 0 lets the system choose. Raises LabError."""
        if address.proto == "tls" and self._tls is None:
            raise LabError(f"{address.with_proto} needs a certificate and its key")
        sock = open_tcp(address, BACKLOG)
        listening = bound(sock, address.proto)
        self._listening[listening] = sock
        return listening

    def listen(self, address: Address) -> None:
        """From now on connections are accepted there."""
        self._served.add(address)
        self._loop.add_reader(self._listening[address], self._accept, address)

    def shut(self, address: Address) -> None:
        """Give an address back, and end its connections."""
        sock = self._listening.pop(address)
        self._loop.remove_reader(sock)
        sock.close()
        self._served.discard(address)
        for connection in [c for c in self._by_socket.values() if c.ours == address]:
            self._end(connection, _error(errno.ECONNABORTED))

    # --- messages out -------------------------------------------------------------------------------------------

    def send(self, datagram: Datagram, row: int | None) -> None:
        """Send a message, on a new connection if there is none. Raises OSError if that fails at once."""
        way = datagram.src, datagram.dst
        connection = self._ways.find(*way)
        if connection is not None and connection.gone:
            self._end(connection, _error(errno.ECONNRESET))
            connection = None
        connection = connection or self._connect(*way)
        if connection.queued + len(datagram.data) > self._limits.queued:
            raise self._end(connection, OSError(errno.ENOBUFS, f"{connection.queued} bytes wait there already"))
        out = Outgoing(datagram.data, datagram, row, self._ends.now())
        try:
            connection.put(out, out.t)
        except OSError as error:
            connection.queue.pop()  # the caller knows of this one
            raise self._end(connection, error) from None
        if connection in self._inside:
            connection.unread.append(out)
        self._watch(connection)

    def _connect(self, ours: Address, theirs: Address) -> Connection:
        if len(self) >= self._limits.connections:
            raise OSError(errno.EMFILE, f"{len(self)} connections are open already")
        if theirs in self._listening and theirs not in self._served:
            raise _error(errno.ECONNREFUSED)  # reserved only: the system would accept it, nobody would read it
        family = socket.AF_INET6 if ":" in ours.host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            socket.inet_pton(family, theirs.host)  # a name would be looked up, and everybody would wait
            sock.setblocking(False)
            sock.bind((ours.host, 0))
            with suppress(BlockingIOError):
                sock.connect(theirs[:2])
        except (OSError, OverflowError, ValueError) as error:
            sock.close()
            raise error if isinstance(error, OSError) else OSError(errno.EINVAL, str(error)) from error
        secure = self._tls.calling(theirs.host) if self._tls is not None and ours.proto == "tls" else None
        return self._add(Connection(sock, ours, theirs, self._ends.now(), secure, connected=False))

    # --- connections --------------------------------------------------------------------------------------------

    def _accept(self, address: Address) -> None:
        listening = self._listening[address]
        try:
            for _ in range(BACKLOG):
                sock, peer = listening.accept()
                self._welcome(sock, Address(peer[0], peer[1], address.proto), address)
        except (BlockingIOError, ConnectionError):
            pass  # there are no more; or one went away before its turn
        except OSError as error:
            self._pause(address, error)
        self._ends.turned()

    def _pause(self, address: Address, error: OSError) -> None:
        """No descriptor is left, say: the loop would tell us of the same connection again at once."""
        self._ends.told(f"{address.with_proto} could not accept a connection: {error.strerror}")
        self._loop.remove_reader(self._listening[address])
        self._loop.call_later(PAUSE, self._resume, address)

    def _resume(self, address: Address) -> None:
        if address in self._served:
            self.listen(address)

    def _welcome(self, sock: socket.socket, theirs: Address, ours: Address) -> None:
        if len(self) >= self._limits.connections:
            self._ends.told(f"{ours.with_proto} refused a connection: {len(self)} are open already")
            sock.close()
            return
        sock.setblocking(False)
        secure = self._tls.accepted if self._tls is not None and ours.proto == "tls" else None
        self._watch(self._add(Connection(sock, ours, theirs, self._ends.now(), secure, connected=True)))

    def _add(self, connection: Connection) -> Connection:
        with suppress(OSError):  # where it has ended already, its reader will say so
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        local, remote = connection.key
        twin = self._by_socket.get((remote, local))
        if twin is not None:
            connection.twin, twin.twin = twin, connection
            connection.theirs = twin.ours
        if twin is not None or remote in self._served:
            self._inside.add(connection)
        self._by_socket[connection.key] = connection
        self._ways.add(connection)
        if not self._sweeping:
            self._sweep_later()
        return connection

    def _watch(self, connection: Connection) -> None:
        """Have the loop call when it can go on."""
        if connection.connected and not connection.reading:
            connection.reading = True
            self._loop.add_reader(connection.fd, self._ready, connection)
        if connection.wants_to_write and not connection.writing:
            self._loop.add_writer(connection.fd, self._ready, connection)
        elif connection.writing and not connection.wants_to_write:
            self._loop.remove_writer(connection.fd)
        connection.writing = connection.wants_to_write

    def _ready(self, connection: Connection) -> None:
        """Something came, or the system takes bytes again."""
        whole: list[bytes] = []
        try:
            if not connection.open:
                self._establish(connection)
            connection.flush(self._ends.now())
            whole = connection.read(self._room, self._ends.now())
        except OSError as error:
            self._end(connection, error)
        self._take(connection, whole)
        self._ends.turned()

    def _establish(self, connection: Connection) -> None:
        try:
            connection.establish()
        except SSLError as error:
            self._ends.told(f"no TLS with {connection.theirs}: {error.strerror or error}")
            raise

    def _take(self, connection: Connection, whole: list[bytes]) -> None:
        twin, pings = connection.twin, whole.count(PING)
        for data in whole:
            if data == PING:
                continue
            inside = twin is not None and bool(twin.unread)
            row = twin.unread.popleft().row if twin is not None and inside else None
            self._ways.heard(connection, data)
            self._ends.came(Datagram(data, connection.theirs, connection.ours), row, inside)
        fault, answer = connection.framing.fault, b""
        if fault is not None and not connection.ending:
            self._ends.told(
                f"{connection.theirs} sent over {connection.ours.proto}: {fault.reason}; its connection ends"
            )
            self._ways.leave(connection)
            connection.ending = True
            answer = refusal(connection.framing.refused, fault) or b""
        self._say(connection, PONG * pings + answer)

    def _say(self, connection: Connection, data: bytes) -> None:
        """Send what no node sends, if there is room for it."""
        if connection.key not in self._by_socket:
            return
        try:
            if data and connection.queued + len(data) <= self._limits.queued:
                connection.put(Outgoing(data), self._ends.now())
            connection.flush(self._ends.now())
        except OSError as error:
            self._end(connection, error)
        else:
            self._watch(connection)

    def _end(self, connection: Connection, error: OSError) -> OSError:
        """Close it, and tell who waits for something to be sent; returns the error."""
        if self._by_socket.pop(connection.key, None) is None:
            return error
        self._inside.discard(connection)
        self._ways.leave(connection)
        self._loop.remove_reader(connection.fd)
        self._loop.remove_writer(connection.fd)
        connection.close()
        for out in self._lost_with(connection):
            self._ends.lost(out, error)
        return error

    def _lost_with(self, connection: Connection) -> list[Outgoing]:
        """The messages that nobody will read, for a connection has ended."""
        queued = [out for out in connection.queue if out.datagram is not None]
        twin = connection.twin
        if twin is not None and twin.key in self._by_socket:  # it still reads what has left here
            for _ in queued:
                connection.unread.pop()
            return queued
        if twin is not None:
            return [*connection.unread, *twin.unread]
        return list(connection.unread) or queued

    def _sweep_later(self) -> None:
        self._sweeping = len(self) > 0
        if self._sweeping:
            self._loop.call_later(min(1.0, self._limits.whole / 4, self._limits.idle / 4), self._sweep)

    def _sweep(self) -> None:
        """End the connections whose time is over."""
        for connection in list(self._by_socket.values()):
            why = connection.overdue(self._limits, self._ends.now())
            if why:
                self._end(connection, OSError(errno.ETIMEDOUT, why))
        self._sweep_later()
        self._ends.turned()


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
