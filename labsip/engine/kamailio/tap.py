"""The socket that a Kamailio mirrors its messages to, and how far it is with them.

A fence is a request without a Via: Kamailio mirrors it and drops it, before any route sees it. With one worker it comes
back when all that came before is dealt with, and all that was sent because of that is on its way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from math import inf

from labsip.engine.kamailio.log_lines import FENCE
from labsip.engine.kamailio.mirror import HepMirror
from labsip.net.address import bound, open_udp
from labsip.net.clock import since_1970
from labsip.net.sockets import SocketNet
from labsip.pcap.hep import BadHep, HepPacket, parse_hep
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram
from labsip.trace import PROXY

REQUEST = f"OPTIONS sip:{FENCE} SIP/2.0\r\nCall-ID: {FENCE}\r\nCSeq: %d OPTIONS\r\n\r\n"
_NUMBER = re.compile(rb"CSeq: (\d{1,9}) ")
AGAIN = 0.5
"""Seconds after which a fence is sent again: the mirror may have lost it."""
PAUSE = 0.002
"""Seconds between two fences."""
SILENCE = 3.0
"""Seconds without an answer after which Kamailio counts as silent."""
LARGEST = 65_535


class Tap:
    """A Kamailio as a party of the network (`net.outsider.Outsider`).

    silent: called when it has not come back to a fence for a while.
    """

    def __init__(self, net: SocketNet, address: Address, mirror: HepMirror, silent: Callable[[], None]) -> None:
        self._silent = silent
        self.address = address
        self._net = net
        self._mirror = mirror
        self._socket = open_udp(Address("127.0.0.1", 0))
        self.mirrors_to = bound(self._socket)
        """Where Kamailio has to mirror to."""
        self._sent = self._back = 0  # fences
        self._sent_at = -inf
        self._waits_since = inf
        self._mark = self._rest = -1  # the trace's next row when the last fence was sent, and when all was at rest
        self.alive = False
        """Whether there is a Kamailio to wait for."""
        net.attend(self._socket.fileno(), self.hear)

    # ---- begin and end, from outside

    def begin(self) -> None:
        """A Kamailio begins: its messages are the proxy's from now on."""
        self._net.ask(lambda _: self._mirror.begin())
        self._back, self._sent_at, self._waits_since = self._sent, -inf, inf
        self._mark = self._rest = -1
        self.alive = True
        self._net.welcome(self, PROXY)

    def end(self) -> None:
        """It has ended."""
        self.alive = False
        self._net.dismiss(self)

    def close(self) -> None:
        """Close the socket."""
        if self._socket.fileno() >= 0:
            with suppress(LabError):
                self._net.leave(self._socket.fileno())
            self._socket.close()

    # ---- where the nodes live

    def row(self, datagram: Datagram, now: float) -> int:
        """The row of a message it sent to somebody here."""
        self.hear()
        return self._mirror.row(datagram, now)

    @property
    def quiet(self) -> bool:
        """Whether it has dealt with everything; if that is not known, a fence is sent to find out."""
        if not self.alive or self._rest == self._net.trace.next_datagram:
            return True
        self.send_fence(AGAIN, PAUSE)
        return False

    def answers(self, every: float) -> bool:
        """Whether it takes messages by now; asked until it does, it is sent a fence every so many seconds."""
        if self._mark >= 0 and self._back == self._sent:
            return True
        self.send_fence(every)
        return False

    def send_fence(self, again: float, pause: float = 0.0) -> None:
        """Send a fence, `pause` seconds after the last came back; one that does not come back is sent `again` then."""
        now = self._net.now
        wait = pause if self._back == self._sent else again
        if now - self._sent_at < wait:
            self._net.look_again(wait)
            return
        self._waits_since = min(self._waits_since, now)
        if now - self._waits_since > SILENCE:
            self._waits_since = inf  # told once
            self._silent()
        self._sent += 1
        self._sent_at, self._mark = now, self._net.trace.next_datagram
        with suppress(OSError):  # nobody listens
            self._socket.sendto((REQUEST % self._sent).encode(), self.address[:2])
        self._net.look_again(again)

    def hear(self) -> None:
        """Take all packets that have come."""
        while True:
            try:
                raw = self._socket.recv(LARGEST)
            except BlockingIOError:
                return
            except OSError:  # from ICMP: nobody listens where a fence was sent
                continue
            with suppress(BadHep):
                self._take(parse_hep(raw))

    def _take(self, packet: HepPacket) -> None:
        if packet.src == self.mirrors_to:
            self._came_back(packet.data)
        else:
            now = self._net.now
            self._mirror.hear(packet, min(now, packet.t - since_1970() + now))

    def _came_back(self, fence: bytes) -> None:
        now, told = self._net.now, _NUMBER.search(fence)
        number = int(told[1]) if told else 0
        self._mirror.fence(number, now)
        if number == self._sent:
            self._back, self._waits_since = number, inf
            if self._mark == self._net.trace.next_datagram and not self._mirror.pending(now):
                self._rest = self._mark
