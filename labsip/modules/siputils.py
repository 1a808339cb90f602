"""siputils: questions about a request (Kamailio's module of that name)."""

from __future__ import annotations

from labsip.proxy.command import command
from labsip.proxy.route import ANY, Routing


@command(*ANY)
def has_totag(ksr: Routing, /) -> int:
    """Does the To header carry a tag, that is: is this inside a dialog? 1 yes · -1 no.   Kamailio: siputils"""
    return 1 if ksr._message.to.tag else -1
