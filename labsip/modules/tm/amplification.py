"""Where a request must not go on, or not into so many branches: what makes few requests many (RFC 5393).

A loop is a request that comes back as it went through before (RFC 3261 §16.3 step 4, §16.6 step 8). Max-Breadth
(RFC 5393 §5) says into how many branches a request may be forked at once, over all proxies on its way: without it, two
users whose phones are each other's make of one request a number that doubles with each hop left.
"""

from __future__ import annotations

from hashlib import blake2b

from labsip.modules.tm.cell import Cell, cell_of
from labsip.proxy.lump import Lumps
from labsip.proxy.turn import Turn
from labsip.sip.message import Request

DECIDING = ("Route", "Proxy-Require", "Proxy-Authorization")
"""Headers that may lead a request elsewhere, besides its Request-URI."""
MOST = 60
"""Max-Breadth of a request that names none; no request has more here (RFC 5393 §5.3.3)."""


def mark(request: Request, seed: str) -> str:
    """What goes into the branches of a request, 16 hex: the same if it comes again, another if it is to go elsewhere.

    So a spiral, which comes back with another Request-URI, is none.
    """
    parts = [request.uri, request.from_.tag or "", request.to.tag or "", request.call_id, str(request.cseq.number)]
    known = "\n".join([seed, *parts, *(value for name in DECIDING for value in request.get_all(name))])
    return blake2b(known.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def came_back(request: Request, seed: str) -> bool:
    """Whether one of the Vias is what we put there for this very request."""
    vias = request.get_all("Via")
    if len(vias) == 1 and "," not in vias[0]:
        return False
    known = f"{mark(request, seed)}."
    return any(known in via for via in vias)


def breadth_for(cell: Cell, request: Request, count: int) -> int:
    """What each of so many new branches gets of what the request has left; 0: that is not enough for all.

    Raises BadMessage (400) if Max-Breadth is no number.
    """
    asked = request.number("Max-Breadth")
    held = sum(uac.breadth for uac in cell.branches if not uac.final)
    return (min(MOST if asked is None else asked, MOST) - held) // count


def with_breadth(lumps: Lumps, turn: Turn) -> Lumps:
    """The changes to a request, and its branches' breadth."""
    cell = cell_of(turn)
    if cell is None or not cell.breadth:
        return lumps
    line, changed = f"Max-Breadth: {cell.breadth}", Lumps(lumps)
    changed.remove_header(turn.request, "Max-Breadth")
    changed.append_header(turn.request, line)
    return changed
