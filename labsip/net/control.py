"""Sockets by which a proxy is asked from outside: binrpc for kamcmd, JSON-RPC in datagrams for kamcli.

They live in the network's thread beside the node that answers, and take no part in its traffic. A UNIX socket is its
owner's alone (mode 0600); TCP is opened on loopback only, where every user of the machine may call.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple, Self

from labsip.modules.ctl import CORRUPTED, REQUEST, PacketReader, answer_packet, binrpc
from labsip.modules.ctl.binrpc import Packet
from labsip.modules.jsonrpcs import answer_json
from labsip.net.address import open_tcp, open_unix
from labsip.net.sockets import SocketNet
from labsip.proxy.receive import Proxy
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram

CONNECTIONS = 64
"""At once; whoever calls then is shut out."""
AT_ONCE = 16
"""Datagrams taken in one turn of the loop."""
LARGEST = 1 << 20
"""Bytes of a datagram that is read, and asked for one that is sent; the system may give less."""
USAGE = "write unix:PATH or tcp:127.0.0.1:PORT for kamcmd, jsonrpc:PATH for kamcli"


class ControlAddress(NamedTuple):
    """Where, and in which language: `unix:PATH`, `tcp:127.0.0.1:2046`, `jsonrpc:PATH`."""

    kind: str
    at: str | Address

    def __str__(self) -> str:
        return f"{self.kind}:{self.at}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Also as Kamailio's `binrpc` has it, `unixs:PATH` or a path alone. Raises LabError."""
        kind, colon, rest = text.partition(":")
        if text.startswith("/"):
            kind, rest = "unix", text
        kind = {"unixs": "unix"}.get(kind, kind)
        if kind in ("unix", "jsonrpc") and rest:
            return cls(kind, rest)
        host, colon, port = rest.rpartition(":")
        if kind != "tcp" or not colon or not (port.isascii() and port.isdigit() and int(port) < 65536):
            raise LabError(f"{text!r} is no address to be asked at; {USAGE}")
        host = "127.0.0.1" if host == "localhost" else host.strip("[]")
        try:
            loopback = ip_address(host).is_loopback
        except ValueError:
            raise LabError(f"{host!r} is no address of this machine; {USAGE}") from None
        if not loopback:
            raise LabError(f"{text}: whoever reaches {host} could ask, for binrpc knows no passwords; {USAGE}")
        return cls(kind, Address(host, int(port), "tcp"))


class Control:
    """One such socket. writes: whether commands that change something are answered, too."""

    def __init__(self, net: SocketNet, proxy: Proxy, address: ControlAddress, *, writes: bool) -> None:
        self.address = address
        self.writes = writes
        self._net = net
        self._proxy = proxy
        self._open: set[BinRpcConnection] = set()
        self._socket = self._opened()
        net.ask(self._begin)

    def _opened(self) -> socket.socket:
        """Raises LabError."""
        at = self.address.at
        if isinstance(at, Address):
            return open_tcp(at, CONNECTIONS)
        kind = socket.SOCK_DGRAM if self.address.kind == "jsonrpc" else socket.SOCK_STREAM
        return open_unix(Path(at), kind, CONNECTIONS, LARGEST)

    def _begin(self, _: float) -> None:
        loop = asyncio.get_running_loop()
        if self.address.kind == "jsonrpc":
            loop.add_reader(self._socket, self._take_datagrams)
        else:
            loop.add_reader(self._socket, self._accept, loop)

    def close(self) -> None:
        """Give the socket back, and end its connections."""
        self._net.ask(self._end)
        if not isinstance(self.address.at, Address):
            Path(self.address.at).unlink(missing_ok=True)

    def _end(self, _: float) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        for connection in list(self._open):
            connection.abort()
        self._socket.close()

    def ask(self, act: Callable[[float], Iterable[Datagram]]) -> None:
        """Have the proxy answer in its turn."""
        self._net.tell(self._proxy, act)

    # --- binrpc -------------------------------------------------------------------------------------------------

    def _accept(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            sock, _ = self._socket.accept()
        except OSError:
            return  # it went away, or no descriptor is left
        sock.setblocking(False)
        if len(self._open) >= CONNECTIONS:
            sock.close()
            return
        connection = BinRpcConnection(self)
        self._open.add(connection)
        connection.task = loop.create_task(_connected(loop, connection, sock))

    def gone(self, connection: BinRpcConnection) -> None:
        """It has ended."""
        self._open.discard(connection)

    def answer(self, asked: Packet, now: float) -> tuple[bytes, bool]:
        """What goes back for a packet, and whether the connection goes on."""
        return answer_packet(self._proxy, now, asked, who=str(self.address), writes=self.writes)

    # --- JSON-RPC -----------------------------------------------------------------------------------------------

    def _take_datagrams(self) -> None:
        for _ in range(AT_ONCE):
            try:
                data, sender = self._socket.recvfrom(LARGEST)
            except OSError:
                return  # that was all
            self.ask(partial(self._answer_json, data, sender))

    def _answer_json(self, data: bytes, sender: str | bytes | None, now: float) -> list[Datagram]:
        body = answer_json(self._proxy, now, data, who=str(self.address), writes=self.writes).body
        try:
            if sender:  # somebody without a name of its own waits for no answer
                self._socket.sendto(body, sender)
        except OSError as error:
            self._proxy.trace.note(now, f"{self.address} could not answer {len(body)} bytes: {error.strerror}")
        return []


class BinRpcConnection(asyncio.Protocol):
    """Somebody who speaks binrpc. Requests are answered one by one, the next when the last answer is on its way."""

    task: asyncio.Task[None] | None = None
    _transport: asyncio.Transport | None = None

    def __init__(self, control: Control) -> None:
        self._control = control
        self._reader = PacketReader()
        self._waiting: deque[Packet] = deque()
        self._busy = self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It begins."""
        self._transport = transport  # type: ignore[assignment]  # it is one with both directions

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        """It is over."""
        self._transport = None
        self._waiting.clear()
        self._control.gone(self)

    def data_received(self, data: bytes) -> None:
        """The next bytes."""
        self._waiting += self._reader.feed(data, REQUEST)
        if self._transport is not None and self._waiting:
            self._transport.pause_reading()
        self._go_on()

    def pause_writing(self) -> None:
        """Nobody reads the answers."""
        self._full = True

    def resume_writing(self) -> None:
        """They are read again."""
        self._full = False
        self._go_on()

    def abort(self) -> None:
        """End it at once."""
        if self._transport is not None:
            self._transport.abort()

    def _go_on(self) -> None:
        if self._transport is None or self._busy or self._full:
            return
        if self._waiting:
            self._busy = True
            self._control.ask(self._answer)
        elif self._reader.fault:
            self._transport.write(binrpc.refusal(CORRUPTED, self._reader.cookie))
            self._transport.close()
        else:
            self._transport.resume_reading()

    def _answer(self, now: float) -> list[Datagram]:
        self._busy = False
        if self._transport is not None:
            data, goes_on = self._control.answer(self._waiting.popleft(), now)
            self._transport.write(data)
            if goes_on:
                self._go_on()
            else:
                self._transport.close()
        return []


async def _connected(loop: asyncio.AbstractEventLoop, connection: BinRpcConnection, sock: socket.socket) -> None:
    await loop.connect_accepted_socket(lambda: connection, sock)
