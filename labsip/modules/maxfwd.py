"""maxfwd: the hop limit (Kamailio's module of that name; RFC 3261 §16.6 step 3)."""

from __future__ import annotations

from labsip.proxy.arguments import checked_number
from labsip.proxy.command import command
from labsip.proxy.route import REQUEST, Routing
from labsip.sip.errors import BadMessage

MAX_LIMIT = 70
"""More hops than this are not granted (max_limit); where the RFC is kept, nobody's are cut short (§16.6 step 3)."""


@command(REQUEST)
def mf_process_maxfwd_header(ksr: Routing, /, limit: int | str) -> int:
    """Count one hop down; a request without Max-Forwards gets `limit`.

    1 counted down · 2 header added · -1 no hop left: answer 483 · -2 it is no number.   Kamailio: maxfwd/mf_funcs.c
    """
    request, added = ksr._request, checked_number(limit, "limit")
    try:
        left = request.max_forwards
    except BadMessage:
        return -2
    if left is None:
        ksr._lumps.prepend_header(request, f"Max-Forwards: {added}")
        return 2
    if left == 0:
        return -1
    line = request.first("Max-Forwards")
    hops = left - 1 if ksr._proxy.settings.rfc else min(left - 1, MAX_LIMIT)
    ksr._lumps.replace(line.start, line.stop, f"{line.name}: {hops}\r\n")
    return 1
