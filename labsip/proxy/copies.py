"""How much is sent to a host that has not shown yet that it wants any: whoever is named in a Contact need not be there.

Who has sent a REGISTER that was taken, or has answered a request, gets every copy RFC 3261 asks for. Anybody else gets
so many datagrams in 64*T1, of all requests and their repeats together.
"""

from __future__ import annotations

from collections import OrderedDict

from labsip.sip.timing import RFC
from labsip.sip.transport import Address

WINDOW = 64 * RFC.T1
"""For how long datagrams to a silent host are counted, in seconds."""
ANSWERED = 3600.0
"""For how long a host is known that has answered, in seconds: by then the address may be somebody else's."""
KNOWN = 131_072
"""Hosts remembered of each kind; beyond that, the one that was heard of first is forgotten."""


class Copies:
    """Who has been heard of, and what was sent to those who have not. `most`: datagrams in a window, 0: no limit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._known: OrderedDict[str, float] = OrderedDict()
        """Until when each host is known (seconds)."""
        self._sent: OrderedDict[str, tuple[float, int]] = OrderedDict()
        """When a silent host's window began, and what was sent since."""

    def registered(self, host: str, until: float) -> None:
        """A REGISTER came from there, and what it said holds until then."""
        if self.most:
            self._know(host, max(until, self._known.get(host, until)))

    def answered(self, host: str, now: float) -> None:
        """A response came from there that only who got our request can have written."""
        if self._known.get(host, 0.0) < now + ANSWERED / 2:
            self._know(host, now + ANSWERED)

    def allow(self, dst: Address, now: float) -> bool:
        """Whether one more datagram may be sent there; it is counted."""
        if not self.most or dst.reliable or self._known.get(dst.host, 0.0) > now:
            return True
        begun, count = self._sent.pop(dst.host, (now, 0))
        if now - begun >= WINDOW:
            begun, count = now, 0
        fits = count < self.most
        self._sent[dst.host] = begun, count + fits
        if len(self._sent) > KNOWN:
            self._sent.popitem(last=False)
        return fits

    def _know(self, host: str, until: float) -> None:
        self._known.pop(host, None)
        self._known[host] = until
        self._sent.pop(host, None)
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)
