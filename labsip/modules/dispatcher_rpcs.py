"""What dispatcher is asked from outside (Kamailio's dispatcher/dispatcher.c)."""

from __future__ import annotations

import re

from labsip.modules.dispatcher import DISABLED, INACTIVE, PROBING, TRYING, Destination, Dispatcher
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import Named, RpcFault, Value, rpc

FLAGS = {"a": 0, "i": INACTIVE, "d": DISABLED, "t": TRYING}
"""By the first letter of a state; one that is tried is chosen as before."""
LETTERS = {DISABLED: "D", INACTIVE: "I", TRYING: "T"}
ATTRIBUTES = {"MAXLOAD": "maxload", "WEIGHT": "weight", "RWEIGHT": "rweight"}
TEXTS = {"SOCKET": "socket", "SOCKNAME": "sockname", "OBPROXY": "obproxy"}


@rpc("dispatcher.list")
def dispatcher_list(proxy: Proxy, _: float) -> Value:
    """The destinations of all sets."""
    sets = proxy.module(Dispatcher).sets
    records = [
        Named("SET", {"ID": number, "TARGETS": [Named("DEST", _row(one)) for one in sets[number].destinations]})
        for number in sorted(sets, reverse=True)
    ]
    return {"NRSETS": len(sets), "RECORDS": records}


def _row(one: Destination) -> Value:
    state = next((letter for flag, letter in LETTERS.items() if one.flags & flag), "A")
    row: dict[str, Value] = {
        "URI": one.uri,
        "FLAGS": state + ("P" if one.flags & PROBING else "X"),
        "PRIORITY": one.priority,
    }
    if one.attributes:
        given = dict(re.findall(r"([^=;]+)=([^;]*)", one.attributes))
        row["ATTRS"] = {
            "BODY": one.attributes,
            "DUID": given.get("duid"),
            **{name: _number(given.get(key, "")) for name, key in ATTRIBUTES.items()},
            **{name: given.get(key) for name, key in TEXTS.items()},
        }
    return row


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


@rpc("dispatcher.set_state", writes=True, usage="Invalid Parameters")
def dispatcher_set_state(proxy: Proxy, _: float, state: str | int, setid: int, uri: str) -> Value:
    """Put a destination into a state.

    a, i, t or d, and p behind it for probing. uri: `all` for all of the set.
    """
    dispatcher, said = proxy.module(Dispatcher), state.lower() if isinstance(state, str) else ""
    if said[:1] not in FLAGS or not said:
        raise RpcFault(500, "Unknown State Value")
    asked = dispatcher.sets.get(setid)
    chosen = [] if asked is None else [one for one in asked.destinations if uri in ("all", one.uri)]
    if not chosen:
        raise RpcFault(500, "State Update Failed")
    for one in chosen:
        one.flags = FLAGS[said[0]] | (PROBING if said[1:2] == "p" and said[0] != "d" else 0)
    return "Ok. Dispatcher state updated."


EXPORTS = Module("dispatcher", rpcs=(dispatcher_list, dispatcher_set_state))
"""More of the same module."""
