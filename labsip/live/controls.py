"""What a hand can press: the buttons of a phone, and the switches that break and mend wires.

Each comes as plain values: how it stands, which buttons do something now, and what they do. Nothing here waits: what a
button begins, the next tick shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from labsip.net.memory import MemoryNet
from labsip.net.wire import Wire
from labsip.phone import behaviour
from labsip.phone.behaviour import Behaviour
from labsip.phone.phone_call import CallState, PhoneCall
from labsip.phone.softphone import Softphone
from labsip.sip.errors import LabError
from labsip.sip.transport import Datagram
from labsip.testbed import Handset, Testbed

WHAT = ("ACK", "INVITE", "CANCEL", "BYE", "REGISTER", "180", "200 (INVITE)", "200 (BYE)", "")
"""What can be lost by name; "" is whatever comes next."""

NOTES = 3
"""Plain words of the engine to show, the latest."""

# fmt: off
SWITCHES: dict[str, tuple[str, Callable[[Wire, str], Wire]]] = {
    "lose":    ("Lose the next",   lambda wire, what: wire.drop(what or None)),
    "thin":    ("Lose 30 %",       lambda wire, _: wire.set(loss=0.3)),
    "delay":   ("Delay by 0.3 s",  lambda wire, _: wire.set(delay=0.3)),
    "double":  ("Double",          lambda wire, _: wire.set(duplicate=1)),
    "reorder": ("Mix up order",    lambda wire, _: wire.set(jitter=0.2)),
    "cut":     ("Cut",             lambda wire, _: wire.set(loss=1)),
    "mend":    ("Mend",            lambda wire, _: wire.clear()),
}
# fmt: on
"""By name: what stands on it, and what it does to a wire."""


def faults_state(testbed: Testbed) -> dict[str, Any]:
    """The parties there are, every wire that is not whole, what went wrong. Called where the nodes live."""
    broken = [
        f"{wire.src or 'anybody'} → {wire.dst or 'anybody'}: {', '.join(wire.faults)}"
        for wire in testbed.net.wires
        if wire.faults
    ]
    return {
        "parties": list(testbed.parties),
        "broken": broken,
        "notes": [f"{t:.3f}  {text}" for t, text in list(testbed.trace.notes)[-NOTES:]],
        "what": list(WHAT),
        "switches": {name: text for name, (text, _) in SWITCHES.items()},
    }


def switch(testbed: Testbed, said: Mapping[str, Any]) -> None:
    """A switch was pressed: `verb`, and `src`, `dst` ("" for anybody), `what`. Raises LabError as a cell would."""
    verb = str(said.get("verb"))
    if verb == "restart":
        testbed.restart()
    elif verb == "mend_all":
        for wire in testbed.net.wires:
            wire.clear()
    elif verb in SWITCHES:
        wire = testbed.wire(str(said.get("src") or "") or None, str(said.get("dst") or "") or None)
        SWITCHES[verb][1](wire, str(said.get("what") or ""))
    else:
        raise LabError(f"there is no switch {verb}")


ON_CALL: dict[str, tuple[str, Behaviour]] = {
    "ring": ("ring, and wait", behaviour.ringing()),
    "answer": ("answer at once", behaviour.answering()),
    "busy": ("say it is busy", behaviour.busy_here()),
    "ignore": ("say nothing", behaviour.ignoring()),
}
"""What a phone may do when called: its name on the page, and what it is."""


def phone_state(handset: Handset, muted: bool) -> dict[str, Any]:
    """A phone as the page shows it, but for the last response it got. Called where the nodes live."""
    node = handset.node
    waiting, calling, talking = _waiting(node), _calling(node), _talking(node)
    rings = f", rings: {waiting[0].peer} calls" if waiting else ""
    doing = node.doing.partition(", called by")[0] if waiting else node.doing
    last = node.calls[-1] if node.calls else None
    return {
        "doing": doing + rings + ("" if handset.online else ", offline") + (", muted" if muted else ""),
        "call": repr(last).strip("<>") if last else "",
        "inbox": f"{node.inbox[-1].sender}: {node.inbox[-1].text}" if node.inbox else "",
        "online": handset.online,
        "muted": muted,
        "registered": node.registered,
        "on_call": next((name for name, (_, known) in ON_CALL.items() if known == node.behaviour), ""),
        "can": [
            *(["register", "call", "message"] if handset.online else []),
            *(["unregister"] if handset.online and node.registered else []),
            *(["answer", "reject"] if handset.online and waiting else []),
            *(["cancel"] if handset.online and calling else []),
            *(["hang_up"] if handset.online and talking else []),
        ],
    }


def press(handset: Handset, said: Mapping[str, Any]) -> None:
    """A button was pressed: `verb`, and the `target`, `text`, `on_call` of its card. Raises LabError."""
    verb = str(said.get("verb"))
    node = handset.node
    if verb == "online":
        handset.plug_in()
    elif verb == "offline":
        handset.unplug()
    elif verb == "mute":
        wire = handset.testbed.wire(handset.name)
        wire.set(loss=0 if wire.loss == 1 else 1)
    elif verb == "on_call" and said.get("on_call") in ON_CALL:
        node.behaviour = ON_CALL[said["on_call"]][1]
    elif verb in ACTS:
        for act in ACTS[verb](node, said):
            handset.do(act, wait=_waits(handset))
    else:
        raise LabError(f"a phone has no button {verb}")


Act = Callable[[float], list[Datagram]]


def _waits(handset: Handset) -> bool:
    """Whether to wait: real sockets go on by themselves. Virtual time does not, but there waiting takes no time."""
    return isinstance(handset.testbed.net, MemoryNet)


def _target(said: Mapping[str, Any]) -> str:
    target = str(said.get("target", "")).strip()
    if not target:
        raise LabError("whom? Write a number into the field before pressing the button")
    return target


# fmt: off
ACTS: dict[str, Callable[[Softphone, Mapping[str, Any]], list[Act]]] = {
    "register":   lambda node, _: [node.register],
    "unregister": lambda node, _: [node.unregister],
    "call":       lambda node, said: [lambda now: node.call(_target(said), now)[1]],
    "message":    lambda node, said: [lambda now: node.message(_target(said), str(said.get("text", "")), now)[1]],
    "answer":     lambda node, _: [partial(node.answer, call) for call in _waiting(node)[:1]],
    "reject":     lambda node, _: [partial(node.reject, call) for call in _waiting(node)[:1]],
    "cancel":     lambda node, _: [partial(node.cancel, call) for call in _calling(node)],
    "hang_up":    lambda node, _: [partial(node.hang_up, call) for call in _talking(node)],
}
# fmt: on
"""What a button does; `answer` and `reject` take the call that rang first."""


def _recent(node: Softphone) -> list[PhoneCall]:
    return [call for call in node.calls[-20:] if not call.over and call.state is not CallState.CANCELLING]


def _waiting(node: Softphone) -> list[PhoneCall]:
    return [call for call in _recent(node) if not call.outgoing and call.answered is None]


def _calling(node: Softphone) -> list[PhoneCall]:
    return [call for call in _recent(node) if call.outgoing and call.answered is None]


def _talking(node: Softphone) -> list[PhoneCall]:
    return [call for call in _recent(node) if call.answered is not None]
