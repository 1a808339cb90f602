"""maxfwd: the hop limit (Kamailio's module of that name; RFC 3261 §16.6 step 3)."""

from __future__ import annotations

from labsip.proxy.lump import Lump
from labsip.proxy.route import REQUEST, Routing, word

MAX_LIMIT = 70
"""More hops than this are not granted (max_limit)."""


@word(REQUEST)
def mf_process_maxfwd_header(ksr: Routing, /, limit: int) -> int:
    """Count one hop down; a request without Max-Forwards gets `limit`.

    1 counted down · 2 header added · -1 no hop left: answer 483.   Kamailio: maxfwd/mf_funcs.c
    """
    request = ksr._request
    left = request.max_forwards
    if left is None:
        ksr._lumps.append_header(request, f"Max-Forwards: {limit}")
        return 2
    if left == 0:
        return -1
    line = request.find("Max-Forwards")[0]
    text = f"{line.name}: {min(left - 1, MAX_LIMIT)}\r\n"
    ksr._lumps.append(Lump(line.start, line.stop, text.encode()))
    return 1
