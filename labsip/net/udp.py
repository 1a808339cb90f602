"""Datagrams on real sockets, so that phones outside the notebook are served too.

One rule makes every run the same: what has arrived is handled before any timer fires, and messages between nodes are
handled in the order in which they were sent. So a machine that stalls causes no retransmissions inside a lab.
"""

from __future__ import annotations

import errno
import socket
from math import inf

from labsip.net.address import bound, open_udp
from labsip.net.carrier import GRACE, Ends, Enter
from labsip.net.listeners import PAUSE
from labsip.net.transit import Flights
from labsip.sip.transport import Address, Datagram

BATCH = 64
"""Datagrams handled in one turn of the loop, before calls and other sockets get theirs."""
PATIENT = 1000
"""Datagrams a timer waits for at most."""
FAULTS = 8
"""Errors of a socket in one turn after which it is left alone for a while."""


class Datagrams:
    """The carrier of UDP."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self.flights = Flights(ends.lose)
        self.sockets: dict[Address, socket.socket] = {}
        """By the address they are open on."""
        self._paused: set[Address] = set()
        # recvfrom allocates 64 KiB each time and returns what it did not need, which leaves memory in pieces
        self._room = memoryview(bytearray(65535))

    @property
    def due(self) -> float:
        """Until when timers wait for the oldest datagram in flight."""
        return self.flights.oldest.t + GRACE if self.flights else inf

    @property
    def quiet(self) -> bool:
        """Whether nothing is in flight between nodes here."""
        return not self.flights

    @property
    def held(self) -> dict[str, int]:
        """Datagrams in flight between nodes here."""
        return {"datagrams": len(self.flights)}

    # --- addresses --------------------------------------------------------------------------------------------

    def open(self, address: Address) -> Address:
        """Take an address; port 0 lets the system choose. Raises LabError."""
        sock = open_udp(address)
        address = bound(sock)
        self.sockets[address] = sock
        return address

    def listen(self, address: Address) -> None:
        """From now on what comes there is read."""
        sock = self.sockets[address]
        self._ends.loop.add_reader(sock, self._readable, address, sock)

    def shut(self, address: Address) -> None:
        """Give an address back."""
        sock = self.sockets.pop(address)
        self._ends.loop.remove_reader(sock)
        sock.close()
        self.flights.cut(address)

    # --- datagrams in -----------------------------------------------------------------------------------------

    def drain(self) -> bool:
        """Handle all that has arrived, `PATIENT` datagrams a socket at most; False as `_pump` says it."""
        here = True
        for address, sock in self.sockets.items():
            if self._ends.served(address):
                here = self._pump(address, sock, PATIENT) and here
        return here

    def _readable(self, address: Address, sock: socket.socket) -> None:
        """The loop saw that something came to this socket."""
        self._pump(address, sock, BATCH)
        self._ends.turned()

    def _pump(self, address: Address, sock: socket.socket, limit: int) -> bool:
        """Handle up to `limit` datagrams: those in flight in their order, else what came to this socket.

        False if the oldest in flight is not here yet.
        """
        flights = self.flights
        faults = 0
        for _ in range(limit):
            first = flights.oldest if flights else None
            dst = first.datagram.dst if first else address
            try:
                size, sender = (self.sockets[dst] if first else sock).recvfrom_into(self._room)
            except BlockingIOError:
                if first is None:
                    return True
                if self._ends.now() - first.t < GRACE:
                    return False
                flights.give_up()
            except OSError as error:  # from ICMP, about something sent earlier, unless there is no end to them
                faults += 1
                if faults == FAULTS:
                    self._pause(dst, error)
                    if first is not None:
                        flights.give_up()
                    return True
            else:
                self._arrived(bytes(self._room[:size]), Address(sender[0], sender[1]), dst)
        return True

    def _pause(self, address: Address, error: OSError) -> None:
        """Its socket does nothing but fail: the loop would report that again at once."""
        if address not in self._paused:
            self._paused.add(address)
            self._ends.note(f"{address.with_proto} could not read: {error.strerror}")
            self._ends.loop.remove_reader(self.sockets[address])
            self._ends.loop.call_later(PAUSE, self._resume, address)

    def _resume(self, address: Address) -> None:
        self._paused.discard(address)
        if self._ends.served(address):
            self.listen(address)

    def _arrived(self, data: bytes, src: Address, dst: Address) -> None:
        flight = self.flights.land(data, src, dst) if self.flights else None
        row = flight.row if flight else None
        self._ends.came(Datagram(data, src, dst), row, flight is not None)

    # --- datagrams out ----------------------------------------------------------------------------------------

    def send(self, datagram: Datagram, enter: Enter) -> None:
        """Send a datagram. Raises OSError."""
        lost = not self._put(datagram) or self._ends.gone(datagram.dst)
        row = enter(lost)
        if not lost and self._ends.served(datagram.dst):
            self.flights.begin(datagram, row, self._ends.now())

    def _put(self, datagram: Datagram) -> bool:
        """Hand it to the system; False if that has no room for it, as a router may have none. Raises OSError."""
        sock = self.sockets[datagram.src]
        try:
            socket.inet_pton(sock.family, datagram.dst.host)  # a host name would be looked up, and all would wait
            sock.sendto(datagram.data, datagram.dst[:2])
        except BlockingIOError:
            return False
        except (OverflowError, ValueError) as error:
            raise OSError(errno.EINVAL, str(error)) from error
        return True
