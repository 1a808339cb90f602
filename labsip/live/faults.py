"""The switches on the wires: what a hand can break, and what is broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from labsip.net.wire import Wire
from labsip.sip.errors import LabError

if TYPE_CHECKING:
    from labsip.lab.lab import Lab

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


def faults_state(lab: Lab) -> dict[str, Any]:
    """The parties there are, every wire that is not whole, what went wrong. Called where the nodes live."""
    broken = [
        f"{wire.src or 'anybody'} → {wire.dst or 'anybody'}: {', '.join(wire.faults)}"
        for wire in lab._net.wires
        if wire.faults
    ]
    return {
        "parties": ["proxy", *(phone.name for phone in lab.phones)],
        "broken": broken,
        "notes": [f"{t:.3f}  {text}" for t, text in list(lab._net.trace.notes)[-NOTES:]],
        "what": list(WHAT),
        "switches": {name: text for name, (text, _) in SWITCHES.items()},
    }


def switch(lab: Lab, said: Mapping[str, Any]) -> None:
    """A switch was pressed: `verb`, and `src`, `dst` ("" for anybody), `what`. Raises LabError as a cell would."""
    verb = str(said.get("verb"))
    if verb == "restart":
        lab.restart()
    elif verb == "mend_all":
        for wire in lab._net.wires:
            wire.clear()
    elif verb in SWITCHES:
        wire = lab.wire(str(said.get("src") or "") or None, str(said.get("dst") or "") or None)
        SWITCHES[verb][1](wire, str(said.get("what") or ""))
    else:
        raise LabError(f"there is no switch {verb}")
