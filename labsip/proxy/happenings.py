"""Events that a script has a block for: `event_route[htable:mod-init]`. They happen without a message of anybody's."""

from __future__ import annotations

from labsip.proxy.receive import Proxy
from labsip.proxy.turn import Turn
from labsip.sip.message import parse_message
from labsip.sip.transport import Datagram

START = ("htable:mod-init", "core:worker-one-init")
"""Those that happen once, when a proxy begins."""
NOBODY = b"""\
OPTIONS sip:you@kamailio.org SIP/2.0\r
Via: SIP/2.0/UDP 127.0.0.1\r
From: <sip:you@kamailio.org>;tag=event\r
To: <sip:you@kamailio.org>\r
Call-ID: event\r
CSeq: 1 OPTIONS\r
Content-Length: 0\r
\r
"""
"""The message that a block sees then: Kamailio, too, makes up an OPTIONS."""


def run_event(proxy: Proxy, name: str, now: float, note: object = None) -> list[Datagram]:
    """Run the block of an event, if there is one; returns what it sends.

    note: what it is about, for variables to find with `turn.find_note`.
    """
    if name not in proxy.routes.event_routes or not proxy.addresses:
        return []
    address = proxy.addresses[0]
    turn = Turn(proxy, parse_message(NOBODY), Datagram(NOBODY, address, address), now)
    if note is not None:
        turn.keep_note(note)
    proxy.happens(turn, name)
    return turn.outbox


def run_start(proxy: Proxy, now: float) -> list[Datagram]:
    """Do what is to be done when a proxy begins to run its routes: whatever these say, then the blocks for it."""
    if proxy.routes.at_start is not None:
        proxy.routes.at_start(proxy, now)
    return [datagram for name in START for datagram in run_event(proxy, name, now)]
