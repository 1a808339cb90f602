"""The connections of a network, over TCP, TLS or WebSocket: listening, connecting, reading and sending.

A message goes out on the connection its receiver called us by, or on the one we called it by before, or on a new one
(RFC 3261 §18.1.1, §18.2.2).
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from math import inf
from ssl import SSLError
from typing import TypeVar

from labsip.net.address import connect_tcp, tune
from labsip.net.carrier import GRACE, Ends, Enter
from labsip.net.connection import READ, Connection, Outgoing
from labsip.net.connections import HANDSHAKE, LEAST, Connections, Directory, Turns
from labsip.net.listeners import Listeners
from labsip.proxy.shares import source_of
from labsip.sip.errors import LabError
from labsip.sip.framing import PING, PONG, refusal
from labsip.sip.transport import Address, Datagram

T = TypeVar("T")

BREATH = 0.05
"""Seconds that connections whose time is over still have after a late look at the clock."""


class Streams:
    """The carrier of all transports that have connections. They share its room, and it lives in the loop's thread."""

    def __init__(self, ends: Ends) -> None:
        self._loop = ends.loop
        self._ends = ends
        self._limits = ends.limits
        self._tls = ends.tls
        self.listeners = Listeners(
            ends.loop, spared=self._spared, welcome=self._welcome, note=ends.note, turned=ends.turned
        )
        self.directory = Directory()
        self.connections = Connections(ends.limits)
        self._turns = Turns(ends.loop)
        self._sweeping = False
        self._room = memoryview(bytearray(READ))  # as in `udp`: memory stays in one piece

    def __len__(self) -> int:
        return len(self.connections)

    @property
    def due(self) -> float:
        """Until when timers wait for the oldest message on its way between nodes here."""
        oldest = self.oldest
        due = inf if oldest is None else oldest + GRACE
        return due if due > self._ends.now() else inf

    @property
    def quiet(self) -> bool:
        """Whether no message is on its way between nodes here."""
        return self.oldest is None

    @property
    def held(self) -> dict[str, int]:
        """Connections that are open."""
        return {"connections": len(self)}

    def drain(self) -> bool:
        """Nothing to do: the loop reads them in turn. False while a message between nodes is worth waiting for."""
        return self.due == inf

    @property
    def oldest(self) -> float | None:
        """When the first of the messages on their way between nodes here was sent; None if none is."""
        ends = [end for c in self.connections.inside for end in (c, c.twin) if end is not None and end.unread]
        return min((end.unread[0].t for end in ends), default=None)

    # --- addresses ----------------------------------------------------------------------------------------------

    def open(self, address: Address) -> Address:
        """Take an address; port 0 lets the system choose. Raises LabError."""
        if address.transport.secure and self._tls is None:
            raise LabError(f"{address.with_proto} needs a certificate and its key")
        return self.listeners.open(address)

    def listen(self, address: Address) -> None:
        """From now on connections are accepted there."""
        self.listeners.listen(address)

    def shut(self, address: Address) -> None:
        """Give an address back, and end its connections."""
        self.listeners.shut(address)
        for connection in [c for c in self.connections if c.ours == address]:
            self._end(connection, _error(errno.ECONNABORTED))

    # --- messages out -------------------------------------------------------------------------------------------

    def send(self, datagram: Datagram, enter: Enter) -> None:
        """Send a message, on a new connection if there is none. Raises OSError if that fails at once."""
        row = enter(False)
        try:
            self._send(datagram, row)
        except OSError:
            self._ends.lose(row)
            raise

    def _send(self, datagram: Datagram, row: int | None) -> None:
        way = datagram.src, datagram.dst
        connection = self.directory.find(*way)
        if connection is not None and connection.gone:
            self._end(connection, _error(errno.ECONNRESET))
            connection = None
        connection = connection or self._connect(*way)
        data = connection.framing.wrap(datagram.data)
        if connection.queued + len(data) > self._limits.queued:
            raise self._end(connection, OSError(errno.ENOBUFS, f"{connection.queued} bytes wait there already"))
        out = Outgoing(data, datagram, row, self._ends.now())
        try:
            connection.put(out, out.t)
        except OSError as error:
            connection.queue.pop()  # the caller knows of this one
            raise self._end(connection, error) from None
        if connection in self.connections.inside:
            connection.unread.append(out)
        if datagram.closes:
            self._finish(connection, out.t)
        self._watch(connection)
        self._weigh(connection, out.t)

    def _finish(self, connection: Connection, now: float) -> None:
        """Send what waits, and nothing more."""
        self.directory.leave(connection)
        connection.end_soon(now)
        connection.flush(now)

    def _connect(self, ours: Address, theirs: Address) -> Connection:
        if not ours.transport.dials:
            raise OSError(errno.ENOTCONN, f"{theirs} has no connection, and over {ours.proto} nobody is called")
        inside = self.listeners.serves(theirs)
        if self.listeners.reserves(theirs):
            raise _error(errno.ECONNREFUSED)
        sock = self._spared(lambda: connect_tcp(ours, theirs))
        try:
            if not inside:  # no other has to end for one that fails at once
                self._make_room(theirs, outward=True)
        except OSError:
            sock.close()
            raise
        secure = self._tls.calling(theirs.host) if self._tls is not None and ours.transport.secure else None
        connection = Connection(sock, ours, theirs, self._ends.now(), secure, connected=False)
        self._add(connection, inside=inside)
        return connection

    # --- connections --------------------------------------------------------------------------------------------

    def _welcome(self, sock: socket.socket, theirs: Address, ours: Address) -> None:
        """Take in whoever has connected to us, if there is room."""
        sock.setblocking(False)
        secure = self._tls.accepted if self._tls is not None and ours.transport.secure else None
        try:
            http = self._ends.http(ours)
            connection = Connection(sock, ours, theirs, self._ends.now(), secure, connected=True, http=http)
            local, remote = connection.key
            before = self.connections.between(local, remote)
            if before is not None:  # reset, and made again before anybody looked
                self._end_later(before, _error(errno.ECONNRESET))
            twin = self.connections.between(remote, local)
            if twin is None:
                self._make_room(theirs)
        except OSError as error:
            self._ends.note(f"{ours.with_proto} refused a connection of {theirs.host}: {error.strerror}")
            sock.close()
            return
        if twin is not None:
            connection.twin, twin.twin = twin, connection
            connection.theirs = twin.ours
        self._add(connection, inside=twin is not None)
        self._watch(connection)

    def _add(self, connection: Connection, *, inside: bool) -> None:
        tune(connection.sock, self._limits.leave)
        self.connections.add(connection, inside=inside)
        self.directory.add(connection)
        if not self._sweeping:
            self._sweep_later()

    # --- room ---------------------------------------------------------------------------------------------------

    def _make_room(self, theirs: Address, *, outward: bool = False) -> None:
        """Room for one more connection with that address; another may have to end for it. Raises OSError."""
        source = source_of(theirs.host)
        idle = self.connections.make_room(source, self._ends.now(), outward=outward)
        slow = self.connections.given_up() if outward else None
        if slow is not None:
            self._displace(slow, "it has not answered yet, and others are to be called")
        elif idle is not None:
            self._displace(idle, f"{source} needs one, and {idle.source} has most")

    def _spared(self, take: Callable[[], T]) -> T:
        """What `take` returns, which needs a descriptor; if none is left, the source that holds most gives one back."""
        try:
            return take()
        except OSError as error:
            idle = self.connections.idlest(LEAST) if error.errno in (errno.EMFILE, errno.ENFILE) else None
            if idle is None:
                raise
            self._displace(idle, "no descriptor is left")
            return take()

    def _weigh(self, connection: Connection, now: float) -> None:
        """See whether too much waits in it, or in all of them together."""
        greatest = self.connections.weigh(connection, now)
        if greatest is not None:
            self._displace(greatest, f"{greatest.weight} bytes wait there, and too many in all")

    def _displace(self, connection: Connection, why: str) -> None:
        """End it so that others have room."""
        self._ends.note(f"the connection with {connection.theirs} ends: {why}")
        self._end_later(connection, OSError(errno.ENOBUFS, why))

    def _end_later(self, connection: Connection, error: OSError) -> None:
        """Close it now, and tell the senders of what was lost later: a node may be in its turn just now."""
        self._loop.call_soon(self._lose, self._close(connection), error)

    def _lose(self, lost: list[Outgoing], error: OSError) -> None:
        self._fail(lost, error)
        self._ends.turned()

    def _fail(self, lost: list[Outgoing], error: OSError) -> None:
        for out in lost:
            if out.datagram is not None:
                self._ends.failed(out.datagram, out.row, error)

    # --- what the loop sees -------------------------------------------------------------------------------------

    def _watch(self, connection: Connection) -> None:
        """Have the loop call `_ready` when it can go on."""
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
        if not self._turns.has(connection):
            return
        whole: list[bytes] = []
        now = self._ends.now()
        try:
            if not connection.open:
                self._turns.took(connection, HANDSHAKE)
                self._establish(connection)
            connection.flush(now)
            whole = connection.read(self._room, now)
        except OSError as error:
            self._end(connection, error)
        self._turns.took(connection, len(whole))
        self._take(connection, whole)
        if connection in self.connections:
            connection.acknowledge()
            self._weigh(connection, now)
        self._ends.turned()

    def _establish(self, connection: Connection) -> None:
        try:
            connection.establish()
        except SSLError as error:
            self._ends.note(f"no TLS with {connection.theirs}: {error.strerror or error}")
            raise

    def _take(self, connection: Connection, whole: list[bytes]) -> None:
        if answers := connection.framing.answers():
            self._say(connection, answers)
        twin, pings = connection.twin, whole.count(PING)
        for data in whole:
            if data == PING:
                continue
            inside = twin is not None and bool(twin.unread)
            row = twin.unread.popleft().row if twin is not None and inside else None
            if connection in self.connections:  # the message before may have ended it
                self.directory.heard(connection, data)
            self._ends.came(Datagram(data, connection.theirs, connection.ours), row, inside)
        if connection not in self.connections:
            return
        fault, answer = connection.framing.fault, b""
        if connection.framing.ended and connection.ended_at is None:
            self.directory.leave(connection)
            connection.end_soon(self._ends.now())
        if fault is not None and connection.ended_at is None:
            self._ends.note(
                f"{connection.theirs} sent over {connection.ours.proto}: {fault.reason}; its connection ends"
            )
            self.directory.leave(connection)
            connection.end_soon(self._ends.now())
            answer = refusal(connection.framing.refused, fault) or b""
        # a peer that takes nothing gets no answers to keepalives either: each of two bytes would take a hundred here
        pongs = b"" if connection.queue or connection.ended_at is not None else PONG * pings
        self._say(connection, (connection.framing.wrap(pongs) if pongs else b"") + answer)

    def _say(self, connection: Connection, data: bytes) -> None:
        """Send bytes that are no node's, if there is room for them."""
        now = self._ends.now()
        try:
            if data and connection.queued + len(data) <= self._limits.queued:
                connection.put(Outgoing(data, t=now), now)
            connection.flush(now)
        except OSError as error:
            self._end(connection, error)
        else:
            self._watch(connection)

    def _end(self, connection: Connection, error: OSError) -> OSError:
        """Close it, and tell the senders of what was lost; returns the error."""
        self._fail(self._close(connection), error)
        return error

    def _close(self, connection: Connection) -> list[Outgoing]:
        """Close it, unless that has been done; returns what nobody will read."""
        if connection not in self.connections:
            return []
        self.connections.remove(connection)
        self.directory.leave(connection)
        self._loop.remove_reader(connection.fd)
        self._loop.remove_writer(connection.fd)
        connection.close()
        return self.connections.lost_with(connection)

    def _sweep_later(self) -> None:
        self._sweeping = len(self) > 0
        if self._sweeping:
            every = min(1.0, self._limits.whole / 4, self._limits.idle / 4, self._limits.leave / 4)
            self._loop.call_later(every, self._sweep, self._ends.now() + 2 * every)

    def _sweep(self, late: float) -> None:
        """End the connections whose time is over; if we are late, not before what came meanwhile has been read."""
        if self._ends.now() > late:  # the machine slept, or something held the loop up
            self._loop.call_later(BREATH, self._sweep, inf)
            return
        for connection in self.connections:
            why = connection.overdue(self._limits, self._ends.now())
            if why:
                self._end(connection, OSError(errno.ETIMEDOUT, why))
        self._sweep_later()
        self._ends.turned()


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
