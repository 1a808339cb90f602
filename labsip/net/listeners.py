"""Listening for connections, and accepting them a few at a time."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from labsip.net.address import bound, open_tcp
from labsip.sip.transport import Address

BACKLOG = 512
"""Connections the system keeps until they are accepted."""
ACCEPTED = 16
"""Those that are accepted in one turn of the loop, before calls and other sockets get theirs."""
PAUSE = 1.0
"""Seconds without accepting, when the system refused to."""

Accept = Callable[[], tuple[socket.socket, tuple[str, int]]]


class Listeners:
    """The addresses where somebody may connect.

    spared: calls a function that needs a descriptor, and makes sure there is one. welcome: takes in a connection, with
    its other end's address and ours. note: takes something to note. turned: hears that a turn is over.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        spared: Callable[[Accept], tuple[socket.socket, tuple[str, int]]],
        welcome: Callable[[socket.socket, Address, Address], None],
        note: Callable[[str], None],
        turned: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._spared = spared
        self._welcome = welcome
        self._note = note
        self._turned = turned
        self.sockets: dict[Address, socket.socket] = {}
        self._served: set[Address] = set()

    def open(self, address: Address) -> Address:
        """Take an address; port 0 lets the system choose. Raises LabError."""
        sock = open_tcp(address, BACKLOG)
        listening = bound(sock, address.proto)
        self.sockets[listening] = sock
        return listening

    def listen(self, address: Address) -> None:
        """From now on connections are accepted there."""
        self._served.add(address)
        self._loop.add_reader(self.sockets[address], self._accept, address)

    def shut(self, address: Address) -> None:
        """Give an address back."""
        sock = self.sockets.pop(address)
        self._loop.remove_reader(sock)
        sock.close()
        self._served.discard(address)

    def serves(self, address: Address) -> bool:
        """Whether a node of this network has that address."""
        return address in self._served

    def reserves(self, address: Address) -> bool:
        """Whether it is open and nobody's yet: the system would accept a connection, and nobody read it."""
        return address in self.sockets and address not in self._served

    def _accept(self, address: Address) -> None:
        listening = self.sockets[address]
        for n in range(ACCEPTED):
            try:  # only the first is known to be there: for the others nobody has to give up anything
                sock, peer = listening.accept() if n else self._spared(listening.accept)
            except (BlockingIOError, ConnectionError):
                break  # there are no more, or one went away before its turn
            except OSError as error:
                if not n:
                    self._pause(address, error)
                break
            self._welcome(sock, Address(peer[0], peer[1], address.proto), address)
        self._turned()

    def _pause(self, address: Address, error: OSError) -> None:
        """No descriptor is left, for example: the loop would report the same connection again at once."""
        self._note(f"{address.with_proto} could not accept a connection: {error.strerror}")
        self._loop.remove_reader(self.sockets[address])
        self._loop.call_later(PAUSE, self._resume, address)

    def _resume(self, address: Address) -> None:
        if address in self._served:
            self.listen(address)
