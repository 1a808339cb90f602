"""One connection of a stream transport: its bytes become messages, messages become its bytes. It never blocks."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from labsip.net.address import bound
from labsip.net.tls import Secure, say_goodbye
from labsip.proxy.shares import source_of
from labsip.sip.errors import BadMessage
from labsip.sip.framing import Framing
from labsip.sip.transport import Address, Datagram

NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
"""Raised by a socket that would have to wait."""
READ = 16_384
"""Bytes read at once: what a TLS record has at most, so that none is left where the loop doesn't see it."""
QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Linux has it."""


class Framed(Protocol):
    """How messages stand in the bytes of a connection; `sip.framing.Framing` and `net.websocket.WebSocket` are two."""

    fault: BadMessage | None
    """Why nothing more can be read."""
    refused: bytes
    """The head of a request that was the fault, to be answered."""
    ended: bool
    """Whether the other end said that nothing more comes."""

    @property
    def begun(self) -> bool:
        """Whether part of a message is there, and the rest is not."""

    @property
    def held(self) -> int:
        """Bytes of it that are there."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes; returns what is whole now, in order: messages, and PING for each one."""

    def answers(self) -> bytes:
        """What the framing itself has to send now, before any message."""

    def wrap(self, data: bytes) -> bytes:
        """A message as it goes over the connection. Raises OSError if none can any more."""


def websocket() -> Framed:
    """Loaded when somebody connects: a proxy without browsers never needs it."""
    from labsip.net.websocket import WebSocket

    return WebSocket()


FRAMINGS: dict[str, Callable[[], Framed]] = {"ws": websocket, "wss": websocket}
"""The framing of a transport; on any other, messages stand bare, and Content-Length divides them."""


def framing_of(proto: str, *, http: bool) -> Framed:
    """The framing of a new connection; http: where messages stand bare, requests of HTTP may be among them."""
    make = FRAMINGS.get(proto)
    return Framing(http=http) if make is None else make()


@dataclass(frozen=True)
class Limits:
    """How much of a network connections may take. Times in seconds, sizes in bytes."""

    connections: int = 2048
    """At once, over all addresses, or as many as the process has descriptors for."""
    idle: float = 600.0
    """Without a byte either way; a phone that wants to be reached sends keepalives (RFC 5626 §3.5.1)."""
    whole: float = 10.0
    """Until it is connected, until whoever connected says something, until a message that began is whole, until the
    other end takes something of what waits for it."""
    leave: float = 32.0
    """Until the other end has taken what was sent to it: 64*T1, after that its transaction is over."""
    queued: int = 1 << 20
    """Waiting for the other end to take it."""
    bytes: int = 1 << 25
    """Over all connections: what waits to be taken, and what is there of messages that are not whole."""


LIMITS = Limits()


class Outgoing(NamedTuple):
    """Bytes that wait, and the datagram they end; None for a keepalive or a refusal."""

    data: bytes
    datagram: Datagram | None = None
    row: int | None = None
    t: float = 0.0
    """When it was sent here."""


class Connection:
    """A connection from `ours`, an address of a node here, to `theirs`.

    A peer that connected to us has the address and port it called from; if it is a node of this network, `theirs` is
    that node's address (what Kamailio does by tcp_reuse_port).
    """

    def __init__(
        self,
        sock: socket.socket,
        ours: Address,
        theirs: Address,
        now: float,
        secure: Secure | None,
        *,
        connected: bool,
        http: bool = False,
    ) -> None:
        self.sock = sock
        self.fd = sock.fileno()
        """Stays the same when TLS makes another socket of it."""
        self.ours = ours
        self.theirs = theirs
        self.source = source_of(theirs.host)
        """Whose share it takes (`proxy.shares`)."""
        self.weight = 0
        """Bytes counted for it in that share."""
        self.key = bound(sock, ours.proto), theirs
        """Its ends as the system knows them, this one first; another may have them as soon as this has ended."""
        self.alias: Address | None = None
        """Another address by which the other end asks to be known (RFC 5923)."""
        self.connected = connected
        self.open = connected and secure is None
        """Ready for messages: connected, and over TLS the handshake is done."""
        self._secure = secure
        self.framing = framing_of(ours.proto, http=http)
        self.queue: deque[Outgoing] = deque()
        self.queued = 0
        """Bytes in the queue."""
        self.twin: Connection | None = None
        """Its other end, if that is in this network too."""
        self.unread: deque[Outgoing] = deque()
        """Sent here, and not read by the twin yet."""
        self.ended_at: float | None = None
        """Since when nothing more is read, and only the rest of the queue is sent; the other end may close it."""
        self.reading = self.writing = False
        """Whether the loop calls when bytes come, and when it takes some."""
        self.since = now
        self.silent = connected
        """Whether somebody has connected to us and said nothing yet."""
        self.heard = self.taken = now
        """When a byte came, and when the other end took one, or something began to wait for that."""
        self.round = -1
        """In which round of its source it was read last (`connections.Turns`)."""
        self.begun: float | None = None
        """When the message began that is not whole yet; None if none has begun."""

    def __repr__(self) -> str:
        return f"<connection {self.ours.with_proto} to {self.theirs}>"

    @property
    def moved(self) -> float:
        """When a byte went either way."""
        return max(self.heard, self.taken)

    @property
    def wants_to_write(self) -> bool:
        """Whether it can go on as soon as the system takes bytes."""
        return bool(self.queue) if self.open else not self.connected

    @property
    def gone(self) -> bool:
        """Whether the other end has closed it, and nobody has noticed yet: what is sent now would be lost."""
        if not self.open:
            return False
        try:
            # a TLS socket does not peek; the end of its connection is read all the same
            return not socket.socket.recv(self.sock, 1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def establish(self) -> None:
        """Go on with connecting; `open` says whether it is done. Raises OSError if it failed."""
        failed = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failed:
            raise OSError(failed, os.strerror(failed))
        self.connected = True
        if self._secure is not None and not isinstance(self.sock, ssl.SSLSocket):
            self.sock = self._secure(self.sock)
        with suppress(*NOT_NOW):
            if isinstance(self.sock, ssl.SSLSocket):
                self.sock.do_handshake()
            self.open = True

    def read(self, room: memoryview, now: float) -> list[bytes]:
        """The messages that are whole now, PING among them; `room`: `READ` bytes to read into, nobody else's meanwhile.

        Raises OSError, also when the other end has closed.
        """
        if not self.open:
            return []
        try:
            size = self.sock.recv_into(room)
        except NOT_NOW:
            return []
        if not size:
            raise OSError(errno.ECONNRESET, "the other end closed the connection")
        whole = self.framing.feed(bytes(room[:size]))
        self.heard = now
        self.silent = False
        if not self.framing.begun:
            self.begun = None
        elif whole or self.begun is None:
            self.begun = now
        return whole

    def acknowledge(self) -> None:
        """Have the system acknowledge now what was read, unless something sent since then has done it already.

        It would wait 40 ms for something to send, and so would the next small message of a peer that obeys Nagle
        (RFC 896). 2: now, but not from now on, when it would acknowledge what is about to be answered, too.
        """
        if QUICKACK is not None and self.taken < self.heard:
            with suppress(OSError):
                self.sock.setsockopt(socket.IPPROTO_TCP, QUICKACK, 2)

    def end_soon(self, now: float) -> None:
        """Send what is in the queue and nothing more; the other end has a while to read it and close."""
        self.ended_at = now

    def put(self, out: Outgoing, now: float) -> None:
        """Send it, behind what waits already; what the system has no room for waits. Raises OSError."""
        if not self.queue:
            self.taken = now
        self.queue.append(out)
        self.queued += len(out.data)
        self.flush(now)

    def flush(self, now: float) -> None:
        """Send of the queue what the system takes. Raises OSError."""
        while self.queue and self.open:
            out = self.queue[0]
            try:
                sent = self.sock.send(out.data)
            except NOT_NOW:
                return
            self.taken = now
            self.queued -= sent
            if sent < len(out.data):
                self.queue[0] = out._replace(data=out.data[sent:])
            else:
                self.queue.popleft()
        if self.ended_at is not None and not self.queue:
            # if it were closed at once, what was just sent could be lost with what has not been read
            say_goodbye(self.sock)
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_WR)

    def overdue(self, limits: Limits, now: float) -> str:
        """Why it must end by now, "" if it need not."""
        whole, begun = limits.whole, self.begun
        if not self.open:
            return f"no connection in {whole:g} s" if now - self.since > whole else ""
        if self.queue and now - self.taken > whole:
            return f"nothing taken in {whole:g} s"
        if self.queue and now - self.queue[0].t > limits.leave:
            return f"too slow: something sent {limits.leave:g} s ago is not taken yet"
        if begun is not None and now - begun > whole:
            return f"a message not whole in {whole:g} s"
        if self.ended_at is not None and now - self.ended_at > whole:
            return f"not closed in {whole:g} s"
        if self.silent and now - self.moved > whole:
            return f"nothing said in {whole:g} s"
        return f"nothing said in {limits.idle:g} s" if now - self.moved > limits.idle else ""

    def close(self) -> None:
        """Close the socket."""
        say_goodbye(self.sock)
        self.sock.close()
