"""What tm is asked from outside (Kamailio's tm/rpc_uac.c and tm/t_stats.c)."""

from __future__ import annotations

from zlib import crc32

from labsip.modules.tm.cell import Cell
from labsip.modules.tm.table import Tm
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import Value, rpc
from labsip.sip.message import Message

TICKS = 16
"""Of Kamailio's clock, a second."""
SLOTS = 65_536
"""Of its table of transactions."""
INVITE, KEPT = 1, 64
"""Flags of a transaction, as column tflags has them: its request is an INVITE; seen in every one."""
CLASSES = ("6xx", "5xx", "4xx", "3xx", "2xx")


@rpc("tm.list", many=True)
def tm_list(proxy: Proxy, _: float) -> list[Value]:
    """The transactions that are held.

    cell is the label again, not an address; lifetime: when its next timer fires, in ticks of 1/16 s.
    """
    return [_row(cell) for cell in proxy.module(Tm).cells.values()]


def _row(cell: Cell) -> Value:
    request, label = cell.uas.request, crc32(cell.branch.encode())
    due = cell.next_due()
    return {
        "cell": f"0x{label:x}",
        "tindex": label % SLOTS,
        "tlabel": label,
        "method": request.method,
        **{name.lower().replace("-", ""): _line(request, name) for name in ("From", "To", "Call-ID", "CSeq")},
        "uas_request": "yes",
        "tflags": KEPT | (INVITE if request.method == "INVITE" else 0),
        "outgoings": len(cell.branches),
        "ref_count": 1,
        "lifetime": 0 if due is None else int(due * TICKS),
    }


def _line(message: Message, name: str) -> str:
    """A header as Kamailio keeps it, name and line end too; of CSeq without the method."""
    if not message.raw:
        return ""  # let go of, since the request is answered
    value = message.get(name) or ""
    return f"CSeq: {value.split(' ')[0]}" if name == "CSeq" else f"{name}: {value}\r\n"


@rpc("tm.stats")
def tm_stats(proxy: Proxy, _: float) -> Value:
    """How many transactions and replies there are and were."""
    tm = proxy.module(Tm)
    held, counted = len(tm.cells), tm.figures
    return {
        "current": held,
        "waiting": held - tm.pending,
        "total": counted["created"],
        "total_local": 0,
        **{name: counted[name] for name in ("rpl_received", "rpl_generated", "rpl_sent", *CLASSES, "created")},
        "freed": counted["created"] - held,
        "delayed_free": 0,
    }


def statistics(proxy: Proxy, _: float) -> dict[str, int]:
    """The same for `stats.get_statistics`, in group tmx, where Kamailio has them."""
    tm = proxy.module(Tm)
    counted = tm.figures
    return {
        **{f"{name}_transactions": counted[name] for name in CLASSES},
        "UAC_transactions": 0,
        "UAS_transactions": counted["created"],
        "active_transactions": tm.pending,
        "inuse_transactions": len(tm.cells),
        "rpl_absorbed": counted["rpl_received"] - (counted["rpl_sent"] - counted["rpl_generated"]),
        "rpl_generated": counted["rpl_generated"],
        "rpl_received": counted["rpl_received"],
        "rpl_relayed": counted["rpl_sent"] - counted["rpl_generated"],
        "rpl_sent": counted["rpl_sent"],
    }
