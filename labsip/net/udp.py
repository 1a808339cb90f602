"""Datagrams on real sockets, so that phones outside the notebook are served too.

One rule makes a run the same each time: what has arrived is handled before any timer fires, and of what nodes send to
each other what was sent first is handled first. So a machine that stalls makes no retransmissions inside a lab.
"""

from __future__ import annotations

import errno
import socket
from typing import Any

from labsip.net.accepting import PAUSE
from labsip.net.address import bound, exposure, open_udp
from labsip.net.sockets import GRACE, SocketNet
from labsip.net.timetable import Due
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram

BATCH = 64
"""Datagrams handled in one turn of the loop, before calls and other sockets get theirs."""
PATIENT = 1000
"""Datagrams a timer waits for at most."""
FAULTS = 8
"""Errors of a socket in one turn after which it is left alone for a while."""


class UdpNet(SocketNet):
    """Nodes on sockets of this machine, served by a thread of their own while cells run or nothing runs.

    Their addresses say whether they speak UDP, TCP or TLS. `limits` and `tls` are for connections (`SocketNet`).
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self._sockets: dict[Address, socket.socket] = {}
        self._paused: set[Address] = set()
        # recvfrom makes 64 KiB each time and gives back what it did not need, which leaves the memory in pieces
        self._room = memoryview(bytearray(65535))
        super().__init__(*args, **options)

    # --- datagrams in -----------------------------------------------------------------------------------------

    def _readable(self, address: Address, sock: socket.socket) -> None:
        """The loop saw that something came to this socket."""
        self._pump(address, sock, BATCH)
        if self._waiters:
            self._look()
        self._set_alarm()

    def _pump(self, address: Address, sock: socket.socket, limit: int) -> bool:
        """Handle up to `limit` datagrams: those in flight in their order, else what came to this socket.

        False if the oldest in flight is not here yet.
        """
        flights = self._flights
        faults = 0
        for _ in range(limit):
            first = flights.oldest if flights else None
            dst = first.datagram.dst if first else address
            try:
                size, sender = (self._sockets[dst] if first else sock).recvfrom_into(self._room)
            except BlockingIOError:
                if first is None:
                    return True
                if self.now - first.t < GRACE:
                    return False
                flights.give_up()
            except OSError as error:  # ICMP's, about something sent earlier; unless there is no end to them
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
        """Its socket says nothing but that it fails: the loop would tell us of that again at once."""
        if address not in self._paused:
            self._paused.add(address)
            self.trace.note(self.now, f"{address.with_proto} could not read: {error.strerror}")
            self._loop.asyncio.remove_reader(self._sockets[address])
            self._loop.asyncio.call_later(PAUSE, self._resume, address)

    def _resume(self, address: Address) -> None:
        self._paused.discard(address)
        if self._ports.get(address) is not None:
            self._listen(address)

    def _arrived(self, data: bytes, src: Address, dst: Address) -> None:
        now = self.now
        datagram = Datagram(data, src, dst)
        flight = self._flights.land(data, src, dst) if self._flights else None
        if flight is not None:
            row = flight.row
        else:  # from outside the lab
            self._gone.discard(src)
            row = self._record(datagram, now)
        party = self._ports[dst]
        if party is not None:
            self._handle(party, datagram, row, now)
        if self._waiters:
            self._look()

    def _drain(self) -> bool:
        """Handle all that has arrived, `PATIENT` datagrams a socket at most; False as `_pump` says it."""
        here = True
        for address, sock in self._sockets.items():
            if self._ports[address] is not None:
                here = self._pump(address, sock, PATIENT) and here
        return here

    # --- datagrams out ----------------------------------------------------------------------------------------

    def _launch(self, datagram: Datagram, delay: float, now: float) -> None:
        if delay:
            self._held.put(now + delay, datagram, self._record(datagram, now))
        elif datagram.src.proto != "udp":
            self._say(datagram, self._record(datagram, now))
        else:
            lost = not self._put(datagram) or datagram.dst in self._gone
            row = self._record(datagram, now, lost=lost)
            if not lost:
                self._expect(datagram, row, now)

    def _depart(self, held: Due, now: float) -> None:
        """A wire lets go of what it held back."""
        datagram, row = held.datagram, held.row
        try:
            if datagram.src in self._ports and datagram.src.proto != "udp":
                self._say(datagram, row)
            elif datagram.src in self._sockets and self._put(datagram) and datagram.dst not in self._gone:
                self._expect(datagram, row, now)
            else:
                self._lose(row)
        except OSError as error:
            self._lose(row)
            self._failed(datagram, error, now)

    def _put(self, datagram: Datagram) -> bool:
        """Hand it to the system; False if that has no room for it, as a router may have none. Raises OSError."""
        sock = self._sockets[datagram.src]
        try:
            socket.inet_pton(sock.family, datagram.dst.host)  # a name would be looked up, and everybody would wait
            sock.sendto(datagram.data, datagram.dst[:2])
        except BlockingIOError:
            return False
        except (OverflowError, ValueError) as error:
            raise OSError(errno.EINVAL, str(error)) from error
        return True

    def _expect(self, datagram: Datagram, row: int | None, now: float) -> None:
        if self._ports.get(datagram.dst) is not None:
            self._flights.begin(datagram, row, now)

    # --- addresses --------------------------------------------------------------------------------------------

    def _open(self, address: Address, public: bool) -> Address:
        if not public and exposure(address):
            raise LabError(f"{exposure(address)}; if you want that, say so: public=True")
        if address.proto != "udp":
            return self._streams.open(address)
        sock = open_udp(address)
        address = bound(sock)
        self._sockets[address] = sock
        return address

    def _listen(self, address: Address) -> None:
        if address.proto != "udp":
            self._streams.listen(address)
            return
        sock = self._sockets[address]
        self._loop.asyncio.add_reader(sock, self._readable, address, sock)

    def _shut(self, address: Address) -> None:
        if address.proto != "udp":
            self._streams.shut(address)
        else:
            sock = self._sockets.pop(address)
            self._loop.asyncio.remove_reader(sock)
            sock.close()
            self._flights.cut(address)
        self._held.cut(address)
