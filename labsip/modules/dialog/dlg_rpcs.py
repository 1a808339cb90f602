"""What dialog is asked from outside (Kamailio's dialog/dialog.c)."""

from __future__ import annotations

from collections import Counter

from labsip.modules.dialog.dialog_table import DialogRow, DialogState, DialogTable, Leg
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import Value, rpc

BEGUN = 640
"""Flags of each dialog, as column dflags has them."""
FLAGS = {DialogState.ANSWERED: BEGUN + 1, DialogState.CONFIRMED: BEGUN + 3}


def _row(proxy: Proxy, dialog: DialogRow, now: float) -> Value:
    start, answered = dialog.start, dialog.start is not None
    return {
        "h_entry": dialog.h_entry,
        "h_id": dialog.h_id,
        "ref": 1 + answered,
        "call-id": dialog.key[0],
        "from_uri": dialog.from_uri,
        "to_uri": dialog.to_uri,
        "state": int(dialog.state),
        "start_ts": 0 if start is None else int(proxy.began + start),
        "init_ts": int(proxy.began + dialog.begun),
        "end_ts": 0,
        "duration": 0 if start is None else int(now - start),
        "timeout": 0 if start is None else int(proxy.began + start + dialog.lifetime),
        "lifetime": int(dialog.lifetime),
        "dflags": FLAGS.get(dialog.state, BEGUN),
        "sflags": dialog.flags,
        "iflags": 0,
        "caller": _side(dialog.key[1], dialog.caller),
        "callee": _side(dialog.to_tag, dialog.callee),
        "profiles": [{name: value} for name, value in sorted(dialog.profiles)],
        "variables": [{name: value} for name, value in dialog.variables.items()],
    }


def _side(tag: str, side: Leg) -> Value:
    if side.socket is None:
        return dict.fromkeys(("tag", "contact", "cseq", "route_set", "socket"))
    routes = ",".join(side.routes)
    return {
        "tag": tag, "contact": side.contact, "cseq": str(side.cseq), "route_set": routes,
        "socket": side.socket.with_proto,
    }  # fmt: skip


@rpc("dlg.list", many=True)
def dlg_list(proxy: Proxy, now: float) -> list[Value]:
    """All calls."""
    return [_row(proxy, dialog, now) for dialog in proxy.module(DialogTable).live(now)]


@rpc("dlg.dlg_list", many=True)
def dlg_dlg_list(proxy: Proxy, now: float, callid: str | int, fromtag: str = "") -> list[Value]:
    """The call of a Call-ID."""
    found = [one for one in proxy.module(DialogTable).live(now) if one.key[0] == callid]
    return [_row(proxy, one, now) for one in found if fromtag in ("", one.key[1], one.to_tag)]


@rpc("dlg.briefing", many=True)
def dlg_briefing(proxy: Proxy, now: float) -> list[Value]:
    """All calls, in short.

    Kamailio 5.6.3 writes the caller's tag into to_tag, too.
    """
    return [
        {
            "h_entry": one.h_entry, "h_id": one.h_id, "from_uri": one.from_uri, "to_uri": one.to_uri,
            "call-id": one.key[0], "from_tag": one.key[1], "to_tag": one.to_tag,
        }
        for one in proxy.module(DialogTable).live(now)
    ]  # fmt: skip


@rpc("dlg.stats_active")
def dlg_stats_active(proxy: Proxy, now: float) -> Value:
    """How many calls there are, by state."""
    states = Counter(one.state for one in proxy.module(DialogTable).live(now))
    names = ("starting", "connecting", "answering", "ongoing")
    return {**{name: states[state] for name, state in zip(names, DialogState, strict=False)}, "all": states.total()}


def statistics(proxy: Proxy, _: float) -> dict[str, int]:
    """How many calls there are, and were."""
    table = proxy.module(DialogTable)
    states = Counter(dialog.state for dialog in table.all)
    return {
        "active_dialogs": states.total(),
        "early_dialogs": states[DialogState.EARLY],
        "expired_dialogs": table.figures["expired"],
        "failed_dialogs": table.figures["failed"],
        "processed_dialogs": table.figures["processed"],
    }


RPCS = (dlg_list, dlg_dlg_list, dlg_briefing, dlg_stats_active)
