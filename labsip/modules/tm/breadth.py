"""Max-Breadth (RFC 5393 §5): into how many branches a request may be forked at once, over all proxies on its way.

Without it, two users whose phones are each other's make of one request a number that doubles with each hop left.
"""

from __future__ import annotations

from labsip.modules.tm.cell import Cell, cell_of
from labsip.proxy.lump import Lumps
from labsip.proxy.turn import Turn
from labsip.sip.message import Request

MOST = 60
"""What a request has that says nothing, and no request has more here (§5.3.3)."""


def share(cell: Cell, request: Request, count: int) -> int:
    """What each of so many new branches gets of what the request has left; 0: that is not enough for all.

    Raises BadMessage (400) if Max-Breadth is no number.
    """
    asked = request.number("Max-Breadth")
    held = sum(uac.breadth for uac in cell.branches if not uac.final)
    return (min(MOST if asked is None else asked, MOST) - held) // count


def write(lumps: Lumps, turn: Turn) -> Lumps:
    """The changes to a request, and its branches' breadth."""
    cell = cell_of(turn)
    if cell is None or not cell.breadth:
        return lumps
    line, changed = f"Max-Breadth: {cell.breadth}", Lumps(lumps)
    changed.remove_header(turn.request, "Max-Breadth")
    changed.append_header(turn.request, line)
    return changed
