"""Limits that hold whatever arrives: how large a message may be (RFC 3261 §21.5.7), and how much a silent host is sent.

Whoever is named in a Contact need not be there. A host that sent a REGISTER that was taken, or has answered a request,
gets every copy RFC 3261 asks for. Any other gets so many datagrams in 64*T1, of all requests and repeats together.
"""

from __future__ import annotations

from collections import OrderedDict

from labsip.proxy.settings import Settings
from labsip.sip.errors import BadMessage
from labsip.sip.message import Request, Response
from labsip.sip.timing import RFC
from labsip.sip.transport import Address

UNREADABLE, STRAY, LAST_VIA = "unreadable", "stray response", "no Via left"
STRAY_ACK, TOO_LARGE, OVERLOAD, UNANSWERED = "stray ACK", "too large", "overload", "unanswered"
"""Names in `Proxy.stats`: no SIP, or nobody to answer · a response nobody waits for, or that leads nowhere · one that
would go on without a Via · an ACK for nothing we know · beyond a limit · 503 · a request not sent, or not again, to
somebody who answers nothing. A route adds its own (`update_stat`): step full has `scanner` and `stray CANCEL`."""
WINDOW = 64 * RFC.T1
"""For how long datagrams to a silent host are counted, in seconds."""
ANSWERED = 3600.0
"""For how long a host is known that has answered, in seconds: by then the address may be somebody else's."""
KNOWN = 131_072
"""Hosts remembered of each kind; beyond that, the one that was heard of first is forgotten."""


def check_size(message: Request | Response, settings: Settings) -> None:
    """Raises BadMessage (513) for a message beyond the limits."""
    size = len(message.raw)
    if size > settings.max_message:
        raise BadMessage(f"{size} bytes are more than {settings.max_message}", 513)
    if size > settings.max_headers < message.raw.count(b"\n") and message.line_count > settings.max_headers:
        raise BadMessage(f"{message.line_count} header lines are more than {settings.max_headers}", 513)
    if size > settings.max_line and any(line.stop - line.start > settings.max_line for line in message.lines):
        raise BadMessage(f"a header line is longer than {settings.max_line} bytes", 513)


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
        """A response came from there that only someone who got our request can have written."""
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
